"""An invocation that has been answered is never reported as failed, however its process ends."""

from __future__ import annotations

import sys
import time
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from lambda_testing import FakeRuntimeAPI, Function

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .conftest import FunctionProcess

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes as on Lambda")

HEADER = """
import asyncio, os, signal, sys
from lambda_runtime import register_observer

def die():
    os.kill(os.getpid(), signal.SIGKILL)
"""

DEF = {
    "a crash after the response": """
        def handler(event, context):
            if event:
                context.after_response(die)
            return 1
        """,
    "an exit after the response": """
        def handler(event, context):
            if event:
                context.after_response(sys.exit, 3)
            return 1
        """,
    "an interrupt after the response": """
        def interrupt():
            raise KeyboardInterrupt

        def handler(event, context):
            if event:
                context.after_response(interrupt)
            return 1
        """,
    "a crash of an observer": """
        @register_observer
        def observer(event, context):
            yield
            if event:
                die()

        def handler(event, context):
            return 1
        """,
    "an exit of an observer": """
        @register_observer
        def observer(event, context):
            yield
            if event:
                os._exit(0)

        def handler(event, context):
            return 1
        """,
    "a crash after a stream": """
        def handler(event, context):
            if event:
                context.after_response(die)
            yield "1"
        """,
}
ASYNC = {
    "a crash after the response": """
        async def work():
            await asyncio.sleep(0)
            die()

        async def handler(event, context):
            if event:
                context.after_response(work)
            return 1
        """,
    "an exit of a task group after the response": """
        async def end():
            sys.exit(3)

        async def work():
            async with asyncio.TaskGroup() as group:
                group.create_task(end())

        async def handler(event, context):
            if event:
                context.after_response(work)
            return 1
        """,
    "an exit of a task that is left": """
        async def end():
            try:
                await asyncio.sleep(60)
            finally:
                sys.exit(3)

        async def handler(event, context):
            if event:
                asyncio.create_task(end())
                await asyncio.sleep(0)
            return 1
        """,
    "an interrupt of a task after the response": """
        async def end():
            raise KeyboardInterrupt

        async def work():
            await asyncio.create_task(end())

        async def handler(event, context):
            if event:
                context.after_response(work)
            return 1
        """,
    "a crash when a generator is finalised": """
        async def numbers(event):
            try:
                yield 1
            finally:
                if event:
                    context_of[0].after_response(die)

        context_of = []

        async def handler(event, context):
            context_of[:] = [context]
            async for number in numbers(event):
                yield str(number)
        """,
    "a crash of an observer": """
        @register_observer
        def observer(event, context):
            yield
            if event:
                die()

        async def handler(event, context):
            return 1
        """,
}
SOURCES = {f"def, {name}": source for name, source in DEF.items()} | {
    f"async def, {name}": source for name, source in ASYNC.items()
}

# Failures that are reported once, by the process itself.
TOLD = {
    "a task group": """
        async def end():
            sys.exit(3)

        async def handler(event, context):
            if event:
                async with asyncio.TaskGroup() as group:
                    group.create_task(end())
            return 1
        """,
    "a task": """
        async def end():
            raise KeyboardInterrupt

        async def handler(event, context):
            if event:
                await asyncio.create_task(end())
            return 1
        """,
}


def posts(api: FakeRuntimeAPI) -> list[str]:
    """Return how each invocation was answered."""
    return [
        call.path.rpartition("/")[2]
        for call in api.requests
        if call.method == "POST" and "/invocation/" in call.path
    ]


@pytest.mark.parametrize("name", SOURCES)
def test_an_answer_stays(
    api: FakeRuntimeAPI, start: Callable[..., FunctionProcess], name: str
) -> None:
    process = start(HEADER + dedent(SOURCES[name]))
    assert api.invoke(False).body == b"1"
    assert api.invoke(True).body == b"1"
    process.wait()
    assert posts(api) == ["response"] * 2


# Of workers: the event names the function, and a worker that dies has a successor.
DISPATCH = {
    "def": """
        def handler(event, context):
            name, event = event
            return FUNCTIONS[name](event, context)
        """,
    "async def": """
        async def handler(event, context):
            name, event = event
            value = FUNCTIONS[name](event, context)
            return await value if hasattr(value, "__await__") else value
        """,
}


def functions(sources: dict[str, str]) -> str:
    """Return a module with FUNCTIONS: the handler of each source by its name."""
    # An observer sees the events of all functions.
    texts = {
        name: dedent(source).replace(
            "yield\n    if event", f"yield\n    if event == {[name, True]}"
        )
        for name, source in sources.items()
    }
    return f"""{HEADER}
FUNCTIONS = {{}}
for name, source in {texts}.items():
    namespace = dict(globals())
    exec(source, namespace)
    FUNCTIONS[name] = namespace["handler"]
"""


@pytest.fixture
def workers() -> Iterator[FakeRuntimeAPI]:
    with FakeRuntimeAPI(function=Function(max_concurrency=2)) as api:
        yield api


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


def halves(sources: dict[str, str]) -> list[dict[str, str]]:
    """Split functions up: an environment is given up after five deaths at its start."""
    items = list(sources.items())
    return [dict(items[:3]), dict(items[3:])]


@pytest.mark.parametrize(
    ("kind", "sources"),
    [("def", half) for half in halves(DEF)] + [("async def", half) for half in halves(ASYNC)],
)
def test_an_answer_of_a_worker_stays(
    workers: FakeRuntimeAPI,
    start: Callable[..., FunctionProcess],
    kind: str,
    sources: dict[str, str],
) -> None:
    process = start(functions(sources) + dedent(DISPATCH[kind]), **workers.environment())
    for name in sources:
        wait_until(lambda: workers.polls == 2)  # a worker that has died has a successor
        outcome = workers.invoke([name, True], request_id=name.replace(" ", "-"))
        assert outcome.body == b"1", outcome.body
    process.popen.terminate()
    assert "refused" not in process.wait()[1]
    paths = [call.path.split("/")[-2:] for call in workers.requests if call.method == "POST"]
    for name in sources:
        request_id = name.replace(" ", "-")
        assert [how for found, how in paths if found == request_id] == ["response"], name


def test_a_failure_is_told_once(api: FakeRuntimeAPI, start: Callable[..., FunctionProcess]) -> None:
    process = start(HEADER + dedent(TOLD["a task group"]))
    assert api.invoke(False).body == b"1"
    assert api.invoke(True).kind == "error"
    process.wait()
    assert posts(api) == ["response", "error"]


def test_a_failure_of_a_worker_is_told_once(
    workers: FakeRuntimeAPI, start: Callable[..., FunctionProcess]
) -> None:
    process = start(functions(TOLD) + dedent(DISPATCH["async def"]), **workers.environment())
    for name in TOLD:
        wait_until(lambda: workers.polls == 2)
        assert workers.invoke([name, True]).kind == "error"
    assert workers.invoke(["a task", False]).body == b"1"
    process.popen.terminate()
    assert "refused" not in process.wait()[1]
    assert posts(workers).count("error") == len(TOLD)
