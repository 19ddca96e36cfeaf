"""A function's output as the records that it consists of."""

from __future__ import annotations

import json
from typing import Any


def parse_logs(output: str) -> list[Any]:
    r"""Take a function's output apart, as CloudWatch Logs does.

    Args:
        output: What it wrote to standard output and standard error.

    Returns:
        A record for each line that is not empty: decoded if it is a JSON object, and else its text,
        in which a carriage return, which keeps a record of several lines together, is a line feed.
    """
    return [_record(line) for line in output.split("\n") if line.strip()]


def _record(line: str) -> Any:
    if line.startswith("{"):
        try:
            return json.loads(line)
        except ValueError:
            pass  # it only begins like one
    return line.strip("\r").replace("\r", "\n")
