"""Web applications of lambda-asgi: their requests are spans as others are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from fastapi import BackgroundTasks, FastAPI
from fastapi.responses import PlainTextResponse, StreamingResponse
from opentelemetry import trace
from opentelemetry.instrumentation.asgi import OpenTelemetryMiddleware

from lambda_asgi import AsgiHandler, WsgiHandler

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable

    from opentelemetry.sdk.trace import TracerProvider

    from lambda_testing import Invoker

    from .conftest import Collector, Span

TRACE_ID = "0af7651916cd43dd8448eb211c80319c"


def request(path: str, **headers: str) -> dict[str, Any]:
    """Return the event of a function URL."""
    http = {"method": "GET", "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.7"}
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"host": "example.com", **headers},
        "requestContext": {
            "domainName": "id.lambda-url.eu-west-1.on.aws",
            "http": http,
            "stage": "$default",
        },
    }


def application(tracer: trace.Tracer, **options: Any) -> FastAPI:
    app = FastAPI(**options)

    async def work(name: str) -> None:
        with tracer.start_as_current_span(name):
            pass

    @app.get("/pets/{pet}")
    def read_pet(pet: str) -> dict[str, str]:
        with tracer.start_as_current_span("look up"):  # in a thread
            return {"pet": pet}

    @app.get("/later")
    async def later(tasks: BackgroundTasks) -> str:
        tasks.add_task(work, "after the response")
        return "done"

    @app.get("/stream")
    async def stream() -> StreamingResponse:
        async def parts() -> AsyncIterator[bytes]:
            for number in range(2):
                await work(f"part {number}")
                yield b"part"

        return StreamingResponse(parts())

    @app.get("/broken")
    async def broken() -> StreamingResponse:
        async def parts() -> AsyncIterator[bytes]:
            yield b"part"
            raise ValueError("the source is gone")

        return StreamingResponse(parts())

    @app.get("/unavailable")
    async def unavailable() -> PlainTextResponse:
        return PlainTextResponse("later", 503)

    @app.get("/failing")
    async def failing() -> None:
        raise LookupError("no such pet")

    return app


@pytest.fixture
def call(traced: TracerProvider, collector: Collector, invoke: Invoker) -> Callable[..., Span]:
    """Send a request to the application, and return the span of its invocation."""
    handlers = {
        is_streaming: AsgiHandler(application(traced.get_tracer("app")), streaming=is_streaming)
        for is_streaming in (False, True)
    }

    def send(path: str, *, streaming: bool = False, **headers: str) -> Span:
        invoke(handlers[streaming], request(path, **headers))
        return collector.root

    return send


@pytest.mark.parametrize("streaming", [False, True])
def test_a_request_has_the_span_of_its_invocation(
    call: Callable[..., Span], streaming: bool
) -> None:
    root = call("/pets/rex", streaming=streaming, traceparent=f"00-{TRACE_ID}-00f067aa0ba902b7-01")
    assert root.tree == ("GET /pets/{pet}", [("look up", [])])
    assert (root.trace_id, root.parent_id) == (TRACE_ID, "00f067aa0ba902b7")
    assert (root.kind, root.status) == ("SERVER", "UNSET")
    assert root.attributes["faas.trigger"] == "http"
    assert root.attributes["http.route"] == "/pets/{pet}"
    assert root.attributes["http.response.status_code"] == 200
    assert root.attributes["url.path"] == "/pets/rex"


def test_the_functions_own_name_of_its_span_stays(
    traced: TracerProvider, collector: Collector, invoke: Invoker
) -> None:
    app = FastAPI()

    @app.get("/pets/{pet}")
    async def read_pet(pet: str) -> None:
        trace.get_current_span().update_name("mine")

    @app.get("/owners/{owner}")
    async def read_owner(owner: str) -> None:
        trace.get_current_span().set_attribute("http.route", "/mine")

    invoke(AsgiHandler(app), request("/pets/rex"))
    invoke(AsgiHandler(app), request("/owners/ada"))

    first, second = collector.roots
    assert (first.name, first.attributes["http.route"]) == ("mine", "/pets/{pet}")
    assert (second.name, second.attributes["http.route"]) == ("GET /owners/{owner}", "/mine")


def test_a_span_of_the_framework_is_below_that_of_the_invocation(
    traced: TracerProvider, collector: Collector, invoke: Invoker
) -> None:
    app = application(traced.get_tracer("app"), telemetry={"tracer_provider": traced})
    parent = {"traceparent": f"00-{TRACE_ID}-00f067aa0ba902b7-01"}

    invoke(AsgiHandler(app), request("/pets/rex", **parent))

    root = collector.root  # and no other
    assert (root.trace_id, root.parent_id) == (TRACE_ID, "00f067aa0ba902b7")
    assert [span.name for span in root.children] == ["GET /pets/{pet}"]


@pytest.mark.parametrize("has_parent", [False, True])
def test_a_span_of_the_asgi_instrumentation_is_below_that_of_the_invocation(
    has_parent: bool, traced: TracerProvider, collector: Collector, invoke: Invoker
) -> None:
    app = OpenTelemetryMiddleware(
        application(traced.get_tracer("app")),
        exclude_spans=["receive", "send"],
        tracer_provider=traced,
    )
    parent = {"traceparent": f"00-{TRACE_ID}-00f067aa0ba902b7-01"} if has_parent else {}

    invoke(AsgiHandler(app), request("/pets/rex", **parent))

    root = collector.root  # and no other
    assert (root.kind, root.parent_id) == ("SERVER", "00f067aa0ba902b7" if has_parent else "")
    (child,) = root.children
    assert child.kind == "INTERNAL"  # it sees that there is a server's span
    assert [span.name for span in child.children] == ["look up"]


@pytest.mark.parametrize("streaming", [False, True])
def test_work_after_the_response_is_exported_with_it(
    call: Callable[..., Span], streaming: bool
) -> None:
    assert call("/later", streaming=streaming).tree == (
        "GET /later",
        [("after the response", [])],
    )


def test_a_stream_is_in_its_span_to_the_last_byte(call: Callable[..., Span]) -> None:
    root = call("/stream", streaming=True)
    assert root.tree == ("GET /stream", [("part 0", []), ("part 1", [])])
    assert root.attributes["http.response.status_code"] == 200


@pytest.mark.parametrize("streaming", [False, True])
@pytest.mark.parametrize(("path", "status"), [("/unavailable", 503), ("/failing", 500)])
def test_an_error_of_the_server_fails_the_span(
    call: Callable[..., Span], path: str, status: int, streaming: bool
) -> None:
    root = call(path, streaming=streaming)
    assert root.attributes["http.response.status_code"] == status
    assert (root.status, root.attributes["error.type"]) == ("ERROR", str(status))


def test_a_page_that_is_not_there_is_no_error(call: Callable[..., Span]) -> None:
    root = call("/nothing")
    assert (root.name, root.status) == ("test-function", "UNSET")
    assert root.attributes["http.response.status_code"] == 404


def test_a_stream_that_breaks_off_fails_the_span(call: Callable[..., Span]) -> None:
    root = call("/broken", streaming=True)
    assert root.status == "ERROR"
    assert root.attributes["error.type"] == "ValueError"
    ((_, exception),) = root.events
    assert "the source is gone" in exception["exception.stacktrace"]


def test_a_wsgi_application_works_in_its_span(
    traced: TracerProvider, collector: Collector, invoke: Invoker
) -> None:
    tracer = traced.get_tracer("app")

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        with tracer.start_as_current_span("look up"):
            start_response("502 Bad Gateway", [("Content-Type", "text/plain")])
            return [b"later"]

    invoke(WsgiHandler(app), request("/"))

    root = collector.root
    assert root.tree == ("test-function", [("look up", [])])
    assert (root.status, root.attributes["error.type"]) == ("ERROR", "502")
