"""The fixture `invoke`, with every kind of handler, from every kind of test."""

# ruff: noqa: T201 (handlers print)

from __future__ import annotations

import asyncio
import logging
import os
import socket
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from lambda_runtime import HttpPrelude
from lambda_testing import Function, InvocationError, Invoker

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Generator

    from lambda_runtime import Context, ResponseStream
    from lambda_testing.plugin import MakeContext


def echo(event: Any, context: Context) -> Any:
    print("handling", event)
    return {"event": event, "id": context.aws_request_id}


async def echo_async(event: Any, context: Context) -> Any:
    await asyncio.sleep(0)
    return echo(event, context)


@pytest.fixture(params=[echo, echo_async])
def handler(request: pytest.FixtureRequest) -> Callable[..., Any]:
    chosen: Callable[..., Any] = request.param
    return chosen


def test_a_handler_is_invoked(invoke: Invoker, handler: Callable[..., Any]) -> None:
    result = invoke(handler, {"a": "é"}, request_id="one")
    assert result.value == {"event": {"a": "é"}, "id": "one"}
    assert result.logs == ["handling {'a': 'é'}"]
    assert result.init_duration is None
    assert 0 <= result.duration < 10


def test_what_is_known_of_the_invocation_gets_to_the_handler(invoke: Invoker) -> None:
    def handler(_event: Any, context: Context) -> Any:
        assert context.client_context is not None
        return [
            context.tenant_id,
            context.client_context.custom,
            context.identity.cognito_identity_id,
            context.trace_id,
            context.function_name,
            2 < context.remaining() <= 3,
        ]

    result = invoke(
        handler,
        None,
        timeout=3,
        tenant_id="blue",
        client_context={"custom": {"k": 1}},
        cognito_identity={"cognitoIdentityId": "i"},
        trace_id="Root=1",
    )
    assert result.value == ["blue", {"k": 1}, "i", "Root=1", "test-function", True]


@dataclass
class Order:
    number: int
    items: list[str]


def test_typed_events_are_encoded_and_decoded(invoke: Invoker) -> None:
    def handler(event: Order) -> Order:
        return Order(event.number + 1, [*event.items, "tea"])

    handler.__annotations__ = {"event": Order, "return": Order}
    assert invoke(handler, Order(1, [])).value == {"number": 2, "items": ["tea"]}
    error = invoke(handler, {"number": "x"}).error
    assert error.type == "Runtime.UnmarshalError"


def test_bytes_are_an_event_as_they_are(invoke: Invoker) -> None:
    def handler(event: bytes) -> bytes:
        return event[::-1]

    handler.__annotations__ = {"event": bytes}
    assert invoke(handler, b"\x00\xff").value == b"\xff\x00"
    assert invoke(echo, b"{").error.type == "Runtime.UnmarshalError"


def test_an_exception_is_the_callers_error_and_the_tests_cause(invoke: Invoker) -> None:
    def handler(_event: Any) -> None:
        raise LookupError("no such order")

    result = invoke(handler, {})
    assert (result.error.type, result.error.message) == ("LookupError", "no such order")
    assert "in handler" in result.error.stack_trace[0]
    assert result.logs[0].startswith("[ERROR] LookupError: no such order\nTraceback")
    with pytest.raises(InvocationError, match="no such order") as raised:
        _ = result.value
    assert isinstance(raised.value.__cause__, LookupError)


def test_the_verdict_of_a_test_is_not_the_functions(invoke: Invoker) -> None:
    def handler(_event: Any) -> None:
        pytest.fail("from within")

    with pytest.raises(pytest.fail.Exception, match="from within"):
        invoke(handler, {})


def test_an_exit_is_an_error(invoke: Invoker) -> None:
    assert invoke(lambda _: sys.exit(3), {}).error.type == "SystemExit"


def test_a_response_that_is_too_large_is_lambdas_error(invoke: Invoker) -> None:
    result = invoke(lambda _: "x" * 7_000_000, {})
    assert result.error.type == "Function.ResponseSizeTooLarge"


def test_a_stream_has_chunks_and_a_prelude(invoke: Invoker) -> None:
    def generator(_event: Any) -> Generator[Any]:
        yield HttpPrelude(201)
        yield "a"
        yield "b"

    async def async_generator(_event: Any) -> AsyncGenerator[Any]:
        for item in generator(None):
            yield item

    async def writer(_event: Any, stream: ResponseStream, _context: Context) -> None:
        stream.prelude = HttpPrelude(201)
        await stream.flush()
        await stream.write("a")
        await stream.write("b")

    for handler in (generator, async_generator, writer):
        result = invoke(handler, None)
        assert result.value == b"ab"
        assert result.prelude["statusCode"] == 201
        assert [chunk.data for chunk in result.chunks[1:]] == [b"a", b"b"]
        assert result.mode == "streaming"


def test_a_stream_that_fails_has_both(invoke: Invoker) -> None:
    def handler(_event: Any) -> Generator[str]:
        yield "begun"
        raise LookupError("the end")

    result = invoke(handler, None)
    assert (result.kind, result.content) == ("stream_error", b"begun")
    assert result.error.type == "LookupError"


def test_an_option_that_does_not_exist_is_refused(invoke: Invoker) -> None:
    options: Any = {"request_id": "one", "timeout": 3, "midleware": []}
    with pytest.raises(TypeError, match="midleware"):
        invoke(echo, None, **options)


def test_middleware_and_lifespan_stand_around(invoke: Invoker) -> None:
    @contextmanager
    def lifespan() -> Generator[int]:
        yield 40

    def add(event: Any, context: Context, call_next: Callable[..., Any]) -> Any:
        return call_next(event, context) + 2

    result = invoke(lambda _, context: context.state, None, lifespan=lifespan, middleware=[add])
    assert result.value == 42


def test_a_deadline_ends_an_async_handler(invoke: Invoker) -> None:
    async def handler(_event: Any) -> None:
        await asyncio.Event().wait()

    result = invoke(handler, None, timeout=0.5, deadline_margin=0.01)
    assert result.error.type == "Sandbox.Timedout"


def test_async_handlers_share_an_event_loop(invoke: Invoker) -> None:
    loops: list[asyncio.AbstractEventLoop] = []

    async def handler(_event: Any) -> None:
        loops.append(asyncio.get_running_loop())

    assert invoke(handler, None).ok
    assert invoke(handler, None).ok
    assert loops[0] is loops[1]
    assert not loops[0].is_closed()
    invoke.close()
    assert loops[0].is_closed()


@pytest.mark.lambda_function(name="orders", region="eu-west-1", memory_mb=512)
def test_the_environment_is_lambdas_for_as_long_as_the_test(
    invoke: Invoker, lambda_function: Function
) -> None:
    assert lambda_function == Function(name="orders", region="eu-west-1", memory_mb=512)
    names = ["AWS_LAMBDA_FUNCTION_NAME", "AWS_REGION", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
    assert invoke(lambda _: [os.environ[name] for name in names], {}).value == [
        "orders",
        "eu-west-1",
        "512",
    ]
    assert "AWS_LAMBDA_RUNTIME_API" not in os.environ


def test_logging_is_in_the_log(invoke: Invoker, caplog: pytest.LogCaptureFixture) -> None:
    def handler(_event: Any) -> None:
        logging.getLogger("orders").warning("low on %s", "tea")
        print("to stderr", file=sys.stderr)

    (record, printed) = invoke(handler, None).logs
    assert "low on tea" in record
    assert printed == "to stderr"
    assert caplog.messages == ["low on tea"]


def test_what_is_printed_is_seen_by_pytest_too(
    invoke: Invoker, capsys: pytest.CaptureFixture[str]
) -> None:
    stdout = sys.stdout
    assert invoke(lambda _: print("seen"), {}).logs == ["seen"]
    assert capsys.readouterr().out == "seen\n"
    assert sys.stdout is stdout


def test_bytes_that_are_written_are_in_the_log(
    invoke: Invoker, capsys: pytest.CaptureFixture[str]
) -> None:
    def handler(_event: Any) -> None:
        sys.stdout.buffer.write('{"order": "thé"}\n'.encode())
        sys.stderr.buffer.writelines([b"low on ", b"tea\n"])
        sys.stdout.flush()

    assert invoke(handler, {}).logs == [{"order": "thé"}, "low on tea"]
    assert capsys.readouterr() == ('{"order": "thé"}\n', "low on tea\n")


def test_a_stream_that_was_kept_before_is_not_in_the_log(
    invoke: Invoker, capsys: pytest.CaptureFixture[str]
) -> None:
    logger = logging.getLogger("lambda_testing.own")
    logger.propagate = False
    logger.addHandler(handler := logging.StreamHandler(sys.stderr))
    assert invoke(lambda _: logger.warning("low on tea"), {}).logs == []
    logger.removeHandler(handler)
    assert capsys.readouterr().err == "low on tea\n"


def test_threads_print_into_the_log(invoke: Invoker) -> None:
    def handler(_event: Any) -> None:
        thread = threading.Thread(target=print, args=("from a thread",))
        thread.start()
        thread.join()

    assert invoke(handler, None).logs == ["from a thread"]


def run(test: Callable[[], Awaitable[None]]) -> None:
    async def main() -> None:
        await test()

    asyncio.run(main())


def test_an_async_test_may_call_too(invoke: Invoker, handler: Callable[..., Any]) -> None:
    async def test() -> None:
        assert invoke(handler, 1).value["event"] == 1

    run(test)


def test_a_plain_handler_needs_no_socket(invoke: Invoker, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_options: object) -> None:
        raise RuntimeError("A test tried to use socket.socket.")

    monkeypatch.setattr(socket, "socket", refuse)  # as pytest-socket does
    assert invoke(lambda event: event, 17).value == 17


def test_a_cancelled_error_is_the_functions_unless_the_test_is_cancelled(invoke: Invoker) -> None:
    started = asyncio.Event()

    async def await_cancelled(wait: bool) -> None:
        started.set()
        if wait:
            await asyncio.Event().wait()
        task = asyncio.ensure_future(asyncio.sleep(60))
        task.cancel()
        await task

    def handler(_event: Any) -> None:
        asyncio.run(await_cancelled(False))

    assert invoke(await_cancelled, False).error.type == "CancelledError"
    assert invoke(handler, None).error.type == "CancelledError"

    async def test() -> None:
        assert (await invoke.on_loop(await_cancelled, False)).error.type == "CancelledError"
        started.clear()
        invocation = asyncio.ensure_future(invoke.on_loop(await_cancelled, True))
        await started.wait()
        invocation.cancel()
        with pytest.raises(asyncio.CancelledError):
            await invocation
        assert invocation.cancelled()

    run(test)


def test_a_handler_may_run_an_event_loop_of_its_own(invoke: Invoker) -> None:
    def handler(event: Any) -> Any:
        return asyncio.run(asyncio.sleep(0, event))

    async def test() -> None:
        assert invoke(handler, 1).value == 1
        assert (await invoke.on_loop(handler, 2)).value == 2

    run(test)
    assert invoke(handler, 3).value == 3


def test_a_handler_may_use_what_is_the_tests(invoke: Invoker) -> None:
    async def test() -> None:
        both = asyncio.Barrier(4)

        async def handler(event: Any) -> Any:
            print(event)
            await both.wait()
            print(event)
            return event

        calls = [asyncio.create_task(invoke.on_loop(handler, event)) for event in range(3)]
        await both.wait()
        results = await asyncio.gather(*calls)
        assert [result.value for result in results] == [0, 1, 2]
        assert [result.logs for result in results] == [["0", "0"], ["1", "1"], ["2", "2"]]

    run(test)


@pytest.mark.anyio
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
async def test_it_works_under_anyio(invoke: Invoker, handler: Callable[..., Any]) -> None:
    assert invoke(handler, 1).value["event"] == 1
    assert (await invoke.on_loop(handler, 2)).value["event"] == 2


def test_what_json_cannot_hold_is_refused_at_once(invoke: Invoker) -> None:
    with pytest.raises(TypeError, match="not JSON serializable"):
        invoke(echo, object())


@pytest.mark.lambda_function(name="orders")
def test_a_context_is_the_one_that_handlers_get(
    lambda_context: Context, make_lambda_context: MakeContext
) -> None:
    assert lambda_context.function_name == "orders"
    assert lambda_context.aws_request_id
    assert echo(1, lambda_context)["id"] == lambda_context.aws_request_id
    assert lambda_context.invoked_function_arn == Function(name="orders").arn
    assert 20 < lambda_context.remaining() <= 30
    other = make_lambda_context(timeout=3, tenant_id="blue", request_id="one")
    assert (other.tenant_id, other.aws_request_id) == ("blue", "one")
    assert other.get_remaining_time_in_millis() <= 3000
    other.function_name = "mine"
    assert other.function_name == "mine"
