"""Rehearse a release: install the packages from an index on this machine, as users will from PyPI.

``python -m scripts.rehearse [PACKAGE...] [--wheels FOLDER]``

The packages, or all if none is named, are built as for a release, with the siblings that they
need; ``--wheels`` takes wheels that are built already. An index on this machine offers them, and
PyPI offers the rest. A fresh environment installs the packages by name, with all their extras.
Then all public names are loaded, and a function runs: as a process, and in the emulator, if
lambda-runtime and lambda-emulator are installed.
"""

from __future__ import annotations

import argparse
import hashlib
import html
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from contextlib import contextmanager
from email import message_from_bytes
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any, NamedTuple

from lambda_testing import Function, LambdaProcess
from scripts.workspace import ROOT, Member, WorkspaceError, members, normalized, released

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from email.message import Message

EVENT = {"name": "Ada"}
RESPONSE = {"message": "Hello Ada!"}


class Wheel(NamedTuple):
    """A wheel, with what an index says about it.

    Args:
        path: The file.
        content: The metadata file.
        metadata: The same, parsed.
    """

    path: Path
    content: bytes
    metadata: Message

    @property
    def name(self) -> str:
        """The normalized name of the package."""
        return normalized(self.metadata["Name"])

    @property
    def version(self) -> str:
        """The version of the package."""
        return str(self.metadata["Version"])

    @property
    def requirement(self) -> str:
        """The requirement of exactly this version, with every extra."""
        extras = ",".join(self.metadata.get_all("Provides-Extra", []))
        return f"{self.name}[{extras}]=={self.version}"


def main() -> None:
    """Run the rehearsal."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("packages", nargs="*", metavar="PACKAGE")
    parser.add_argument("--wheels", type=Path, metavar="FOLDER")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        try:
            packages = [released(name) for name in arguments.packages]
            wheels = arguments.wheels or build(packages, Path(folder, "dist"))
            rehearse([package.name for package in packages], wheels, Path(folder))
        except WorkspaceError as error:
            sys.exit(str(error))
        except subprocess.CalledProcessError as error:
            sys.exit(f"exit code {error.returncode}: {' '.join(error.cmd)}")


def build(packages: Sequence[Member], folder: Path) -> Path:
    """Build packages as for a release, and the siblings that they need.

    Args:
        packages: The packages; all if there are none.
        folder: The folder for the wheels.

    Returns:
        The folder.
    """
    options = ("--no-sources", "--out-dir", str(folder))
    if not packages:
        _run("uv", "build", "--quiet", "--all-packages", *options)
        return folder
    everything = members()
    wanted = [package.name for package in packages]
    for name in wanted:  # siblings are appended meanwhile
        uses = everything[name].requires | everything[name].extras
        wanted += [other for other in uses if other in everything and other not in wanted]
        _run("uv", "build", "--quiet", "--package", name, *options)
    return folder


def rehearse(names: Sequence[str], folder: Path, scratch: Path) -> None:
    """Install packages from an index, and use them.

    Args:
        names: The packages; those of all wheels if there are none.
        folder: The wheels that the index offers.
        scratch: A folder for the index and the environment.

    Raises:
        WorkspaceError: There is no wheel of a package, or a function does not answer as it should.
        subprocess.CalledProcessError: A step failed; its output was printed.
    """
    wheels = {wheel.name: wheel for wheel in map(read_wheel, sorted(folder.glob("*.whl")))}
    missing = [name for name in names if name not in wheels]
    if missing or not wheels:
        raise WorkspaceError(f"{folder} has no wheel of {', '.join(missing) or 'any package'}")
    chosen = [wheels[name] for name in names or wheels]
    environment = scratch / "venv"
    python = str(environment / "bin" / "python")
    _run("uv", "venv", "--quiet", "--python", sys.executable, str(environment))
    with serve(write_index([*wheels.values()], scratch / "index")) as index:
        install = ("uv", "pip", "install", "--quiet", "--python", python, "--index", index)
        _run(*install, *(wheel.requirement for wheel in chosen))
    _run("uv", "pip", "check", "--quiet", "--python", python)
    everything = members()
    for wheel in chosen:
        smoke = (python, "-I", str(ROOT / "scripts" / "smoke.py"))
        _run(*smoke, everything[wheel.name].module, wheel.version, cwd=scratch)
    shutil.copytree(ROOT / "samples" / "hello", scratch / "hello")
    if any(environment.glob("lib/*/site-packages/lambda_runtime")):
        _invoke_process(python, scratch)
    emulator = environment / "bin" / "lambda-emulator"
    if emulator.exists():
        _invoke_in_emulator(emulator, scratch)


def read_wheel(path: Path) -> Wheel:
    """Read the metadata of a wheel.

    Args:
        path: The file.
    """
    with zipfile.ZipFile(path) as archive:
        [name] = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        content = archive.read(name)
    return Wheel(path, content, message_from_bytes(content))


def write_index(wheels: Sequence[Wheel], folder: Path) -> Path:
    """Write a package index as static files: the simple repository API, with metadata files.

    Args:
        wheels: The wheels that it offers.
        folder: The folder for the index.

    Returns:
        The folder.
    """
    for wheel in wheels:
        page = folder / wheel.name / "index.html"
        page.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(wheel.path, page.parent)
        (page.parent / f"{wheel.path.name}.metadata").write_bytes(wheel.content)
        digest = hashlib.sha256(wheel.path.read_bytes()).hexdigest()
        python = html.escape(str(wheel.metadata["Requires-Python"]))
        with page.open("a", encoding="utf-8") as file:
            file.write(
                f'<a href="{wheel.path.name}#sha256={digest}" data-requires-python="{python}"'
                f' data-core-metadata="true">{wheel.path.name}</a>\n'
            )
    return folder


class _Handler(SimpleHTTPRequestHandler):
    """Serves files, and logs nothing."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (its name there)
        pass


@contextmanager
def serve(folder: Path) -> Iterator[str]:
    """Serve a folder at a free port, as long as the block runs.

    Args:
        folder: The folder. Its parent's name is a part of the address, so that no cache confuses
            it with that of another rehearsal.

    Yields:
        The address of the folder.
    """
    handler = partial(_Handler, directory=folder.parents[1])
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            path = folder.relative_to(folder.parents[1]).as_posix()
            yield f"http://127.0.0.1:{server.server_port}/{path}/"
        finally:
            server.shutdown()
            thread.join()


def _invoke_process(python: str, scratch: Path) -> None:
    command = [python, "hello"]
    with LambdaProcess(
        command, function=Function(name="hello"), cwd=scratch, output=scratch / "hello.log"
    ) as function:
        _check("hello", function.invoke(EVENT).value)


def _invoke_in_emulator(command: Path, scratch: Path) -> None:
    invoke = [str(command), "invoke", "hello", "--data", json.dumps(EVENT)]
    done = subprocess.run(
        invoke, cwd=scratch, env=_environment(), stdout=subprocess.PIPE, text=True, check=True
    )
    _check("hello in the emulator", json.loads(done.stdout))


def _check(name: str, response: object) -> None:
    if response != RESPONSE:
        raise WorkspaceError(f"{name} should return {RESPONSE}, and returned {response}")
    print(f"{name}: {response}", flush=True)


def _run(*command: str, cwd: Path = ROOT) -> None:
    print("+", *command, flush=True)
    subprocess.run(command, cwd=cwd, env=_environment(), check=True)


def _environment() -> dict[str, str]:
    """Return the environment without that of the workspace, which commands would use."""
    return {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}


if __name__ == "__main__":
    main()
