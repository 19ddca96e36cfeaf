"""Lambda@Edge."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lambda_events import (
    CloudFrontCustomOrigin,
    CloudFrontHeader,
    CloudFrontOrigin,
    CloudFrontRequestEvent,
    CloudFrontResponse,
    CloudFrontResponseEvent,
    EventDecodeError,
    detect,
    loads,
    structure,
    unstructure,
)

HANDMADE = Path(__file__).parent / "handmade"


def origin_request() -> CloudFrontRequestEvent:
    raw = (HANDMADE / "CloudFrontRequestEvent-origin.json").read_bytes()
    return loads(raw, CloudFrontRequestEvent)


def test_a_request_is_read() -> None:
    request = origin_request().request
    assert request.header("User-Agent") == "Amazon CloudFront"
    assert request.header("cookie") == "a=1; b=2, c=3"
    assert request.header("x-none", "-") == "-"
    assert request.cookies == {"a": "1", "b": "2", "c": "3"}
    assert request.query == {"q": ["a b", "c"]}
    assert request.body is not None
    assert request.body.data_bytes == b"a=1"
    assert request.origin is not None
    assert request.origin.custom is not None
    assert request.origin.custom.custom_headers["x-key"][0].value == "1"
    assert request.origin.s3 is None


def test_a_changed_request_is_returned_without_its_event() -> None:
    event = origin_request()
    request = event.request
    request.uri = "/other"
    request.set_header("X-Added", "1", "2")
    request.set_header("User-Agent")
    request.set_header("never-there")
    assert request.body is not None
    request.body.replace(b"\xff")
    raw = json.loads((HANDMADE / "CloudFrontRequestEvent-origin.json").read_bytes())
    expected = raw["Records"][0]["cf"]["request"]
    expected["uri"] = "/other"
    expected["headers"]["x-added"] = [
        {"key": "X-Added", "value": "1"},
        {"key": "X-Added", "value": "2"},
    ]
    del expected["headers"]["user-agent"]
    expected["body"] |= {"action": "replace", "encoding": "base64", "data": "/w=="}
    assert unstructure(request) == expected
    request.body.replace("text")
    assert request.body.data_bytes == b"text"
    assert unstructure(request.body)["encoding"] == "text"


def test_a_body_that_is_no_base64_says_so() -> None:
    body = origin_request().request.body
    assert body is not None
    body.data = "a"
    with pytest.raises(EventDecodeError, match="base64"):
        _ = body.data_bytes
    body.data = None
    assert body.data_bytes is None


def test_a_response_is_read_and_changed() -> None:
    event = CloudFrontResponseEvent.build(404, headers={"Server": "origin"}, uri="/a")
    assert event.request.uri == "/a"
    assert event.config.event_type == "viewer-response"
    assert event.response.status == "404"
    assert event.response.status_description == "Not Found"
    event.response.set_header("Server", "other")
    assert unstructure(event.response)["headers"] == {
        "server": [{"key": "Server", "value": "other"}]
    }
    assert detect(unstructure(event)) == "CloudFrontResponseEvent"


def test_a_request_event_is_built() -> None:
    event = CloudFrontRequestEvent.build(
        "PUT", "/a", headers={"Accept": ["a", "b"]}, querystring="q=1"
    )
    assert event.config.event_type == "viewer-request"
    assert event.request.header("ACCEPT") == "a, b"
    assert event.request.query == {"q": ["1"]}
    assert detect(unstructure(event)) == "CloudFrontRequestEvent"
    with pytest.raises(EventDecodeError, match="response"):
        structure(unstructure(event), CloudFrontResponseEvent)


def test_a_response_is_made() -> None:
    response = CloudFrontResponse.of(
        {"a": 1}, status=403, headers={"Set-Cookie": ["a=1", "b=2"], "X-A": "1"}
    )
    assert unstructure(response) == {
        "headers": {
            "set-cookie": [
                {"key": "Set-Cookie", "value": "a=1"},
                {"key": "Set-Cookie", "value": "b=2"},
            ],
            "x-a": [{"key": "X-A", "value": "1"}],
            "content-type": [{"key": "content-type", "value": "application/json"}],
        },
        "status": "403",
        "body": '{"a":1}',
        "bodyEncoding": "text",
    }
    assert unstructure(CloudFrontResponse.of(b"\xff"))["bodyEncoding"] == "base64"
    redirect = CloudFrontResponse.of(status=302, headers={"Location": "https://example.com"})
    assert "body" not in unstructure(redirect)


def test_credentials_and_cookies_are_hidden() -> None:
    event = CloudFrontRequestEvent.build(headers={"Cookie": "a=hush", "Accept": "text/html"})
    request = event.request
    request.headers["authorization"] = [CloudFrontHeader(value="hush")]
    origin = CloudFrontCustomOrigin(domain_name="example.com")
    origin.custom_headers["x-origin-verify"] = [
        CloudFrontHeader(key="X-Origin-Verify", value="hush")
    ]
    request.origin = CloudFrontOrigin(custom=origin)
    assert "hush" not in repr(event)
    assert "CloudFrontHeader(key='Accept', value='text/html')" in repr(event)
