"""An invocation that has been answered is never reported as failed, however its process ends."""

from __future__ import annotations

import sys
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

# Failures that are told once, by the process itself.
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


@pytest.fixture(params=[None, 1, 2])
def api(request: pytest.FixtureRequest) -> Iterator[FakeRuntimeAPI]:
    with FakeRuntimeAPI(function=Function(max_concurrency=request.param)) as api:
        yield api


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
    if api.function.max_concurrency is None:
        process.wait()
    else:
        assert [api.invoke(False).body for _ in range(3)] == [b"1"] * 3
        process.popen.terminate()
        out = process.wait()[1]
        assert "are lost" not in out
        assert "refused" not in out
    assert set(posts(api)) == {"response"}


@pytest.mark.parametrize("name", TOLD)
def test_a_failure_is_told_once(
    api: FakeRuntimeAPI, start: Callable[..., FunctionProcess], name: str
) -> None:
    if api.function.max_concurrency is None and name == "a task":
        pytest.skip("the process ends at once, and Lambda itself tells the caller")
    process = start(HEADER + dedent(TOLD[name]))
    assert api.invoke(False).body == b"1"
    assert api.invoke(True).kind == "error"
    if api.function.max_concurrency is None:
        process.wait()
    else:
        assert api.invoke(False).body == b"1"
        process.popen.terminate()
        assert "refused" not in process.wait()[1]
    assert posts(api).count("error") == 1
