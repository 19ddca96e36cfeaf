"""A function that streams what its event says."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lambda_runtime import HttpPrelude


def handler(event: dict[str, Any]) -> Iterator[Any]:
    if "http" in event.get("rawQueryString", ""):
        yield HttpPrelude(
            201, headers={"x-own": "1", "Content-Length": "3"}, cookies=["a=b", "c=d"]
        )
    for piece in event.get("pieces", ("one", "two")):
        yield piece
        if "gate" in event:  # a file that must be there before it goes on
            while not Path(event["gate"]).exists():
                threading.Event().wait(0.01)
    if "fail" in event:
        raise ValueError(event["fail"])
