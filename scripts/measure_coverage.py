"""Measure the branch coverage of a package's own tests, with all processes that they start.

``uv run python -m scripts.measure_coverage [PACKAGE...]`` prints a report for each package; nothing
is written to the work tree. Processes that tests kill take what they have seen with them, so they
are asked to end first.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from scripts.workspace import ROOT, Member, WorkspaceError, members, released


def main() -> None:
    """Measure the packages that are named, or all."""
    try:
        packages = [released(name) for name in sys.argv[1:]]
    except WorkspaceError as error:
        sys.exit(str(error))
    packages = packages or [member for member in members().values() if member.is_released]
    sys.exit(max(measure(package) for package in packages))


def measure(package: Member) -> int:
    """Run a package's tests, print what they cover, and return their exit code."""
    print(f"=== {package.name}", flush=True)
    tools = ["--with", "coverage>=7.10", "--with", "pytest-xdist>=3.6"]
    uv = [
        "uv",
        "run",
        "--quiet",
        "--locked",
        "--isolated",
        "--package",
        package.name,
        *tools,
        "python",
        "-m",
    ]
    config = f"--rcfile={ROOT / 'scripts' / 'coverage.toml'}"
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            "COVERAGE_FILE": str(Path(folder) / "coverage"),
            "PYTHONPATH": str(ROOT / "scripts" / "plugins"),
            "CI": "true",  # hypothesis sets no deadlines there
        }
        tests = ["pytest", "-p", "gentle_kill", "-q", "-p", "no:cacheprovider", "-n", "auto"]
        run = ["coverage", "run", config, f"--source={package.module}", "-m", *tests]
        outcome = subprocess.run(
            [*uv, *run, package.folder], cwd=ROOT, env=environment, check=False
        )
        for command in (["combine", "--quiet"], ["report", "--show-missing", "--skip-covered"]):
            words = ["coverage", command[0], config, *command[1:]]
            subprocess.run([*uv, *words], cwd=ROOT, env=environment, check=False)
    return outcome.returncode


if __name__ == "__main__":
    main()
