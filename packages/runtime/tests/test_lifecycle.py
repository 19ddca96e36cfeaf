"""The lifespan around a function's invocations, and the signal that ends them."""

from __future__ import annotations

import signal
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest

from lambda_testing import FakeRuntimeAPI, Function, Reply

from .conftest import GATES, KINDS

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import FunctionProcess

    Serve = Callable[..., FunctionProcess]

REGISTER = "/2020-01-01/extension/register"
EVENT_NEXT = "/2020-01-01/extension/event/next"
NEXT = "/2018-06-01/runtime/invocation/next"


@pytest.fixture
def serve(kind: str, start: Callable[..., FunctionProcess]) -> Serve:
    """Start a program whose handler is declared as the transport needs it."""

    def serve(source: str, options: str = "") -> FunctionProcess:
        define, _, transport = kind.rpartition(" ")
        source = dedent(source)
        if define == "def":
            source = source.replace("async def handler", "def handler").replace(
                "await gate", "gate"
            )
        lines = (
            "import asyncio, os, signal, sys",
            "from contextlib import asynccontextmanager, contextmanager",
            "from lambda_runtime import run",
            GATES[define],
            source,
            f"run(handler, transport={transport!r}, {options})",
        )
        return start("\n".join(lines), "app.py")

    return serve


def terminate(process: FunctionProcess) -> tuple[int, str, str]:
    """Send what Lambda sends before it ends an environment; return what becomes of the process."""
    process.popen.send_signal(signal.SIGTERM)
    return process.wait()


def calls_of(api: FakeRuntimeAPI) -> list[str]:
    return [request.path for request in api.requests]


LIFESPANS = {
    "sync function": """
        @contextmanager
        def lifespan():
            print("entered")
            yield {"pool": 1}
            print("left")
    """,
    "sync manager": """
        @contextmanager
        def opened():
            print("entered")
            yield {"pool": 1}
            print("left")
        lifespan = opened()
    """,
    "sync class": """
        class lifespan:
            def __enter__(self):
                print("entered")
                return {"pool": 1}
            def __exit__(self, *exc):
                print("left")
    """,
    "async function": """
        @asynccontextmanager
        async def lifespan():
            print("entered")
            await asyncio.sleep(0)
            yield {"pool": 1}
            await asyncio.sleep(0)
            print("left")
    """,
    "async class": """
        class lifespan:
            async def __aenter__(self):
                print("entered")
                return {"pool": 1}
            async def __aexit__(self, *exc):
                await asyncio.sleep(0)
                print("left")
    """,
}
HANDLER = """
    async def handler(event, context):
        if event == "exit": sys.exit(3)
        print("invoked")
        context.state["pool"] += 1
        return context.state
"""


@pytest.mark.parametrize(
    ("kind", "lifespan"),
    [
        (kind, lifespan)
        for kind in KINDS
        for lifespan in LIFESPANS
        if kind != "def socket" or lifespan.startswith("sync")
    ],
    indirect=["kind"],
)
def test_a_lifespan_is_entered_once_and_left_when_lambda_ends_the_process(
    api: FakeRuntimeAPI, serve: Serve, lifespan: str
) -> None:
    process = serve(dedent(LIFESPANS[lifespan]) + dedent(HANDLER), "lifespan=lifespan")
    assert api.invoke({}).json() == {"pool": 2}
    assert api.invoke({}).json() == {"pool": 3}
    api.wait_for_poll()
    assert terminate(process) == (0, "entered\ninvoked\ninvoked\nleft\n", "")


def test_without_a_lifespan_the_state_is_an_error(api: FakeRuntimeAPI, serve: Serve) -> None:
    serve("async def handler(event, context): return [context.state]")
    error = api.invoke({}).json()
    assert error["errorType"] == "AttributeError"
    assert "@function(lifespan=...)" in error["errorMessage"]


def test_a_lifespan_is_left_when_the_handler_ends_the_process(
    api: FakeRuntimeAPI, serve: Serve
) -> None:
    process = serve(dedent(LIFESPANS["sync function"]) + dedent(HANDLER), "lifespan=lifespan")
    assert api.invoke("exit").json()["errorType"] == "SystemExit"
    code, out, err = process.wait()
    assert (code, err) == (3, "")
    lines = out.splitlines()
    assert (lines[0], lines[-1]) == ("entered", "left")
    assert lines.count("left") == 1


def test_a_lifespan_is_left_when_the_runtime_api_is_gone(api: FakeRuntimeAPI, serve: Serve) -> None:
    process = serve(dedent(LIFESPANS["sync function"]) + dedent(HANDLER), "lifespan=lifespan")
    api.wait_for_poll()
    api.close()
    code, out, err = process.wait()
    assert (code, err) == (1, "")
    entered, left, fatal = out.splitlines()
    assert (entered, left) == ("entered", "left")
    assert fatal.startswith("[FATAL]\t")


def test_a_failure_of_leaving_is_logged_and_the_process_ends_all_the_same(
    api: FakeRuntimeAPI, serve: Serve
) -> None:
    process = serve(
        """
        @contextmanager
        def lifespan():
            yield
            raise ValueError("cannot close")
        async def handler(event): ...
        """,
        "lifespan=lifespan",
    )
    api.wait_for_poll()
    code, out, err = terminate(process)
    assert (code, err) == (0, "")
    assert out.startswith("[ERROR] ValueError: cannot close\r")
    assert out.count("[ERROR]") == 1


NO_LIFESPAN = {
    "fails": (
        "@contextmanager\ndef lifespan():\n    raise ValueError('no database')\n    yield",
        "ValueError",
        "no database",
    ),
    "exits": (
        "@contextmanager\ndef lifespan():\n    sys.exit(7)\n    yield",
        "SystemExit",
        "7",
    ),
    "is a value": ("lifespan = 5", "TypeError", "the lifespan is not a context manager: 5"),
    "returns a value": (
        "def lifespan(): return 5",
        "TypeError",
        "returned int, which is not a context manager: decorate it with contextlib.contextmanager",
    ),
    "is a generator": (
        "def lifespan():\n    yield",
        "TypeError",
        "returned generator, which is not a context manager",
    ),
    "wants arguments": (
        "@contextmanager\ndef lifespan(app):\n    yield",
        "TypeError",
        "missing 1 required positional argument: 'app'",
    ),
}


@pytest.mark.parametrize("kind", KINDS[:2], indirect=True)
@pytest.mark.parametrize("what", NO_LIFESPAN)
def test_a_lifespan_that_cannot_be_entered_is_a_failed_start(
    api: FakeRuntimeAPI, serve: Serve, what: str
) -> None:
    source, error_type, message = NO_LIFESPAN[what]
    process = serve(f"{source}\nasync def handler(event): ...", "lifespan=lifespan")
    told = api.wait_for_init_error().json()
    assert told["errorType"] == error_type
    assert message in told["errorMessage"]
    code, out, err = process.wait()
    assert code == (7 if error_type == "SystemExit" else 1)
    assert out.count("[ERROR]") == 1
    assert err == ""
    assert NEXT not in calls_of(api)


@pytest.mark.parametrize("kind", ["def socket"], indirect=True)
@pytest.mark.parametrize("lifespan", ["async function", "async class"])
def test_an_async_lifespan_around_a_def_handler_says_what_to_do(
    api: FakeRuntimeAPI, serve: Serve, lifespan: str
) -> None:
    process = serve(dedent(LIFESPANS[lifespan]) + dedent(HANDLER), "lifespan=lifespan")
    told = api.wait_for_init_error().json()
    assert told["errorType"] == "TypeError"
    assert told["errorMessage"].endswith("declare the handler with `async def`")
    assert process.wait()[0] == 1


@pytest.mark.parametrize("kind", KINDS[1:], indirect=True)
def test_tasks_that_the_lifespan_starts_live_as_long_as_it_does(
    api: FakeRuntimeAPI, serve: Serve
) -> None:
    process = serve(
        """
        @asynccontextmanager
        async def lifespan():
            queue = asyncio.Queue()
            async def work():
                while True:
                    answer, value = await queue.get()
                    answer.set_result(value * 2)
            async with asyncio.TaskGroup() as group:
                task = group.create_task(work())
                yield queue
                task.cancel()
            print("left")
        async def handler(event, context):
            answer = asyncio.get_running_loop().create_future()
            await context.state.put((answer, event))
            return await answer
        """,
        "lifespan=lifespan",
    )
    assert [api.invoke(n).json() for n in (1, 2, 3)] == [2, 4, 6]
    api.wait_for_poll()
    assert terminate(process) == (0, "left\n", "")


PLAIN = "async def handler(event): return event"


@pytest.mark.parametrize("options", ["graceful_shutdown=True", "lifespan=contextmanager(once)"])
def test_a_shutdown_signal_is_asked_for_before_the_first_poll(
    api: FakeRuntimeAPI, serve: Serve, options: str
) -> None:
    process = serve(PLAIN, options.replace("once", "lambda: (yield)"))
    api.wait_for_poll()
    assert sorted(calls_of(api)) == sorted([REGISTER, EVENT_NEXT, NEXT])
    assert calls_of(api)[0] == REGISTER
    (extension,) = api.extensions
    assert extension.name == "lambda-runtime-shutdown"
    assert extension.events == ()
    assert extension.polled
    assert api.invoke([1]).json() == [1]
    api.wait_for_poll()
    assert calls_of(api).count(EVENT_NEXT) == 1, "its poll stays where it is"
    assert terminate(process) == (0, "", "")


@pytest.mark.parametrize(
    "options", ["", "graceful_shutdown=False", "lifespan=opened, graceful_shutdown=False"]
)
def test_a_shutdown_signal_is_not_asked_for_unasked(
    api: FakeRuntimeAPI, serve: Serve, options: str
) -> None:
    serve(f"@contextmanager\ndef opened(): yield\n{PLAIN}", options)
    api.wait_for_poll()
    assert calls_of(api) == [NEXT]
    assert api.extensions == ()


@pytest.mark.parametrize("kind", KINDS[:2], indirect=True)
@pytest.mark.parametrize(
    ("endpoint", "reply", "reason"),
    [
        ("extension/register", Reply(403, b"closed"), "status 403: closed"),
        ("extension/register", Reply(500, b"broken"), "status 500: broken"),
        ("extension/register", Reply(200, b"{}"), "status 200: {}"),
        ("extension/register", Reply(disconnect=True), "closed"),
    ],
)
def test_a_refused_registration_costs_nothing_but_the_signal(
    api: FakeRuntimeAPI, serve: Serve, endpoint: Any, reply: Reply, reason: str
) -> None:
    api.reply_with(endpoint, reply)
    process = serve(PLAIN, "graceful_shutdown=True")
    assert api.invoke([1]).json() == [1]
    api.wait_for_poll()
    code, out, err = terminate(process)
    assert (code, err) == (0, ""), "a signal that comes nevertheless is heard"
    (line,) = out.splitlines()
    assert line.startswith("[WARN]\t")
    assert "Lambda will send no shutdown signal: " in line
    assert reason in line


def test_a_signal_while_the_handler_works_lets_it_answer_first(
    api: FakeRuntimeAPI, serve: Serve, gate: Callable[[], object]
) -> None:
    process = serve(
        """
        @contextmanager
        def lifespan():
            yield
            print("left")
        async def handler(event):
            print("working")
            await gate()
            print("worked")
            return event
        """,
        "lifespan=lifespan",
    )
    invocation = api.enqueue([1])
    assert process.read_line() == "working"
    process.popen.send_signal(signal.SIGTERM)
    gate()
    assert invocation.wait().json() == [1]
    assert process.wait() == (0, "worked\nleft\n", "")
    assert calls_of(api).count(NEXT) == 1, "no further invocation was asked for"


@pytest.mark.parametrize("kind", KINDS[1:], indirect=True)
def test_a_signal_leaves_tasks_to_the_lifespan_that_started_them(
    api: FakeRuntimeAPI, serve: Serve
) -> None:
    process = serve(
        """
        @asynccontextmanager
        async def lifespan():
            async def work():
                try:
                    print("working")
                    await asyncio.Event().wait()
                finally:
                    print("cancelled")
            async with asyncio.TaskGroup() as group:
                task = group.create_task(work())
                yield
                await asyncio.sleep(0.001)
                print("closing", task.done())
                task.cancel()
            print("left")
        async def handler(event):
            print("called")
            return event
        """,
        "lifespan=lifespan",
    )
    assert api.enqueue([1]).wait().json() == [1]
    assert process.read_line() == "working"
    assert process.read_line() == "called"
    api.wait_for_poll()
    assert terminate(process) == (0, "closing False\ncancelled\nleft\n", "")


def test_a_signal_while_a_response_is_streamed_lets_it_end(
    api: FakeRuntimeAPI, serve: Serve, gate: Callable[[], object]
) -> None:
    process = serve(
        """
        async def handler(event):
            yield "a"
            await gate()
            yield "b"
        """,
        "graceful_shutdown=True",
    )
    invocation = api.enqueue({})
    invocation.wait_for_chunk(0)
    process.popen.send_signal(signal.SIGTERM)
    gate()
    assert invocation.wait().body == b"ab"
    assert process.wait() == (0, "", "")


def test_a_signal_during_work_after_the_response_lets_it_end(
    api: FakeRuntimeAPI, serve: Serve, gate: Callable[[], object]
) -> None:
    process = serve(
        """
        async def handler(event, context):
            context.after_response(gate)
            context.after_response(print, "done")
            print("asked")
        """,
        "graceful_shutdown=True",
    )
    invocation = api.enqueue({})
    assert process.read_line() == "asked"
    assert invocation.wait().kind == "response"
    process.popen.send_signal(signal.SIGTERM)
    gate()
    assert process.wait() == (0, "done\n", "")


@pytest.mark.parametrize("options", ["", "graceful_shutdown=True"])
def test_the_functions_own_signal_handler_stays(
    api: FakeRuntimeAPI, serve: Serve, options: str
) -> None:
    process = serve(
        f"""
        def own(*_):
            print("mine")
            os._exit(9)
        signal.signal(signal.SIGTERM, own)
        {PLAIN}
        """,
        options,
    )
    api.wait_for_poll()
    assert terminate(process) == (9, "mine\n", "")


@pytest.mark.parametrize("kind", KINDS[1:], indirect=True)
def test_the_functions_own_signal_handler_on_the_event_loop_stays(
    api: FakeRuntimeAPI, serve: Serve
) -> None:
    process = serve(
        """
        @asynccontextmanager
        async def lifespan():
            def own():
                print("mine")
                os._exit(9)
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, own)
            yield
        async def handler(event): return event
        """,
        "lifespan=lifespan",
    )
    assert api.invoke([1]).json() == [1]
    api.wait_for_poll()
    assert terminate(process) == (9, "mine\n", "")


def test_a_thread_may_serve_while_the_main_one_hears_the_signal(
    api: FakeRuntimeAPI, start: Callable[..., FunctionProcess]
) -> None:
    process = start(
        dedent("""
        import os, signal, threading
        from lambda_runtime import run
        def own(*_):
            print("mine", flush=True)
            os._exit(9)
        signal.signal(signal.SIGTERM, own)
        thread = threading.Thread(target=run, args=(lambda event: event,))
        thread.start()
        thread.join()
        """),
        "app.py",
    )
    assert api.invoke([1]).json() == [1]
    assert terminate(process) == (9, "mine\n", "")


def test_without_a_wish_the_signal_does_what_it_always_does(
    api: FakeRuntimeAPI, serve: Serve
) -> None:
    process = serve(PLAIN)
    api.wait_for_poll()
    assert terminate(process) == (-signal.SIGTERM, "", "")


def test_an_interrupt_while_it_waits_leaves_the_lifespan(api: FakeRuntimeAPI, serve: Serve) -> None:
    # A shell's jobs in the background ignore it, and so does what these tests start there.
    hear = "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    process = serve(
        hear + dedent(LIFESPANS["sync function"]) + dedent(HANDLER), "lifespan=lifespan"
    )
    api.wait_for_poll()
    process.popen.send_signal(signal.SIGINT)
    assert process.wait() == (130, "entered\nleft\n", "")


def test_a_signal_while_the_event_loop_of_a_worker_ends_is_ignored(
    start: Callable[..., FunctionProcess],
) -> None:
    with FakeRuntimeAPI(function=Function(max_concurrency=1)) as api:
        process = start(
            """
            import asyncio, os, signal
            close = asyncio.SelectorEventLoop._close_self_pipe
            def close_and_signal(loop):
                close(loop)
                os.kill(os.getpid(), signal.SIGTERM)
            asyncio.SelectorEventLoop._close_self_pipe = close_and_signal
            async def handler(event): return event
            """,
            **api.environment(),
        )
        assert api.invoke([1]).json() == [1]
        api.wait_for_poll()
        assert terminate(process) == (0, "", "")


TERMINATED_WHILE_LEFT = {
    "sync": """
        @contextmanager
        def lifespan():
            yield
            os.kill(os.getpid(), signal.SIGTERM)
            print("left")
    """,
    "async": """
        @asynccontextmanager
        async def lifespan():
            yield
            os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.sleep(0.001)
            print("left")
    """,
    "async, in a task": """
        @asynccontextmanager
        async def lifespan():
            yield
            async def terminate():
                os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.create_task(terminate())
            await asyncio.sleep(0.001)
            print("left")
    """,
}


@pytest.mark.parametrize("lifespan", TERMINATED_WHILE_LEFT)
def test_a_second_signal_lets_the_lifespan_end(
    api: FakeRuntimeAPI, serve: Serve, kind: str, lifespan: str
) -> None:
    if lifespan != "sync" and kind.startswith("def"):
        pytest.skip("it has no event loop")
    process = serve(dedent(TERMINATED_WHILE_LEFT[lifespan]) + PLAIN, "lifespan=lifespan")
    api.wait_for_poll()
    assert terminate(process) == (0, "left\n", "")


def test_a_signal_after_the_runtime_api_is_gone_lets_the_lifespan_end(
    api: FakeRuntimeAPI, serve: Serve
) -> None:
    process = serve(dedent(TERMINATED_WHILE_LEFT["sync"]) + PLAIN, "lifespan=lifespan")
    api.wait_for_poll()
    api.close()
    code, out, _ = process.wait()
    assert (code, out.splitlines()[0]) == (1, "left")


@pytest.mark.parametrize("call", ["handler(event)", "asyncio.run(handler(event))"])
def test_a_signal_in_a_task_of_a_lifespan_around_calls_ends_only_the_wait(
    api: FakeRuntimeAPI,
    start: Callable[..., FunctionProcess],
    gate: Callable[[], object],
    call: str,
) -> None:
    process = start(
        f"""
        import asyncio, functools, os, signal
        from contextlib import asynccontextmanager
        from lambda_runtime import run
        {GATES["async def"]}

        async def work():
            await gate()
            os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.sleep(0)
            print("goes on")
            await asyncio.Event().wait()

        @asynccontextmanager
        async def lifespan():
            async with asyncio.TaskGroup() as group:
                task = group.create_task(work())
                yield
                await asyncio.sleep(0.001)
                print("closing", task.done())
                task.cancel()
            print("left")

        def outside_of_a_loop(handler):
            @functools.wraps(handler)
            def call(event, context):
                return {call}
            return call

        @outside_of_a_loop
        async def handler(event):
            return event

        run(handler, lifespan=lifespan)
        """,
        "app.py",
    )
    assert api.invoke([1]).json() == [1]
    api.wait_for_poll()
    gate()
    assert process.wait() == (0, "goes on\nclosing False\nleft\n", "")
