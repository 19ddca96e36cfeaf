from __future__ import annotations

import asyncio
import logging
import threading
import types
from concurrent.futures import Future
from functools import cache, partial
from textwrap import dedent
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from unittest.mock import AsyncMock, MagicMock

import pytest

from lambda_logging import invocation, log
from lambda_logging._settings import settings

from .conftest import REQUEST_ID, Kept, request

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Generator, Iterator

    from .conftest import StartLog

    OnLambda = Callable[..., list[dict[str, Any]]]

other = logging.getLogger("other")


def messages(kept: Kept) -> list[str]:
    return [record["message"] for record in kept.records]


def test_the_first_invocation_is_a_cold_start(on_lambda: OnLambda) -> None:
    code = (
        "from lambda_logging import invocation, log\n"
        "@invocation()\ndef handler(event, context): log.info('m')\n"
        "handler({}, None); handler({}, None)"
    )
    assert [record["coldStart"] for record in on_lambda(code)] == [True, False]
    provisioned = {"AWS_LAMBDA_INITIALIZATION_TYPE": "provisioned-concurrency"}
    assert [record["coldStart"] for record in on_lambda(code, **provisioned)] == [False, False]


@pytest.mark.parametrize(
    ("path", "event", "found"),
    [
        ("headers.x-correlation-id", {"headers": {"X-Correlation-Id": "c"}}, "c"),
        ("headers.x-correlation-id", {"headers": {"x-correlation-id": "c"}}, "c"),
        ("Records.0.messageId", {"Records": [{"messageId": 7}]}, 7),
        ("detail.id", SimpleNamespace(detail=SimpleNamespace(id="c")), "c"),
        ("headers.x", {"headers": None}, None),
        ("Records.1.a", {"Records": [{"a": 1}]}, None),
        ("a.b", "text", None),
        ("id", {"id": {1, 2}}, [1, 2]),
    ],
)
def test_the_correlation_id_is_found_in_the_event(
    kept: Kept, path: str, event: Any, found: Any
) -> None:
    @invocation(correlation_id=path, cold_start=False)
    def handler(event: Any, context: Any) -> None:
        other.warning("m")

    handler(event, request())
    assert kept.record.get("correlationId") == found
    assert "coldStart" not in kept.record


def test_the_event_is_logged_without_its_secrets(start_log: StartLog) -> None:
    event = {"headers": {"Authorization": "Bearer x", "a": "b"}, "pin": 1, "seen": {1}}
    before = repr(event)

    @invocation(event=True)
    def by_default(event: Any, context: Any) -> None: ...

    @invocation(event=True, redact=["PIN"])
    def by_name(event: Any, context: Any) -> None: ...

    kept = start_log()
    by_default(event, request())
    by_name(event, request())
    first, second = (record["event"] for record in kept.records)
    assert first == {"headers": {"Authorization": "[redacted]", "a": "b"}, "pin": 1, "seen": [1]}
    assert second["headers"]["Authorization"] == "Bearer x"
    assert second["pin"] == "[redacted]"
    assert repr(event) == before
    assert {record["requestId"] for record in kept.records} == {REQUEST_ID}
    kept = start_log(level="WARN")
    by_default(event, request())
    assert kept.records == []


def test_a_handler_keeps_its_shape_and_its_result(kept: Kept) -> None:
    decorate = invocation(cold_start=False)

    @decorate
    def plain(event: Any, context: Any) -> str:
        """Say what it does."""
        log.info("plain")
        return "done"

    @decorate
    def alone(event: Any) -> str:
        log.info("alone")
        return "done"

    @decorate
    def parts(event: Any, context: Any) -> Iterator[str]:
        log.info("parts")
        yield "do"
        yield "ne"

    @decorate
    async def coroutine(event: Any, context: Any) -> str:
        await asyncio.sleep(0)
        log.info("coroutine")
        return "done"

    @decorate
    async def async_parts(event: Any, context: Any) -> AsyncIterator[str]:
        log.info("async parts")
        yield "do"
        yield "ne"

    @decorate
    def streaming(event: Any, stream: Any, context: Any) -> str:
        log.info("streaming")
        return str(stream)

    @decorate
    async def async_streaming(event: Any, stream: Any, context: Any) -> str:
        log.info("async streaming")
        return str(stream)

    class Handler:
        def __call__(self, event: Any, context: Any) -> str:
            log.info("object")
            return "done"

        def method(self, event: Any) -> str:
            log.info("method")
            return "done"

    async def drain() -> str:
        return "".join([part async for part in async_parts({}, context)])

    context = request()
    assert plain({}, context) == "done"
    assert (plain.__name__, plain.__doc__) == ("plain", "Say what it does.")
    assert alone({}) == "done"
    as_runtimes_call: Any = alone
    assert as_runtimes_call({}, context) == "done"
    assert "".join(parts({}, context)) == "done"
    assert asyncio.run(coroutine({}, context)) == "done"
    assert asyncio.run(drain()) == "done"
    assert streaming({}, "done", context) == "done"
    assert asyncio.run(async_streaming({}, "done", context)) == "done"
    assert decorate(Handler())({}, context) == "done"
    assert decorate(Handler().method)({}) == "done"
    assert messages(kept) == [
        *("plain", "alone", "alone", "parts", "coroutine", "async parts", "streaming"),
        *("async streaming", "object", "method"),
    ]
    with_id = [record["message"] for record in kept.records if record["requestId"] == REQUEST_ID]
    assert len(with_id) == 8


def test_a_handler_may_be_called_as_tests_call_it(kept: Kept) -> None:
    @invocation(cold_start=False)
    def handler(event: Any, context: Any, table: str = "orders") -> str:
        log.info("m")
        return f"{event} {table}"

    @invocation()
    def alone(event: Any) -> Any:
        return event

    @invocation()
    async def coroutine(event: Any, context: Any) -> Any:
        return event

    @invocation()
    def parts(event: Any, context: Any) -> Iterator[Any]:
        yield event

    context = request()
    assert handler(1, context) == "1 orders"
    assert handler(event=1, context=context) == "1 orders"
    assert handler(1, context=context, table="t") == "1 t"
    assert [record["requestId"] for record in kept.records] == [REQUEST_ID] * 3
    assert alone(event=1) == 1
    assert asyncio.run(coroutine(event=1, context=context)) == 1
    assert [*parts(1, context=context)] == [1]


def test_a_partial_is_decorated_as_what_it_is_of(kept: Kept) -> None:
    async def handler(event: Any, context: Any, table: str, *, fast: bool = False) -> str:
        await asyncio.sleep(0)
        log.info("m")
        return f"{event} {table} {fast}"

    async def first(table: str, event: Any, context: Any) -> str:
        return await handler(event, context, table)

    class Handlers:
        def method(self, event: Any, stream: Any, context: Any) -> str:
            log.info("m")
            return f"{event} {stream}"

    context = request()
    decorate = invocation(cold_start=False)
    assert asyncio.run(decorate(partial(handler, table="t", fast=True))(1, context)) == "1 t True"
    assert asyncio.run(decorate(partial(first, "t"))(1, context)) == "1 t False"
    assert decorate(partial(Handlers().method))(1, "stream", context) == "1 stream"
    assert decorate(int)("7", 8) == 7
    assert [record["requestId"] for record in kept.records] == [REQUEST_ID] * 3


def test_whatever_stands_for_a_handler_is_called_as_it_wants(kept: Kept) -> None:
    def alone(event: Any) -> str:
        log.info("m")
        return str(event)

    @types.coroutine
    def awaitable(event: Any) -> Generator[None, None, str]:
        log.info("m")
        yield
        return str(event)

    class Handlers:
        @staticmethod
        def static(event: Any, context: Any) -> str:  # noqa: ARG004 (a handler)
            log.info("m")
            return str(event)

        def __call__(self, event: Any) -> str:
            return alone(event)

        def __getattr__(self, name: str) -> Handlers:
            return self

    context = request()
    decorate: Any = invocation(cold_start=False)
    static: Any = Handlers.__dict__["static"]
    named: Any = partial(lambda event, context: f"{event} {alone(context)}", context="c")
    assert decorate(static)(1, context) == "1"
    assert decorate(named)(1, context) == "1 c"
    assert decorate(Handlers())(1, context) == "1"
    assert decorate(cache(alone))(1, context) == "1"
    assert asyncio.run(decorate(AsyncMock(side_effect=alone))(1)) == "1"
    assert asyncio.run(decorate(awaitable)(1, context)) == "1"
    assert [record["requestId"] for record in kept.records] == [*[REQUEST_ID] * 4, "", REQUEST_ID]


def test_the_runtimes_own_request_is_used(kept: Kept, in_request: Any) -> None:
    in_request.tenant_id, in_request.trace_id = "blue", "Root=1"

    @invocation()
    def handler(event: Any, context: Any) -> None:
        log.info("m")

    handler({}, SimpleNamespace(aws_request_id=REQUEST_ID))
    assert (kept.record["tenantId"], kept.record["traceId"]) == ("blue", "Root=1")


def work(*, fails: bool = False, says: bool = False) -> None:
    log.trace("too low")
    log.debug("kept by log", n=1)
    other.debug("kept by logging")
    log.info("info")
    if says:
        log.error("error")
    log.debug("last")
    if fails:
        raise ValueError("v")


@pytest.mark.parametrize("level", ["", "INFO"])
def test_kept_records_are_dropped_when_all_goes_well(start_log: StartLog, level: str) -> None:
    kept = start_log("JSON", level)

    @invocation(buffer="DEBUG")
    def handler(event: Any, context: Any) -> None:
        work()

    handler({}, request())
    assert messages(kept) == ["info"]
    assert logging.getLogger().level == (20 if level else 30)
    assert settings.floor == settings.level
    log.debug("after")
    other.debug("after")
    assert messages(kept) == ["info"]


def test_kept_records_are_written_before_an_error(start_log: StartLog) -> None:
    kept = start_log("JSON", "INFO")

    @invocation(buffer="debug")
    def handler(event: Any, context: Any) -> None:
        work(says=True)

    handler({}, request())
    assert messages(kept) == ["info", "kept by log", "kept by logging", "error"]
    assert {record["requestId"] for record in kept.records} == {REQUEST_ID}
    times = [record["timestamp"] for record in kept.records]
    assert times[1] <= times[0] <= times[3]  # each record has the time when it was made


@pytest.mark.parametrize("format", ["JSON", "Text"])
def test_kept_records_are_written_when_the_handler_raises(
    start_log: StartLog,
    format: str,  # noqa: A002
) -> None:
    kept = start_log(format, "INFO")

    @invocation(buffer="DEBUG")
    def handler(event: Any, context: Any) -> None:
        work(fails=True)

    with pytest.raises(ValueError, match="v"):
        handler({}, request())
    assert len(kept.lines) == 4
    assert "last" in kept.lines[-1]


def test_kept_records_are_as_things_were(start_log: StartLog) -> None:
    kept = start_log("JSON", "INFO")
    state = {"step": 1}

    @invocation(buffer="DEBUG")
    def handler(event: Any, context: Any) -> None:
        log.debug(state)
        state["step"] = 2
        log.error(state)

    handler({}, request())
    assert [record["message"]["step"] for record in kept.records] == [1, 2]


def test_a_buffer_drops_its_oldest_records(start_log: StartLog) -> None:
    kept = start_log("JSON", "INFO")

    @invocation(buffer="DEBUG", buffer_bytes=2000)
    def handler(event: Any, context: Any) -> None:
        for n in range(100):
            log.debug(n)
        log.error("error")

    handler({}, request())
    first, *others, last = kept.records
    assert first["message"].startswith("The buffer of records was too small")
    assert first["lost"] + len(others) == 100
    assert [record["message"] for record in others] == list(range(first["lost"], 100))
    assert last["message"] == "error"


def test_concurrent_invocations_keep_their_own(start_log: StartLog) -> None:
    kept = start_log("JSON", "INFO")

    async def main() -> None:
        barrier = asyncio.Barrier(10)

        @invocation(buffer="DEBUG")
        async def handler(event: int, context: Any) -> None:
            log.debug(event)
            await barrier.wait()
            other.debug(event)
            await barrier.wait()
            if event == 3:
                log.error("error")

        await asyncio.gather(*(handler(n, request(f"id-{n}")) for n in range(10)))

    asyncio.run(main())
    assert [str(record["message"]) for record in kept.records] == ["3", "3", "error"]
    assert {record["requestId"] for record in kept.records} == {"id-3"}


class Waiting(Kept):
    """A sink that tells when a record was written."""

    def __init__(self, awaited: str) -> None:
        super().__init__()
        self.awaited = awaited
        self.written = threading.Event()

    def write(self, record: bytes, level: str | None, *, json: bool, time_ns: int) -> None:
        super().write(record, level, json=json, time_ns=time_ns)
        if self.awaited.encode() in record:
            self.written.set()


def test_kept_records_are_written_before_a_timeout(start_log: StartLog) -> None:
    sink = Waiting("about to run out of time")
    start_log("JSON", "INFO", sink=sink)

    @invocation(buffer="DEBUG", seconds_before_timeout=1)
    def handler(event: Any, context: Any) -> None:
        log.debug("kept")
        assert sink.written.wait(30)
        log.debug("the last thing that it did")  # now the process may be killed at any time

    handler({}, request(get_remaining_time_in_millis=lambda: 1000))
    assert messages(sink) == [
        *("kept", "The invocation is about to run out of time", "the last thing that it did")
    ]
    assert [record["requestId"] for record in sink.records] == [REQUEST_ID] * 3


def test_work_that_is_left_over_keeps_nothing(start_log: StartLog) -> None:
    kept = start_log("JSON", "INFO")

    async def main() -> None:
        ended, tasks = asyncio.Event(), []

        async def left_over() -> None:
            await ended.wait()
            log.debug("too late")
            log.error("error of A")

        @invocation(buffer="DEBUG")
        async def handler(event: Any, context: Any) -> None:
            tasks.append(asyncio.create_task(left_over()))

        await handler({}, request("A"))
        ended.set()
        await tasks[0]

    asyncio.run(main())
    assert messages(kept) == ["error of A"]
    assert kept.record["requestId"] == "A"


@pytest.mark.parametrize(("share", "written"), [(1.0, 3), (0.0, 1)])
def test_a_share_of_invocations_is_logged_in_detail(
    start_log: StartLog, share: float, written: int
) -> None:
    kept = start_log("JSON", "INFO")
    quiet = logging.getLogger("quiet")
    quiet.setLevel("ERROR")

    @invocation(sample=share)
    def handler(event: Any, context: Any) -> None:
        log.debug("m")
        other.debug("m")
        quiet.debug("never")
        log.info("m")

    handler({}, request())
    log.debug("after")
    assert len(kept.records) == written


def test_a_logger_of_its_own_level_is_not_held_back(start_log: StartLog) -> None:
    kept = start_log("JSON", "WARN")
    loud = logging.getLogger("loud")
    loud.setLevel("DEBUG")

    @invocation(buffer="DEBUG")
    def handler(event: Any, context: Any) -> None:
        loud.debug("as ever")
        other.debug("kept")

    handler({}, request())
    assert messages(kept) == ["as ever"]


def test_a_level_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(ValueError, match="'LOUD'"):
        invocation(buffer="LOUD")


RETURNED = {
    "a coroutine": "handler = around(work)",
    "an object with __await__": """
        class Later:
            def __await__(self): return work({}, None).__await__()
        handler = lambda event, context: Later()
    """,
    "a task": "handler = lambda event, context: asyncio.get_event_loop().create_task(work({}, 0))",
    "an async generator": """
        async def parts(event, context):
            log.debug("kept", n=1)
            yield 1
            log.debug("kept", n=2)
            raise ValueError
        handler = around(parts)
    """,
    "an async iterable": """
        class Parts:
            async def __aiter__(self):
                log.debug("kept", n=1)
                yield 1
                log.debug("kept", n=2)
                raise ValueError
        handler = lambda event, context: Parts()
    """,
    "a generator": """
        def parts(event, context):
            log.debug("kept", n=1)
            yield 1
            log.debug("kept", n=2)
            raise ValueError
        handler = around(parts)
    """,
}
RUN_LATER = """
import asyncio
from functools import wraps
from lambda_logging import invocation, log

def around(inner):
    @wraps(inner)
    def wrapper(event, context): return inner(event, context)
    return wrapper

async def work(event, context):
    log.debug("kept", n=1)
    await asyncio.sleep(0)
    log.debug("kept", n=2)
    raise ValueError

{source}

async def finish(value):
    if hasattr(value, "__await__"):
        await value
    async for _ in value:
        pass

loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)
handler = invocation(buffer="DEBUG")(handler)
try:
    value = handler({{}}, None)
    list(value) if hasattr(value, "__next__") else loop.run_until_complete(finish(value))
except ValueError:
    log.info("end")
"""


@pytest.mark.parametrize("source", RETURNED.values(), ids=list(RETURNED))
def test_an_invocation_ends_with_what_a_def_has_returned(on_lambda: OnLambda, source: str) -> None:
    records = on_lambda(RUN_LATER.format(source=dedent(source)))
    assert [record.get("n") for record in records] == [1, 2, None]
    assert [record.get("coldStart") for record in records] == [True, True, None]


def test_a_result_that_only_looks_like_an_awaitable_is_returned_as_it_is() -> None:
    class Late(dict[str, int]):
        def __await__(self) -> Any:
            raise NotImplementedError

    for value in (Late(), MagicMock(), Future[int](), iter([1])):
        handler: Any = invocation()(lambda event, context, value=value: value)
        assert handler({}, None) is value
