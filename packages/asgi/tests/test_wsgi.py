"""WSGI applications."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Any

import pytest

from lambda_asgi import WsgiHandler
from lambda_runtime import current_context

from .conftest import FRONT_ENDS, make_event

if TYPE_CHECKING:
    from collections.abc import Iterator

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


def test_without_a2wsgi_the_error_names_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "a2wsgi", None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'lambda-asgi\[wsgi\]'"):
        WsgiHandler(echo)
