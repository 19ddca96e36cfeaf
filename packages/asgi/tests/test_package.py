"""What an import of this package costs."""

from __future__ import annotations

import subprocess
import sys


def modules_of(program: str) -> set[str]:
    """Return the modules that a program has loaded in the end."""
    program = f"import sys\n{program}\nprint(*sys.modules)"
    command = [sys.executable, "-I", "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return set(done.stdout.split())


def test_an_import_loads_nothing_but_this_package_and_what_the_event_loop_loads() -> None:
    loop = modules_of("import asyncio, lambda_runtime.contract")
    ours = modules_of(
        "import asyncio, lambda_runtime.contract\n"
        "from lambda_asgi import AsgiHandler\n"
        "async def app(scope, receive, send): ...\n"
        "AsgiHandler(app)"
    )
    more = {name for name in ours - loop if name.partition(".")[0] != "lambda_asgi"}
    assert {name for name in more if not name.startswith("lambda_runtime.")} == set()
    assert more <= {
        f"lambda_runtime.{name}" for name in ("_context", "_json", "_options", "_prelude", "errors")
    }


def test_names_load_when_they_are_used() -> None:
    assert "lambda_asgi._handler" not in modules_of("import lambda_asgi")


def test_a_plain_handler_loads_none_of_it() -> None:
    loaded = modules_of("from lambda_runtime import run, function\n@function\ndef f(event): ...")
    assert {name for name in loaded if name.startswith("lambda_asgi")} == set()
