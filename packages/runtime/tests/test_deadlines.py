"""Handlers that take too long, and the reports that are made while there is still time."""

from __future__ import annotations

import re
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from lambda_testing import FakeRuntimeAPI

    from .conftest import FunctionProcess

    Serve = Callable[..., FunctionProcess]

# The fake grants 30 seconds. This long before them is soon, and leaves a slow machine the time to
# start a handler.
MARGIN = 29.2
CANCELLED = f"deadline_margin={MARGIN}"
MESSAGE = re.compile(
    rf"RequestId: id-1 Error: Task timed out after (29\.\d\d|30\.00) seconds "
    rf"\(cancelled {MARGIN} s before\)"
)


@pytest.fixture(params=["socket", "stream", "aiohttp"])
def transport(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def serve(transport: str, start: Callable[..., FunctionProcess]) -> Serve:
    def serve(source: str, options: str = CANCELLED) -> FunctionProcess:
        lines = (
            "import asyncio",
            "from lambda_runtime import run",
            "async def hang():",
            "    await asyncio.get_running_loop().create_future()",
            dedent(source),
            f"run(handler, transport={transport!r}, {options})",
        )
        return start("\n".join(lines), "app.py")

    return serve


def check(error: dict[str, Any], *where: str) -> None:
    """Expect the report of a timeout, with the functions that it was in."""
    assert error["errorType"] == "Sandbox.Timedout"
    assert MESSAGE.fullmatch(error["errorMessage"]), error["errorMessage"]
    functions = [
        re.sub(r".*, in (\w+)\n.*", r"\1", frame, flags=re.DOTALL) for frame in error["stackTrace"]
    ]
    assert functions == list(where)


def test_a_handler_that_takes_too_long_is_cancelled_and_the_process_lives(
    api: FakeRuntimeAPI, serve: Serve
) -> None:
    process = serve(
        """
        calls = 0
        async def handler(event):
            global calls
            calls += 1
            try:
                if event: await hang()
            finally:
                await asyncio.sleep(0)
                print("cleaned up")
            return calls
        """
    )
    outcome = api.invoke("hang", request_id="id-1")
    assert outcome.kind == "error"
    check(outcome.json(), "handler", "hang")
    assert outcome.error_type == "Function.SandboxTimedout"
    assert api.invoke(None).json() == 2, "the same process, as warm as ever"
    api.wait_for_poll()
    out, err = process.end()
    assert err == ""
    first, record, second, _ = out.split("\n")
    assert (first, second) == ("cleaned up", "cleaned up")
    assert record.startswith("[ERROR] Sandbox.Timedout: RequestId: id-1 Error: Task timed out")


def test_what_the_handler_waits_for_is_cancelled_with_it(api: FakeRuntimeAPI, serve: Serve) -> None:
    process = serve(
        """
        async def child(name):
            try: await hang()
            finally: print(name, "cancelled")
        async def handler(event):
            async with asyncio.TaskGroup() as group:
                group.create_task(child("a"))
                group.create_task(child("b"))
        """
    )
    assert api.invoke({}, request_id="id-1").json()["errorType"] == "Sandbox.Timedout"
    api.wait_for_poll()
    out, err = process.end()
    assert sorted(out.splitlines()[:2]) == ["a cancelled", "b cancelled"]
    assert "[WARN]" not in out, "none of them is left over"
    assert err == ""


@pytest.mark.parametrize("begun", [False, True])
def test_a_stream_that_takes_too_long_ends_in_an_error(
    api: FakeRuntimeAPI, serve: Serve, *, begun: bool
) -> None:
    process = serve(
        """
        async def handler(event):
            try:
                if event: yield "part"
                await hang()
                yield "never"
            finally:
                print("closed")
        """
    )
    outcome = api.invoke(begun, request_id="id-1")
    if begun:
        assert (outcome.kind, outcome.body) == ("stream_error", b"part")
        assert outcome.stream_error is not None
        assert outcome.stream_error.type == "Function.SandboxTimedout"
        check(outcome.stream_error.body, "handler", "hang")
    else:
        assert outcome.kind == "error"
        check(outcome.json(), "handler", "hang")
    api.wait_for_poll()
    assert process.kill().splitlines()[0] == "closed"


def test_a_stream_that_nobody_reads_ends_in_an_error(api: FakeRuntimeAPI, serve: Serve) -> None:
    process = serve(
        """
        async def handler(event, stream, context):
            try:
                while True: await stream.write(bytes(100_000))
            except asyncio.CancelledError:
                print("cancelled")
                raise
        """
    )
    invocation = api.enqueue({}, keep_body=False, paused=True, request_id="id-1")
    assert process.read_line() == "cancelled"
    invocation.resume()
    outcome = invocation.wait()
    assert outcome.kind == "stream_error"
    assert outcome.stream_error is not None
    check(outcome.stream_error.body, "handler")
    api.wait_for_poll()


def test_without_a_margin_it_is_left_to_lambda(api: FakeRuntimeAPI, serve: Serve) -> None:
    serve(
        """
        async def handler(event, context):
            await asyncio.sleep(context.remaining() + 0.01)
            return context.remaining()
        """,
        "deadline_margin=None",
    )
    assert api.enqueue({}, timeout=0.3).wait().json() == 0


@pytest.mark.parametrize(
    "options",
    [
        {"headers": {"Lambda-Runtime-Deadline-Ms": None}},
        {"headers": {"Lambda-Runtime-Deadline-Ms": "soon"}},
        {"deadline_ms": 1},
        {"timeout": 5},
    ],
    ids=["missing", "broken", "past", "nearer than the margin"],
)
def test_a_deadline_that_says_nothing_cancels_nothing(
    api: FakeRuntimeAPI, serve: Serve, options: dict[str, Any]
) -> None:
    serve(
        """
        async def handler(event):
            await asyncio.sleep(0.01)
            return event
        """
    )
    assert api.enqueue([1], **options).wait().json() == [1]


def test_a_handler_that_makes_the_best_of_it_may_answer(api: FakeRuntimeAPI, serve: Serve) -> None:
    process = serve(
        """
        async def handler(event):
            if event is None: return asyncio.current_task().cancelling()
            try:
                await hang()
            except asyncio.CancelledError:
                await asyncio.sleep(0)
                return "what there is so far"
        """
    )
    assert api.invoke("hang").json() == "what there is so far"
    assert api.invoke(None).json() == 0
    assert "ERROR" not in process.kill()


@pytest.mark.parametrize(
    "source",
    [
        "raise TimeoutError('of the handler')",
        "async with asyncio.timeout(0): await hang()",
        "await asyncio.wait_for(hang(), 0)",
    ],
)
def test_a_timeout_of_the_handlers_own_is_its_own(
    api: FakeRuntimeAPI, serve: Serve, source: str
) -> None:
    serve(f"async def handler(event):\n    {source}")
    assert api.invoke({}).json()["errorType"] == "TimeoutError"


def test_a_timeout_that_the_handler_handles_is_none(api: FakeRuntimeAPI, serve: Serve) -> None:
    serve(
        """
        async def handler(event):
            try:
                async with asyncio.timeout(0): await hang()
            except TimeoutError:
                return "handled"
        """
    )
    assert api.invoke({}).json() == "handled"


@pytest.mark.parametrize("then", ["await hang()", "return 1"])
def test_a_cancellation_of_the_handlers_own_is_no_timeout(
    api: FakeRuntimeAPI, serve: Serve, then: str
) -> None:
    process = serve(
        f"""
        async def handler(event):
            asyncio.current_task().cancel()
            {then}
        """
    )
    for _ in range(2):
        assert api.invoke({}).json()["errorType"] == "CancelledError"
    api.wait_for_poll()
    assert process.lives


def test_work_after_the_response_is_cut_off_too(api: FakeRuntimeAPI, serve: Serve) -> None:
    process = serve(
        """
        async def work():
            try: await hang()
            finally: print("cleaned up")
        async def handler(event, context):
            if event: context.after_response(work)
            return event
        """
    )
    assert api.invoke([1], request_id="id-1").json() == [1]
    assert api.invoke(None).json() is None
    out, err = process.end()
    assert err == ""
    first, record, _ = out.split("\n")
    assert first == "cleaned up"
    assert record.startswith("[ERROR] Sandbox.Timedout: ")
    assert "in work" in record


def test_work_is_cut_off_after_a_handler_that_has_waited_and_the_rest_is_done(
    api: FakeRuntimeAPI, serve: Serve
) -> None:
    process = serve(
        """
        async def work():
            try: await hang()
            finally: print("cleaned up")
        async def handler(event, context):
            await asyncio.sleep(0)
            if event:
                context.after_response(work)
                context.after_response(print, "the rest")
            return event
        """
    )
    assert api.invoke([1], request_id="id-1").json() == [1]
    assert api.invoke(None).json() is None
    first, record, *_, rest = process.kill().strip().split("\n")
    assert (first, rest) == ("cleaned up", "the rest")
    assert record.startswith("[ERROR] Sandbox.Timedout: ")


def test_a_def_handler_is_not_interrupted(
    api: FakeRuntimeAPI, start: Callable[..., FunctionProcess]
) -> None:
    start(
        """
        import time
        from lambda_runtime import run
        def handler(event, context):
            time.sleep(context.remaining() + 0.01)
            return "late"
        run(handler, deadline_margin=0.1)
        """,
        "app.py",
    )
    assert api.enqueue({}, timeout=0.3).wait().json() == "late"
