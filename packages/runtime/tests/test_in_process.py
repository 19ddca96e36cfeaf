"""A function without a Runtime API: what it sends is what it would have sent over the wire."""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from lambda_runtime import Context, HttpPrelude, ResponseStream
from lambda_runtime.contract import MAX_PAYLOAD_BYTES
from lambda_runtime.in_process import (
    InProcess,
    Sent,
    make_context,
    printed_logging,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Generator

HEADERS = {"lambda-runtime-aws-request-id": "one", "lambda-runtime-invocation-id": "nonce"}


def invoke(handler: Any, body: bytes = b"{}", **options: Any) -> Sent:
    function = InProcess(handler, **options)
    if not function.is_async:
        with function:
            return function.invoke(HEADERS, body)

    async def run() -> Sent:
        async with function:
            return await function.invoke_async(HEADERS, body)

    return asyncio.run(run())


def test_a_result_is_sent_as_ever() -> None:
    def handler(event: Any, context: Context) -> Any:
        return [event, context.aws_request_id]

    async def async_handler(event: Any, context: Context) -> Any:
        return handler(event, context)

    for either in (handler, async_handler):
        sent = invoke(either, b'{"a":1}')
        assert (sent.kind, sent.status, sent.body) == ("response", 202, b'[{"a":1},"one"]')
        assert sent.headers["Lambda-Runtime-Invocation-Id"] == "nonce"
        assert (sent.parts, sent.raised) == (None, None)


def test_an_exception_is_reported_and_kept(capsys: pytest.CaptureFixture[str]) -> None:
    error = ValueError("no")

    def handler(event: Any) -> None:
        raise error

    async def async_handler(event: Any) -> None:
        raise error

    for either in (handler, async_handler):
        sent = invoke(either)
        assert sent.kind == "error"
        assert sent.raised is error
        assert sent.headers["Lambda-Runtime-Function-Error-Type"] == "Function.ValueError"
        assert capsys.readouterr().out.startswith("[ERROR] ValueError: no\r")


def test_what_ends_a_process_is_reported_like_all_else() -> None:
    sent = invoke(lambda _: sys.exit(3))
    assert isinstance(sent.raised, SystemExit)
    assert b'"SystemExit"' in sent.body


def test_a_stream_has_its_parts_and_trailers() -> None:
    def generator(event: Any) -> Generator[Any]:
        yield HttpPrelude(201)
        yield "a"
        yield b"b"
        raise KeyError(event)

    async def writer(event: Any, stream: ResponseStream, context: Context) -> None:
        stream.prelude = HttpPrelude(201)
        await stream.flush()
        await stream.write("a")
        await stream.write("b")
        raise KeyError(event)

    for either in (generator, writer):
        sent = invoke(either)
        assert sent.kind == "response"
        assert sent.parts is not None
        assert [data for data, _ in sent.parts][-2:] == [b"a", b"b"]
        assert sent.body.partition(bytes(8))[2] == b"ab"
        assert sent.trailers["Lambda-Runtime-Function-Error-Type"] == "Function.KeyError"
        assert isinstance(sent.raised, KeyError)
        times = [time for _, time in sent.parts]
        assert times == sorted(times)


def test_a_response_that_lambda_would_refuse_is_refused(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert invoke(lambda _: bytes(MAX_PAYLOAD_BYTES)).status == 202
    assert invoke(lambda _: bytes(MAX_PAYLOAD_BYTES + 1)).status == 413
    assert "status 413" in capsys.readouterr().out


def test_a_lifespan_is_around_it() -> None:
    life: list[str] = []

    @contextmanager
    def lifespan() -> Generator[str]:
        life.append("open")
        yield "state"
        life.append("closed")

    @asynccontextmanager
    async def async_lifespan() -> AsyncGenerator[str]:
        life.append("open")
        yield "state"
        life.append("closed")

    async def handler(event: Any, context: Context) -> Any:
        return context.state

    assert invoke(handler, lifespan=async_lifespan).body == b'"state"'
    assert invoke(lambda _, context: context.state, lifespan=lifespan).body == b'"state"'
    assert life == ["open", "closed"] * 2


def test_middleware_and_work_after_the_response_run() -> None:
    done: list[str] = []

    def around(event: Any, context: Context, call_next: Callable[..., Any]) -> Any:
        context.after_response(done.append, "later")
        return [call_next(event, context)]

    assert invoke(lambda _: 1, middleware=[around]).body == b"[1]"
    assert done == ["later"]


def test_a_deadline_cancels_an_async_handler() -> None:
    async def handler(event: Any) -> None:
        await asyncio.Event().wait()

    async def run() -> Sent:
        async with InProcess(handler, deadline_margin=0) as function:
            deadline = {"lambda-runtime-deadline-ms": str(int((time.time() + 0.5) * 1000))}
            return await function.invoke_async({**HEADERS, **deadline}, b"{}")

    assert b'"Sandbox.Timedout"' in asyncio.run(run()).body


def test_tasks_that_are_left_end_and_those_of_others_live() -> None:
    tasks: list[asyncio.Task[None]] = []

    async def forever() -> None:
        await asyncio.Event().wait()

    async def handler(event: Any) -> None:
        tasks.append(asyncio.create_task(forever()))

    async def run() -> None:
        other = asyncio.create_task(forever())
        async with InProcess(handler) as function:
            await function.invoke_async(HEADERS, b"{}")
        assert tasks[0].cancelled()
        assert not other.done()
        assert asyncio.get_running_loop().get_task_factory() is None
        other.cancel()

    asyncio.run(run())


def test_invocations_may_run_at_the_same_time() -> None:
    async def run() -> None:
        both = asyncio.Barrier(2)

        async def handler(event: Any) -> Any:
            await both.wait()
            return event

        async with InProcess(handler) as function:
            calls: list[Awaitable[Sent]] = [
                function.invoke_async(HEADERS, body) for body in (b"1", b"2")
            ]
            assert [sent.body for sent in await asyncio.gather(*calls)] == [b"1", b"2"]

    asyncio.run(run())


def test_an_async_handler_needs_its_context() -> None:
    async def handler(event: Any) -> None: ...

    with pytest.raises(RuntimeError, match="inside `async with`"):
        asyncio.run(InProcess(handler).invoke_async(HEADERS, b"{}"))


def test_a_handler_can_be_named() -> None:
    assert invoke("json.dumps", b'{"a":1}').body == b'"{\\"a\\": 1}"'
    with pytest.raises(Exception, match="Unable to import module 'nowhere'"):
        invoke("nowhere.handler")


def test_the_session_is_closed() -> None:
    sessions: list[Any] = []

    async def handler(event: Any, context: Context) -> None:
        sessions.append(context.session)

    assert invoke(handler).kind == "response"
    assert sessions[0].closed


def test_a_context_can_be_made() -> None:
    context = make_context(HEADERS, {"AWS_LAMBDA_FUNCTION_NAME": "f"})
    assert (context.aws_request_id, context.function_name) == ("one", "f")
    context.function_name = "g"
    assert context.function_name == "g"


def test_logging_is_printed_once(capsys: pytest.CaptureFixture[str]) -> None:
    with printed_logging(), printed_logging():
        logging.getLogger("orders").warning("low %s", "stock")
    logging.getLogger("orders").warning("unseen")
    printed = capsys.readouterr().out
    assert printed.count("low stock") == 1
    assert "unseen" not in printed
