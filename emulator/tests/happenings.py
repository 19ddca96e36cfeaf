"""The invocations that an emulator remembers, as a page of the console begins with them."""

from __future__ import annotations

import json
from contextlib import closing
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

LIMIT = 30  # seconds after which a read is given up


def ended(base: str) -> list[dict[str, Any]]:
    """Return what happened in all invocations when each of them has ended."""
    while True:  # a report is written after the response
        happened = _begun(base)
        kinds = [each["type"] for each in happened]
        if kinds.count("Invoked") == kinds.count("Reported"):
            return happened


def _begun(base: str) -> list[dict[str, Any]]:
    """Return what happened in invocations until now."""
    url = urlsplit(base)
    assert url.hostname is not None
    with closing(HTTPConnection(url.hostname, url.port, timeout=LIMIT)) as connection:
        connection.request("GET", "/_console/api/happenings")
        response = connection.getresponse()
        lines = iter(response.readline, b"")
        assert next(lines) == b"retry: 500\n"
        assert next(lines) == b"\n"
        assert next(lines) == b"event: history\n"
        happened: list[dict[str, Any]] = json.loads(next(lines).removeprefix(b"data: "))
    return [each for each in happened if each["request_id"]]
