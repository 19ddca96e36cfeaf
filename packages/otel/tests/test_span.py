"""The span of an invocation, for each kind of handler, as a collector gets it."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import pytest

from lambda_runtime import Context, Fault, HttpPrelude, ResponseStream

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from opentelemetry import trace
    from opentelemetry.sdk.trace import TracerProvider

    from lambda_testing import Invoker

    from .conftest import Collector

WAIT = 0.02


class Work:
    """Handlers of all kinds. Each makes the spans "first" and "second", which take a while."""

    def __init__(self, tracer: trace.Tracer) -> None:
        self.tracer = tracer

    def step(self, name: str) -> None:
        with self.tracer.start_as_current_span(name):
            time.sleep(WAIT / 2)

    async def wait(self, name: str) -> None:
        with self.tracer.start_as_current_span(name):
            await asyncio.sleep(WAIT / 2)

    def plain(self, event: Any, context: Context) -> str:
        self.step("first")
        self.step("second")
        return "done"

    async def coroutine(self, event: Any, context: Context) -> str:
        await self.wait("first")
        await self.wait("second")
        return "done"

    async def tasks(self, event: Any, context: Context) -> None:
        await asyncio.gather(self.wait("first"), asyncio.to_thread(self.step, "second"))
        await asyncio.sleep(WAIT / 2)

    def generator(self, event: Any, context: Context) -> Iterator[bytes]:
        self.step("first")
        yield b"1"
        self.step("second")
        yield b"2"

    async def async_generator(self, event: Any, context: Context) -> AsyncIterator[bytes]:
        await self.wait("first")
        yield b"1"
        await self.wait("second")
        yield b"2"

    async def writer(self, event: Any, stream: ResponseStream, context: Context) -> None:
        await self.wait("first")
        await stream.write(b"1")
        await self.wait("second")

    def returns_awaitable(self, event: Any, context: Context) -> Any:
        return self.coroutine(event, context)

    def returns_iterator(self, event: Any, context: Context) -> Any:
        return self.async_generator(event, context)


@pytest.mark.parametrize(
    "kind",
    [
        "plain",
        "coroutine",
        "tasks",
        "generator",
        "async_generator",
        "writer",
        "returns_awaitable",
        "returns_iterator",
    ],
)
def test_a_span_is_from_the_event_to_the_true_end(
    kind: str, invoke: Invoker, collector: Collector, traced: TracerProvider
) -> None:
    handler = getattr(Work(traced.get_tracer("test")), kind)

    invoke(handler, {})

    root = collector.root
    assert root.tree == ("test-function", [("first", []), ("second", [])])
    assert (root.kind, root.status, root.parent_id) == ("SERVER", "UNSET", "")
    assert root.seconds >= WAIT


def test_attributes_say_which_invocation_it_is(
    invoke: Invoker, collector: Collector, traced: TracerProvider
) -> None:
    arn = "arn:aws:lambda:eu-west-1:123456789012:function:orders"
    headers = {"Lambda-Runtime-Invoked-Function-Arn": f"{arn}:live"}

    invoke(lambda event: None, {}, request_id="a", headers=headers)
    invoke(lambda event: None, {}, request_id="b", headers=headers)

    first, second = collector.roots
    attributes = {**first.attributes}
    attributes.pop("faas.coldstart")
    assert attributes == {
        "aws.lambda.invoked_arn": f"{arn}:live",
        "cloud.account.id": "123456789012",
        "cloud.resource_id": arn,
        "faas.invocation_id": "a",
        "faas.max_memory": 128 * 1024 * 1024,
        "faas.trigger": "other",
    }
    assert second.attributes["faas.coldstart"] is False
    assert second.attributes["faas.invocation_id"] == "b"


def _raise(error: BaseException) -> Any:
    def handler(event: Any, context: Context) -> None:
        raise error

    return handler


class Unspeakable(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no words")


def _not_json(event: Any) -> object:
    return object()


def _breaks_off(event: Any) -> Iterator[bytes]:
    yield b"1"
    raise KeyError("order")


async def _too_long(event: Any) -> None:
    await asyncio.sleep(60)


@pytest.mark.parametrize(
    ("handler", "error_type", "exception"),
    [
        (_raise(ValueError("no")), "ValueError", "ValueError"),
        (_raise(Fault("Function.Sad", "no")), "Function.Sad", "lambda_runtime.errors.Fault"),
        (_raise(SystemExit(3)), "SystemExit", "SystemExit"),
        (_raise(ExceptionGroup("g", [KeyError()])), "ExceptionGroup", "ExceptionGroup"),
        (_raise(Unspeakable()), "test_span.Unspeakable", None),
        (_raise(OSError("no file \udcff")), "OSError", "OSError"),  # as of a name that is not UTF-8
        (_not_json, "Runtime.MarshalError", None),
        (_breaks_off, "KeyError", "KeyError"),
        (_too_long, "Sandbox.Timedout", None),
    ],
)
def test_a_failure_is_a_status_and_an_exception(
    handler: Any,
    error_type: str,
    exception: str | None,
    invoke: Invoker,
    collector: Collector,
    traced: TracerProvider,
) -> None:
    invoke(handler, {}, timeout=30.4, deadline_margin=30)  # which leaves time for the export

    root = collector.root
    assert root.status == "ERROR"
    assert root.attributes["error.type"].endswith(error_type)
    ((name, attributes),) = root.events
    assert name == "exception"
    assert attributes["exception.type"] == (exception or attributes["exception.type"])
    assert "Traceback" in attributes["exception.stacktrace"]


def test_an_event_that_cannot_be_decoded_has_a_span_too(
    invoke: Invoker, collector: Collector, traced: TracerProvider
) -> None:
    invoke(lambda event: None, b"{")

    assert collector.root.attributes["error.type"] == "Runtime.UnmarshalError"


def test_work_after_the_response_is_a_child_and_is_exported(
    invoke: Invoker, collector: Collector, traced: TracerProvider
) -> None:
    tracer = traced.get_tracer("test")

    def work() -> None:
        with tracer.start_as_current_span("later"):
            pass

    def handler(event: Any, context: Context) -> None:
        context.after_response(work)

    invoke(handler, {})

    assert collector.root.tree == ("test-function", [("later", [])])


def test_a_task_that_is_cancelled_after_the_response_is_exported(
    invoke: Invoker, collector: Collector, traced: TracerProvider
) -> None:
    tracer = traced.get_tracer("test")

    async def work() -> None:
        with tracer.start_as_current_span("left"):
            await asyncio.sleep(60)

    async def handler(event: Any, context: Context) -> None:
        kept.append(asyncio.create_task(work()))
        await asyncio.sleep(0)

    kept: list[asyncio.Task[None]] = []
    invoke(handler, {})

    assert collector.root.tree == ("test-function", [("left", [])])


def test_the_status_of_a_streamed_http_response(
    invoke: Invoker, collector: Collector, traced: TracerProvider
) -> None:
    def handler(event: Any) -> Iterator[HttpPrelude | str]:
        yield HttpPrelude(503)
        yield "later"

    invoke(handler, {"requestContext": {"http": {"method": "GET", "path": "/"}}, "version": "2.0"})

    root = collector.root
    assert root.attributes["http.response.status_code"] == 503
    assert (root.status, root.attributes["error.type"], root.events) == ("ERROR", "503", [])
