"""The READMEs' examples work."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lambda_testing import FakeRuntimeAPI

if TYPE_CHECKING:
    from collections.abc import Iterable

ROOT = Path(__file__).parents[1]
READMES = [
    ROOT / "README.md",
    *sorted(ROOT.glob("packages/*/README.md")),
    ROOT / "emulator/README.md",
]
BLOCK = re.compile(r"^```(?P<info>.*)\n(?P<text>(?:.*\n)*?)```$", re.MULTILINE)
FOLDER = re.compile(r"(samples|packages|emulator|benchmarks|\.ci)/")
LINK = re.compile(r"\]\((?!https?:|#)([^)]+)\)")


def blocks(info: str, readmes: Iterable[Path] = READMES) -> list[Any]:
    """Return the fenced blocks of a language in some READMEs, as parameters of a test."""
    return [
        pytest.param(block["text"], id=f"{readme.relative_to(ROOT)}-{number}")
        for readme in readmes
        for number, block in enumerate(BLOCK.finditer(readme.read_text("utf-8")), 1)
        if block["info"] == info
    ]


# The emulator's programs build on each other: its own tests run them.
@pytest.mark.parametrize("text", blocks("python", READMES[:-1]))
def test_a_program_runs(text: str, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(text, encoding="utf-8")
    command = [sys.executable, "-W", "error", "app.py"]
    if "run(handler" not in text:
        subprocess.run(command, cwd=tmp_path, check=True, timeout=60)
        return
    with FakeRuntimeAPI() as api:
        environment = {**os.environ, **api.environment()}
        with subprocess.Popen(command, cwd=tmp_path, env=environment) as process:
            try:
                outcome = api.invoke({"name": "Ada"})
            finally:
                process.kill()
    assert outcome.kind == "response", outcome.body
    assert b"Ada" in outcome.body


@pytest.mark.parametrize("text", blocks("console"))
def test_a_command_names_what_is_there(text: str) -> None:
    lines = text.splitlines()
    commands = [line[2:] for line in lines if line.startswith("$ ")] or lines
    words = {word for command in commands for word in shlex.split(command)}
    paths = {word for word in words if FOLDER.match(word)}
    assert [path for path in paths if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("readme", READMES, ids=lambda readme: str(readme.relative_to(ROOT)))
def test_every_block_is_tried_and_every_link_leads_somewhere(readme: Path) -> None:
    text = readme.read_text("utf-8")
    infos = {block["info"] for block in BLOCK.finditer(text)}
    assert {info for info in infos if info.startswith("py")} <= {"python"}
    links = [link.partition("#")[0] for link in LINK.findall(text)]
    assert [link for link in links if not (readme.parent / link).exists()] == []
