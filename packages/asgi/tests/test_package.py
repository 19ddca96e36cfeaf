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
    loop = modules_of(
        "import asyncio\nfrom lambda_runtime import Context, Fault, HttpPrelude, function, run"
    )
    ours = modules_of(
        "import asyncio\n"
        "from lambda_runtime import run\n"
        "from lambda_asgi import AsgiHandler\n"
        "async def app(scope, receive, send): ...\n"
        "AsgiHandler(app)"
    )
    assert {name for name in ours - loop if name.partition(".")[0] != "lambda_asgi"} == set()


def test_names_load_when_they_are_used() -> None:
    assert "lambda_asgi._handler" not in modules_of("import lambda_asgi")


def test_a_plain_handler_loads_none_of_it() -> None:
    loaded = modules_of("from lambda_runtime import run, function\n@function\ndef f(event): ...")
    assert {name for name in loaded if name.startswith("lambda_asgi")} == set()
