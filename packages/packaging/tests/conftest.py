"""Projects to build, with this repository's own packages as wheels."""

from __future__ import annotations

import fcntl
import json
import os
import platform
import shutil
import stat
import subprocess
import sys
from dataclasses import dataclass
from functools import cache, partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest
from hatchling.builders.wheel import WheelBuilder
from uv import find_uv_bin

from hatch_lambda import LambdaBuilder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

ROOT = Path(__file__).parents[3]
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
MACHINE = {"aarch64": "arm64"}.get(platform.machine(), platform.machine())
OTHER_MACHINE = {"arm64": "x86_64"}.get(MACHINE, "arm64")
GLIBC = platform.libc_ver()[1] or "2.34"
HELLO = """
from lambda_runtime import Context


def handler(event: dict[str, str], context: Context) -> dict[str, str]:
    return {"message": f"Hello {event.get('name', 'World')}!"}
"""
linux = pytest.mark.skipif(
    sys.platform != "linux" or MACHINE not in {"x86_64", "arm64"},
    reason="the interpreter that is bundled is this one, and Lambda runs Linux on x86_64 and arm64",
)


@dataclass(frozen=True)
class Project:
    folder: Path

    def build(self, name: str = "hello") -> Path:
        """Build one function as hatchling does, and return what was built."""
        (artifact,) = self.build_all(name)
        return artifact

    def build_all(self, *names: str) -> list[Path]:
        """Build some functions, or all, and return what was built."""
        builder = LambdaBuilder(str(self.folder))
        built = builder.build(directory=str(self.folder / "dist"), versions=list(names))
        return [Path(artifact) for artifact in built]

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return path


def uv(*arguments: str | Path, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [find_uv_bin(), *arguments], cwd=cwd, capture_output=True, text=True, check=False
    )


def shared_path(factory: pytest.TempPathFactory, name: str) -> Path:
    """Return a path that is the same in all processes that run tests."""
    base = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent
    return base / f"hatch-lambda-{name}"


def shared(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """Return a folder that one of the processes that run tests makes, and the others wait for."""
    folder = shared_path(factory, name)
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        made = folder.with_suffix(".made")
        if not made.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            made.touch()
    return folder


@pytest.fixture(scope="session", autouse=True)
def _cache_of_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let builds share byte code and compressed files, outside of the user's own cache.

    ``HATCH_LAMBDA_TEST_CACHE`` is a folder that several runs of tests share.
    """
    folder = os.environ.get("HATCH_LAMBDA_TEST_CACHE")
    with pytest.MonkeyPatch.context() as patch:
        # Builds make it: those of the samples' tests may have begun.
        patch.setenv("HATCH_LAMBDA_CACHE", folder or str(shared_path(tmp_path_factory, "cache")))
        yield


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Build the wheels of the packages that a function needs."""

    def build(folder: Path) -> None:
        for name in ("logging", "runtime"):  # without an environment, which takes seconds
            wheel = WheelBuilder(str(ROOT / "packages" / name))
            assert list(wheel.build(directory=str(folder), versions=["standard"]))

    folder = shared(tmp_path_factory, "wheels", build)
    names = {"lambda-logging": "lambda_logging-*.whl", "lambda-runtime": "lambda_runtime-*.whl"}
    return {name: next(folder.glob(pattern)) for name, pattern in names.items()}


@cache
def lock_file(project: str, root: Path) -> str:
    """Return the lock file of a project two folders below: paths in it may be relative.

    The same dependencies are resolved once.
    """
    with TemporaryDirectory(dir=root) as parent:
        folder = Path(parent, "project")
        folder.mkdir()
        (folder / "pyproject.toml").write_text(project, "utf-8")
        result = uv("lock", "--quiet", cwd=folder)
        if result.returncode:
            pytest.skip(f"dependencies cannot be resolved, is the index there? {result.stderr}")
        return (folder / "uv.lock").read_text("utf-8")


def make_project(
    folder: Path,
    wheels: dict[str, Path],
    options: str = "",
    *,
    dependencies: tuple[str, ...] = (),
    sources: dict[str, str] | None = None,
    more: str = "",
    lock: bool = True,
) -> Project:
    """Write a project with one function, and lock its dependencies."""
    project = Project(folder)
    paths = {name: f'{{ path = "{path}" }}' for name, path in wheels.items()} | (sources or {})
    project.write("app.py", HELLO)
    path = project.write(
        "pyproject.toml",
        "\n".join(
            [
                "[build-system]",
                'requires = ["hatchling", "hatch-lambda"]',
                'build-backend = "hatchling.build"',
                "[project]",
                'name = "hello"',
                'version = "1"',
                'requires-python = ">=3.11"',
                f"dependencies = {[*wheels, *dependencies]!r}",
                more,
                "[tool.uv]",
                "package = false",
                "[tool.uv.sources]",
                *(f"{name} = {path}" for name, path in paths.items()),
                "[tool.hatch.build.targets.lambda]",
                *([] if "python =" in options else [f'python = "{PYTHON}"']),
                *([] if "handler" in options else ['handler = "app.handler"']),
                options,
            ]
        ),
    )
    if lock:
        resolved, _, _ = path.read_text("utf-8").partition("[tool.hatch")
        project.write("uv.lock", lock_file(resolved, folder.parents[1]))
    return project


@pytest.fixture
def project(tmp_path: Path, wheels: dict[str, Path]) -> Callable[..., Project]:
    """Make a project: ``project(options, dependencies=(...), sources={...})``."""
    return partial(make_project, tmp_path / "hello", wheels)


@pytest.fixture(scope="session")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of this repository, with what is under version control and nothing else."""

    def copy(folder: Path) -> None:
        listing = run(tool("git"), "-C", ROOT, "ls-files", "-z")
        if listing.returncode:
            pytest.skip(f"this is not a clone of the repository: {listing.stderr}")
        for name in filter(None, listing.stdout.split("\0")):
            if (ROOT / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, folder / name)

    return shared(tmp_path_factory, "clone", copy)


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory, clone: Path) -> Path:
    """Build a sample as its readers do, with hatch, in an environment that it makes."""

    def build(folder: Path) -> None:
        hatch = shutil.which("hatch", path=str(Path(sys.executable).parent))
        assert hatch, "hatch is one of the development tools"
        (folder / "config.toml").touch()
        result = run_in(
            clone / "samples" / "hello",
            *(hatch, "build", "-t", "lambda:hello", folder),
            **{
                **os.environ,
                **environ_of_this_machine(),
                "HATCH_CONFIG": str(folder / "config.toml"),
                "HATCH_DATA_DIR": str(folder / "data"),
                "HATCH_CACHE_DIR": str(folder / "cache"),
                "HATCH_ENV_TYPE_VIRTUAL_UV_PATH": find_uv_bin(),
            },
        )
        if result.returncode and "index" in result.stderr.lower():
            pytest.skip(f"the tools of the environment cannot be fetched: {result.stderr}")
        assert result.returncode == 0, result.stdout + result.stderr

    return shared(tmp_path_factory, "bundle", build) / "hello.zip"


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory, clone: Path) -> Path:
    """Build the sample hello as a wrapper, and return the folder of its archive."""

    def build(folder: Path) -> None:
        command = (sys.executable, "-m", "hatch_lambda", "--project", clone / "samples")
        result = run(
            *(*command, "--directory", folder, "hello"),
            **{**os.environ, **environ_of_this_machine(), "HATCH_LAMBDA_LAYOUT": "wrapper"},
        )
        assert result.returncode == 0, result.stderr

    return shared(tmp_path_factory, "samples", build)


@pytest.fixture(scope="session")
def unpacked(tmp_path_factory: pytest.TempPathFactory, bundle: Path) -> Path:
    """Unpack the bundle; it is shared, so nothing may write to it."""
    return shared(tmp_path_factory, "task", partial(unpack, bundle))


@pytest.fixture(scope="session")
def small_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Take from the Python that runs the tests what compiles modules, and no more."""

    def copy(folder: Path) -> None:
        show = "import sys, json, _ctypes, compileall, encodings.ascii; print(json.dumps("
        show += "[file for module in sys.modules.values() "
        show += "if (file := getattr(module, '__file__', 0))]))"
        result = run(sys.executable, "-S", "-c", show)
        assert result.returncode == 0, result.stderr
        program = Path("bin", f"python{PYTHON}")
        libraries = Path(sys.base_prefix, "lib").glob(f"libpython{PYTHON}*.so*")
        names = [Path(name).relative_to(sys.base_prefix) for name in json.loads(result.stdout)]
        # From Python 3.13 on, this module puts another in its place.
        names.append(Path("lib", f"python{PYTHON}", "collections", "abc.py"))
        for name in (program, *names, *(Path("lib", path.name) for path in libraries)):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(sys.base_prefix / name, folder / name)

    return shared(tmp_path_factory, "python", copy)


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
def system(emulator: Path, tmp_path: Path) -> Path:
    """Make a root file system with C libraries, a shell and the emulator; no Python."""
    if os.geteuid():
        pytest.skip("only root can have a process see another root")
    root = tmp_path / "root"
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


ELF_MACHINES = {"x86": 3, "x86_64": 62, "arm64": 183, "BPF": 247}


def elf(machine: str, data: bytes = b"") -> bytes:
    """Make a binary for Linux without anything in it, and some data after it."""
    header = bytearray(64)
    header[:18] = b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x03\x00"
    header[18:20] = ELF_MACHINES[machine].to_bytes(2, "little")
    return bytes(header) + data


def portable_executable(*, dotnet: bool) -> bytes:
    """Make a binary for Windows without anything in it; one of .NET runs everywhere."""
    data = bytearray(512)
    data[:2], data[60:64], data[64:68] = b"MZ", (64).to_bytes(4, "little"), b"PE\0\0"
    data[88:90] = (0x20B).to_bytes(2, "little")
    data[312:316] = int(dotnet).to_bytes(4, "little")
    return bytes(data)


MACH_O = bytes.fromhex("cffaedfe0c000001") + bytes(24)


def make_wheel(folder: Path, name: str, files: Mapping[str, bytes]) -> Path:
    """Write a wheel for any system."""
    metadata = f"{name}-1.dist-info"
    written = {
        **files,
        f"{metadata}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n".encode(),
        f"{metadata}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{each},,\n" for each in (*written, f"{metadata}/RECORD"))
    path = folder / f"{name}-1-py3-none-any.whl"
    with ZipFile(path, "w") as file:
        for each, data in {**written, f"{metadata}/RECORD": record.encode()}.items():
            file.writestr(each, data)
    return path


@pytest.fixture(scope="session")
def universal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a wheel for any system that has a program for each."""

    def make(folder: Path) -> None:
        files = {
            "universal/__init__.py": b"",
            "universal/__init__.pyi": b" " * 512,
            "universal/notes.txt": b"",
            "universal/tests/__init__.py": b"",
            "universal/tests/test_it.py": b"#" * 1024,
            "universal/bin/arm64/tool": elf("arm64"),
            "universal/bin/x86_64/tool": elf("x86_64"),
            "universal/bin/macos/tool": MACH_O,
            "universal/bin/windows/tool.exe": portable_executable(dotnet=False),
            "universal/net/managed.dll": portable_executable(dotnet=True),
            "universal/bin/filter.o": elf("BPF"),
            "universal/loader.py": b"FILTER = 'filter.o'\nASSEMBLY = 'managed.dll'\n",
        }
        make_wheel(folder, "universal", files)

    return next(shared(tmp_path_factory, "universal", make).glob("*.whl"))


def of_this_machine(interpreter: str | Path = sys.base_prefix, **options: str) -> str:
    """Return the options that bundle the Python that runs the tests, or another one."""
    given = {"architecture": MACHINE, "glibc": GLIBC, "interpreter": str(interpreter), **options}
    return "\n".join(f"{key} = {value!r}" for key, value in given.items())


def environ_of_this_machine() -> dict[str, str]:
    """Return the same, as variables for a project that does not know this machine."""
    return {
        "HATCH_LAMBDA_ARCHITECTURE": MACHINE,
        "HATCH_LAMBDA_GLIBC": GLIBC,
        "HATCH_LAMBDA_INTERPRETER": sys.base_prefix,
        "HATCH_LAMBDA_PYTHON": PYTHON,
    }


def unpack(archive: Path, folder: Path) -> Path:
    """Unpack an archive as Lambda does, with the modes of its files."""
    with ZipFile(archive) as file:
        for info in file.infolist():
            path = Path(file.extract(info, folder))
            path.chmod(info.external_attr >> 16)
    return folder


def run(*command: str | Path, **environ: str) -> subprocess.CompletedProcess[str]:
    return run_in(Path.cwd(), *command, **environ)


def run_in(folder: Path, *command: str | Path, **environ: str) -> subprocess.CompletedProcess[str]:
    base = {"PATH": os.environ["PATH"]}
    return subprocess.run(
        command, cwd=folder, env={**base, **environ}, capture_output=True, text=True, check=False
    )


@dataclass(frozen=True)
class Request:
    path: str
    headers: Mapping[str, str]
    body: bytes


class RuntimeApi(HTTPServer):
    """Accepts what is sent to it, and remembers it."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.requests: list[Request] = []
        self.thread = Thread(target=self.serve_forever)
        self.thread.start()

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.thread.join()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        assert isinstance(self.server, RuntimeApi)
        self.server.requests.append(Request(self.path, dict(self.headers), body))
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_request(self, code: object = None, size: object = None) -> None:
        """Say nothing."""


def init_error(*command: str | Path, **environ: str) -> tuple[int, str, dict[str, str]]:
    """Start what fails, and return its exit code, its log, and what it tells the Runtime API."""
    with RuntimeApi() as api:
        address = f"127.0.0.1:{api.server_port}"
        result = run(*command, AWS_LAMBDA_RUNTIME_API=address, **environ)
    (request,) = api.requests
    assert request.path == "/2018-06-01/runtime/init/error"
    assert request.headers["Lambda-Runtime-Function-Error-Type"] == "Runtime.InvalidEntrypoint"
    error = json.loads(request.body)
    assert error.keys() == {"errorType", "errorMessage"}
    assert result.stderr.strip().endswith(error["errorMessage"])
    return result.returncode, result.stderr, error


def script(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    path.chmod(0o755)
    return path


def tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not on this machine")
    return found


def names(archive: Path) -> set[str]:
    with ZipFile(archive) as file:
        return set(file.namelist())
