"""Work that outlives a handler: tasks that it leaves behind, work after its response, context."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from .conftest import ASYNC_KINDS, GATES

if TYPE_CHECKING:
    from collections.abc import Callable

    from lambda_testing import FakeRuntimeAPI

    from .conftest import FunctionProcess

    Serve = Callable[..., FunctionProcess]


for_async_handlers = pytest.mark.parametrize("kind", ASYNC_KINDS, indirect=True)


@pytest.fixture
def serve(kind: str, start: Callable[..., FunctionProcess]) -> Serve:
    """Start a program whose handler is declared as the transport needs it."""

    def serve(source: str, options: str = "") -> FunctionProcess:
        define, _, transport = kind.rpartition(" ")
        source = dedent(source)
        if define == "def":
            source = source.replace("async def ", "def ").replace("await ", "")
        lines = (
            "import asyncio, contextvars, sys, threading",
            "from contextlib import asynccontextmanager, contextmanager",
            "from lambda_runtime import current_context, run",
            GATES[define],
            source,
            f"run(handler, transport={transport!r}, {options})",
        )
        return start("\n".join(lines), "app.py")

    return serve


LEAVES_TASKS = """
    ended = []
    async def background(name):
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            await asyncio.sleep(0)
            ended.append(name)
    kept = set()
    async def handler(event):
        seen = sorted(ended)
        if event is None:
            return seen
        for name in event:
            kept.add(asyncio.create_task(background(name), name=name))
        await asyncio.sleep(0)
        if "fail" in event:
            raise ValueError("the handler's own")
        return seen
"""


@for_async_handlers
def test_tasks_that_a_handler_leaves_are_cancelled_before_the_next_invocation(
    api: FakeRuntimeAPI, serve: Serve
) -> None:
    process = serve(LEAVES_TASKS)
    assert api.invoke(["b", "a"], request_id="id-1").json() == []
    assert api.invoke(None).json() == ["a", "b"]
    assert api.invoke(["c"]).json() == ["a", "b"]  # the log names a function once
    assert api.invoke(None).json() == ["a", "b", "c"]
    out, err = process.end()
    assert err == ""
    (line,) = out.splitlines()
    assert line.startswith("[WARN]\t")
    assert "\tid-1\tThe handler left 2 running, which are cancelled: " in line
    assert "a (background), b (background)." in line
    assert "context.after_response" in line
    assert 'leftover_tasks="keep"' in line


@for_async_handlers
def test_tasks_that_a_failing_handler_leaves_are_cancelled_too(
    api: FakeRuntimeAPI, serve: Serve
) -> None:
    process = serve(LEAVES_TASKS)
    assert api.invoke(["fail"]).json()["errorMessage"] == "the handler's own"
    assert api.invoke(None).json() == ["fail"]
    assert process.kill().count("[WARN]") == 1


@for_async_handlers
def test_tasks_of_tasks_are_cancelled_and_those_that_ended_are_not_named(
    api: FakeRuntimeAPI, serve: Serve
) -> None:
    process = serve(
        """
        ended = []
        async def inner():
            try: await asyncio.get_running_loop().create_future()
            finally: ended.append("inner")
        async def outer():
            global task
            task = asyncio.create_task(inner(), name="the inner one")
        async def quick(): ...
        async def handler(event):
            if event is None: return ended
            async with asyncio.TaskGroup() as group:
                group.create_task(quick())
            await asyncio.gather(outer(), quick(), quick())
            await asyncio.sleep(0)
        """
    )
    assert api.invoke("leave").json() is None
    assert api.invoke(None).json() == ["inner"]
    out, _ = process.end()
    assert "left 1 running, which are cancelled: the inner one (inner)." in out


@for_async_handlers
def test_a_task_that_is_about_to_end_is_not_a_leftover(api: FakeRuntimeAPI, serve: Serve) -> None:
    process = serve(
        """
        seen = []
        async def quick(): seen.append("ran")
        async def endless():
            try: await asyncio.get_running_loop().create_future()
            finally: seen.append("cancelled")
        async def last(task):
            task.cancel()
            global another
            another = asyncio.create_task(quick())
        async def handler(event, context):
            if event is None: return seen
            context.after_response(last, asyncio.create_task(endless()))
        """
    )
    assert api.invoke("leave").json() is None
    assert sorted(api.invoke(None).json()) == ["cancelled", "ran"]
    assert process.end() == ("", "")


@for_async_handlers
def test_a_handler_that_awaits_its_tasks_hears_no_warning(
    api: FakeRuntimeAPI, serve: Serve
) -> None:
    process = serve(
        """
        async def part(n):
            await asyncio.sleep(0)
            return n
        async def handler(event):
            return await asyncio.gather(*map(part, event))
        """
    )
    assert api.invoke([1, 2]).json() == [1, 2]
    assert api.invoke([3]).json() == [3]
    assert process.end() == ("", "")


@for_async_handlers
def test_tasks_may_be_kept(api: FakeRuntimeAPI, serve: Serve) -> None:
    process = serve(
        """
        go_on = asyncio.Event()
        async def background():
            await go_on.wait()
            return current_context().aws_request_id
        async def handler(event):
            global task
            if event: task = asyncio.create_task(background())
            else:
                go_on.set()
                return await task
        """,
        "leftover_tasks='keep'",
    )
    api.invoke("leave", request_id="id-1")
    assert api.invoke(None).json() == "id-1", "it still works for whom it was started for"
    assert process.end() == ("", "")


@for_async_handlers
def test_a_task_that_will_not_end_does_not_hold_up_the_next_invocation(
    api: FakeRuntimeAPI, serve: Serve
) -> None:
    serve(
        """
        async def stubborn():
            while True:
                try: await asyncio.get_running_loop().create_future()
                except asyncio.CancelledError: print("no")
        async def handler(event):
            global task
            if event: task = asyncio.create_task(stubborn())
            await asyncio.sleep(0)
            return task.done()
        """
    )
    assert api.invoke("leave").json() is False
    assert api.invoke(None).json() is False


@for_async_handlers
def test_tasks_that_a_library_starts_for_itself_are_left_alone(
    api: FakeRuntimeAPI, serve: Serve
) -> None:
    """A pool that is opened in the lifespan starts its tasks outside of any invocation."""
    process = serve(
        """
        class Pool:
            def __init__(self):
                self.wanted = asyncio.Queue()
                self.workers = []
            async def grow(self):
                while True:
                    answer = await self.wanted.get()
                    self.workers.append(asyncio.create_task(asyncio.Event().wait()))
                    answer.set_result([worker.done() for worker in self.workers])
        @asynccontextmanager
        async def lifespan():
            pool = Pool()
            task = asyncio.create_task(pool.grow())
            yield pool
        async def handler(event, context):
            answer = asyncio.get_running_loop().create_future()
            await context.state.wanted.put(answer)
            return await answer
        """,
        "lifespan=lifespan",
    )
    assert [api.invoke({}).json() for _ in range(3)] == [[False], [False] * 2, [False] * 3]
    assert process.end() == ("", "")


@for_async_handlers
@pytest.mark.parametrize(
    ("group", "begin"),
    [("asyncio.TaskGroup", "create_task(work())"), ("anyio.create_task_group", "start_soon(work)")],
)
def test_tasks_of_a_group_belong_to_its_owner(
    group: str, begin: str, api: FakeRuntimeAPI, serve: Serve
) -> None:
    process = serve(
        f"""
        import anyio
        ended, kept = [], []
        async def work():
            try: await asyncio.Event().wait()
            finally: ended.append(asyncio.current_task().get_name())
        async def owner():
            async with {group}() as own:
                own.{begin}
                await asyncio.Event().wait()
        @asynccontextmanager
        async def lifespan():
            async with {group}() as group:
                yield group
        async def handler(event, context):
            if event == "lifespan": context.state.{begin}
            if event == "handler": kept.append(asyncio.create_task(owner(), name="owner"))
            await asyncio.sleep(0)
            return len(ended)
        """,
        "lifespan=lifespan",
    )
    answers = [api.invoke(owner).json() for owner in ("lifespan", "lifespan", "handler", "nobody")]
    assert answers == [0, 0, 0, 1]
    assert "left 1 running, which are cancelled: owner (owner)" in process.kill()


def test_what_leftover_tasks_may_be_is_told(api: FakeRuntimeAPI, serve: Serve) -> None:
    process = serve("async def handler(event): ...", "leftover_tasks='adopt'")
    told = api.wait_for_init_error().json()
    assert told["errorMessage"] == "leftover_tasks='adopt': choose one of cancel, keep"
    assert process.wait()[0] == 1


def test_what_a_handler_sets_in_the_context_ends_with_it_if_it_is_async(
    api: FakeRuntimeAPI, serve: Serve, kind: str
) -> None:
    serve(
        """
        at_import = contextvars.ContextVar("at_import")
        at_import.set("import")
        in_lifespan = contextvars.ContextVar("in_lifespan")
        in_handler = contextvars.ContextVar("in_handler", default=None)
        @contextmanager
        def lifespan():
            in_lifespan.set("lifespan")
            yield
        async def handler(event):
            seen = [at_import.get(), in_lifespan.get(), in_handler.get()]
            for variable in (at_import, in_lifespan, in_handler):
                variable.set("handler")
            return seen
        """,
        "lifespan=lifespan",
    )
    first = ["import", "lifespan", None]
    assert api.invoke({}).json() == first
    # A `def` handler's lasts, as under awslambdaric.
    assert api.invoke({}).json() == (["handler"] * 3 if kind == "def socket" else first)


def test_the_current_context_is_there_for_an_invocation_and_only_then(
    api: FakeRuntimeAPI, serve: Serve
) -> None:
    process = serve(
        """
        print("import", current_context())
        @contextmanager
        def lifespan():
            print("lifespan", current_context())
            yield
            print("left", current_context())
        def deep(): return current_context()
        async def handler(event, context):
            return deep() is context and context.aws_request_id
        """,
        "lifespan=lifespan",
    )
    assert [api.invoke({}, request_id=name).json() for name in "ab"] == ["a", "b"]
    api.wait_for_poll()
    process.popen.terminate()
    assert process.wait() == (0, "import None\nlifespan None\nleft None\n", "")


@for_async_handlers
def test_the_current_context_follows_tasks_and_threads(api: FakeRuntimeAPI, serve: Serve) -> None:
    serve(
        """
        def request_id():
            context = current_context()
            return context and context.aws_request_id
        async def task(): return request_id()
        async def handler(event):
            elsewhere = []
            thread = threading.Thread(
                target=contextvars.copy_context().run,
                args=(lambda: elsewhere.append(request_id()),),
            )
            thread.start()
            thread.join()
            loop = asyncio.get_running_loop()
            return [
                request_id(),
                await asyncio.create_task(task()),
                await asyncio.to_thread(request_id),
                *elsewhere,
            ]
        """
    )
    for name in "ab":
        assert api.invoke({}, request_id=name).json() == [name] * 4


def test_work_after_the_response_is_done_once_it_has_arrived_and_before_the_next_poll(
    api: FakeRuntimeAPI, serve: Serve, gate: Callable[[], object]
) -> None:
    process = serve(
        """
        async def work(*words, **named):
            print(*words, sorted(named.items()), current_context().aws_request_id)
        async def handler(event, context):
            if event:
                context.after_response(work, "first", 1, key="value")
                context.after_response(gate)
                context.after_response(print, "second", end="!\\n")
            print("returned")
            return event
        """
    )
    first = api.enqueue([1], request_id="id-1")
    second = api.enqueue(None)
    assert first.wait().json() == [1]
    assert second.state == "queued"
    assert api.polls == 0
    gate()
    assert second.wait().json() is None
    assert process.end() == (
        "returned\nfirst 1 [('key', 'value')] id-1\nsecond!\nreturned\n",
        "",
    )


def test_work_after_the_response_is_done_after_a_failure_too(
    api: FakeRuntimeAPI, serve: Serve
) -> None:
    process = serve(
        """
        async def handler(event, context):
            context.after_response(print, "work")
            raise ValueError("the handler's own")
        """
    )
    assert api.invoke({}).json()["errorMessage"] == "the handler's own"
    api.wait_for_poll()
    error, work, rest = process.kill().split("\n")
    assert error.startswith("[ERROR] ValueError")
    assert (work, rest) == ("work", "")


def test_work_after_a_stream_is_done_when_it_has_ended(
    api: FakeRuntimeAPI, serve: Serve, gate: Callable[[], object]
) -> None:
    process = serve(
        """
        async def parts(context):
            yield "a"
            context.after_response(gate)
            context.after_response(print, "work")
            yield "b"
        async def handler(event, context):
            return parts(context)
        """
    )
    assert api.invoke({}).body == b"ab"
    gate()
    api.wait_for_poll()
    assert process.end() == ("work\n", "")


def test_work_after_the_response_that_fails_is_logged_and_the_rest_is_done(
    api: FakeRuntimeAPI, serve: Serve
) -> None:
    process = serve(
        """
        async def fail(message): raise ValueError(message)
        async def handler(event, context):
            context.after_response(fail, "of the work")
            context.after_response(print, "the rest")
            context.after_response("nothing to call")
            return event
        """
    )
    for _ in range(2):
        assert api.invoke([1], request_id="id-1").json() == [1]
    api.wait_for_poll()
    lines = process.kill().split("\n")
    assert lines[0].startswith("[ERROR] ValueError: of the work\r")
    assert "in fail" in lines[0]
    assert "lambda_runtime" not in lines[0]
    assert lines[1] == "the rest"
    assert lines[2].startswith("[ERROR] TypeError: 'str' object is not callable")
    assert len(lines) == 7


def test_work_after_the_response_may_ask_for_more(api: FakeRuntimeAPI, serve: Serve) -> None:
    process = serve(
        """
        async def work(context, left):
            print(left)
            if left: context.after_response(work, context, left - 1)
        async def handler(event, context):
            context.after_response(work, context, 2)
        """
    )
    api.invoke({})
    api.wait_for_poll()
    assert process.end() == ("2\n1\n0\n", "")


def test_an_exit_in_work_after_the_response_ends_the_process_after_the_rest(
    api: FakeRuntimeAPI, serve: Serve
) -> None:
    process = serve(
        """
        async def work(): sys.exit(3)
        async def handler(event, context):
            context.after_response(work)
            context.after_response(print, "the rest")
            return event
        """
    )
    assert api.invoke([1]).json() == [1]
    code, out, err = process.wait()
    assert (code, err) == (3, "")
    error, rest, _ = out.split("\n")
    assert error.startswith("[ERROR] SystemExit: 3")
    assert rest == "the rest"


def test_an_invocation_that_is_over_takes_no_more_work(api: FakeRuntimeAPI, serve: Serve) -> None:
    process = serve(
        """
        contexts = []
        async def handler(event, context):
            contexts.append(context)
            contexts[0].after_response(print, "work")
            return event
        """
    )
    assert api.invoke([1]).json() == [1]
    told = api.invoke([2]).json()
    assert told["errorType"] == "RuntimeError"
    assert told["errorMessage"].startswith("the invocation is over")
    assert process.kill().count("work\n") == 1


@for_async_handlers
def test_work_after_the_response_may_leave_no_tasks_either(
    api: FakeRuntimeAPI, serve: Serve
) -> None:
    process = serve(
        """
        async def background(): await asyncio.get_running_loop().create_future()
        async def work():
            global task
            task = asyncio.create_task(background(), name="left")
        async def handler(event, context):
            if event is None: return task.cancelled()
            context.after_response(work)
        """
    )
    api.invoke("leave")
    assert api.invoke(None).json() is True
    assert "which are cancelled: left (background)." in process.kill()


@for_async_handlers
def test_work_after_the_response_that_cancels_itself_fails_and_the_rest_is_done(
    api: FakeRuntimeAPI, serve: Serve
) -> None:
    process = serve(
        """
        def cancel(): asyncio.current_task().cancel()
        async def handler(event, context):
            context.after_response(cancel)
            context.after_response(print, "the rest")
            return event
        """
    )
    for _ in range(2):
        assert api.invoke([1]).json() == [1]
    api.wait_for_poll()
    out, err = process.end()
    assert out.count("[ERROR] CancelledError") == 2
    assert out.count("the rest") == 2
    assert err == ""


@pytest.mark.parametrize("kind", ["def socket"], indirect=True)
def test_async_work_of_a_def_handler_is_logged_as_what_it_is(
    api: FakeRuntimeAPI, start: Callable[..., FunctionProcess], kind: str
) -> None:
    process = start(
        """
        async def work(): ...
        def handler(event, context):
            context.after_response(work)
            return event
        """
    )
    assert api.invoke([1]).json() == [1]
    api.wait_for_poll()
    assert "is asynchronous, and the handler is not" in process.kill()


def test_work_after_responses_leaves_nothing_behind(
    api: FakeRuntimeAPI, start: Callable[..., FunctionProcess]
) -> None:
    """Not even until the next garbage collection, which here never comes."""
    start("""
        import gc
        gc.disable()
        async def work(context): pass
        async def handler(event, context):
            context.after_response(work, context)
            if event == "count":
                return sum(type(each) is type(context) for each in gc.get_objects())
    """)
    for _ in range(400):
        api.invoke({})
    assert api.invoke("count").json() == 1
