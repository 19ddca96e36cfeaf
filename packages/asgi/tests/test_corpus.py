"""Real events: the same requests as Mangum's, wherever that is right.

``LAMBDA_EVENTS_CORPUS`` names a folder with events; without it, there is nothing to compare.
"""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import pytest
from mangum import Mangum

from .conftest import Echo, make_event

if TYPE_CHECKING:
    from collections.abc import Callable

    from mangum.types import LambdaContext

CORPUS = os.environ.get("LAMBDA_EVENTS_CORPUS")
# Mangum's path has no slash at its beginning, as those of these events, or is requestContext's,
# where that contradicts the path of the event.
OTHER_PATHS = {
    "additional-path-parameters-in-proxy-path.json",
    "apiGatewayProxyV2EventPathTrailingSlash.json",
    "encode-plus-in-resource-path.json",
    "encode-space-in-resource-path.json",
    "lambdaFunctionUrlEventPathTrailingSlash.json",
}


@pytest.mark.skipif(CORPUS is None, reason="LAMBDA_EVENTS_CORPUS names no folder")
def test_requests_are_those_of_mangum(scope_of: Callable[..., dict[str, Any]]) -> None:
    adapter = mangum_without_loop()
    compared, different = 0, dict[str, Any]()
    for path in sorted(Path(CORPUS or ".").rglob("*.json")):
        event = json.loads(path.read_bytes())
        theirs = request_of(adapter, event)
        if theirs is None:
            continue
        compared += 1
        scope = scope_of(event)
        ours = {
            "method": scope["method"],
            "path": scope["path"].removeprefix(scope["root_path"]),
            "query": parse_qsl(scope["query_string"].decode(), keep_blank_values=True),
            "body": scope["body"],
        }
        # Mangum takes a stage for a part of the application's path.
        ways = ours, {**ours, "path": scope["path"]}
        if path.name in OTHER_PATHS:
            theirs["path"] = ours["path"]
        if theirs not in ways:
            different[path.name] = (ours, theirs)
    assert different == {}
    assert compared > 100


@pytest.mark.parametrize(
    ("changes", "ours", "theirs"),
    [
        ({"body": "not base64", "isBase64Encoded": True}, b"not base64", None),
        ({"headers": None, "body": "hi"}, b"hi", None),
        ({"rawQueryString": None, "body": "hi"}, b"hi", None),
        ({"body": "aGk=", "isBase64Encoded": True}, b"hi", b"hi"),
    ],
)
def test_a_request_that_is_an_error_there(
    changes: dict[str, Any], ours: bytes, theirs: bytes | None, scope_of: Callable[..., Any]
) -> None:
    event = {**make_event(isBase64Encoded=False), **changes}
    assert scope_of(event)["body"] == ours
    found = request_of(mangum_without_loop(), event)
    assert (found and found["body"]) == theirs


def test_responses_differ_as_the_table_says(answer: Callable[..., Any]) -> None:
    event = make_event(method="HEAD", isBase64Encoded=False)
    headers = [(b"connection", b"close")]
    ours = answer(b"hi", event=event, headers=headers)
    with asyncio.Runner() as runner:
        asyncio.set_event_loop(runner.get_loop())
        context: LambdaContext = None  # type: ignore[assignment] # nothing asks for it
        theirs = Mangum(Echo(b"hi", headers=headers), lifespan="off")(event, context)
    assert (ours["body"], ours["headers"]) == ("", {})
    assert theirs["body"] == "hi"
    assert theirs["headers"] == {"connection": "close", "content-type": "application/json"}


def mangum_without_loop() -> Mangum:
    with asyncio.Runner() as runner:  # it wants one, and makes one that nobody closes
        asyncio.set_event_loop(runner.get_loop())
        return Mangum(Echo(), lifespan="off")


def request_of(adapter: Mangum, event: Any) -> dict[str, Any] | None:
    """Return the request that Mangum finds in an event; None if it finds none, or a wrong one."""
    is_http = isinstance(event, dict) and ("path" in event or "rawPath" in event)
    if not is_http or "methodArn" in event or "routeArn" in event:
        return None
    if "eventType" in event.get("requestContext", {}):
        return None  # of a WebSocket API
    context: LambdaContext = None  # type: ignore[assignment] # nothing asks for it
    try:
        handler = adapter.infer(event, context)
        scope, body = handler.scope, handler.body
    except (AttributeError, KeyError, RuntimeError, ValueError):
        return None
    query = scope["query_string"].decode()
    return {
        "method": scope["method"],
        "path": scope["path"],
        "query": parse_qsl(query, keep_blank_values=True),
        "body": body,
    }
