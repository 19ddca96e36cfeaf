"""Handlers that are not an `async def`, and return what has to be awaited or streamed."""

from __future__ import annotations

import os
import signal
import time
from textwrap import dedent, indent
from typing import TYPE_CHECKING

import pytest

from lambda_testing import FakeRuntimeAPI, Function

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lambda_testing import Invoker

    from .conftest import FunctionProcess

PREAMBLE = """
import asyncio, functools, os, sys, types
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from lambda_runtime import Context, current_context, function, run

async def work(event, context=None):
    await asyncio.sleep(0)
    return [event, id(asyncio.get_running_loop())]

def plain(handler):
    @functools.wraps(handler)
    def wrapper(event, context):
        return handler(event, context)
    return wrapper
"""

RETURNED = {
    "a decorator with functools.wraps": """
        @plain
        async def handler(event, context): return await work(event)
    """,
    "a decorator without functools.wraps": """
        def bare(inner): return lambda event, context: inner(event, context)
        @bare
        async def handler(event, context): return await work(event)
    """,
    "two decorators": """
        @plain
        @plain
        async def handler(event, context): return await work(event)
    """,
    "a lambda": "handler = lambda event, context: work(event)",
    "a lambda with one argument": "handler = lambda event: work(event)",
    "a partial of a decorated function": """
        @plain
        async def inner(event, context): return await work(event)
        handler = functools.partial(inner)
    """,
    "a partial of a lambda": "handler = functools.partial(lambda a, event, c: work(event), 1)",
    "a class with a sync __call__": """
        class Handler:
            def __call__(self, event, context): return work(event)
        handler = Handler()
    """,
    "a method": """
        class Handler:
            def handle(self, event, context): return work(event)
        handler = Handler().handle
    """,
    "a partialmethod": """
        class Handler:
            def handle(self, a, event, context): return work(event)
            handle_1 = functools.partialmethod(handle, 1)
        handler = Handler().handle_1
    """,
    "a decorated method": """
        class Handler:
            @classmethod
            @plain_method
            async def handle(cls, event, context): return await work(event)
        handler = Handler.handle
    """,
    "singledispatch": """
        @functools.singledispatch
        async def handler(event, context): return await work(event)
    """,
    "wrapt": """
        import wrapt
        @wrapt.decorator
        def through(wrapped, instance, args, kwargs): return wrapped(*args, **kwargs)
        @through
        async def handler(event, context): return await work(event)
    """,
    "a future": """
        def handler(event, context): return asyncio.ensure_future(work(event))
    """,
    "gather": """
        async def both(event): return [(await asyncio.gather(work(event)))[0][0], await loop()]
        async def loop(): return id(asyncio.get_running_loop())
        def handler(event, context): return asyncio.gather(echo(event), loop())
        async def echo(event): return event
    """,
    "a task of the current event loop": """
        def handler(event, context): return asyncio.get_event_loop().create_task(work(event))
    """,
    "an object with __await__": """
        class Later:
            def __init__(self, event): self.event = event
            def __await__(self): return work(self.event).__await__()
        def handler(event, context): return Later(event)
    """,
    "a generator by types.coroutine": """
        @plain
        @types.coroutine
        def handler(event, context):
            return (yield from work(event).__await__())
    """,
    "a dataclass with __await__": """
        from dataclasses import dataclass
        @dataclass
        class Later:
            event: object
            def __await__(self): return work(self.event).__await__()
        def handler(event, context): return Later(event)
    """,
    "one that is marked": """
        import inspect
        @plain
        async def handler(event, context): return await work(event)
        if sys.version_info >= (3, 12): inspect.markcoroutinefunction(handler)
    """,
    "a context manager as a decorator": """
        @contextmanager
        def around(): yield
        @around()
        async def handler(event, context): return await work(event)
    """,
    "an async context manager as a decorator": """
        @asynccontextmanager
        async def around():
            await asyncio.sleep(0)
            yield
        @around()
        async def handler(event, context): return await work(event)
    """,
    "singledispatchmethod": """
        class Handler:
            @functools.singledispatchmethod
            def handle(self, event, context): return work(event)
            @handle.register
            def _(self, event: int, context): return work(event)
        handler = Handler().handle
    """,
    "a staticmethod object": """
        class Handler:
            @staticmethod
            async def handle(event, context): return await work(event)
        handler = plain(vars(Handler)["handle"])
    """,
    "a slotted wrapper that hides what it wraps": """
        class Wrapper:
            __slots__ = ("inner",)
            def __init__(self, inner): self.inner = inner
            def __call__(self, *args, **kwargs): return self.inner(*args, **kwargs)
        @Wrapper
        async def handler(event, context): return await work(event)
    """,
}
EXTRA = """
def plain_method(method):
    @functools.wraps(method)
    def wrapper(self, event, context): return method(self, event, context)
    return wrapper
"""


def source(text: str) -> str:
    return PREAMBLE + EXTRA + dedent(text)


# Those that are found asynchronous before they are called, and those that are not; the rest differs
# in what a call returns.
STARTED = [
    "a decorator with functools.wraps",
    "a lambda",
    "a class with a sync __call__",
    "a partial of a decorated function",
    "wrapt",
    "a future",
]


def check_one_event_loop(api: FakeRuntimeAPI, *more: str) -> None:
    answers = [api.invoke([number, *more]).json() for number in range(3)]
    assert [number for (number, *_), _ in answers] == [0, 1, 2]
    assert len({loop for _, loop in answers}) == 1


@pytest.mark.parametrize("case", STARTED)
def test_what_it_returns_is_awaited_on_one_event_loop(
    case: str, api: FakeRuntimeAPI, start: Callable[..., FunctionProcess]
) -> None:
    start(source(RETURNED[case]), "-W", "ignore", "-m", "lambda_runtime", "app.handler")
    check_one_event_loop(api)


def by_name(sources: dict[str, str]) -> str:
    """Return a module whose handler calls that one of others which the event names."""
    texts = {name: dedent(text) for name, text in sources.items()}
    return f"""{source("")}
handlers = {{}}
for name, source in {texts}.items():
    namespace = dict(globals())
    exec(source, namespace)
    handlers[name] = namespace["handler"]
def handler(event, context):
    inner = handlers[event[1]]
    try: return inner(event, context)
    except TypeError: return inner(event)
"""


@pytest.mark.parametrize("case", RETURNED)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_test_in_process_awaits_it_too(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, invoke: Invoker
) -> None:
    name = f"awaitable_{sorted(RETURNED).index(case)}"
    (tmp_path / f"{name}.py").write_text(source(RETURNED[case]), encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    for event in range(2):
        assert invoke(f"{name}.handler", event).value[0] == event


STREAMED = {
    "a decorated async generator": """
        @plain
        async def handler(event, context):
            yield "a"
            await asyncio.sleep(0)
            yield event
    """,
    "a lambda": """
        async def parts(event):
            yield "a"
            yield event
        handler = lambda event: parts(event)
    """,
    "an async iterator after await": """
        async def parts(event):
            yield "a"
            yield event
        async def later(event): return parts(event)
        handler = lambda event: later(event)
    """,
    "an object with __aiter__ and __anext__": """
        class Parts:
            def __init__(self, event): self.parts = ["a", event]
            def __aiter__(self): return self
            async def __anext__(self):
                if not self.parts: raise StopAsyncIteration
                return self.parts.pop(0)
        def handler(event, context): return Parts(event)
    """,
    "an object with __anext__ alone": """
        class Parts:
            def __init__(self, event): self.parts = ["a", event]
            async def __anext__(self):
                if not self.parts: raise StopAsyncIteration
                return self.parts.pop(0)
        def handler(event, context): return Parts(event)
    """,
    "an object with __aiter__ alone": """
        class Parts:
            def __init__(self, event): self.event = event
            async def __aiter__(self):
                yield "a"
                yield self.event
        def handler(event, context): return Parts(event)
    """,
    "three arguments and a decorator": """
        def through(inner):
            @functools.wraps(inner)
            def wrapper(event, stream, context): return inner(event, stream, context)
            return wrapper
        @through
        async def handler(event, stream, context):
            await stream.write("a")
            await asyncio.sleep(0)
            await stream.write(event)
            await stream.flush()
    """,
    "three arguments and a lambda": """
        async def write(event, stream):
            await stream.write("a")
            await stream.write(event)
        handler = lambda event, stream, context: write(event, stream)
    """,
    "three arguments and asyncio.run": """
        async def write(event, stream):
            await stream.write("a")
            await stream.write(event)
        handler = lambda event, stream, context: asyncio.run(write(event, stream))
    """,
}


@pytest.mark.parametrize(
    "case",
    [name for name in STREAMED if "three" in name or name.startswith("a ")],
)
def test_an_async_iterator_is_streamed(
    case: str, api: FakeRuntimeAPI, start: Callable[..., FunctionProcess]
) -> None:
    start(source(STREAMED[case]))
    for event in ("b", "c"):
        outcome = api.invoke(event)
        assert outcome.kind == "response"
        assert (outcome.body, outcome.headers.get("Lambda-Runtime-Function-Response-Mode")) == (
            f"a{event}".encode(),
            "streaming",
        )


def test_all_kinds_of_async_iterators_are_streamed(
    api: FakeRuntimeAPI, start: Callable[..., FunctionProcess]
) -> None:
    cases = {name: text for name, text in STREAMED.items() if "three" not in name}
    text = by_name(cases).replace("inner(event", "inner(event[0]")
    start(text)
    for case in cases:
        assert api.invoke(["b", case]).body == b"ab", case


PLAIN = {
    "asyncio.run in a decorator": """
        def running(inner):
            @functools.wraps(inner)
            def wrapper(event, context): return asyncio.run(inner(event, context))
            return wrapper
        @running
        async def handler(event, context): return (await work(event))[0]
    """,
    "run_until_complete in a decorator": """
        def running(inner):
            @functools.wraps(inner)
            def wrapper(event, context):
                return asyncio.get_event_loop().run_until_complete(inner(event, context))
            return wrapper
        @running
        async def handler(event, context): return (await work(event))[0]
    """,
    "an event loop that is made and closed in a decorator": """
        def running(inner):
            @functools.wraps(inner)
            def wrapper(event, context):
                loop = asyncio.new_event_loop()
                asyncio.set_event_loop(loop)
                try: return loop.run_until_complete(inner(event, context))
                finally: loop.close()
            return wrapper
        @running
        async def handler(event, context): return (await work(event))[0]
    """,
    "the event loop of the import": """
        loop = asyncio.get_event_loop()
        def handler(event, context):
            found = loop.run_in_executor(None, lambda: event)
            return loop.run_until_complete(found if event % 2 else work_0(event))
        async def work_0(event): return (await work(event))[0]
    """,
    "asyncio.run in a decorator by wrapt": """
        import wrapt
        @wrapt.decorator
        def running(wrapped, instance, args, kwargs): return asyncio.run(wrapped(*args, **kwargs))
        @running
        async def handler(event, context): return (await work(event))[0]
    """,
    "asyncio.run for every second event": """
        @plain
        async def inner(event, context): return (await work(event))[0]
        def handler(event, context):
            return asyncio.run(inner(event, context)) if event % 2 else inner(event, context)
    """,
    "a plain result first": """
        def handler(event, context): return work_0(event) if event else event
        async def work_0(event): return (await work(event))[0]
    """,
    "an awaitable first": """
        def handler(event, context): return event if event else work_0(event)
        async def work_0(event): return (await work(event))[0]
    """,
    "the event loop is closed between": """
        @plain
        async def inner(event, context): return (await work(event))[0]
        def handler(event, context):
            if event == 1: asyncio.get_event_loop().close()
            return inner(event, context)
    """,
}


@pytest.mark.parametrize("case", PLAIN)
def test_a_handler_is_always_called_outside_of_an_event_loop(
    case: str, api: FakeRuntimeAPI, start: Callable[..., FunctionProcess]
) -> None:
    start(source(PLAIN[case]), "-W", "ignore", "-m", "lambda_runtime", "app.handler")
    assert [api.invoke(number).json() for number in range(4)] == [0, 1, 2, 3]


def test_event_loops_that_the_function_closes_are_let_go(
    api: FakeRuntimeAPI, start: Callable[..., FunctionProcess]
) -> None:
    start(
        source("""
        import gc
        async def close(event):
            gc.collect()
            kinds = [type(each).__mro__ for each in gc.get_objects()]
            return sum(asyncio.AbstractEventLoop in kind for kind in kinds)
        def handler(event, context):
            asyncio.get_event_loop().close()
            asyncio.set_event_loop(asyncio.new_event_loop())
            return close(event)
        """),
        "-W",
        "ignore",
        "-m",
        "lambda_runtime",
        "app.handler",
    )
    counts = [api.invoke(number).json() for number in range(6)]
    assert max(counts) <= counts[1]


def test_a_def_handler_that_returns_no_awaitable_never_loads_asyncio(
    api: FakeRuntimeAPI, start: Callable[..., FunctionProcess]
) -> None:
    start(
        """
        import functools, sys
        def around(inner):
            @functools.wraps(inner)
            def wrapper(*args): return inner(*args)
            return wrapper
        class Late(dict):
            "JSON, whatever else it has."
            def __await__(self): raise RuntimeError
            def __aiter__(self): raise RuntimeError
        @around
        def handler(event, context): return Late(loaded="asyncio" in sys.modules)
        """
    )
    for _ in range(2):
        assert api.invoke({}).json() == {"loaded": False}


def test_asyncio_is_loaded_in_the_init_phase_where_the_innermost_function_is_async(
    api: FakeRuntimeAPI, start: Callable[..., FunctionProcess]
) -> None:
    start(
        """
        import functools, sys
        def around(inner):
            @functools.wraps(inner)
            def wrapper(event, context): return wrapper if event else "asyncio" in sys.modules
            return wrapper
        @around
        async def handler(event, context): ...
        """
    )
    assert api.invoke(0).json() is True


FAILURES = {
    "an exception": ("raise ValueError(event)", "ValueError"),
    "a cancellation": ("asyncio.current_task().cancel(); await asyncio.sleep(1)", "CancelledError"),
    "a task group": (
        "async with asyncio.TaskGroup() as group: group.create_task(fail())",
        "ExceptionGroup",
    ),
    "a result without JSON": ("return object()", "Runtime.MarshalError"),
    "StopIteration": ("raise StopIteration", "RuntimeError"),
}


def test_a_failure_of_the_awaitable_is_the_callers_error_and_the_process_lives(
    api: FakeRuntimeAPI, start: Callable[..., FunctionProcess]
) -> None:
    cases = "".join(
        f"\n    if event == {case!r}:\n        {body}" for case, (body, _) in FAILURES.items()
    )
    start(
        source("""
        async def fail(): raise ValueError("in a task")
        @plain
        async def handler(event, context):
            if event == "alive": return event
        """)
        + cases
    )
    for case, (_, error_type) in FAILURES.items():
        outcome = api.invoke(case)
        assert (outcome.kind, outcome.json()["errorType"]) == ("error", error_type)
        assert api.invoke("alive").json() == "alive"


def test_a_coroutine_that_was_awaited_before_is_an_error(
    api: FakeRuntimeAPI, start: Callable[..., FunctionProcess]
) -> None:
    start(
        source("""
        @functools.cache
        def once(event): return work(event)
        def handler(event, context): return once(event)
        """)
    )
    assert api.invoke(1).json()[0] == 1
    error = api.invoke(1).json()
    assert error["errorMessage"] == "cannot reuse already awaited coroutine"
    assert api.invoke(2).json()[0] == 2


@pytest.mark.parametrize("hint", ["@plain", ""], ids=["decorated", "lambda"])
def test_sys_exit_in_the_awaitable_ends_the_process_after_its_caller_was_told(
    hint: str, api: FakeRuntimeAPI, start: Callable[..., FunctionProcess]
) -> None:
    process = start(
        source(f"""
        {hint}
        async def inner(event, context): sys.exit(3)
        handler = lambda event, context: inner(event, context)
        """)
    )
    assert api.invoke({}).json()["errorType"] == "SystemExit"
    code, _, err = process.wait()
    assert (code, err) == (3, "")


def test_the_deadline_cancels_the_awaitable(
    api: FakeRuntimeAPI, start: Callable[..., FunctionProcess]
) -> None:
    start(
        source("""
        cleaned = []
        @plain
        async def handler(event, context):
            if event: return cleaned
            try: await asyncio.sleep(30)
            finally: cleaned.append(context.aws_request_id)
        """)
    )
    api.wait_for_poll()
    soon = round(time.time() * 1000) + 2000
    outcome = api.invoke(0, request_id="late", deadline_ms=soon)
    assert outcome.json()["errorType"] == "Sandbox.Timedout"
    assert api.invoke(1).json() == ["late"]


def test_tasks_that_are_left_are_cancelled_with_a_warning(
    api: FakeRuntimeAPI, start: Callable[..., FunctionProcess]
) -> None:
    process = start(
        source("""
        ends = []
        async def forever():
            try: await asyncio.sleep(60)
            finally: ends.append("cancelled")
        @plain
        async def handler(event, context):
            if event: return ends
            asyncio.create_task(forever())
            await asyncio.sleep(0)
        """)
    )
    api.invoke(0)
    assert api.invoke(1).json() == ["cancelled"]
    assert "The handler left 1 running" in process.kill()


def test_tasks_that_are_kept_run_while_the_function_waits(
    api: FakeRuntimeAPI, start: Callable[..., FunctionProcess], tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "done")
    start(
        source("""
        async def later():
            await asyncio.sleep(0.05)
            with open("done", "w") as done: done.write("yes")
        @function(leftover_tasks="keep")
        @plain
        async def handler(event, context):
            asyncio.create_task(later())
        """)
    )
    api.invoke(0)
    assert (tmp_path / "done").read_text() == "yes"


def test_context_variables_of_the_call_are_there_in_the_awaitable_and_at_the_end(
    api: FakeRuntimeAPI, start: Callable[..., FunctionProcess]
) -> None:
    start(
        source("""
        var = ContextVar("var", default=None)
        seen = []
        def observer(event, context):
            token = var.set("observer")
            outcome = yield
            seen.append(var.get())
            var.reset(token)
        def through(inner):
            @functools.wraps(inner)
            def wrapper(event, context):
                found = var.get()
                var.set("wrapper")
                return inner(event, found)
            return wrapper
        @function(observers=[observer])
        @through
        async def handler(event, found):
            result = [found, var.get(), current_context().aws_request_id, list(seen)]
            var.set("handler")
            current_context().after_response(lambda: seen.append(f"after {var.get()}"))
            return result
        """)
    )
    first = api.invoke(0, request_id="a").json()
    assert first == ["observer", "wrapper", "a", []]
    second = api.invoke(0, request_id="b").json()
    assert second == ["observer", "wrapper", "b", ["handler", "after None"]]


@pytest.mark.parametrize("first", [0, 1], ids=["awaitable", "plain"])
def test_work_after_the_response_may_be_asynchronous(
    first: int, api: FakeRuntimeAPI, start: Callable[..., FunctionProcess]
) -> None:
    start(
        source("""
        done = []
        async def note(name):
            await asyncio.sleep(0)
            done.append(name)
        async def coroutine(value): return value
        def through(inner):
            @functools.wraps(inner)
            def wrapper(event, context):
                context.after_response(note, f"async {event}")
                context.after_response(done.append, f"sync {event}")
                return list(done) if event % 2 else inner(event, context)
            return wrapper
        @through
        async def handler(event, context): return list(done)
        """)
    )
    assert api.invoke(first).json() == []
    assert api.invoke(first + 1).json() == [f"async {first}", f"sync {first}"]
    assert len(api.invoke(first).json()) == 4


LIFESPANS = {
    "async": """
        @asynccontextmanager
        async def lifespan():
            async with asyncio.TaskGroup() as group:
                var.set("set")
                yield id(asyncio.get_running_loop())
            print("left", id(asyncio.get_running_loop()))
    """,
    "sync": """
        @contextmanager
        def lifespan():
            token = var.set("set")
            asyncio.run(work(1))
            yield None
            var.reset(token)
            print("left", None)
    """,
}


@pytest.mark.parametrize("kind", LIFESPANS)
@pytest.mark.parametrize("idle", [True, False])
def test_a_lifespan_is_entered_and_left_on_the_same_event_loop(
    kind: str,
    idle: bool,
    api: FakeRuntimeAPI,
    start: Callable[..., FunctionProcess],
    tmp_path: Path,
) -> None:
    begun = tmp_path / "begun"
    os.mkfifo(begun)
    process = start(
        source(f"""
        var = ContextVar("var")
        {indent(dedent(LIFESPANS[kind]), " " * 8)}
        @function(lifespan=lifespan)
        @plain
        async def handler(event, context):
            if event == 2:
                open({str(begun)!r}, "w").close()
                await asyncio.sleep(0.2)
            return [context.state, var.get(), id(asyncio.get_running_loop())]
        """)
    )
    state, value, loop = api.invoke(1).json()
    assert value == "set"
    assert state in {None, loop}
    api.wait_for_poll()
    if idle:
        process.popen.send_signal(signal.SIGTERM)
    else:
        pending = api.enqueue(2)
        begun.read_text()  # which ends when the handler has closed it
        process.popen.send_signal(signal.SIGTERM)
        assert pending.wait().kind == "response"
    code, out, err = process.wait()
    assert (code, err) == (0, "")
    assert f"left {state}\n" in out


def test_an_async_lifespan_of_a_def_handler_is_an_error_that_says_what_to_do(
    api: FakeRuntimeAPI, start: Callable[..., FunctionProcess]
) -> None:
    start(
        source("""
        @asynccontextmanager
        async def lifespan(): yield
        @function(lifespan=lifespan)
        def handler(event, context): ...
        """)
    )
    assert "async def" in api.wait_for_init_error().json()["errorMessage"]


MIDDLEWARE = {
    "sync": "def around(event, context, call_next): return call_next(event + 1, context)",
    "async": """
        async def around(event, context, call_next): return await call_next(event + 1, context)
    """,
}


@pytest.mark.parametrize("kinds", ["sync", "sync async", "async sync"])
def test_middleware_stands_around_it(
    kinds: str, api: FakeRuntimeAPI, start: Callable[..., FunctionProcess]
) -> None:
    names, text = [], ""
    for number, kind in enumerate(kinds.split()):
        names.append(f"around_{number}")
        text += dedent(MIDDLEWARE[kind]).replace("around", names[-1]) + "\n"
    start(
        source(
            text
            + dedent(f"""
        async def parts(event): yield str(event)
        async def number(event): return str(event)
        @function(middleware=[{", ".join(names)}])
        @plain
        def handler(event, context): return parts(event) if event % 2 else number(event)
        handler.__wrapped__ = number
        """)
        )
    )
    for event in range(4):
        assert api.invoke(event).body.strip(b'"') == str(event + len(names)).encode()


@pytest.mark.parametrize("transport", ["socket", "stream", "aiohttp"])
def test_every_transport_serves_it(
    transport: str, api: FakeRuntimeAPI, start: Callable[..., FunctionProcess]
) -> None:
    start(
        source(f"""
        async def parts(event): yield event
        @function(transport="{transport}")
        def handler(event, context): return work(event) if event else parts("x")
        """)
    )
    assert api.invoke(1).json()[0] == 1
    assert api.invoke(0).body == b"x"


def test_the_event_is_typed(api: FakeRuntimeAPI, start: Callable[..., FunctionProcess]) -> None:
    start(
        source("""
        from attrs import frozen
        @frozen
        class Order: id: int
        @function
        @plain
        async def handler(event: Order, context: Context) -> Order: return Order(event.id + 1)
        """)
    )
    assert api.invoke({"id": 1}).json() == {"id": 2}
    assert api.invoke({"id": "1"}).json()["errorType"] == "Runtime.UnmarshalError"


def test_the_session_is_shared_and_closed(
    api: FakeRuntimeAPI, start: Callable[..., FunctionProcess]
) -> None:
    process = start(
        source("""
        sessions = []
        async def inner(event, context):
            sessions.append(context.session)
            async with context.session.get(f"http://{event}/2018-06-01/ping") as response:
                text = await response.text()
            if len(sessions) == 2: sys.exit(0)
            return [text, len(set(sessions))]
        handler = lambda event, context: inner(event, context)
        """)
    )
    assert api.invoke(api.address).json() == ["pong", 1]
    api.invoke(api.address)
    code, _, err = process.wait()
    assert (code, err) == (0, "")


def test_observers_see_the_true_end(
    api: FakeRuntimeAPI, start: Callable[..., FunctionProcess]
) -> None:
    start(
        source("""
        seen = []
        def observer(event, context):
            outcome = yield
            seen.append([repr(outcome.error), outcome.value, outcome.bytes_sent])
        @function(observers=[observer])
        @plain
        async def handler(event, context):
            await asyncio.sleep(0)
            if event == 1: raise ValueError("x")
            return list(seen)
        """)
    )
    assert api.invoke(0).json() == []
    assert api.invoke(1).kind == "error"
    assert api.invoke(2).json() == [["None", [], 2], ["ValueError('x')", None, 0]]


def test_managed_instances_give_each_worker_one_event_loop(
    start: Callable[..., FunctionProcess],
) -> None:
    with FakeRuntimeAPI(function=Function(max_concurrency=2)) as api:
        start(
            source("""
            @plain
            async def handler(event, context):
                await asyncio.sleep(0.05)
                return [os.getpid(), id(asyncio.get_running_loop())]
            """),
            **api.environment(),
        )
        api.wait_for_polls(2)  # or one might take all before the other one is up
        pending = [api.enqueue(number) for number in range(12)]
        found = [tuple(each.wait().json()) for each in pending]
    assert len({pid for pid, _ in found}) == len(set(found)) == 2


def test_hooks_of_a_snapshot_may_be_asynchronous(
    start: Callable[..., FunctionProcess],
) -> None:
    with FakeRuntimeAPI(function=Function(snap_start=True)) as api:
        start(
            source("""
            from lambda_runtime import register_after_restore, register_before_snapshot
            seen = []
            @register_before_snapshot
            async def before():
                await asyncio.sleep(0)
                seen.append(id(asyncio.get_running_loop()))
            @register_after_restore
            async def after(): seen.append(id(asyncio.get_running_loop()))
            @plain
            async def handler(event, context): return [*seen, id(asyncio.get_running_loop())]
            """),
            **api.environment(),
        )
        api.wait_for_snapshot()
        api.restore()
        loops = api.invoke({}).json()
    assert len(loops) == 3
    assert len(set(loops)) == 1


@pytest.mark.parametrize("how", ["loop", "signal"])
def test_the_functions_own_handler_of_sigterm_is_called(
    how: str, api: FakeRuntimeAPI, start: Callable[..., FunctionProcess]
) -> None:
    register = {
        "loop": "asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, end)",
        "signal": "signal.signal(signal.SIGTERM, end)",
    }[how]
    process = start(
        source(f"""
        import signal
        def end(*_):
            print("ended", flush=True)
            os._exit(7)
        @plain
        async def handler(event, context): {register}
        """)
    )
    api.invoke(0)
    api.wait_for_poll()
    process.popen.send_signal(signal.SIGTERM)
    code, out, _ = process.wait()
    assert (code, out) == (7, "ended\n")
