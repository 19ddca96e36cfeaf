"""The README's examples do what the README says."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"
LIMIT = 60


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README.read_text(), re.DOTALL | re.MULTILINE)


def test_the_command(tmp_path: Path) -> None:
    text = README.read_text()
    [(command, answer)] = re.findall(r"^\$ lambda-emulator (invoke .*)\n(.*)\n", text, re.MULTILINE)
    (tmp_path / "app.py").write_text(blocks("python")[0])
    done = subprocess.run(
        [sys.executable, "-m", "lambda_emulator", *shlex.split(command)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        timeout=LIMIT,
    )
    assert done.stdout == f"{answer}\n"
    assert "somebody calls\n" in done.stderr


def test_the_program(tmp_path: Path) -> None:
    handler, program = blocks("python")
    (tmp_path / "app.py").write_text(handler)
    shown = f"{program}print(emulator.log.decode())\n"
    done = subprocess.run(
        [sys.executable, "-c", shown],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        timeout=LIMIT,
    )
    assert "\nsomebody calls\nEND RequestId: " in done.stdout


def test_every_option_is_told() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "lambda_emulator", "run", "--help"],
        capture_output=True,
        text=True,
        check=True,
        timeout=LIMIT,
    )
    options = set(re.findall(r"^  (?:-\w, )?(--[a-z-]+)", done.stdout, re.MULTILINE))
    known = {"--help", "--memory-limit"}  # the latter by its opposite
    assert [option for option in options - known if option not in README.read_text()] == []
