"""A bundle in a root file system without any Python, under AWS's own emulator."""

from __future__ import annotations

import json
import os
import shutil
import socket
import stat
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from .conftest import PYTHON, ROOT, linux, unpack

if TYPE_CHECKING:
    from collections.abc import Generator

pytestmark = linux
SECONDS = 30


@pytest.fixture(scope="session")
def emulator() -> Path:
    """Return AWS's emulator, which is fetched once for all tests that need it."""
    result = subprocess.run(
        [ROOT / "emulator" / "rie.sh", "--which"],
        env={**os.environ, "PYTHON": sys.executable},
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        pytest.skip(result.stderr)
    return Path(result.stdout.strip())


@pytest.fixture
def root(unpacked: Path, emulator: Path, tmp_path: Path) -> Path:
    """Make a file system with C libraries, a shell, the emulator and the bundle; no Python."""
    if os.geteuid():
        pytest.skip("only root can have a process see another root")
    root = tmp_path / "root"
    shutil.copytree(unpacked, root / "var" / "task")
    shell = Path(shutil.which("bash") or shutil.which("sh") or "/bin/sh").resolve()
    system = subprocess.run(["ldd", shell], capture_output=True, text=True, check=True)
    libraries = [Path(word) for word in system.stdout.split() if word.startswith("/")]
    libc = next(path.resolve().parent for path in libraries if path.name.startswith("libc.so"))
    base = ("libm.so.6", "libdl.so.2", "libpthread.so.0", "librt.so.1", "libutil.so.1")
    for name in (*base, "libgcc_s.so.1", "libstdc++.so.6"):
        found = next(
            (
                up / name
                for up in (libc, Path("/usr") / libc.relative_to("/"))
                if (up / name).exists()
            ),
            None,
        )
        libraries.extend([found] if found else [])
    for path in libraries:
        loader = path if path.name.startswith("ld-") else Path("/lib64") / path.name
        copy(path, root / loader.relative_to("/"))
    copy(shell, root / "bin" / "sh")
    copy(emulator, root / "rie")
    (root / "rie").chmod(0o755)
    (root / "tmp").mkdir()
    (root / "dev").mkdir()
    try:
        os.mknod(root / "dev" / "null", 0o666 | stat.S_IFCHR, os.makedev(1, 3))
    except PermissionError:
        pytest.skip("making a device, which programs need, is not allowed here")
    return root


def copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target)


@contextmanager
def serve(root: Path, *command: str, **environ: str) -> Generator[int]:
    """Serve the bundle, or what a command starts, and yield the port."""
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    address, api = ("{}:{}".format(*listener.getsockname()) for listener in listeners)
    for listener in listeners:
        listener.close()
    emulator = [
        *("chroot", str(root), "/rie", "--runtime-interface-emulator-address", address),
        *("--runtime-api-address", api, *(command or ("/var/task/bootstrap",))),
    ]
    environ = {"PATH": "/bin:/usr/sbin:/usr/bin:/sbin", "LD_LIBRARY_PATH": "/lib64", **environ}
    with subprocess.Popen(emulator, env=environ) as process:
        try:
            port = int(address.rpartition(":")[2])
            wait_until_it_listens(process, port)
            yield port
        finally:
            process.terminate()


def wait_until_it_listens(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            assert process.poll() is None
            assert time.monotonic() < deadline
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=0.01)
        else:
            return


def invoke(port: int, event: object) -> tuple[int, Any]:
    connection = HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    try:
        path = "/2015-03-31/functions/function/invocations"
        connection.request("POST", path, json.dumps(event))
        response = connection.getresponse()
        return response.status, json.load(response)
    finally:
        connection.close()


def test_it_serves_invocations_where_there_is_no_python(root: Path) -> None:
    pythons = [
        path for path in root.rglob("python*") if path.is_file() and os.access(path, os.X_OK)
    ]
    assert pythons == [root / "var" / "task" / "interpreter" / "bin" / f"python{PYTHON}"]
    with serve(root) as port:
        assert invoke(port, {"name": "Ada"}) == (200, {"message": "Hello Ada!"})
        assert invoke(port, {"name": "Żaneta ☃"}) == (200, {"message": "Hello Żaneta ☃!"})


def test_a_module_of_the_function_that_is_missing_is_reported(root: Path) -> None:
    with serve(root, _HANDLER="missing.handler") as port:
        status, error = invoke(port, {})
    assert status == 502
    assert error["errorType"] == "Runtime.ImportModuleError"


def test_an_interpreter_that_is_missing_is_reported(root: Path) -> None:
    (root / "var" / "task" / "interpreter").rename(root / "elsewhere")
    with serve(root) as port:
        _, error = invoke(port, {})
    assert error["errorType"] == "Runtime.InvalidEntrypoint"
    assert f"there is no Python {PYTHON} in /var/task/interpreter" in error["errorMessage"]


def test_interpreter_and_dependencies_may_be_in_layers(root: Path) -> None:
    task, layers = root / "var" / "task", root / "opt"
    (layers / "python").mkdir(parents=True)
    (task / "interpreter").rename(layers / "interpreter")
    for path in list(task.iterdir()):
        if path.name not in {"__main__.py", "bootstrap"}:
            path.rename(layers / "python" / path.name)
    with serve(root) as port:
        assert invoke(port, {"name": "Ada"}) == (200, {"message": "Hello Ada!"})


def test_a_wrapper_takes_the_place_of_the_managed_runtime(root: Path, samples: Path) -> None:
    task, python = root / "var" / "task", root / "var" / "lang"
    (task / "interpreter").rename(python)
    shutil.rmtree(task)
    unpack(samples / "hello.zip", task)
    command = ("/var/task/wrapper", f"/var/lang/bin/python{PYTHON}", "/var/runtime/bootstrap.py")
    environ = {
        "LD_LIBRARY_PATH": "/lib64:/var/lang/lib/shared",
        "LAMBDA_TASK_ROOT": "/var/task",
        "_HANDLER": "__main__.py",
    }
    with serve(root, *command, **environ) as port:
        assert invoke(port, {"name": "Ada"}) == (200, {"message": "Hello Ada!"})
