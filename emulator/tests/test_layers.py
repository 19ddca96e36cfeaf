"""Layers."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lambda_emulator import Emulator, TargetError, configure

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., subprocess.CompletedProcess[str]]

FUNCTIONS = Path(__file__).parent / "functions"
SITE = f"lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages"
HANDLER = """
import os
import shutil
import subprocess

import layered
import packaged


def handler(event, context):
    return {
        "layered": [layered.VALUE, layered.__file__],
        "packaged": packaged.__file__,
        "tool": subprocess.run(["layer-tool"], capture_output=True, text=True).stdout,
        "files": {path: os.path.exists(path) and open(path).read() for path in event["files"]},
        "libraries": os.environ["LD_LIBRARY_PATH"].split(":")[0],
        "user": os.getuid(),
    }
"""


def can_mount() -> bool:
    if sys.platform != "linux" or not Path("/opt").is_dir():
        return False
    commands = (["unshare", "-m"], ["unshare", "-r", "-m"])
    return any(
        subprocess.run([*each, "true"], capture_output=True, check=False).returncode == 0
        for each in commands
    )


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a directory with a function and two layers, of which the second counts."""
    for name, text in {
        "app.py": HANDLER,
        "first/python/layered.py": "VALUE = 1",
        f"first/python/{SITE}/packaged.py": "",
        "first/bin/layer-tool": "#!/bin/sh\necho tool\n",
        "first/etc/only.txt": "first",
        "second, too/python/layered.py": "VALUE = 2",
        "second, too/etc/other.txt": "second",
        "second, too/python/wrapper.py": "from app import handler",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "first/bin/layer-tool").chmod(0o755)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def invoke(emulator: Emulator, name: str = "app") -> Any:
    files = ["/opt/etc/only.txt", "/opt/etc/other.txt"]
    payload = json.dumps({"files": files})
    return json.load(emulator.client().invoke(FunctionName=name, Payload=payload)["Payload"])


def test_layers_are_opt(project: Path) -> None:
    before = sorted(path.name for path in Path("/opt").iterdir()) if Path("/opt").is_dir() else []
    with Emulator(["app.handler"], layers=["first", "second, too"], timeout=20) as emulator:
        seen = invoke(emulator)
    assert seen["layered"][0] == 2
    assert seen["tool"] == "tool\n"
    if can_mount():
        assert seen["layered"][1] == "/opt/python/layered.py"
        assert seen["packaged"] == f"/opt/python/{SITE}/packaged.py"
        assert list(seen["files"].values()) == ["first", "second"]
        assert seen["libraries"] == "/opt/lib"
    else:
        assert seen["layered"][1] == str(project / "second, too/python/layered.py")
        assert b"Layers cannot be mounted at /opt here" in emulator.log
    # Nobody else sees them.
    after = sorted(path.name for path in Path("/opt").iterdir()) if Path("/opt").is_dir() else []
    assert after == before


def test_a_handler_may_be_in_a_layer(project: Path) -> None:
    with pytest.raises(TargetError, match="There is no module 'wrapper'"):
        configure("wrapper.handler")
    layers = [project / "first", project / "second, too"]
    with Emulator(["wrapper.handler"], layers=layers, timeout=20) as emulator:
        assert invoke(emulator, "wrapper")["layered"][0] == 2


@pytest.mark.usefixtures("project")
def test_layers_of_a_command() -> None:
    command = [sys.executable, "-m", "lambda_emulator", "invoke", "app.handler"]
    options = ["--layer", "first", "--layer", "second, too", "-d", '{"files": []}']
    done = subprocess.run([*command, *options], capture_output=True, check=True, timeout=60)
    assert json.loads(done.stdout)["layered"][0] == 2


def test_a_layer_must_be_a_directory(run_command: Run) -> None:
    done = run_command("invoke", "actions.handler", "--layer", "missing")
    assert done.returncode == 2
    assert "missing" in done.stderr


def test_an_extension_may_be_in_a_layer(project: Path) -> None:
    extension = project / "first/extensions/watcher"
    extension.parent.mkdir()
    extension.write_text((FUNCTIONS / "extension.py").read_text())
    extension.chmod(0o755)
    environment = {"EXTENSION_LOG": str(project / "told.jsonl")}
    with Emulator(
        ["app.handler"], layers=["first"], environment=environment, timeout=20
    ) as emulator:
        assert invoke(emulator)["layered"][0] == 1
        assert b"EXTENSION\tName: watcher\tState: Ready" in emulator.log


def test_where_nothing_can_be_mounted(project: Path) -> None:
    from lambda_emulator import _layers

    layers = [project / "first", project / "missing"]
    arguments = ["/bin/sh", "-c", "layer-tool; echo $PYTHONPATH"]
    command = _layers.with_layers(arguments, layers, sys.executable)
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    tool, paths = done.stdout.splitlines()
    assert tool == "tool"
    assert paths.split(":")[2:4] == [f"{project}/first/python/{SITE}", f"{project}/first/python"]
    assert "Layers cannot be mounted at /opt here" in done.stderr
