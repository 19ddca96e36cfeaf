"""Code that changes while it is served."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING
from urllib.request import urlopen

from .conftest import save

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Emulator

LIMIT = 30


def test_new_code_is_served_and_old_invocations_end(
    start: Callable[..., Emulator], tmp_path: Path
) -> None:
    program = "from lambda_runtime import run\n{}run(lambda event: {})\n"
    app, gate, started = tmp_path / "app.py", tmp_path / "gate", tmp_path / "started"
    waiting = (
        "import pathlib, threading\n"
        "def answer():\n"
        f"    pathlib.Path({str(started)!r}).touch()\n"
        f"    while not pathlib.Path({str(gate)!r}).exists():\n"
        "        threading.Event().wait(0.01)\n"
        "    return 'old'\n"
    )
    app.write_text(program.format(waiting, "answer()"))
    emulator = start("--reload", "--timeout", "60", target=str(app))
    assert emulator.process.stderr is not None
    with closing(emulator.send({}, function="app")) as connection:
        while not started.exists():
            pass
        save(app, program.format("", "'new'"))
        line = emulator.process.stderr.readline().decode()
        assert line == "Reloaded app (app.py): ready\n"
        assert emulator.invoke({}, function="app").json() == "new"
        gate.touch()
        assert json.load(connection.getresponse()) == "old"
    save(app, "syntax error")
    line = emulator.process.stderr.readline().decode()
    assert line.startswith("Reloaded app (app.py): it cannot start: Runtime")
    save(app, program.format("", "'newest'"))
    assert emulator.process.stderr.readline().decode() == "Reloaded app (app.py): ready\n"
    with urlopen(emulator.url.geturl(), b"{}", timeout=LIMIT) as response:
        assert json.load(response) == "newest"


def test_code_that_is_saved_during_a_start_is_served(
    start: Callable[..., Emulator], tmp_path: Path
) -> None:
    new = tmp_path / "new.txt"
    new.write_text("from lambda_runtime import run\nrun(lambda event: 'new')\n")
    app = tmp_path / "app.py"
    app.write_text(
        "import os\nfrom lambda_runtime import run\n"
        f"os.replace({str(new)!r}, __file__)\n"
        "run(lambda event: 'old')\n"
    )
    emulator = start("--reload", target=str(app))
    assert emulator.process.stderr is not None
    assert emulator.process.stderr.readline().decode() == "Reloaded app (app.py): ready\n"
    assert emulator.invoke({}, function="app").json() == "new"
