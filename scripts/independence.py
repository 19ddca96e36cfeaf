"""Prove that the packages are independent: each works alone, and with old and new siblings.

``python -m scripts.independence [PACKAGE...] [--siblings lowest|highest|none]``

Every package is built as it is released. Then, in fresh environments of one package each:

- alone: the wheel and what its metadata asks for, nothing else. All names load, and a program that
  uses them passes mypy's strict mode.
- highest: its tests, with the newest siblings, which are the ones in this tree, and the newest
  versions of everything else.
- lowest: its tests, with the oldest siblings and the oldest versions of everything else that its
  metadata allows. Siblings are built from their release tags; this tree has what is not released.

With ``--siblings none`` no tests are run.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.workspace import ROOT, Member, WorkspaceError, members, released

if TYPE_CHECKING:
    from collections.abc import Callable

RESOLUTIONS = {"highest": "highest", "lowest": "lowest-direct"}

_UNTYPED = ('"object"', '"builtins.object"', '"Any"')

_PYPROJECT = """\
[project]
name = "independence"
version = "0"
requires-python = ">=3.11"
dependencies = {dependencies}

[tool.uv]
package = false
index = [
    {{ name = "tree", url = {tree}, format = "flat", explicit = true }},
    {{ name = "siblings", url = {siblings}, format = "flat", explicit = true }},
]

[tool.uv.sources]
{sources}
"""


def main() -> None:
    """Build the packages, try them, and say how long each step took."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("packages", nargs="*", metavar="PACKAGE", help="all, if none is named")
    parser.add_argument(
        "--siblings", choices=[*RESOLUTIONS, "none"], help="lowest and highest, if left out"
    )
    arguments = parser.parse_args()
    try:
        packages = [released(name) for name in arguments.packages]
    except WorkspaceError as error:
        sys.exit(str(error))
    packages = packages or [member for member in members().values() if member.is_released]
    chosen = [name for name in RESOLUTIONS if arguments.siblings in (None, name)]
    with tempfile.TemporaryDirectory() as folder:
        wheels = build(Path(folder))
        for package in packages:
            environment = Environment(Path(folder), wheels, package)
            _step(f"{package.name} alone", environment.alone)
            for siblings in chosen:
                _step(f"{package.name}, {siblings} siblings", partial(environment.test, siblings))


def build(folder: Path) -> dict[str, Path]:
    """Return folders of wheels, by which siblings they have.

    Between two releases this tree says the version of the last one, and may hold what that has not.
    So a release is built from its tag, and replaces the tree's package of that version.
    """
    wheels = {siblings: folder / siblings for siblings in RESOLUTIONS}
    _uv("build", "--all-packages", "--no-sources", "--out-dir", str(wheels["highest"]), str(ROOT))
    shutil.copytree(wheels["highest"], wheels["lowest"])
    for tag in _output("git", "tag", "--list", "*/v*").split():
        name = tag.partition("/")[0]
        if name in members():
            release = folder / "releases" / tag
            release.mkdir(parents=True)
            archive = ["git", "archive", "--format=tar", tag, members()[name].folder]
            with subprocess.Popen(archive, cwd=ROOT, stdout=subprocess.PIPE) as process:
                subprocess.run(["tar", "x", "-C", release], stdin=process.stdout, check=True)
            source = str(release / members()[name].folder)
            _uv("build", "--wheel", "--out-dir", str(wheels["lowest"]), source)
    return wheels


@dataclass(frozen=True)
class Environment:
    """Fresh environments for one package.

    Args:
        folder: The folder that they are made in.
        wheels: Folders of wheels, as `build` returns them.
        package: The package to try.
    """

    folder: Path
    wheels: dict[str, Path]
    package: Member

    def alone(self) -> None:
        """Import the package, and check the types of a program that uses all its names."""
        python = self._make("alone", {}, "highest")
        name, version = self.package.module, self.package.version
        smoke = [python, "-I", str(ROOT / "scripts" / "smoke.py"), name, version]
        subprocess.run(smoke, cwd=self.folder, check=True)
        listing = f"import {name}; print(*{name}.__all__)"
        names = _output(python, "-I", "-c", listing).split()
        program = self.folder / f"uses_{name}.py"
        uses = "".join(f"reveal_type({name}.{public})\n" for public in names)
        program.write_text(f"import {name}\n\n{uses}", "utf-8")
        check = ["mypy", "--strict", "--no-error-summary", "--config-file="]
        where = ["--python-executable", python, "--cache-dir", str(self.folder / "mypy")]
        command = [sys.executable, "-m", *check, *where, program.name]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)
        # A name that only a module's __getattr__ knows is an object to a type checker.
        untyped = [line for line in done.stdout.splitlines() if line.endswith(_UNTYPED)]
        if done.returncode or untyped:
            print("\n".join(untyped) or done.stdout + done.stderr)
            raise subprocess.CalledProcessError(1, command)

    def test(self, siblings: str) -> None:
        """Run the package's tests.

        Args:
            siblings: ``"lowest"`` or ``"highest"``.
        """
        tools = {"pytest-xdist": "pytest-xdist>=3.6", **self.package.uses}
        python = self._make(siblings, tools, siblings)
        # -P: this folder is not where modules are looked for.
        options = ["-q", "-p", "no:cacheprovider", "-n", "auto"]
        command = [python, "-P", "-m", "pytest", *options, str(self.package.path)]
        # CI: hypothesis sets no deadlines there, which a busy machine would miss.
        environment = {**os.environ, "CI": "true"}
        subprocess.run(command, cwd=self.folder, env=environment, check=True)

    def _make(self, kind: str, requirements: dict[str, str], siblings: str) -> str:
        """Make an environment, and return its interpreter."""
        project = self.folder / f"{self.package.name}-{kind}"
        project.mkdir()
        others = self._siblings(requirements)
        own = f"{self.package.name}=={self.package.version}"
        # Siblings of siblings are here too: what is not named is not taken from these wheels.
        dependencies = [own, *requirements.values(), *others]
        sources = {self.package.name: "tree", **dict.fromkeys(others, "siblings")}
        text = _PYPROJECT.format(
            dependencies=json.dumps(dependencies),
            tree=json.dumps(str(self.wheels["highest"])),
            siblings=json.dumps(str(self.wheels[siblings])),
            sources="\n".join(f'{n} = {{ index = "{index}" }}' for n, index in sources.items()),
        )
        (project / "pyproject.toml").write_text(text, "utf-8")
        _uv("sync", "--project", str(project), "--resolution", RESOLUTIONS[siblings])
        python = str(project / ".venv" / "bin" / "python")
        code = (
            "import sys, importlib.metadata as m; "
            "print(*(f'{n} {m.version(n)}' for n in sys.argv[1:]))"
        )
        print(_output(python, "-c", code, self.package.name, *others), flush=True)
        return python

    def _siblings(self, requirements: dict[str, str]) -> list[str]:
        """Return the names of the other packages of ours that these requirements bring."""
        everything = members()
        names = {self.package.name}
        wanted = self.package.requires.keys() | requirements.keys()
        while more := (wanted & everything.keys()) - names:
            names |= more
            wanted = {name for member in more for name in everything[member].requires}
        return sorted(names - {self.package.name})


def _step(title: str, run: Callable[[], None]) -> None:
    started = time.monotonic()
    print(f"=== {title}", flush=True)
    try:
        run()
    except subprocess.CalledProcessError as error:
        sys.exit(f"{title}: failed with exit code {error.returncode}")
    print(f"=== {title}: {time.monotonic() - started:.0f} s", flush=True)


def _output(*command: str) -> str:
    finished = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return finished.stdout.strip()


def _uv(*arguments: str) -> None:
    # The environment that this script runs in must not affect the new one.
    environment = {key: value for key, value in os.environ.items() if key != "VIRTUAL_ENV"}
    subprocess.run(["uv", "--quiet", *arguments], env=environment, check=True)


if __name__ == "__main__":
    main()
