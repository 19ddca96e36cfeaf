"""Functions over HTTP."""

from __future__ import annotations

import base64
import json
from http.client import HTTPConnection, IncompleteRead
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import pytest

from lambda_emulator import Cors, Emulator, URLConfig, configure

from .conftest import LIMIT, Response, ask, receive

if TYPE_CHECKING:
    from collections.abc import Iterator

FUNCTIONS = Path(__file__).parent / "functions"
HTTP = FUNCTIONS / "pages.py"
ANSWERS = FUNCTIONS / "answers.py"
STREAMS = FUNCTIONS / "own_streams.py"


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    streaming = URLConfig(invoke_mode="RESPONSE_STREAM")
    cors = URLConfig(
        cors=Cors(
            allow_origins=("https://a.example",),
            allow_methods=("GET", "PUT"),
            allow_headers=("x-own",),
            expose_headers=("x-seen",),
            max_age=60,
        )
    )
    functions = [
        configure(HTTP, "v2"),
        configure(HTTP, "v1", url=URLConfig(format="v1")),
        configure(HTTP, "alb", url=URLConfig(format="alb")),
        configure(ANSWERS, "own-v1", url=URLConfig(format="v1")),
        configure(ANSWERS, "own-v2", url=cors),
        configure(ANSWERS, "own-alb", url=URLConfig(format="alb")),
        configure(HTTP, "cors", url=cors),
        configure(HTTP, "anyone", url=URLConfig(cors=Cors(allow_origins=("*",)))),
        configure(
            HTTP, "known", url=URLConfig(cors=Cors(allow_origins=("*",), allow_credentials=True))
        ),
        configure(STREAMS, "stream", url=streaming),
        configure(STREAMS, "buffered"),
        configure(HTTP, "json", url=streaming),
    ]
    with Emulator(functions, url_port=0) as emulator:
        yield emulator


def send(
    emulator: Emulator,
    name: str,
    path: str = "",
    method: str = "GET",
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    return ask(emulator.function_url(name), f"{method} {path}", headers, body)


def answer(emulator: Emulator, value: object, name: str = "v2") -> Response:
    return send(emulator, name, f"?answer={quote(json.dumps(value))}")


def test_a_request_in_format_2(emulator: Emulator) -> None:
    event = send(
        emulator,
        "v2",
        "a%20b/c?x=1&x=2&y=%C3%BC",
        "PUT",
        b'{"a": 1}',
        {
            "Content-Type": "application/json",
            "Cookie": "a=b; c=d",
            "X-Own": "1",
            "User-Agent": "me",
        },
    ).json()
    context = event["requestContext"]
    assert event["version"] == "2.0"
    assert event["routeKey"] == context["routeKey"] == context["stage"] == "$default"
    assert (event["rawPath"], context["http"]["path"]) == ("/a%20b/c", "/a b/c")
    assert event["rawQueryString"] == "x=1&x=2&y=%C3%BC"
    assert event["queryStringParameters"] == {"x": "1,2", "y": "ü"}
    assert event["cookies"] == ["a=b", "c=d"]
    assert event["headers"]["cookie"] == "a=b; c=d"
    assert event["headers"]["x-own"] == "1"
    assert event["headers"]["x-forwarded-for"] == "127.0.0.1"
    assert event["headers"]["x-amzn-trace-id"].startswith("Root=1-")
    assert (event["body"], event["isBase64Encoded"]) == ('{"a": 1}', False)
    assert context["http"]["method"] == "PUT"
    assert context["http"]["sourceIp"] == "127.0.0.1"
    assert context["http"]["userAgent"] == "me"
    assert context["accountId"] == "anonymous"


def test_what_a_request_lacks_is_not_in_format_2(emulator: Emulator) -> None:
    event = send(emulator, "v2").json()
    assert not event.keys() & {"body", "cookies", "queryStringParameters"}
    assert event["rawPath"] == "/"


@pytest.mark.parametrize(
    ("media_type", "body"),
    [
        ("application/octet-stream", b"\0\1"),
        ("application/x-www-form-urlencoded", b"a=b"),
        ("multipart/form-data; boundary=x", b"--x--"),
        ("text/plain", b"\xff"),
    ],
)
def test_a_body_that_is_no_text_is_base64(emulator: Emulator, media_type: str, body: bytes) -> None:
    event = send(emulator, "v2", "", "POST", body, {"Content-Type": media_type}).json()
    assert event["isBase64Encoded"] is True
    assert base64.b64decode(event["body"]) == body


@pytest.mark.parametrize(
    ("value", "body"),
    [
        ("hello", b"hello"),
        (3, b"3"),
        (True, b"true"),
        (["hello", 3, True], b'["hello",3,true]'),
        ({"a": {"b": "ü"}}, '{"a":{"b":"ü"}}'.encode()),
    ],
)
def test_an_answer_that_is_no_response_is_the_body(
    emulator: Emulator, value: object, body: bytes
) -> None:
    response = answer(emulator, value)
    assert (response.status, response.body) == (200, body)
    assert response.headers["Content-Type"] == "application/json"


def test_a_response(emulator: Emulator) -> None:
    described = {
        "statusCode": 418,
        "headers": {"Content-Type": "image/png", "X-Own": 1, "Content-Length": "99"},
        "cookies": ["a=b; HttpOnly", "c=d"],
        "body": base64.b64encode(b"\0png").decode(),
        "isBase64Encoded": True,
    }
    response = answer(emulator, described)
    assert (response.status, response.body) == (418, b"\0png")
    assert response.headers["Content-Type"] == "image/png"
    assert response.headers["X-Own"] == "1"
    assert response.headers["x-amzn-remapped-content-length"] == "99"
    assert response.headers.get_all("Set-Cookie") == ["a=b; HttpOnly", "c=d"]


@pytest.mark.parametrize(
    "path",
    ["?fail", *(f"?answer={quote(json.dumps(value))}" for value in (
        {"statusCode": "many"}, {"statusCode": 200, "headers": {"a": "b\nc"}},
        {"statusCode": 200, "body": "!", "isBase64Encoded": True}, {"statusCode": 99},
        {"statusCode": 200, "headers": ["a"]}, {"statusCode": 200, "headers": {"": "a"}},
    ))],
)  # fmt: skip
def test_what_fails_is_a_bad_gateway(emulator: Emulator, path: str) -> None:
    response = send(emulator, "v2", path)
    assert (response.status, response.body) == (502, b"Internal Server Error")


def test_a_rest_api_and_a_load_balancer_take_nothing_but_a_response(emulator: Emulator) -> None:
    event = "?answer=1"  # which format 1 and a load balancer's tell by another name
    rest, balanced = send(emulator, "own-v1", event), send(emulator, "own-alb", event)
    assert (rest.status, rest.json()) == (502, {"message": "Internal server error"})
    assert balanced.status == 502
    assert balanced.headers["Content-Type"].startswith("text/html")
    assert b"502 Bad Gateway" in balanced.body


@pytest.mark.parametrize("name", ["own-v1", "own-v2"])
def test_an_answer_that_is_no_json_is_a_bad_gateway(emulator: Emulator, name: str) -> None:
    assert send(emulator, name, "?answer=x").status == 502


@pytest.mark.parametrize("size", [6 * 1024 * 1024 + 1, 9 * 1024 * 1024])
def test_a_request_that_is_too_large(emulator: Emulator, size: int) -> None:
    response = send(emulator, "v2", "", "POST", bytes(size))
    assert response.status == 413
    assert response.headers["x-amzn-ErrorType"] == "RequestEntityTooLargeException"


def test_several_headers_of_a_name(emulator: Emulator) -> None:
    several = {
        "statusCode": 200,
        "multiValueHeaders": {"X-Own": ["1", "2"]},
        "headers": {"x-own": 3},
    }
    response = answer(emulator, several, "v1")
    assert response.headers.get_all("X-Own") == ["1", "2"]
    assert response.body == b""
    # A function URL does not know multi-value headers.
    assert answer(emulator, several).headers.get_all("X-Own") == ["3"]


def test_an_unknown_function_is_forbidden(emulator: Emulator) -> None:
    url = urlsplit(emulator.url)
    connection = HTTPConnection(url.netloc, timeout=LIMIT)
    connection.request("GET", "/lambda-url/other/")
    response = receive(connection)
    assert (response.status, response.json()) == (403, {"Message": None})


def test_a_request_of_a_rest_api(emulator: Emulator) -> None:
    event = send(emulator, "v1", "a/b?x=1&x=2", "POST", b"hi", {"X-Own": "1"}).json()
    assert (event["resource"], event["path"]) == ("/{proxy+}", "/a/b")
    assert event["pathParameters"] == {"proxy": "a/b"}
    assert event["queryStringParameters"] == {"x": "2"}
    assert event["multiValueQueryStringParameters"] == {"x": ["1", "2"]}
    assert event["headers"]["X-Own"] == "1"
    assert event["multiValueHeaders"]["X-Own"] == ["1"]
    assert event["requestContext"]["identity"]["sourceIp"] == "127.0.0.1"
    assert send(emulator, "v1").json()["body"] is None


def test_a_request_of_a_load_balancer(emulator: Emulator) -> None:
    event = send(emulator, "alb", "a%20b?x=%20&y", headers={"X-Own": "1"}).json()
    assert "targetGroupArn" in event["requestContext"]["elb"]
    assert (event["path"], event["queryStringParameters"]) == ("/a%20b", {"x": "%20", "y": ""})
    assert event["headers"]["x-own"] == "1"
    assert (event["body"], event["isBase64Encoded"]) == ("", False)


def test_cors(emulator: Emulator) -> None:
    origin = {"Origin": "https://a.example"}
    asked = {**origin, "Access-Control-Request-Method": "PUT"}
    preflight = send(emulator, "cors", "", "OPTIONS", headers=asked)
    assert (preflight.status, preflight.body) == (200, b"")
    assert preflight.headers["Access-Control-Allow-Origin"] == "https://a.example"
    assert preflight.headers["Access-Control-Allow-Methods"] == "GET, PUT"
    assert preflight.headers["Access-Control-Allow-Headers"] == "x-own"
    assert preflight.headers["Access-Control-Max-Age"] == "60"
    response = send(emulator, "cors", headers=origin)
    assert response.status == 200
    assert response.headers["Access-Control-Allow-Origin"] == "https://a.example"
    assert response.headers["Access-Control-Expose-Headers"] == "x-seen"
    other = send(emulator, "cors", headers={"Origin": "https://b.example"})
    assert other.headers["Access-Control-Allow-Origin"] is None


@pytest.mark.parametrize(
    ("own", "sent"),
    [
        (None, ["Origin"]),
        ("Accept-Encoding", ["Accept-Encoding", "Origin"]),
        ("Cookie, origin", ["Cookie, origin"]),
        ("*", ["*"]),
    ],
)
def test_cors_keeps_what_the_response_varies_by(
    emulator: Emulator, own: str | None, sent: list[str]
) -> None:
    answered = {"statusCode": 200, "headers": {} if own is None else {"vary": own}}
    path = f"?answer={quote(json.dumps(answered))}"
    response = send(emulator, "own-v2", path, headers={"Origin": "https://a.example"})
    assert response.headers.get_all("Vary") == sent


def test_a_function_may_repeat_headers_of_cors(emulator: Emulator) -> None:
    """A browser refuses two of them, as it will on AWS; a preflight has only the configured one."""
    answered = {"statusCode": 200, "headers": {"access-control-allow-origin": "*"}}
    path = f"?answer={quote(json.dumps(answered))}"
    origin = {"Origin": "https://a.example"}
    response = send(emulator, "own-v2", path, headers=origin)
    allowed = "Access-Control-Allow-Origin"
    assert response.headers.get_all(allowed) == ["*", "https://a.example"]
    asked = {**origin, "Access-Control-Request-Method": "PUT"}
    preflight = send(emulator, "own-v2", path, "OPTIONS", headers=asked)
    assert preflight.headers.get_all(allowed) == ["https://a.example"]


@pytest.mark.parametrize(("name", "told"), [("anyone", ("*", None)), ("known", ("me", "true"))])
def test_cors_for_anyone(emulator: Emulator, name: str, told: tuple[str, str | None]) -> None:
    headers = send(emulator, name, headers={"Origin": "me"}).headers
    names = ("Access-Control-Allow-Origin", "Access-Control-Allow-Credentials")
    assert tuple(headers[name] for name in names) == told
    preflight = {"Origin": "me", "Access-Control-Request-Method": "PUT"}
    response = send(emulator, name, "", "OPTIONS", headers=preflight)
    assert (response.status, response.headers["Access-Control-Allow-Methods"]) == (200, None)
    assert response.headers["Access-Control-Max-Age"] is None


def test_a_stream_with_a_prelude(emulator: Emulator) -> None:
    response = send(emulator, "stream", "?http")
    assert (response.status, response.body) == (201, b"onetwo")
    assert response.headers["X-Own"] == "1"
    assert response.headers["Transfer-Encoding"] == "chunked"
    assert response.headers.get_all("Set-Cookie") == ["a=b", "c=d"]


def test_a_stream_without_a_prelude(emulator: Emulator) -> None:
    response = send(emulator, "stream")
    assert (response.status, response.body) == (200, b"onetwo")
    assert response.headers["Content-Type"] == "application/octet-stream"


def test_a_stream_with_a_prelude_in_one_piece(emulator: Emulator) -> None:
    response = send(emulator, "buffered", "?http")
    assert (response.status, response.body) == (201, b"onetwo")
    assert response.headers["X-Own"] == "1"


def test_an_answer_where_a_stream_may_be(emulator: Emulator) -> None:
    response = answer(emulator, {"a": 1}, "json")
    assert (response.status, response.json()) == (200, {"a": 1})
    assert send(emulator, "json", "?fail").status == 502


def test_the_first_function_has_a_port_of_its_own(emulator: Emulator) -> None:
    assert urlsplit(emulator.function_url("v2")).path == "/"
    assert urlsplit(emulator.function_url("v1")).path == "/lambda-url/v1/"


def test_a_stream_that_fails_ends_early(tmp_path: Path) -> None:
    (tmp_path / "failing.py").write_text(
        "from lambda_runtime import run\n"
        "def handler(event):\n    yield 'half'\n    raise ValueError\nrun(handler)\n"
    )
    config: Any = configure(tmp_path / "failing.py", url=URLConfig(invoke_mode="RESPONSE_STREAM"))
    with Emulator([config]) as emulator, pytest.raises(IncompleteRead) as caught:
        send(emulator, "failing")
    assert caught.value.partial == b"half"


@pytest.mark.parametrize("path", ["a%0Ab", "%0A", "a%0D%0Ab", "%0a/%0a", "a%E2%80%A8b", "a%00b"])
def test_a_path_with_line_ends(emulator: Emulator, path: str) -> None:
    assert send(emulator, "v2", path).json()["rawPath"] == f"/{path}"
    connection = HTTPConnection(urlsplit(emulator.function_url("v2")).netloc, timeout=LIMIT)
    connection.request("GET", f"/lambda-url/v2/{path}")
    assert receive(connection).json()["rawPath"] in {f"/{path}", f"/lambda-url/v2/{path}"}
