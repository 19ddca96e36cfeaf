"""The README's example does what the README says."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"


def test_the_example(tmp_path: Path) -> None:
    text = README.read_text()
    [program] = re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    [(command, answer)] = re.findall(r"^\$ lambda-emulator (invoke .*)\n(.*)\n", text, re.MULTILINE)
    (tmp_path / "app.py").write_text(program)
    done = subprocess.run(
        [sys.executable, "-m", "lambda_emulator", *shlex.split(command)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    assert done.stdout == f"{answer}\n"
    assert "somebody calls\n" in done.stderr
