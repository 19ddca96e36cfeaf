"""Effects of a function's import on its process: the environment works on, or Lambda hears why.

Each is tried with one invocation at a time, and with workers that a supervisor starts.
"""

from __future__ import annotations

import os
import signal
import sys
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from lambda_testing import FakeRuntimeAPI, Function

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .conftest import FunctionProcess

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes as on Lambda")

EFFECTS = {
    "a thread waits for every child": """
        import threading
        def wait():
            while True:
                try:
                    os.waitpid(-1, 0)
                except ChildProcessError:
                    time.sleep(0.01)
        threading.Thread(target=wait, daemon=True).start()
        """,
    "SIGCHLD is ignored": "signal.signal(signal.SIGCHLD, signal.SIG_IGN)",
    "SIGCHLD is handled": """
        def wait(*_):
            try:
                os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                pass
        signal.signal(signal.SIGCHLD, wait)
        """,
    "SIGCHLD is blocked": "signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])",
    "SIGPIPE ends the process": "signal.signal(signal.SIGPIPE, signal.SIG_DFL)",
    "gevent": "from gevent import monkey; monkey.patch_all()",
    "gevent in use": """
        from gevent import monkey; monkey.patch_all()
        import gevent
        gevent.spawn(time.sleep, 0.001).join()
        """,
    "gevent, a thread": """
        from gevent import monkey; monkey.patch_all()
        import threading
        threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
        """,
    "eventlet": """
        import warnings
        warnings.simplefilter("ignore")
        import eventlet
        eventlet.monkey_patch()
        """,
    "sys.stdout is closed": "sys.stdout.close()",
    "sys.stderr is closed": "sys.stderr.close()",
    "both are closed": "sys.stdout.close(); sys.stderr.close()",
    "sys.stdout is None": "sys.stdout = None",
    "the descriptor of stdout is closed": "os.close(1)",
    "the descriptors of all three are closed": "os.closerange(0, 3)",
    "all other descriptors are closed": "os.closerange(3, 100)",
    "all other descriptors are closed, a thread": """
        import threading
        threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
        os.closerange(3, 100)
        """,
    "the working directory is deleted": """
        import tempfile
        directory = tempfile.mkdtemp()
        os.chdir(directory)
        os.rmdir(directory)
        """,
    "the working directory is deleted, a thread": """
        import tempfile, threading
        threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
        directory = tempfile.mkdtemp()
        os.chdir(directory)
        os.rmdir(directory)
        """,
    "a session of its own": """
        try:
            os.setsid()
        except PermissionError:  # it leads a group already
            os.setpgid(0, 0)
        """,
}

SOURCE = """
import contextlib, os, signal, sys, time
from lambda_runtime import function

{effect}

@contextlib.contextmanager
def lifespan():
    yield

@function(lifespan=lifespan)
{kind} handler(event, context):
    if event == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if event == "raise":
        raise ValueError("x")
    return os.getpid()
"""


# Both kinds of handlers wait, and start processes, in the same way, except for an event loop's own
# descriptors and signals.
OF_EVENT_LOOPS = [
    name for name in EFFECTS if any(word in name for word in ("SIG", "event", "descriptors"))
]


@pytest.mark.parametrize(
    ("kind", "effect"),
    [("def", effect) for effect in EFFECTS] + [("async def", effect) for effect in OF_EVENT_LOOPS],
)
def test_one_at_a_time(
    api: FakeRuntimeAPI, start: Callable[..., FunctionProcess], kind: str, effect: str
) -> None:
    process = start(SOURCE.format(effect=dedent(EFFECTS[effect]), kind=kind))
    pid = api.invoke(1).json()
    assert pid == process.popen.pid
    assert api.invoke("raise").json()["errorMessage"] == "x"
    assert api.invoke(2).json() == pid
    process.popen.terminate()
    assert process.wait()[0] == 0


@pytest.fixture
def managed() -> Iterator[FakeRuntimeAPI]:
    with FakeRuntimeAPI(function=Function(max_concurrency=1)) as api:
        yield api


@pytest.mark.parametrize(
    ("kind", "effect"),
    [("def", effect) for effect in ("a thread waits for every child", "gevent", "eventlet")]
    + [("async def", effect) for effect in EFFECTS],
)
def test_workers(
    managed: FakeRuntimeAPI, start: Callable[..., FunctionProcess], kind: str, effect: str
) -> None:
    process = start(
        SOURCE.format(effect=dedent(EFFECTS[effect]), kind=kind), **managed.environment()
    )
    assert managed.invoke(1).json() != process.popen.pid
    error = managed.invoke("die").json()
    assert error["errorType"] == "Runtime.ExitError"
    before = managed.invoke(1).json()  # the worker that has died has a successor
    assert managed.invoke("die").json()["errorType"] == "Runtime.ExitError"
    assert managed.invoke(2).json() not in (before, process.popen.pid)
    assert managed.invoke("raise").json()["errorMessage"] == "x"
    process.popen.terminate()
    assert process.wait()[0] == 0
    with pytest.raises(ProcessLookupError):
        os.kill(before, signal.SIGKILL)
