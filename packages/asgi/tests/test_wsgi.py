"""WSGI applications."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest

from lambda_asgi import WsgiHandler
from lambda_runtime import current_context

from .conftest import FRONT_ENDS, body_of, make_event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lambda_testing import Invoker


def echo(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    names = ("REQUEST_METHOD", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING", "wsgi.url_scheme")
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    context = current_context()
    assert context is not None
    assert threading.current_thread() is not threading.main_thread()
    start_response("201 Created", [("Content-Type", "text/plain"), ("Set-Cookie", "a=1")])
    values = [str(environ[name]) for name in names]
    return ["|".join([*values, context.aws_request_id, ""]).encode("latin-1"), body]


@pytest.mark.parametrize("front_end", FRONT_ENDS)
def test_a_request_of_every_front_end(front_end: str, invoke: Invoker) -> None:
    event = make_event(front_end, "/a%20b", method="POST", query="x=1", body="hi")
    event["requestContext"] = event.get("requestContext", {})
    result = invoke(WsgiHandler(echo), event, request_id="id")
    root = "/prod" if front_end == "rest" else ""
    assert result.value["body"] == f"POST|{root}|/a b|x=1|https|id|hi"
    assert result.value["statusCode"] == 201


def test_a_response_is_streamed_and_its_end_waits_for_nobody(invoke: Invoker) -> None:
    steps: list[str] = []

    class Parts:
        def __iter__(self) -> Iterator[bytes]:
            for n in range(3):
                steps.append(f"part {n}")
                yield b"%d" % n

        def close(self) -> None:
            steps.append("closed")

    def app(environ: dict[str, Any], start_response: Any) -> Parts:
        start_response("200 OK", [])
        return Parts()

    result = invoke(WsgiHandler(app, streaming=True), make_event())
    assert (result.prelude["statusCode"], result.content) == (200, b"012")
    assert steps == ["part 0", "part 1", "part 2", "closed"]


def test_an_exception_is_a_500(invoke: Invoker) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        raise OSError("no database")

    result = invoke(WsgiHandler(app), make_event())
    assert (result.value["statusCode"], result.value["body"]) == (500, "Internal Server Error")
    assert "no database" in result.output


class Rules:
    """Applications that use what PEP 3333 grants them, each with the text of its response."""

    def replaced(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("200 OK", [])
        try:
            int("late")
        except ValueError:
            start_response("503 Sorry", [("x-why", "late")], exc_info=sys.exc_info())
        return [b"sorry"]

    def written(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        write = start_response("200", [])  # some leave the words out
        write(b"a")
        write(b"b")
        return [b"c"]

    def started_late(self, environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        yield b""
        start_response("200 OK", [])
        yield b"late"

    def lines(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        lines = environ["wsgi.input"]
        start_response("200 OK", [])
        return [lines.readline(100), b"|".join(lines.readlines()), lines.read()]

    def empty(self, environ: dict[str, Any], start_response: Any) -> tuple[bytes, ...]:
        start_response("200 OK", [])
        return ()


@pytest.mark.parametrize("streaming", [False, True])
@pytest.mark.parametrize(
    ("name", "status", "body"),
    [
        ("replaced", 503, b"sorry"),
        ("written", 200, b"abc"),
        ("started_late", 200, b"late"),
        ("lines", 200, b"one\ntwo\n|three"),
        ("empty", 200, b""),
    ],
)
def test_an_application_may_do_what_the_contract_says(
    name: str, status: int, body: bytes, streaming: bool, invoke: Invoker
) -> None:
    handler = WsgiHandler(getattr(Rules(), name), streaming=streaming)
    result = invoke(handler, make_event(method="POST", body="one\ntwo\nthree"))
    head = result.prelude if streaming else result.value
    assert head["statusCode"] == status
    assert (result.content if streaming else body_of(head)) == body
    assert result.logs == []


class Mistakes:
    """Applications that break the rules: what they do after that must not hold up anything."""

    def __init__(self) -> None:
        self.closed = threading.Event()

    def __iter__(self) -> Iterator[Any]:
        return iter(["text"] * 100)

    def close(self) -> None:
        self.closed.set()

    def text(self, environ: dict[str, Any], start_response: Any) -> Any:
        start_response("200 OK", [])
        return self

    def two_lines(self, environ: dict[str, Any], start_response: Any) -> Any:
        start_response("200 OK", [("a", "b\nc: d")])
        return self

    def twice(self, environ: dict[str, Any], start_response: Any) -> Any:
        start_response("200 OK", [])
        start_response("200 OK", [])

    def never(self, environ: dict[str, Any], start_response: Any) -> Any:
        return self


@pytest.mark.parametrize("streaming", [False, True])
@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("text", "a body that is not bytes: str"),
        ("two_lines", "which has a line break"),
        ("twice", "called start_response twice, without exc_info"),
        ("never", "did not call start_response before its body"),
    ],
)
def test_a_mistake_is_told(name: str, problem: str, streaming: bool, invoke: Invoker) -> None:
    app = Mistakes()
    result = invoke(WsgiHandler(getattr(app, name), streaming=streaming), make_event())
    head = result.prelude if streaming else result.value
    assert head["statusCode"] == 500
    assert problem in result.output
    assert "The handler left" not in result.output
    assert app.closed.is_set() is (name != "twice")


def test_a_thread_ends_when_the_time_is_up(invoke: Invoker) -> None:
    ended = threading.Event()

    def endless(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [])
        try:
            while True:
                yield b"x"
        finally:
            ended.set()

    result = invoke(WsgiHandler(endless, streaming=True), make_event(), timeout=0.6)
    assert result.kind == "stream_error"
    assert ended.wait(10)
    assert "The handler left" not in result.output


@pytest.mark.parametrize(
    ("path", "found"),
    [("/caf%C3%A9", "/caf\xc3\xa9"), ("/%FFa%2Fb", "/\xffa/b"), ("/a%", "/a%")],
)
def test_a_path_is_bytes_as_latin_1(path: str, found: str, invoke: Invoker) -> None:
    environs: list[dict[str, Any]] = []

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        environs.append(environ)
        start_response("200 OK", [])
        return []

    for front_end, root in (("url", ""), ("rest", "/prod")):
        headers = {"x-name": "é"}
        invoke(WsgiHandler(app), make_event(front_end, path, headers=headers))
        environ = environs.pop()
        assert (environ["SCRIPT_NAME"], environ["PATH_INFO"]) == (root, found)
        assert environ["HTTP_X_NAME"] == "é".encode().decode("latin-1")
        assert "CONTENT_LENGTH" not in environ


@pytest.fixture
def environ_of(invoke: Invoker) -> Callable[..., dict[str, Any]]:
    def environ_of(event: dict[str, Any]) -> dict[str, Any]:
        environs: list[dict[str, Any]] = []

        def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
            environs.append(environ)
            start_response("200 OK", [])
            return []

        invoke(WsgiHandler(app), event)
        return environs[0]

    return environ_of


@pytest.mark.parametrize("front_end", FRONT_ENDS)
def test_the_event_is_where_other_adapters_put_it(
    front_end: str, environ_of: Callable[..., dict[str, Any]]
) -> None:
    event = make_event(front_end)
    environ = environ_of(event)
    for name in ("serverless", "awsgi", "lambda"):
        assert environ[f"{name}.event"] == event
        assert environ[f"{name}.context"].aws_request_id
    assert environ["apig_wsgi.full_event"] == event
    assert environ["apig_wsgi.context"] is environ["serverless.context"]
    assert environ["apig_wsgi.request_context"] == event.get("requestContext", {})
    assert environ["serverless.authorizer"] is None
    assert "REMOTE_USER" not in environ


@pytest.mark.parametrize("front_end", ["rest", "http-api"])
@pytest.mark.parametrize("user", ["ada", "löwe"])
def test_an_authorizer_names_the_user(
    front_end: str, user: str, environ_of: Callable[..., dict[str, Any]]
) -> None:
    event = make_event(front_end)
    authorizer = event["requestContext"]["authorizer"] = {"principalId": user}
    environ = environ_of(event)
    assert environ["REMOTE_USER"].encode("latin-1").decode() == user
    assert environ["serverless.authorizer"] == authorizer


def test_a_header_with_an_underscore_does_not_add_to_another(
    environ_of: Callable[..., dict[str, Any]],
) -> None:
    headers = {"X_Forwarded_For": "203.0.113.1", "X_Forwarded-Proto": "http", "api_key": "k"}
    environ = environ_of(make_event(headers=headers))
    assert environ["HTTP_X_FORWARDED_FOR"] == "192.0.2.7"
    assert environ["HTTP_X_FORWARDED_PROTO"] == "http"  # the only one
    assert environ["HTTP_API_KEY"] == "k"


def test_without_a2wsgi_the_error_names_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "a2wsgi", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'lambda-asgi\[wsgi\]'"):
        WsgiHandler(echo)


async def of_asgi(scope: Any, receive: Any, send: Any) -> None:
    raise AssertionError


class OfAsgi:
    async def __call__(self, *args: Any) -> None:
        raise AssertionError


@pytest.mark.parametrize(
    ("app", "problem"),
    [
        (of_asgi, "if it is one of ASGI, use AsgiHandler"),
        (OfAsgi(), "if it is one of ASGI, use AsgiHandler"),
        (lambda scope, receive, send: None, "missing a required argument: 'send'"),
        (lambda: None, "too many positional arguments"),
        (object(), "it cannot be called"),
    ],
)
def test_what_wsgi_cannot_call_is_refused_at_the_start(app: Any, problem: str) -> None:
    with pytest.raises(TypeError, match=f"is not a WSGI application: .*{problem}"):
        WsgiHandler(app)


def test_an_application_that_hides_its_parameters(invoke: Invoker) -> None:
    result = invoke(WsgiHandler(lambda *arguments: echo(*arguments)), make_event())  # noqa: PLW0108
    assert result.value["statusCode"] == 201
