"""Responses: what each front end gets of what an application sends."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any

import pytest

from lambda_asgi import TEXT_TYPES, AsgiHandler

from .conftest import FRONT_ENDS, Echo, body_of, make_event

if TYPE_CHECKING:
    from collections.abc import Callable

    from lambda_testing import Invoker

    Answer = Callable[..., dict[str, Any]]

HEADERS = [
    (b"Content-Type", b"text/plain"),
    (b"x-two", b"1"),
    (b"X-Two", b"2"),
    (b"set-cookie", b"a=1; Path=/"),
    (b"set-cookie", b"b=2; Expires=Wed, 09 Jun 2100 10:18:14 GMT"),
    (b"connection", b"close"),
    (b"transfer-encoding", b"chunked"),
    (b"content-length", b"999"),
]
COOKIES = ["a=1; Path=/", "b=2; Expires=Wed, 09 Jun 2100 10:18:14 GMT"]
SINGLE = {"content-type": "text/plain", "content-length": "2"}
JOINED = {**SINGLE, "x-two": "1, 2"}
LISTS = {
    "content-type": ["text/plain"],
    "x-two": ["1", "2"],
    "set-cookie": COOKIES,
    "content-length": ["2"],
}
TEXT = {"statusCode": 201, "body": "hi", "isBase64Encoded": False}
SPELLED = {**JOINED, "set-cookie": COOKIES[0], "Set-cookie": COOKIES[1]}


@pytest.mark.parametrize(
    ("front_end", "expected"),
    [
        ("url", {"headers": JOINED, "cookies": COOKIES}),
        ("http-api", {"headers": JOINED, "cookies": COOKIES}),
        (
            "rest",
            {
                "headers": SINGLE,
                "multiValueHeaders": {"x-two": ["1", "2"], "set-cookie": COOKIES},
            },
        ),
        ("alb", {"headers": SPELLED, "statusDescription": "201 Created"}),
        ("alb-multi", {"multiValueHeaders": LISTS, "statusDescription": "201 Created"}),
        ("lattice-1", {"headers": SPELLED, "statusDescription": "201 Created"}),
        ("lattice-2", {"headers": SPELLED, "statusDescription": "201 Created"}),
    ],
)
def test_each_front_end_gets_its_own_form(
    front_end: str, expected: dict[str, Any], answer: Answer
) -> None:
    event = make_event(front_end)
    assert answer(b"hi", status=201, headers=HEADERS, event=event) == TEXT | expected


@pytest.mark.parametrize("front_end", FRONT_ENDS)
def test_an_empty_response_of_every_front_end(front_end: str, answer: Answer) -> None:
    response = answer(status=299, event=make_event(front_end))
    assert (response["statusCode"], response["body"]) == (299, "")
    assert response["isBase64Encoded"] is False
    assert "cookies" not in response


@pytest.mark.parametrize(
    ("content_type", "body", "is_base64"),
    [
        (b"text/html; charset=utf-8", "<p>λ\0</p>".encode(), False),
        (b"TEXT/CSV", b"a,b", False),
        (b"text/html; charset=iso-8859-1", b"\xe9", True),
        (b"application/json", b"{}", False),
        (b"application/problem+json;x=y", b"{}", False),
        (b"application/vnd.api+json", b"{}", False),
        (b"application/rss+xml", b"<a/>", False),
        (b"image/svg+xml", b"<svg/>", False),
        (b"application/javascript", b"1", False),
        (b"application/xml", b"<a/>", False),
        (b"application/x-ndjson", b"1\n", False),
        (b"application/yaml", b"a: 1", False),
        (b"application/x-www-form-urlencoded", b"a=1", False),
        (b"image/png", b"not really", True),
        (b"application/octet-stream", b"abc", True),
        (b"application/pdf", b"abc", True),
        (b"application/jsonp", b"abc", True),
        (b"text/plain", b"\xff", True),
        (None, b"abc", False),
        (None, b"\xff", True),
    ],
)
def test_text_is_text_and_all_else_is_base64(
    content_type: bytes | None, body: bytes, is_base64: bool, answer: Answer
) -> None:
    headers = [(b"content-type", content_type)] if content_type else []
    response = answer(body, headers=headers)
    assert response["isBase64Encoded"] is is_base64
    assert body_of(response) == body


@pytest.mark.parametrize("encoding", [b"gzip", b"br", b"zstd", b"deflate"])
def test_a_compressed_body_is_base64(encoding: bytes, answer: Answer) -> None:
    body = gzip.compress(b"text") if encoding == b"gzip" else b"it may look like text"
    headers = [(b"content-type", b"text/plain"), (b"content-encoding", encoding)]
    response = answer(body, headers=headers)
    assert response["isBase64Encoded"] is True
    assert body_of(response) == body
    assert answer(b"a", headers=[*headers[:1], (b"content-encoding", b"identity")])["body"] == "a"


def test_media_types_of_text_can_be_chosen(invoke: Invoker) -> None:
    app = Echo(b"abc", headers=[(b"content-type", b"application/x-own")])
    assert invoke(AsgiHandler(app), make_event()).value["isBase64Encoded"]
    handler = AsgiHandler(app, text_types=[*TEXT_TYPES, "Application/*"])
    assert not invoke(handler, make_event()).value["isBase64Encoded"]
    with pytest.raises(TypeError, match=r"write \['text/plain'\]"):
        AsgiHandler(app, text_types="text/plain")


@pytest.mark.parametrize(
    ("method", "status"), [("HEAD", 200), ("GET", 204), ("GET", 304), ("GET", 205)]
)
@pytest.mark.parametrize("front_end", FRONT_ENDS)
def test_some_responses_have_no_body(
    front_end: str, method: str, status: int, answer: Answer
) -> None:
    event = make_event(front_end, method=method)
    response = answer(b"12345", status=status, headers=[(b"content-length", b"5")], event=event)
    headers = response.get("headers") or {
        name: value for name, (value,) in response["multiValueHeaders"].items()
    }
    assert (response["body"], response["isBase64Encoded"]) == ("", False)
    assert headers["content-length"] == "5"  # of the body that a GET would have had


def test_a_body_that_is_not_sent_may_have_any_size(answer: Answer) -> None:
    response = answer(bytes(7_000_000), event=make_event(method="HEAD"))
    assert (response["statusCode"], response["body"]) == (200, "")


def test_headers_are_utf_8_or_latin_1(answer: Answer) -> None:
    headers = [(b"x-a", "λ".encode()), (b"x-b", b"\xe9")]
    assert answer(headers=headers)["headers"] == {"x-a": "λ", "x-b": "é"}


@pytest.mark.parametrize(
    ("content_type", "count"), [(b"text/plain", 6_400_000), (b"image/png", 4_800_000)]
)
def test_a_response_that_lambda_does_not_take_is_an_error_that_says_so(
    content_type: bytes, count: int, invoke: Invoker
) -> None:
    app = Echo(b"a" * count, headers=[(b"content-type", content_type)])
    result = invoke(AsgiHandler(app), make_event(path="/report"))
    assert result.error.type == "Function.ResponseSizeTooLarge"
    assert "The response to GET /report has 6400000 bytes" in result.error.message
    assert "streaming=True" in str(result.logs)


@pytest.mark.parametrize("character", [b'"', b"\\", b"\n", b"\x01", b"\x7f"])
def test_text_that_json_makes_too_long_is_sent_in_base64(character: bytes, answer: Answer) -> None:
    body = character * 4_000_000
    response = answer(body, headers=[(b"content-type", b"text/plain")])
    assert response["isBase64Encoded"] is (character != b"\x7f")
    assert body_of(response) == body


def test_text_that_fits_in_no_way_is_an_error(invoke: Invoker) -> None:
    app = Echo(b'"' * 5_000_000, headers=[(b"content-type", b"text/plain")])
    result = invoke(AsgiHandler(app), make_event())
    assert result.error.type == "Function.ResponseSizeTooLarge"
    assert "has 6666668 bytes" in result.error.message


def test_the_largest_response(invoke: Invoker) -> None:
    app = Echo(b"a" * 6_000_000, headers=[(b"content-type", b"text/plain")])
    assert len(invoke(AsgiHandler(app), make_event()).value["body"]) == 6_000_000


@pytest.mark.parametrize("front_end", ["url", "alb-multi"])
@pytest.mark.parametrize("streaming", [False, True])
def test_an_application_may_change_its_scope(
    front_end: str, streaming: bool, invoke: Invoker
) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        path, method = scope["path"], scope["method"]
        scope.clear()
        scope.update(type="http", method="GET", path="/other")
        if path == "/fail":
            raise LookupError(method)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"hi"})

    handler = AsgiHandler(app, streaming=streaming, lifespan="off")
    result = invoke(handler, make_event(front_end, "/ok", method="HEAD"))
    body = result.content if result.mode == "streaming" else result.value["body"].encode()
    assert body == b""
    assert (
        "HEAD /fail failed" in invoke(handler, make_event(front_end, "/fail", method="HEAD")).output
    )
