"""SnapStart: what happens before the snapshot, and after it is restored."""

from __future__ import annotations

import json
import signal
import sys
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest

from lambda_testing import FakeRuntimeAPI, Function, Reply

from .conftest import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lambda_testing import Request

    from .conftest import FunctionProcess

    Serve = Callable[..., FunctionProcess]

RESTORE_NEXT = "/2018-06-01/runtime/restore/next"
INIT_ERROR = "/2018-06-01/runtime/init/error"
RESTORE_ERROR = "/2018-06-01/runtime/restore/error"
NEXT = "/2018-06-01/runtime/invocation/next"


@pytest.fixture
def api() -> Iterator[FakeRuntimeAPI]:
    with FakeRuntimeAPI(function=Function(snap_start=True)) as api:
        yield api


@pytest.fixture
def serve(kind: str, start: Callable[..., FunctionProcess]) -> Serve:
    """Start a program whose handler is declared as the transport needs it."""

    def serve(source: str, options: str = "") -> FunctionProcess:
        define, _, transport = kind.rpartition(" ")
        source = dedent(source)
        if define == "def":
            source = source.replace("async def handler", "def handler")
        lines = (
            "import asyncio, os, random, signal, sys",
            "from contextlib import contextmanager",
            "from functools import partial",
            "from lambda_runtime import register_after_restore, register_before_snapshot, run",
            source,
            f"run(handler, transport={transport!r}, {options})",
        )
        return start("\n".join(lines), "app.py")

    return serve


def paths(api: FakeRuntimeAPI) -> list[str]:
    return [request.path for request in api.requests]


def output(process: FunctionProcess) -> list[str]:
    """End a process that waits, and return the lines that it has printed."""
    return process.kill().splitlines()


def test_hooks_run_around_the_snapshot_in_their_order(api: FakeRuntimeAPI, serve: Serve) -> None:
    process = serve(
        """
        @contextmanager
        def lifespan():
            print("lifespan")
            yield

        @register_before_snapshot
        def first(): print("before 1")
        register_before_snapshot(print, "before 2", end="!\\n")
        register_after_restore(print, "after 1", end="!\\n")
        @register_after_restore
        def second(): print("after 2")

        assert first() is None, "a decorated function stays what it was"
        async def handler(event):
            print("invoked")
            return event
        """,
        "lifespan=lifespan, graceful_shutdown=False",
    )
    invocation = api.enqueue([1])
    api.wait_for_snapshot()
    assert paths(api) == [RESTORE_NEXT], "it asks for nothing before it is restored"
    api.restore()
    assert invocation.wait().json() == [1]
    api.wait_for_poll()
    assert paths(api)[:2] == [RESTORE_NEXT, NEXT]
    assert output(process) == [
        "before 1",
        "lifespan",
        "before 2!",
        "before 1",
        "after 1!",
        "after 2",
        "invoked",
    ]


def test_hooks_wait_for_the_restore(api: FakeRuntimeAPI, serve: Serve) -> None:
    process = serve(
        """
        register_before_snapshot(print, "before")
        register_after_restore(print, "after")
        async def handler(event): ...
        """
    )
    api.wait_for_snapshot()
    assert output(process) == ["before"]


def test_without_hooks_the_restore_is_waited_for_all_the_same(
    api: FakeRuntimeAPI, serve: Serve
) -> None:
    serve("async def handler(event): return event")
    api.wait_for_snapshot()
    api.restore()
    assert api.invoke([1]).json() == [1]
    assert paths(api)[:2] == [RESTORE_NEXT, NEXT]


def test_hooks_of_the_managed_runtimes_package_count_too(api: FakeRuntimeAPI, serve: Serve) -> None:
    process = serve(
        """
        import snapshot_restore_py as aws
        aws.register_before_snapshot(print, "aws before 1")
        register_before_snapshot(print, "before")
        aws.register_before_snapshot(print, "aws before 2")
        aws.register_after_restore(print, "aws after 1")
        register_after_restore(print, "after")
        aws.register_after_restore(print, "aws after 2")
        async def handler(event): ...
        """
    )
    api.wait_for_snapshot()
    api.restore()
    api.wait_for_poll()
    assert output(process) == [
        "before",
        "aws before 2",
        "aws before 1",
        "aws after 1",
        "aws after 2",
        "after",
    ]


def test_the_managed_runtimes_package_need_not_be_there(api: FakeRuntimeAPI, serve: Serve) -> None:
    process = serve(
        """
        sys.modules["snapshot_restore_py"] = None  # as if it could not be imported
        register_before_snapshot(print, "before")
        register_after_restore(print, "after")
        async def handler(event): ...
        """
    )
    api.wait_for_snapshot()
    api.restore()
    api.wait_for_poll()
    assert output(process) == ["before", "after"]


@pytest.mark.parametrize("kind", KINDS[1:], indirect=True)
def test_async_hooks_are_awaited_on_the_handlers_event_loop(
    api: FakeRuntimeAPI, serve: Serve
) -> None:
    process = serve(
        """
        loops = []
        async def hook(word):
            await asyncio.sleep(0)
            loops.append(asyncio.get_running_loop())
            print(word)
        register_before_snapshot(hook, "before")
        register_after_restore(hook, "after 1")
        register_after_restore(print, "after 2")
        async def handler(event):
            return {loop is asyncio.get_running_loop() for loop in loops} == {True}
        """
    )
    api.wait_for_snapshot()
    api.restore()
    assert api.invoke({}).json() is True
    assert output(process) == ["before", "after 1", "after 2"]


@pytest.mark.parametrize("kind", ["def socket"], indirect=True)
def test_an_async_hook_of_a_def_handler_says_what_is_wrong(
    api: FakeRuntimeAPI, serve: Serve
) -> None:
    process = serve(
        """
        @register_before_snapshot
        async def hook(): ...
        async def handler(event): ...
        """
    )
    told = api.wait_for_init_error()
    assert "this hook is asynchronous, and the handler is not" in told.json()["errorMessage"]
    assert process.wait()[0] == 64


HOOKS = {
    "raises": "def hook():\n    raise ValueError('no')",
    "exits": "def hook():\n    sys.exit(3)",
    "awaits and raises": (
        "async def hook():\n    await asyncio.sleep(0)\n    raise ValueError('no')"
    ),
    "awaits and exits": "async def hook():\n    await asyncio.sleep(0)\n    sys.exit(3)",
}


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        (kind, what)
        for kind in KINDS[:2]
        for what in HOOKS
        if kind != "def socket" or "awaits" not in what
    ],
    indirect=["kind"],
)
@pytest.mark.parametrize("phase", ["before_snapshot", "after_restore"])
def test_a_hook_that_fails_ends_the_process(
    api: FakeRuntimeAPI, serve: Serve, what: str, phase: str
) -> None:
    process = serve(
        f"{HOOKS[what]}\nregister_{phase}(hook)\n"
        "register_after_restore(print, 'never')\n"
        "@contextmanager\ndef lifespan():\n    yield\n    print('left')\n"
        "async def handler(event): ...",
        "lifespan=lifespan, graceful_shutdown=False",
    )
    if phase == "before_snapshot":
        told, code, expected = api.wait_for_init_error(), 64, "Runtime.BeforeSnapshotError"
    else:
        api.wait_for_snapshot()
        api.restore()
        told, code, expected = api.wait_for_restore_error(), 65, "Runtime.AfterRestoreError"
    error = told.json()
    assert told.error_type == expected
    assert error["errorType"] == ("SystemExit" if "exits" in what else "ValueError")
    assert error["errorMessage"] == ("3" if "exits" in what else "no")
    assert error["requestId"] == ""
    assert "in hook\n" in error["stackTrace"][-1]
    status, out, err = process.wait()
    assert (status, err) == (code, "")
    assert out.count("[ERROR]") == 1
    assert "never" not in out
    assert out.splitlines()[-1] == "left", "what the lifespan has opened is closed"
    assert NEXT not in paths(api)


def test_a_refused_restore_is_a_failed_start(api: FakeRuntimeAPI, serve: Serve) -> None:
    api.reply_with("restore/next", Reply(500, b"broken"))
    process = serve("async def handler(event): ...")
    told = api.wait_for_init_error()
    assert told.error_type == "Runtime.BeforeSnapshotError"
    assert "refused to restore: status 500: broken" in told.json()["errorMessage"]
    assert process.wait()[0] == 64


def test_a_hook_that_fails_when_lambda_is_gone_ends_the_process_too(
    api: FakeRuntimeAPI, serve: Serve
) -> None:
    process = serve("async def handler(event): ...")
    api.wait_for_snapshot()
    api.close()
    code, out, err = process.wait()
    assert (code, err) == (64, "")
    assert "[FATAL]" in out


def test_environments_of_one_snapshot_draw_different_numbers(
    api: FakeRuntimeAPI, serve: Serve
) -> None:
    serve(
        """
        random.seed(1)
        expected = random.Random(1).random()
        async def handler(event): return random.random() == expected
        """
    )
    api.wait_for_snapshot()
    api.restore()
    assert api.invoke({}).json() is False


def test_a_seed_that_a_hook_sets_stays(api: FakeRuntimeAPI, serve: Serve) -> None:
    serve(
        """
        register_after_restore(random.seed, 1)
        async def handler(event): return random.random() == random.Random(1).random()
        """
    )
    api.wait_for_snapshot()
    api.restore()
    assert api.invoke({}).json() is True


def test_the_shutdown_signal_is_waited_for_again_after_the_restore(
    api: FakeRuntimeAPI, serve: Serve
) -> None:
    process = serve("async def handler(event): return event", "graceful_shutdown=True")
    api.wait_for_snapshot()
    (extension,) = api.extensions
    assert extension.polled
    api.restore()
    assert api.invoke([1]).json() == [1]
    api.wait_for_poll()
    polls = [path for path in paths(api) if path.endswith("/event/next")]
    assert len(polls) == 2, "the snapshot has broken the first one's connection"
    process.popen.send_signal(signal.SIGTERM)
    assert process.wait() == (0, "", "")


@pytest.mark.skipif(sys.platform != "linux", reason="Linux tells what a process has open")
@pytest.mark.parametrize("graceful_shutdown", [False, True])
def test_no_connection_to_lambda_outlives_the_snapshot(
    api: FakeRuntimeAPI, serve: Serve, *, graceful_shutdown: bool
) -> None:
    process = serve(
        """
        import socket
        def connections():
            found = set()
            for name in os.listdir("/proc/self/fd"):
                try:
                    with socket.socket(fileno=os.dup(int(name))) as it:
                        peer = it.getpeername()
                except OSError:
                    continue  # no socket, or not connected
                if os.environ["AWS_LAMBDA_RUNTIME_API"] == ":".join(map(str, peer)):
                    found.add(os.readlink("/proc/self/fd/" + name))
            return found
        before = set()
        @register_before_snapshot
        def note():
            before.update(connections())
            print(len(before))
        @register_after_restore
        def compare():
            after = connections()
            print(len(after), len(after & before))
        async def handler(event): ...
        """,
        f"graceful_shutdown={graceful_shutdown}",
    )
    api.wait_for_snapshot()
    api.restore()
    api.wait_for_poll()
    assert output(process) == (["1", "1 0"] if graceful_shutdown else ["0", "0 0"])


def test_a_function_that_is_not_restored_runs_no_hooks(
    start: Callable[..., FunctionProcess],
) -> None:
    with FakeRuntimeAPI() as api:
        process = start(
            """
            from lambda_runtime import register_after_restore, register_before_snapshot
            register_before_snapshot(print, "never")
            register_after_restore(print, "never")
            def handler(event): return event
            """,
            **api.environment(),
        )
        assert api.invoke([1]).json() == [1]
        assert output(process) == []


@pytest.mark.skipif(sys.platform != "linux", reason="AWS publishes awslambdaric for Linux only")
@pytest.mark.parametrize("phase", ["before_snapshot", "after_restore"])
def test_a_failed_hook_is_told_as_the_managed_runtime_tells_it(
    start: Callable[..., FunctionProcess], phase: str
) -> None:
    source = f"""
        from snapshot_restore_py import register_{phase}
        register_{phase}(print, "called first or last")
        @register_{phase}
        def hook(): raise ValueError("no")
        register_{phase}(print, "called last or first")
        def handler(event, context): ...
    """
    seen: list[dict[str, Any]] = []
    for module in ("awslambdaric", "lambda_runtime"):
        with FakeRuntimeAPI(function=Function(snap_start=True)) as api:
            process = start(source, "-m", module, "app.handler", **api.environment())
            if phase == "after_restore":
                api.wait_for_snapshot()
                api.restore()
            code, out, _ = process.wait()
            seen.append({"code": code, "calls": [told(request) for request in api.requests]})
            seen[-1]["lines"] = [line for line in out.splitlines() if line.startswith("called")]
    aws, ours = seen
    assert ours == aws
    assert ours["code"] == (64 if phase == "before_snapshot" else 65)


def told(request: Request) -> dict[str, Any]:
    """Return what a request says; the frames of the trace that are the function's."""
    error = json.loads(request.body) if request.body else None
    if error:
        error["stackTrace"] = [frame for frame in error["stackTrace"] if "app.py" in frame]
        assert error["stackTrace"]
    error_type = request.headers.get("Lambda-Runtime-Function-Error-Type")
    return {"call": f"{request.method} {request.path}", "type": error_type, "error": error}
