"""The program: how it finds the handler, what it loads, and how it ends."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lambda_testing import FakeRuntimeAPI

    from .conftest import FunctionProcess

ECHO = "def handler(event, context): return event"

# The modules that a `def` handler may load: every cold start of every user pays for each further
# name here.
OF_THE_RUNTIME = {
    "lambda_logging",
    "lambda_logging._config",
    "lambda_logging._platform",
    "lambda_logging._settings",
    "lambda_logging._sink",
    "lambda_logging._small_json",
    "lambda_logging.runtime",
    "lambda_runtime",
    "lambda_runtime._blocking_loop",
    "lambda_runtime._context",
    "lambda_runtime._delivery",
    "lambda_runtime._environment",
    "lambda_runtime._garbage",
    "lambda_runtime._handler",
    "lambda_runtime._http1",
    "lambda_runtime._invocation",
    "lambda_runtime._json",
    "lambda_runtime._options",
    "lambda_runtime._prepared_handler",
    "lambda_runtime._program",
    "lambda_runtime._run",
    "lambda_runtime._shutdown",
    "lambda_runtime._socket_transport",
    "lambda_runtime._version",
    "lambda_runtime.errors",
}
OF_OTHERS = {
    "__future__",
    "_collections_abc",
    "_contextvars",
    "_json",  # what is below `json`
    "_socket",
    "_stat",  # os, and what it needs: every interpreter but this test's loads it for itself
    "_abc",
    "abc",
    "app",
    "errno",
    "gc",
    "genericpath",
    "itertools",
    "os",
    "os.path",
    "posixpath",
    "stat",
}


def test_a_def_handler_loads_these_modules_and_no_more(
    api: FakeRuntimeAPI, start: Callable[..., FunctionProcess]
) -> None:
    code = (
        "import sys; before = set(sys.modules); sys.argv = ['', 'app.handler']; "
        "import builtins; builtins.before = before; "
        "from lambda_runtime._run import run; run('app.handler')"
    )
    start(
        "import sys\ndef handler(event): return sorted(set(sys.modules) - before)",
        *("-S", "-c", code),
        # Without `site`, whose .pth files may import anything: all is paid for by the runtime.
        PYTHONPATH=os.pathsep.join(entry for entry in sys.path if entry),
    )
    loaded = set(api.invoke({}).json())
    assert {name for name in loaded if name.startswith("lambda_")} == OF_THE_RUNTIME
    assert loaded - OF_THE_RUNTIME <= OF_OTHERS


def test_importing_the_package_loads_nothing_but_itself() -> None:
    code = (
        "import sys; before = set(sys.modules); import lambda_runtime; "
        "print(*sorted(set(sys.modules) - before))"
    )
    loaded = subprocess.check_output([sys.executable, "-c", code], text=True).split()
    assert loaded == ["lambda_runtime", "lambda_runtime._version"]


@pytest.mark.parametrize("transport", ["auto", "stream", "aiohttp"])
def test_an_async_handler_loads_aiohttp_only_if_it_asks_for_it(
    api: FakeRuntimeAPI, start: Callable[..., FunctionProcess], transport: str
) -> None:
    start(
        f"""
        import sys
        from lambda_runtime import run
        async def handler(event): return "aiohttp" in sys.modules
        run(handler, transport={transport!r})
        """,
        "app.py",
    )
    assert api.invoke({}).json() == (transport == "aiohttp")


def test_the_session_of_async_handlers_is_shared_and_closed(
    api: FakeRuntimeAPI, start: Callable[..., FunctionProcess]
) -> None:
    process = start(
        """
        import sys
        sessions = []
        async def handler(event, context):
            sessions.append(context.session)
            url = f"http://{event}/2018-06-01/ping"
            async with context.session.get(url) as response:
                text = await response.text()
            if len(sessions) == 2:
                sys.exit(0)
            return text
        """
    )
    assert api.invoke(api.address).json() == "pong"
    assert api.invoke(api.address).kind == "error"
    code, _, err = process.wait()
    assert (code, err) == (0, ""), "aiohttp complains of a session that is left open"


WITHOUT_AIOHTTP = """
import sys
sys.modules["aiohttp"] = None
"""


def test_a_session_without_aiohttp_says_what_is_missing(
    api: FakeRuntimeAPI, start: Callable[..., FunctionProcess]
) -> None:
    start(
        f"""{WITHOUT_AIOHTTP}
async def handler(event, context):
    return hasattr(context, "session") if event else str(context.session)
"""
    )
    assert api.invoke({"name": "Ada"}).json() is False
    message = api.invoke({}).json()["errorMessage"]
    assert message.startswith("context.session needs aiohttp: ")
    assert "`pip install aiohttp`" in message
    assert "option `without` of hatch-lambda" in message


def test_a_transport_without_aiohttp_says_what_is_missing(
    api: FakeRuntimeAPI, start: Callable[..., FunctionProcess]
) -> None:
    start(
        f"""{WITHOUT_AIOHTTP}
from lambda_runtime import function
@function(transport="aiohttp")
async def handler(event): return event
"""
    )
    error = api.wait_for_init_error().json()
    assert error["errorType"] == "Runtime.ImportModuleError"
    assert error["errorMessage"].startswith('transport="aiohttp" needs aiohttp: ')
    assert "option `without` of hatch-lambda" in error["errorMessage"]


def test_a_handler_that_cancels_itself_fails_and_lives(
    api: FakeRuntimeAPI, start: Callable[..., FunctionProcess]
) -> None:
    start("import asyncio\nasync def handler(event): raise asyncio.CancelledError")
    assert api.invoke({}).json()["errorType"] == "CancelledError"
    assert api.invoke({}).json()["errorType"] == "CancelledError"


def test_a_coroutine_from_a_def_handler_is_awaited(
    api: FakeRuntimeAPI, start: Callable[..., FunctionProcess]
) -> None:
    start("async def work(): return 1\ndef handler(event): return work()")
    assert api.invoke({}).json() == 1


def test_a_def_handler_may_be_served_on_an_event_loop(
    api: FakeRuntimeAPI, start: Callable[..., FunctionProcess]
) -> None:
    start(
        """
        from lambda_runtime import run
        async def work(event): return event
        if __name__ == "__main__":
            run(lambda event: work(event), transport="stream")
        """,
        "app.py",
    )
    assert api.invoke([1]).json() == [1]


@pytest.mark.parametrize("where", ["argument", "_HANDLER"])
def test_the_handler_is_named_by_argument_or_environment(
    api: FakeRuntimeAPI, start: Callable[..., FunctionProcess], where: str
) -> None:
    command = ["-m", "lambda_runtime"]
    if where == "argument":
        start(ECHO, *command, "app.handler", _HANDLER="no.such")
    else:
        start(ECHO, *command, _HANDLER="app.handler")
    assert api.invoke({"a": 1}).json() == {"a": 1}


@pytest.mark.parametrize("source", ["", "logger = 1", "configure = logger = 1"])
def test_a_file_with_the_name_of_a_package_is_named(
    source: str, api: FakeRuntimeAPI, start: Callable[..., FunctionProcess], tmp_path: Path
) -> None:
    own = tmp_path / "lambda_logging.py"
    own.write_text(source, encoding="utf-8")
    process = start("from lambda_logging import logger\ndef handler(event, context): ...")
    told = api.wait_for_init_error()
    assert told.json()["errorType"] == "Runtime.ImportModuleError"
    assert f"module {own} takes the place of" in told.json()["errorMessage"]
    code, _, err = process.wait()
    assert code == 1
    assert err == f"[ERROR] Runtime.ImportModuleError: {told.json()['errorMessage']}\n"


@pytest.mark.parametrize("flags", [[], ["-I"]])
def test_task_root_and_working_directory_are_importable(
    api: FakeRuntimeAPI,
    start: Callable[..., FunctionProcess],
    tmp_path: Path,
    flags: list[str],
) -> None:
    root = tmp_path / "root"
    (root / "pkg").mkdir(parents=True)
    (root / "pkg" / "deep.py").write_text("from app import handler")
    start(ECHO, *flags, "-m", "lambda_runtime", "pkg/deep.handler", LAMBDA_TASK_ROOT=str(root))
    assert api.invoke("x").json() == "x"


@pytest.mark.parametrize(
    ("source", "error_type", "header", "code"),
    [
        ("", "Runtime.HandlerNotFound", "Runtime.HandlerNotFound", 1),
        ("import nope", "Runtime.ImportModuleError", "Runtime.ImportModuleError", 1),
        ("def :", "Runtime.UserCodeSyntaxError", "Runtime.UserCodeSyntaxError", 1),
        ("raise ValueError('x')", "ValueError", "Function.ValueError", 1),
        ("raise SystemExit(5)", "SystemExit", "Function.SystemExit", 5),
        ("raise SystemExit", "SystemExit", "Function.SystemExit", 0),
    ],
)
def test_a_function_that_cannot_start_says_why(
    api: FakeRuntimeAPI,
    start: Callable[..., FunctionProcess],
    source: str,
    error_type: str,
    header: str,
    code: int,
) -> None:
    process = start(source)
    told = api.wait_for_init_error()
    assert told.json()["errorType"] == error_type
    assert told.json()["requestId"] == ""
    assert told.error_type == header
    status, out, err = process.wait()
    assert status == code
    warning, failure, end = out.split("\n")
    assert warning.startswith("[WARNING]\t")
    assert "LAMBDA_WARNING: Unhandled exception" in warning
    assert failure.startswith(f"[ERROR] {error_type}")
    assert end == ""
    assert err == ""


def test_the_trace_of_a_failed_start_is_the_users_code_only(
    api: FakeRuntimeAPI, start: Callable[..., FunctionProcess], tmp_path: Path
) -> None:
    start("def helper():\n    raise ValueError('x')\nhelper()")
    frames = api.wait_for_init_error().json()["stackTrace"]
    assert [frame.splitlines()[0] for frame in frames] == [
        f'  File "{tmp_path}/app.py", line 3, in <module>',
        f'  File "{tmp_path}/app.py", line 2, in helper',
    ]


@pytest.mark.parametrize(
    ("transport", "define", "message"),
    [("carrier pigeon", "def", "pigeon"), ("carrier pigeon", "async def", "pigeon")],
)
def test_a_transport_that_cannot_serve_is_a_failed_start(
    api: FakeRuntimeAPI,
    start: Callable[..., FunctionProcess],
    transport: str,
    define: str,
    message: str,
) -> None:
    process = start(
        f"from lambda_runtime import run\n{define} handler(event): ...\n"
        f"run(handler, transport={transport!r})",
        "app.py",
    )
    assert message in api.wait_for_init_error().json()["errorMessage"]
    assert process.wait()[0] == 1


def test_without_a_handler_there_is_one_sentence(start: Callable[..., FunctionProcess]) -> None:
    code, out, err = start(ECHO, "-m", "lambda_runtime").wait()
    assert (code, out) == (1, "")
    assert err == "There is no handler: name one as module.function, or set _HANDLER.\n"


def test_an_unreachable_runtime_api_is_one_sentence(
    start: Callable[..., FunctionProcess],
) -> None:
    code, out, err = start(
        ECHO, "-m", "lambda_runtime", "app.handler", AWS_LAMBDA_RUNTIME_API="127.0.0.1:1"
    ).wait()
    assert (code, err) == (1, "")
    assert out.startswith("[FATAL]\t")
    assert out.count("\n") == 1


def test_outside_lambda_it_says_what_to_install(tmp_path: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if k != "AWS_LAMBDA_RUNTIME_API"}
    code = (
        "import importlib.metadata, sys; importlib.metadata.entry_points = lambda group: []; "
        "from lambda_runtime import run; run(lambda event: event)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("AWS_LAMBDA_RUNTIME_API is not set")
    assert "pip install lambda-emulator" in done.stderr
    assert done.stderr.count("\n") == 1


def test_outside_lambda_a_missing_handler_is_told_first(tmp_path: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if k != "AWS_LAMBDA_RUNTIME_API"}
    command = [sys.executable, "-m", "lambda_runtime"]
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert done.returncode == 1
    assert done.stderr == "There is no handler: name one as module.function, or set _HANDLER.\n"


def test_outside_lambda_an_interrupt_at_the_start_leaves_no_traceback(tmp_path: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if k != "AWS_LAMBDA_RUNTIME_API"}
    server = tmp_path / "first-1.0.dist-info"
    server.mkdir()
    (server / "entry_points.txt").write_text("[lambda_runtime.local]\nfirst = first:serve\n")
    (tmp_path / "first.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGINT)\n")
    done = subprocess.run(
        [sys.executable, "-c", "from lambda_runtime import run; run(lambda event: event)"],
        env={**environment, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("stream", ["sys.stdout = None", "sys.stdout.close()"])
def test_a_function_without_standard_output_works(
    api: FakeRuntimeAPI, start: Callable[..., FunctionProcess], stream: str
) -> None:
    start(f"import sys\n{stream}\n{ECHO}")
    assert api.invoke("x").json() == "x"


def test_a_log_that_nobody_reads_does_not_fail_the_handler(
    api: FakeRuntimeAPI, start: Callable[..., FunctionProcess]
) -> None:
    process = start("def handler(event):\n    raise ValueError(event)")
    api.wait_for_poll()
    assert process.popen.stdout is not None
    process.popen.stdout.close()
    assert api.invoke("first").json()["errorMessage"] == "first"
    assert api.invoke("second").json()["errorMessage"] == "second"


@pytest.mark.parametrize("command", [("-m", "lambda_runtime", "app.handler"), ("app.py",)])
def test_garbage_is_collected_as_usual_once_the_function_has_started(
    api: FakeRuntimeAPI, start: Callable[..., FunctionProcess], command: tuple[str, ...]
) -> None:
    start(
        """
        import gc
        from lambda_runtime import run
        def collections():
            return gc.get_stats()[0]["collections"]
        before = collections()
        kept = [[] for _ in range(80_000)]
        during = collections() - before
        def handler(event):
            frozen = gc.get_freeze_count() > len(kept)
            return [gc.isenabled(), during, gc.get_threshold()[0], frozen]
        if __name__ == "__main__":
            run(handler)
        """,
        *command,
    )
    usual = gc.get_threshold()[0]
    assert api.invoke({}).json() == [True, 0, usual, True]


def test_a_function_may_have_a_threshold_of_its_own(
    api: FakeRuntimeAPI, start: Callable[..., FunctionProcess]
) -> None:
    start("import gc\ngc.set_threshold(123)\ndef handler(event): return gc.get_threshold()[0]")
    assert api.invoke({}).json() == 123
