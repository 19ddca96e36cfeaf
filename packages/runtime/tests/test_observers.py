"""Observers: they see the true end of each invocation, and change nothing."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from lambda_runtime import (
    Context,
    Fault,
    HttpPrelude,
    Outcome,
    current_context,
    init_duration,
)
from lambda_runtime.in_process import InProcess, Sent
from lambda_testing import Function, LambdaProcess, faults

from .test_in_process import HEADERS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Generator, Iterator
    from pathlib import Path

    from lambda_testing import FakeRuntimeAPI

    from .conftest import FunctionProcess


class Seen:
    """An observer, and all that it has seen."""

    def __init__(self) -> None:
        self.events: list[Any] = []
        self.outcomes: list[Outcome] = []

    def __call__(self, event: Any, context: Context) -> Generator[None, Outcome, None]:
        self.events.append(event)
        self.outcomes.append((yield))


def invoke(handler: Any, body: bytes = b"{}", **options: Any) -> tuple[Sent, Outcome]:
    seen = Seen()
    sent = observed(handler, seen, body=body, **options)
    (outcome,) = seen.outcomes
    return sent, outcome


def observed(handler: Any, *observers: Any, body: bytes = b"{}", **options: Any) -> Sent:
    process = InProcess(handler, observers=observers, **options)
    if not process.is_async:
        with process:
            return process.invoke(HEADERS, body)

    async def run() -> Sent:
        async with process:
            return await process.invoke_async(HEADERS, body)

    return asyncio.run(run())


def one(event: Any) -> Any:
    return {"got": event}


async def one_async(event: Any) -> Any:
    await asyncio.sleep(0)
    return {"got": event}


def parts(event: Any) -> Iterator[str]:
    yield "ab"
    yield "cde"


async def parts_async(event: Any) -> AsyncIterator[str]:
    yield "ab"
    await asyncio.sleep(0)
    yield "cde"


def writes(event: Any, stream: Any, context: Context) -> None:
    stream.write("abcde")


async def writes_async(event: Any, stream: Any, context: Context) -> None:
    await stream.write("abcde")


@pytest.mark.parametrize("handler", [one, one_async])
def test_an_outcome_has_the_result(handler: Any) -> None:
    sent, outcome = invoke(handler, b"[1]")
    assert sent.body == b'{"got":[1]}'
    assert (outcome.value, outcome.error) == ({"got": [1]}, None)
    assert (outcome.streamed, outcome.bytes_sent) == (False, len(sent.body))


def sets_a_prelude(event: Any, stream: Any, context: Context) -> None:
    stream.prelude = HttpPrelude(204)


async def sets_a_prelude_async(event: Any, stream: Any, context: Context) -> None:
    stream.prelude = HttpPrelude(204)


@pytest.mark.parametrize("handler", [sets_a_prelude, sets_a_prelude_async])
def test_a_prelude_without_a_body_is_a_part_of_the_size(handler: Any) -> None:
    sent, outcome = invoke(handler)
    assert outcome.bytes_sent == len(sent.body) > 0


def test_an_outcome_does_not_change() -> None:
    _, outcome = invoke(one)
    for name in ("value", "error", "streamed", "bytes_sent"):
        with pytest.raises(AttributeError, match="does not change"):
            setattr(outcome, name, None)
    assert outcome.value == {"got": {}}


@pytest.mark.parametrize("handler", [parts, parts_async, writes, writes_async])
def test_an_outcome_has_the_size_of_a_stream(handler: Any) -> None:
    _, outcome = invoke(handler)
    assert (outcome.value, outcome.error) == (None, None)
    assert (outcome.streamed, outcome.bytes_sent) == (True, 5)


ERROR = ValueError("no")


def fails(event: Any) -> Any:
    raise ERROR


async def fails_async(event: Any) -> Any:
    await asyncio.sleep(0)
    raise ERROR


@pytest.mark.parametrize("handler", [fails, fails_async])
def test_an_outcome_has_the_error(handler: Any) -> None:
    sent, outcome = invoke(handler)
    assert sent.kind == "error"
    assert outcome.error is ERROR
    assert (outcome.value, outcome.streamed, outcome.bytes_sent) == (None, False, 0)


def breaks(event: Any) -> Iterator[str]:
    yield "abc"
    raise ERROR


async def breaks_async(event: Any) -> AsyncIterator[str]:
    yield "abc"
    raise ERROR


@pytest.mark.parametrize("handler", [breaks, breaks_async])
def test_a_stream_that_breaks_off_has_both(handler: Any) -> None:
    _, outcome = invoke(handler)
    assert outcome.error is ERROR
    assert (outcome.streamed, outcome.bytes_sent) == (True, 3)


@pytest.mark.parametrize("handler", [lambda event: {1, 2}, lambda event: sys.exit(3)])
def test_failures_of_every_kind_are_seen(handler: Any) -> None:
    sent, outcome = invoke(handler)
    assert outcome.error is sent.raised is not None


def test_a_response_that_lambda_refuses_has_an_error() -> None:
    sent, outcome = invoke(lambda event: "x" * 7_000_000)
    assert sent.status == 413
    assert "status 413" in str(outcome.error)
    assert (outcome.value, outcome.bytes_sent) == (None, 0)


def test_a_timeout_is_seen() -> None:
    async def sleeps(event: Any) -> None:
        await asyncio.sleep(60)

    seen = Seen()

    async def run() -> None:
        process = InProcess(sleeps, observers=[seen], deadline_margin=0.0)
        headers = {**HEADERS, "lambda-runtime-deadline-ms": str(int(_now_ms() + 50))}
        async with process:
            await process.invoke_async(headers, b"{}")

    asyncio.run(run())
    (outcome,) = seen.outcomes
    assert isinstance(outcome.error, Fault)
    assert outcome.error.error_type == "Sandbox.Timedout"


def _now_ms() -> float:
    return time.time() * 1000


@attrs.frozen
class Order:
    id: int


def test_they_get_the_decoded_event_or_the_bytes_of_a_wrong_one() -> None:
    def handler(event: Order) -> int:
        return event.id

    seen = Seen()
    with InProcess(handler, observers=[seen]) as process:
        process.invoke(HEADERS, b'{"id":1}')
        process.invoke(HEADERS, b'{"id":"one"}')
    assert seen.events == [Order(1), b'{"id":"one"}']
    assert seen.outcomes[0].error is None
    assert isinstance(seen.outcomes[1].error, Fault)


def test_they_see_the_result_of_the_middleware() -> None:
    def twice(event: Any, context: Context, call_next: Callable[..., Any]) -> Any:
        return call_next(event + event, context)

    _, outcome = invoke(lambda event: event, b'"ab"', middleware=[twice])
    assert outcome.value == "abab"


VARIABLE: ContextVar[str] = ContextVar("VARIABLE", default="outside")


def sets_variable(event: Any, context: Context) -> Generator[None, Outcome, None]:
    assert current_context() is context
    token = VARIABLE.set("inside")
    yield
    assert VARIABLE.get() == "inside"
    VARIABLE.reset(token)


async def reads_variable(event: Any) -> str:
    async def child() -> str:
        return VARIABLE.get()

    return await asyncio.create_task(child())


@pytest.mark.parametrize("handler", [lambda event: VARIABLE.get(), reads_variable])
def test_they_run_in_the_context_of_the_invocation(
    handler: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert observed(handler, sets_variable).body == b'"inside"'
    assert VARIABLE.get() == "outside"
    assert capsys.readouterr().out == ""


def test_the_next_invocation_has_nothing_of_their_context(
    api: FakeRuntimeAPI, start: Callable[..., FunctionProcess]
) -> None:
    start(
        """
        from contextvars import ContextVar
        from lambda_runtime import register_observer
        variable = ContextVar("variable", default=None)
        before = []
        @register_observer
        def observe(event, context):
            before.append(variable.get())
            variable.set("observed")
            yield
        def handler(event):
            return [*before, variable.get()]
        """
    )
    assert api.invoke({}).json() == [None, "observed"]
    assert api.invoke({}).json() == [None, None, "observed"]


def raises_first(event: Any, context: Context) -> Generator[None, Outcome, None]:
    if event is not None:
        raise RuntimeError("first half")
    yield


def raises_last(event: Any, context: Context) -> Generator[None, Outcome, None]:
    yield
    raise RuntimeError("second half")


def exits(event: Any, context: Context) -> Generator[None, Outcome, None]:
    yield
    sys.exit("second half")


def yields_twice(event: Any, context: Context) -> Generator[None, Outcome, None]:
    yield
    yield


class Unprintable:
    def __repr__(self) -> str:
        raise RuntimeError("no repr")

    def __call__(self, event: Any, context: Context) -> Generator[None, Outcome, None]:
        yield
        yield


class UnprintableError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no str")

    __repr__ = __str__


def raises_unprintable(event: Any, context: Context) -> Generator[None, Outcome, None]:
    yield
    raise UnprintableError


def changes_the_outcome(event: Any, context: Context) -> Generator[None, Outcome, None]:
    outcome = yield
    outcome.error = ValueError()


def is_not_a_generator(event: Any, context: Context) -> None:
    return None


async def is_async(event: Any, context: Context) -> None:
    return None


async def is_an_async_generator(event: Any, context: Context) -> AsyncIterator[None]:
    yield


@pytest.mark.parametrize(
    ("observer", "message"),
    [
        (raises_first, "first half"),
        (raises_last, "second half"),
        (exits, "second half"),
        (yields_twice, "has yielded twice"),
        (Unprintable(), "no repr"),
        (raises_unprintable, "UnprintableError"),
        (changes_the_outcome, "does not change"),
        (is_not_a_generator, "is not a generator function"),
        (is_async, "is not a generator function"),
        (is_an_async_generator, "is not a generator function"),
        (lambda event, context: [], "is not a generator function"),
        (lambda event: iter(()), "positional argument"),
    ],
)
@pytest.mark.parametrize("handler", [one, one_async])
def test_one_that_fails_is_logged_and_changes_nothing(
    handler: Any, observer: Any, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    seen = Seen()
    sent = observed(handler, observer, seen)
    assert (sent.kind, sent.body, sent.raised) == ("response", b'{"got":{}}', None)
    assert [outcome.error for outcome in seen.outcomes] == [None]
    assert message in capsys.readouterr().out


def test_one_that_returns_before_its_yield_does_not_see_the_end(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def leaves(event: Any, context: Context) -> Generator[None, Outcome, None]:
        if event == {}:
            return
        yield

    with InProcess(one, observers=[leaves]) as process:
        assert process.invoke(HEADERS, b"{}").kind == "response"
    assert capsys.readouterr().out == ""


PROGRAM = """
import os, sys
from lambda_runtime import function, register_observer

def say(name):
    def observer(event, context):
        print(name, "in", flush=True)
        outcome = yield
        print(name, "out", outcome.value, type(outcome.error).__name__, outcome.streamed,
              outcome.bytes_sent, flush=True)
    return observer

register_observer(say("process"))

def around(event, context, call_next):
    print("middleware", flush=True)
    return call_next(event, context)

@function(observers=[say("outer"), say("inner")], middleware=[around])
def handler(event, context):
    context.after_response(print, "after response", flush=True)
    if event == "exit":
        sys.exit(3)
    return event
"""


def test_they_end_after_the_delivery_in_reverse(
    api: FakeRuntimeAPI, start: Callable[..., FunctionProcess]
) -> None:
    process = start(PROGRAM)
    assert api.invoke([1]).json() == [1]
    api.wait_for_poll()
    assert process.kill().splitlines() == [
        "process in",
        "outer in",
        "inner in",
        "middleware",
        "inner out [1] NoneType False 3",
        "outer out [1] NoneType False 3",
        "process out [1] NoneType False 3",
        "after response",
    ]


BEFORE_FREEZE = """
import asyncio
from lambda_runtime import current_context, function, register_before_freeze, register_observer

@register_observer
def observer(event, context):
    yield
    print("end")

@register_before_freeze
def fail(context):
    print("before freeze", context is current_context())
    raise KeyError("of a hook")

@register_before_freeze
def prints(context):
    print("the next hook", end="")

async def endless():
    try:
        await asyncio.sleep(60)
    finally:
        print("the task")

async def handle(event, context):
    context.after_response(print, "after response")
    task = asyncio.create_task(endless())
    await asyncio.sleep(0)
    return event
"""


@pytest.mark.parametrize(
    "source",
    ["handler = handle", "def handler(event, context): return handle(event, context)"],
)
def test_hooks_before_the_freeze_come_last(
    api: FakeRuntimeAPI, start: Callable[..., FunctionProcess], source: str
) -> None:
    process = start(f"{BEFORE_FREEZE}\n{source}", PYTHONUNBUFFERED="")
    assert api.invoke([1]).json() == [1]
    api.wait_for_poll()
    lines = process.kill().splitlines()
    end, after, warning, task, hook, failure, *_, last = lines
    assert (end, after, task, hook) == ("end", "after response", "the task", "before freeze True")
    assert "[WARN]" in warning
    assert "KeyError" in failure
    assert last == "the next hook"


@pytest.mark.parametrize("define", ["def", "async def"])
def test_nothing_that_they_print_is_held_back(
    api: FakeRuntimeAPI, start: Callable[..., FunctionProcess], define: str
) -> None:
    source = f"""
        import sys
        from lambda_runtime import function
        def unfinished(event, context):
            yield
            sys.stdout.write("without an end of line")
        @function(observers=[unfinished])
        {define} handler(event): return event
        """
    process = start(source, PYTHONUNBUFFERED="")
    assert api.invoke(1).json() == 1
    api.wait_for_poll()
    assert process.kill() == "without an end of line"


REFUSED = {
    "def handler(event): return event": "None RuntimeAPIError False 0",
    "async def handler(event): return event": "None RuntimeAPIError False 0",
    "def handler(event): yield 'abc'": "None RuntimeAPIError True 3",
    "async def handler(event): yield 'abc'": "None RuntimeAPIError True 3",
}


@pytest.mark.parametrize("source", REFUSED)
@pytest.mark.parametrize("status", [400, 410, 413, 500])
def test_they_see_that_a_response_is_refused(
    api: FakeRuntimeAPI, start: Callable[..., FunctionProcess], source: str, status: int
) -> None:
    head, _, _ = PROGRAM.partition("def around")
    process = start(f"{head}{source}")
    api.wait_for_poll()
    api.fail_next("response", faults.refuse(status))
    _ = api.enqueue("text")
    ends = (line.decode().rstrip() for line in process.popen.stdout or ())
    end = next(line for line in ends if line.startswith("process out"))
    assert end == f"process out {REFUSED[source]}"


def test_they_see_what_ends_the_process(
    api: FakeRuntimeAPI, start: Callable[..., FunctionProcess]
) -> None:
    process = start(PROGRAM)
    assert api.invoke("exit").json()["errorType"] == "SystemExit"
    code, out, _ = process.wait()
    assert code == 3
    assert "process out None SystemExit False 0" in out.splitlines()


@pytest.mark.skipif(sys.platform != "linux", reason="Lambda Managed Instances are Linux's")
@pytest.mark.parametrize("define", ["def", "async def"])
def test_they_run_where_invocations_run_side_by_side(define: str, tmp_path: Path) -> None:
    source = PROGRAM.replace("def handler", f"{define} handler").replace(
        ", middleware=[around]", ""
    )
    (tmp_path / "app.py").write_text(source)
    function = Function(max_concurrency=4)
    output = tmp_path / "output"
    with LambdaProcess("app.handler", cwd=tmp_path, function=function, output=output) as process:
        for number in range(8):
            assert process.invoke(number).value == number
        process.shut_down()
    ends = [line for line in process.output.splitlines() if line.startswith("process out")]
    assert sorted(ends) == [f"process out {number} NoneType False 1" for number in range(8)]


def test_a_function_without_observers_loads_nothing_for_them(
    api: FakeRuntimeAPI, start: Callable[..., FunctionProcess]
) -> None:
    start("import sys\ndef handler(event): return 'lambda_runtime._observation' in sys.modules")
    assert api.invoke({}).json() is False


def with_prelude(event: Any) -> Iterator[HttpPrelude | str]:
    yield HttpPrelude(404)
    yield "gone"


async def with_prelude_async(event: Any) -> AsyncIterator[HttpPrelude | str]:
    yield HttpPrelude(404)
    yield "gone"


@pytest.mark.parametrize("handler", [with_prelude, with_prelude_async])
def test_the_prelude_of_a_streamed_response_is_told(handler: Any) -> None:
    _, outcome = invoke(handler)
    assert outcome.prelude == HttpPrelude(404)


@pytest.mark.parametrize("handler", [one, one_async, parts, parts_async])
def test_other_responses_have_no_prelude(handler: Any) -> None:
    _, outcome = invoke(handler)
    assert outcome.prelude is None


@pytest.mark.parametrize("body", [b'{"a": [1]}', b"{", b"text"])
def test_the_event_is_there_as_it_came(body: bytes) -> None:
    seen: list[bytes] = []

    def observer(event: Any, context: Context) -> Generator[None, Outcome, None]:
        seen.append(context.raw_event)
        yield

    observed(one, observer, body=body)
    assert seen == [body]


@pytest.mark.parametrize("annotation", [dict, Order, list, str])
def test_the_event_is_there_as_json_has_it(annotation: Any) -> None:
    seen: list[Any] = []

    def observer(event: Any, context: Context) -> Generator[None, Outcome, None]:
        seen.append(context.json_event)
        yield
        seen.append(context.json_event)  # no longer

    def handler(event: Any) -> None: ...

    handler.__annotations__["event"] = annotation
    observed(handler, observer, body=b'{"id": 1}')
    assert seen == [{"id": 1}, None]


def test_how_long_the_start_took(
    api: FakeRuntimeAPI, start: Callable[..., FunctionProcess]
) -> None:
    start(
        """
        import time
        from lambda_runtime import init_duration
        time.sleep(0.2)
        at_start = init_duration()
        def handler(event): return [at_start, init_duration()]
        """
    )
    begin = time.monotonic()
    first, second = (api.invoke({}) for _ in range(2))
    at_start, duration = json.loads(first.body)
    assert at_start is None
    assert 0.2 <= duration <= time.monotonic() - begin + 1
    assert json.loads(second.body)[1] == pytest.approx(duration, abs=0.05)


def test_without_a_start_nobody_knows_how_long_it_took() -> None:
    assert init_duration() is None
