"""Payloads: a handler that returns its event, from small ones to the largest that Lambda takes."""

from __future__ import annotations

import json

from _compare import AWS, PROCESSOR, PROCESSOR_MS, WALL, WALL_MS, Comparison
from _group import Group
from _kinds import kinds
from _server import Load

_RECORD = {
    "messageId": "059f36b4-87a3-44ab-83d2-661975830a7d",
    "body": 'Café, and a quotation: "to be or not to be"',
    "attributes": {"count": 3, "price": 12.5, "tags": ["new", "sale"], "gone": False, "note": None},
}


def records(size: int) -> bytes:
    """Return an event of many small values, such as a batch of messages.

    Args:
        size: The size in bytes, about.
    """
    count = size // len(_document(_RECORD))
    return _document({"Records": [_RECORD] * count})


def file(size: int) -> bytes:
    """Return an event that is nearly all one string, such as an upload in base64.

    Args:
        size: The size in bytes, about.
    """
    return _document({"body": "QUJD" * (size // 4), "isBase64Encoded": True})


def _document(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


LARGEST = 6_000_000
_SMALL = [WALL, PROCESSOR]
_LARGE = [WALL_MS, PROCESSOR_MS]
LOADS = {
    "0.2 KB": Load(event=file(200), invocations=2000, warmup=200),
    "100 KB of records": Load(event=records(100_000), invocations=200, warmup=20),
    "6 MB of records": Load(event=records(LARGEST), invocations=5, warmup=1),
    "6 MB in one string": Load(event=file(LARGEST), invocations=20, warmup=2),
}
GROUP = Group(
    title="Payloads",
    measurements=[
        Comparison(
            f"{what}, {kind}",
            command,
            (*AWS, "echo.handler"),
            load,
            _SMALL if len(load.event) < 1000 else _LARGE,
        )
        for what, load in LOADS.items()
        for kind, command in kinds("echo").items()
    ],
)
