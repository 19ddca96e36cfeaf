"""Records in the output of a function."""

from __future__ import annotations

import json
from typing import Any


def parse_logs(output: str) -> list[Any]:
    """Return the records in the output of a function, as CloudWatch Logs splits it.

    There is a record for each line that is not empty: decoded if it is a JSON object, else its
    text, with line feeds for the carriage returns that keep several lines in one record.
    """
    return [_record(line) for line in output.split("\n") if line.strip()]


def _record(line: str) -> Any:
    if line.startswith("{"):
        try:
            return json.loads(line)
        except ValueError:
            pass  # it only begins like one
    return line.strip("\r").replace("\r", "\n")
