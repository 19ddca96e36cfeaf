"""Processes that a function forks: they keep no part of the runtime, and end by themselves."""

from __future__ import annotations

import signal
import sys
from textwrap import dedent, indent
from typing import TYPE_CHECKING

import pytest

from lambda_testing import FakeRuntimeAPI, Function

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from .conftest import FunctionProcess

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks as on Lambda")

HEADER = """
import asyncio, atexit, contextlib, multiprocessing, os, pty, signal, subprocess, sys, threading
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from lambda_runtime import current_context, function, register_observer

# Programs that a shell starts in the background ignore it, and these tests may be one.
signal.signal(signal.SIGINT, signal.default_int_handler)

def note(*words):
    with open("notes", "a") as file:
        print(*words, file=file)

@contextlib.contextmanager
def lifespan():
    yield
    note("left", os.getpid())

def ended(pid):
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

def ended_by_sigterm(pid):
    os.kill(pid, signal.SIGTERM)  # it may not have got to anything yet
    return ended(pid) == -signal.SIGTERM
"""

MODES = {
    "def": "def handler(event, context):",
    "def, lifespan": "@function(lifespan=lifespan)\ndef handler(event, context):",
    "async": "async def handler(event, context):",
    "async, lifespan": "@function(lifespan=lifespan)\nasync def handler(event, context):",
    "async, stream": "@function(lifespan=lifespan, transport='stream')\n"
    "async def handler(event, context):",
    "def, managed": "@function(lifespan=lifespan)\ndef handler(event, context):",
    "async, managed": "@function(lifespan=lifespan)\nasync def handler(event, context):",
}


class Running:
    """A function whose handler has a given body."""

    def __init__(self, api: FakeRuntimeAPI, process: FunctionProcess, directory: Path) -> None:
        self.api = api
        self.process = process
        self._directory = directory

    def call(self, event: object = None) -> object:
        value: object = self.api.invoke(event).json()
        return value

    def end(self) -> str:
        """End the function as Lambda does, and return its log."""
        self.process.popen.terminate()
        _, out, err = self.process.wait()
        return out + err

    def notes(self) -> list[str]:
        path = self._directory / "notes"
        return path.read_text().splitlines() if path.exists() else []

    def posts(self) -> list[str]:
        """Return what was reported to Lambda: the last part of each path."""
        return [call.path.rpartition("/")[2] for call in self.api.requests if call.method == "POST"]


@pytest.fixture(params=MODES)
def mode(request: pytest.FixtureRequest) -> str:
    value: str = request.param
    return value


@pytest.fixture
def api(mode: str) -> Iterator[FakeRuntimeAPI]:
    with FakeRuntimeAPI(function=Function(max_concurrency=2 if "managed" in mode else None)) as api:
        yield api


@pytest.fixture
def run(
    api: FakeRuntimeAPI, mode: str, start: Callable[..., FunctionProcess], tmp_path: Path
) -> Callable[..., Running]:
    """Start a function whose handler has a given body, after what its module does."""

    def run(body: str, module: str = "") -> Running:
        source = "\n".join([HEADER, dedent(module), MODES[mode], indent(dedent(body), "    ")])
        return Running(api, start(source), tmp_path)

    return run


def cases(bodies: dict[str, str]) -> str:
    """Return a module with a function for each body, in CASES by its name."""
    lines = ["CASES = {}"]
    for number, (name, body) in enumerate(bodies.items()):
        lines += [f"def case_{number}():", indent(dedent(body), "    ")]
        lines += [f"CASES[{name!r}] = case_{number}"]
    return "\n".join(lines)


ENDS = {
    "return": ("return 'the child'", 0),
    "raise": ("raise ValueError('the child')", 1),
    "sys.exit()": ("sys.exit()", 0),
    "sys.exit(0)": ("sys.exit(0)", 0),
    "sys.exit(7)": ("sys.exit(7)", 7),
    "sys.exit('message')": ("sys.exit('the child')", 1),
    "KeyboardInterrupt": ("raise KeyboardInterrupt", 130),
    "os._exit": ("os._exit(3)", 3),
    "SIGTERM": ("os.kill(os.getpid(), signal.SIGTERM); time.sleep(60)", -signal.SIGTERM),
    "SIGINT": ("os.kill(os.getpid(), signal.SIGINT); time.sleep(60)", 130),
}


def test_a_child_ends_by_itself_and_never_answers_for_its_parent(
    run: Callable[..., Running],
) -> None:
    function = run(
        """
        print("begun ", end="")
        pid = os.fork()
        if not pid:
            print(f"the child prints, {event}", flush=False)
            atexit.register(note, f"exit handler, {event}")
            return CASES[event]()
        return ended(pid)
        """,
        cases({how: end for how, (end, _) in ENDS.items()}),
    )
    found = {how: function.call(how) for how in ENDS}
    assert found == {how: code for how, (_, code) in ENDS.items()}
    log = function.end()
    posts = function.posts()
    assert posts.count("response") == len(ENDS)
    assert posts[: -len(ENDS)] in ([], ["register"])
    left = [line for line in function.notes() if line.startswith("left")]
    assert len(left) == len(set(left)) <= 2
    for how in ("return", "raise", "sys.exit(7)"):
        assert function.notes().count(f"exit handler, {how}") == 1
        assert log.count(f"the child prints, {how}\n") == 1
    assert log.count("ValueError: the child") == 1


USES = {
    "SIGTERM": """
        pid = os.fork()
        if not pid:
            time.sleep(60)
        return ended_by_sigterm(pid)
        """,
    "SIGTERM, pty": """
        pid, _ = pty.fork()
        if not pid:
            time.sleep(60)
        return ended_by_sigterm(pid)
        """,
    "SIGTERM, a grandchild": """
        pid = os.fork()
        if not pid:
            grandchild = os.fork()
            if not grandchild:
                time.sleep(60)
            os._exit(0 if ended_by_sigterm(grandchild) else 1)
        return ended(pid) == 0
        """,
    "Process": """
        context_ = multiprocessing.get_context("fork")
        process = context_.Process(target=time.sleep, args=(60,))
        process.start()
        process.terminate()
        process.join(20)
        return process.exitcode == -signal.SIGTERM
        """,
    "Process that raises": """
        process = multiprocessing.get_context("fork").Process(target=int, args=("x",))
        process.start()
        process.join(20)
        return process.exitcode == 1
        """,
    "pipe": """
        context_ = multiprocessing.get_context("fork")
        reader, writer = context_.Pipe(False)
        process = context_.Process(target=writer.send, args=("sent",))
        process.start()
        process.join(20)
        return reader.recv() == "sent"
        """,
    "Pool": """
        with multiprocessing.get_context("fork").Pool(2) as pool:
            return pool.map(abs, [-1, -2]) == [1, 2]
        """,
    "ProcessPoolExecutor": """
        with ProcessPoolExecutor(2, multiprocessing.get_context("fork")) as pool:
            return list(pool.map(abs, [-1, -2])) == [1, 2]
        """,
    "pipes that are kept": """
        global kept_child
        kept_child = kept_child or subprocess.Popen(["cat"], stdin=-1, stdout=-1)
        kept_child.stdin.write(b"x\\n")
        kept_child.stdin.flush()
        return kept_child.stdout.readline() == b"x\\n"
        """,
    "SIGALRM": """
        def stop(*_): raise TimeoutError
        before = signal.signal(signal.SIGALRM, stop)
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        try:
            time.sleep(30)
        except TimeoutError:
            return True
        finally:
            signal.signal(signal.SIGALRM, before)
        """,
    "preexec_fn": """
        done = subprocess.run(["cat"], input=b"x", stdout=-1, preexec_fn=os.setsid, timeout=20)
        return done.stdout == b"x"
        """,
    "subprocess": """
        child = subprocess.Popen(["sleep", "60"])
        child.terminate()
        return child.wait(20) == -signal.SIGTERM
        """,
    "subprocess after preexec_fn": """
        child = subprocess.Popen(["sleep", "60"], preexec_fn=lambda: None)
        child.terminate()
        return child.wait(20) == -signal.SIGTERM
        """,
    "thread": """
        codes = []
        def fork():
            pid = os.fork()
            if not pid:
                time.sleep(60)
            os.kill(pid, signal.SIGTERM)
            codes.append(ended(pid))
        thread = threading.Thread(target=fork)
        thread.start()
        thread.join(20)
        return codes == [-signal.SIGTERM]
        """,
    "daemon": """
        reader, writer = os.pipe()
        if not (pid := os.fork()):
            os.setsid()
            if os.fork():
                os._exit(0)
            os.closerange(3, writer)
            os.chdir("/")
            os.write(writer, b"daemon")
            os._exit(0)
        ended(pid)
        return os.read(reader, 100) == b"daemon"
        """,
    "event loop of its own": """
        if not (pid := os.fork()):
            asyncio.run(asyncio.sleep(0.01))
            sys.exit(9)
        return ended(pid) == 9
        """,
}


def test_what_people_do_with_processes_works(run: Callable[..., Running]) -> None:
    function = run("return CASES[event]()", "kept_child = None\n" + cases(USES))
    kept = [use for use in USES if "kept" in use]
    assert {use: function.call(use) for use in USES} == dict.fromkeys(USES, True)
    assert [function.call(use) for use in kept] == [True] * len(kept)
    function.end()
    assert function.posts().count("response") == len(USES) + len(kept)
    assert "error" not in function.posts()


@pytest.mark.parametrize("mode", ["def, lifespan", "async", "async, managed"], indirect=True)
def test_a_sigterm_handler_of_the_functions_own_is_its_childs_too(
    run: Callable[..., Running],
) -> None:
    function = run(
        """
        pid = os.fork()
        while not pid:
            time.sleep(0.01)  # a signal just before a long one would be handled after it
        os.kill(pid, signal.SIGTERM)
        return ended(pid)
        """,
        "signal.signal(signal.SIGTERM, lambda *_: os._exit(42))",
    )
    assert [function.call() for _ in range(2)] == [42, 42]


# A child for each way to end is forked at each place of a function.
PLACES = """
def return_():
    pass

def exit():
    sys.exit(5)

def raise_():
    raise ValueError(f"the child of {place}")

def fork(name):
    global place
    for end in (return_, exit, raise_):
        if not os.fork():
            place = name
            note("forked", os.getpid(), name)
            end()
            break
    else:
        return True
    return False

@contextlib.contextmanager
def lifespan():
    if fork("lifespan"):
        yield
        note("left", os.getpid())

@register_observer
def observer(event, context):
    if fork("observer before"):
        yield
        fork("observer after")

fork("import")
"""


def test_a_child_may_be_forked_anywhere(run: Callable[..., Running], mode: str) -> None:
    function = run(
        """
        note("called", os.getpid())
        context.after_response(fork, "after_response")
        return os.getpid()
        """,
        PLACES,
    )
    first = function.call()
    if "managed" in mode:
        function.api.wait_for_polls(2)  # the work after the response is done
    else:
        assert function.call() == first
    log = function.end()
    assert "error" not in function.posts()
    notes = [line.split(maxsplit=2) for line in function.notes()]
    forked = {line[1] for line in notes if line[0] == "forked"}
    assert not forked & {line[1] for line in notes if line[0] != "forked"}
    places = {"import", "observer before", "observer after", "after_response"}
    places |= {"lifespan"} if "lifespan" in MODES[mode] else set()
    assert {line[2] for line in notes if line[0] == "forked"} == places
    for place in places:
        assert f"ValueError: the child of {place}" in log, log


@pytest.mark.parametrize("mode", ["def", "def, managed"], indirect=True)
def test_a_child_of_a_generator_sends_nothing(run: Callable[..., Running]) -> None:
    function = run(
        """
        yield "a"
        if not (pid := os.fork()):
            yield "the child"
            return
        yield str(ended(pid))
        """
    )
    assert function.api.invoke(None).body == b"a0"


@pytest.mark.parametrize(
    "mode", [mode for mode in MODES if mode.startswith("async")], indirect=True
)
def test_a_child_has_no_event_loop(run: Callable[..., Running]) -> None:
    function = run(
        """
        other = asyncio.create_task(count(os.getpid()))
        if event == "task":
            pid = await asyncio.create_task(fork())
        elif not (pid := os.fork()):
            await asyncio.sleep(0)
            note("went on")
        await other
        return ended(pid)
        """,
        """
        async def count(pid):
            await asyncio.sleep(0)
            if os.getpid() != pid:
                note("went on")

        async def fork():
            return os.fork() or sys.exit(6)
        """,
    )
    assert function.call() == 1
    assert function.call("task") == 6
    function.end()
    assert "went on" not in function.notes()
