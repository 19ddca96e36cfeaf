"""The layouts ``runtime`` and ``function``: Lambda's customer-managed runtimes."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hatch_lambda import BuildError, Options
from hatch_lambda._elf import inspect, is_elf
from hatch_lambda._provided import leave_out_provided, read

from .conftest import (
    MACHINE,
    PYTHON,
    init_error,
    linux,
    make_project,
    names,
    of_this_machine,
    run,
    script,
    shared,
    tool,
    unpack,
)
from .rie import invoke, serve

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Project

BASE = "public.ecr.aws/lambda/provided:al2023"
END = [
    'LABEL com.amazonaws.lambda.feature.snapstart="Allow"',
    'ENTRYPOINT ["/var/runtime/bootstrap"]',
]
PLATFORM = {"x86_64": "linux/amd64", "arm64": "linux/arm64"}[MACHINE]
TABLE = "[tool.hatch.build.targets.lambda.functions"


@pytest.fixture(scope="session")
def built(
    tmp_path_factory: pytest.TempPathFactory, wheels: dict[str, Path], unpacked: Path
) -> Path:
    """Build a runtime for this machine, and two functions for it."""

    def build(folder: Path) -> None:
        project = make_project(
            folder,
            wheels,
            of_this_machine(unpacked / "interpreter")
            + f"\n{TABLE}.acme]\nlayout = 'runtime'"
            + f"\n{TABLE}.known]\nlayout = 'function'"
            + "\nprovided = 'dist/acme-runtime/requirements.txt'"
            + f"\n{TABLE}.hello]\nlayout = 'function'",
            dependencies=("idna",),
        )
        project.build_all()

    return shared(tmp_path_factory, "runtime-image", build) / "dist"


@pytest.fixture
def task(built: Path, tmp_path: Path) -> Path:
    return unpack(built / "hello.zip", tmp_path / "task")


@linux
def test_a_runtime_is_all_in_its_own_folder(built: Path) -> None:
    context = built / "acme-runtime"
    assert sorted(path.name for path in context.iterdir()) == [
        *("Dockerfile", "bootstrap", "interpreter", "python", "requirements.txt"),
    ]
    assert (context / "Dockerfile").read_text("utf-8").splitlines() == [
        f"FROM --platform={PLATFORM} {BASE}",
        "COPY interpreter /var/runtime/interpreter",
        "COPY python /var/runtime/python",
        "COPY bootstrap /var/runtime/bootstrap",
        *END,
    ]
    assert os.access(context / "bootstrap", os.X_OK)
    assert os.access(context / "interpreter" / "bin" / f"python{PYTHON}", os.X_OK)
    assert not (context / "python" / "app.py").exists()
    brought = read(context / "requirements.txt")
    assert {"lambda-runtime", "lambda-logging", "aiohttp", "idna"} <= brought.keys()


@linux
def test_its_byte_code_is_for_its_interpreter_and_its_place(built: Path) -> None:
    cache = built / "acme-runtime" / "python" / "lambda_runtime" / "__pycache__"
    code = (cache / f"_run.{sys.implementation.cache_tag}.pyc").read_bytes()
    assert code[:4] == importlib.util.MAGIC_NUMBER
    assert b"/var/runtime/python/lambda_runtime/_run.py" in code


@linux
def test_a_function_is_its_code_and_what_the_runtime_lacks(built: Path) -> None:
    tag = sys.implementation.cache_tag
    metadata = {f"hello-1.dist-info/{name}" for name in ("METADATA", "RECORD")}
    code = {"app.py", f"__pycache__/app.{tag}.pyc", *metadata}
    assert names(built / "known.zip") == code
    assert (built / "known.zip").stat().st_size < 1_500
    own = {name.split("/")[0].split("-")[0] for name in names(built / "hello.zip") - code}
    assert own == {"idna"}  # it asks for it itself, so it gets the version that it was locked with


def test_both_architectures_come_from_one_project(project: Callable[..., Project]) -> None:
    context = project(
        "layout = 'runtime'\narchitecture = ['x86_64', 'arm64']\nparts = ['dependencies']"
        "\nwithout = ['aiohttp']"
    ).build()
    assert sorted(path.name for path in context.iterdir()) == [
        *("Dockerfile", "amd64", "arm64", "requirements.txt"),
    ]
    assert (context / "Dockerfile").read_text("utf-8").splitlines() == [
        f"FROM {BASE}",
        "ARG TARGETARCH",
        "COPY ${TARGETARCH}/python /var/runtime/python",
        "COPY ${TARGETARCH}/bootstrap /var/runtime/bootstrap",
        *END,
    ]
    for folder, machine in (("amd64", "x86_64"), ("arm64", "arm64")):
        assert os.access(context / folder / "bootstrap", os.X_OK)
        files = [path for path in (context / folder).rglob("*") if path.is_file()]
        assert {inspect(path).architecture for path in files if is_elf(path)} == {machine}


def test_a_runtime_is_for_both_unless_it_says_otherwise() -> None:
    parse = partial(Options.parse, name="f", project=Path("/project"))
    runtime = {"layout": "runtime"}
    assert parse(runtime, {}).architectures == ("x86_64", "arm64")
    one = parse({**runtime, "architecture": "arm64"}, {})
    assert (one.architecture, one.architectures) == ("arm64", ())
    both = parse(runtime, {"HATCH_LAMBDA_ARCHITECTURE": "arm64,x86_64"})
    assert both.architectures == ("arm64", "x86_64")
    with pytest.raises(BuildError, match="only the layout 'runtime' is built for several"):
        parse({"layout": "layer", "architecture": ["x86_64", "arm64"]}, {})


PLACES = """
import os
import first, second, third, fourth
def handler(event, context):
    found = [module.PLACE for module in (first, second, third, fourth)]
    return [*found, os.environ.get("WRAPPED"), context.function_name]
"""


@linux
def test_under_aws_own_emulator(built: Path, task: Path, system: Path) -> None:
    """The folder is at /var/runtime, and the archive at /var/task: the image's order of imports."""
    runtime = system / "var" / "runtime"
    shutil.copytree(built / "acme-runtime", runtime)
    layer = system / "opt" / "python"
    folders = {
        "runtime": runtime / "python",
        "layer": layer,
        "site-packages of a layer": layer / "lib" / f"python{PYTHON}" / "site-packages",
        "function": system / "var" / "task",
    }
    shutil.copytree(task, folders["function"])
    (folders["function"] / "places.py").write_text(PLACES, "utf-8")
    modules = ["first", "second", "third", "fourth"]
    for place, folder in folders.items():
        folder.mkdir(parents=True, exist_ok=True)
        for module in modules:
            (folder / f"{module}.py").write_text(f"PLACE = {place!r}\n", "utf-8")
        modules.pop()
    script(system / "opt" / "wrapper", '#!/bin/sh\nexport WRAPPED=1\nexec "$@"\n')
    command = ("/var/runtime/bootstrap",)
    with serve(system, *command, _HANDLER="app.handler") as port:
        assert invoke(port, {"name": "Ada"}) == (200, {"message": "Hello Ada!"})
    environ = {"_HANDLER": "places.handler", "AWS_LAMBDA_EXEC_WRAPPER": "/opt/wrapper"}
    with serve(system, *command, **environ) as port:
        status, answer = invoke(port, {})
    assert (status, answer[:5]) == (200, [*reversed(folders), "1"])


class Recorder(HTTPServer):
    """Notes the first requests of a runtime, and lets it wait for the answers."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Recording)
        self.paths: list[str] = []


class _Recording(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Recorder)
        self.server.paths.append(self.path)

    def log_request(self, code: object = None, size: object = None) -> None:
        """Say nothing."""


@linux
@pytest.mark.parametrize(
    ("environ", "path", "processes"),
    [
        ({}, "/2018-06-01/runtime/invocation/next", 1),
        (
            {"AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start"},
            "/2018-06-01/runtime/restore/next",
            1,
        ),
        ({"AWS_LAMBDA_MAX_CONCURRENCY": "2"}, "/2018-06-01/runtime/invocation/next", 2),
    ],
    ids=["on demand", "SnapStart", "Managed Instances"],
)
def test_it_serves_every_kind_of_environment(
    built: Path, task: Path, environ: dict[str, str], path: str, processes: int
) -> None:
    with Recorder() as api:
        variables = {
            "PATH": os.environ["PATH"],
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{api.server_port}",
            "AWS_LAMBDA_FUNCTION_NAME": "hello",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
            "LAMBDA_TASK_ROOT": str(task),
            "_HANDLER": "app.handler",
            **environ,
        }
        bootstrap = built / "acme-runtime" / "bootstrap"
        with subprocess.Popen([bootstrap], env=variables, start_new_session=True) as process:
            try:
                for _ in range(processes):
                    api.handle_request()
            finally:
                os.killpg(process.pid, 9)
    assert api.paths == [path] * processes


@linux
@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({"LAMBDA_TASK_ROOT": "/missing"}, "there is no folder /missing, where the code"),
        ({"LAMBDA_TASK_ROOT": "/"}, "the function names no handler"),
        ({"LAMBDA_TASK_ROOT": "/", "_HANDLER": "bootstrap"}, "the function names no handler"),
        (
            {"LAMBDA_TASK_ROOT": "/", "AWS_LAMBDA_EXEC_WRAPPER": "/opt/agent"},
            "AWS_LAMBDA_EXEC_WRAPPER is /opt/agent, and there is no program /opt/agent",
        ),
    ],
)
def test_a_start_that_fails_says_why(built: Path, environ: dict[str, str], message: str) -> None:
    bootstrap = built / "acme-runtime" / "bootstrap"
    _, _, error = init_error(tool("bash"), bootstrap, **environ)
    assert error["errorMessage"].startswith(f"bootstrap: {message}")


@linux
def test_an_image_without_its_python_says_so(built: Path, tmp_path: Path) -> None:
    """It may come with the base of the image."""
    bootstrap = shutil.copy(built / "acme-runtime" / "bootstrap", tmp_path)
    result = run(bootstrap, PATH="/nowhere", LAMBDA_TASK_ROOT="/")
    assert f"there is no Python {PYTHON} in {tmp_path}/interpreter or on the PATH" in result.stderr
    script(tmp_path / f"python{PYTHON}", '#!/bin/sh\necho "started $1 $2"\n')
    environ = {"PATH": f"{tmp_path}:/bin", "LAMBDA_TASK_ROOT": "/", "_HANDLER": "app.handler"}
    assert run(bootstrap, **environ).stdout == "started -s -B\n"


@linux
def test_the_image_is_built_where_there_is_an_engine(built: Path) -> None:
    engine = shutil.which("docker") or shutil.which("podman")
    if engine is None or run(engine, "info", HOME="/tmp").returncode:
        pytest.skip("no container engine runs here")
    result = run(engine, "build", "--quiet", built / "acme-runtime", HOME="/tmp")
    assert result.returncode == 0, result.stderr
    show = run(engine, "image", "inspect", result.stdout.strip(), HOME="/tmp")
    (image,) = json.loads(show.stdout)
    assert image["Config"]["Entrypoint"] == ["/var/runtime/bootstrap"]
    assert image["Config"]["Labels"]["com.amazonaws.lambda.feature.snapstart"] == "Allow"


def install(folder: Path, name: str, version: str, *requires: str) -> None:
    """Write what an installed package has."""
    module = name.replace("-", "_")
    info = folder / f"{module}-{version}.dist-info"
    info.mkdir(parents=True)
    lines = [
        f"Name: {name}",
        f"Version: {version}",
        *(f"Requires-Dist: {each}" for each in requires),
    ]
    (info / "METADATA").write_text("\n".join(lines), "utf-8")
    (folder / f"{module}.py").touch()
    files = [f"{module}.py", f"{info.name}/METADATA", f"{info.name}/RECORD", "../../bin/tool"]
    (info / "RECORD").write_text("".join(f"{file},,\n" for file in files), "utf-8")


@pytest.mark.parametrize(
    ("direct", "provided", "stays"),
    [
        (["lambda-runtime"], {}, set()),
        (["lambda-runtime", "lambda-logging"], {}, set()),
        (["lambda-runtime[events]"], {}, {"lambda_events", "attrs"}),
        (["lambda-runtime[events]"], {"attrs": "1"}, {"lambda_events"}),
        (["lambda-runtime[events]"], {"attrs": "2"}, {"lambda_events", "attrs"}),
        (["lambda-runtime", "AioHTTP>=1"], {}, {"aiohttp", "attrs"}),
        (["lambda-runtime", "client; python_version > '3'"], {}, {"client", "aiohttp", "attrs"}),
        (["lambda-runtime", "client"], {"aiohttp": "1", "attrs": "1"}, {"client"}),
    ],
)
def test_what_a_runtime_brings_is_left_out(
    tmp_path: Path, direct: list[str], provided: dict[str, str], stays: set[str]
) -> None:
    folder = tmp_path / "lib" / "task"
    install(folder, "lambda-logging", "1")
    install(folder, "lambda-events", "1", "attrs", "lambda-logging")
    install(
        folder,
        "lambda-runtime",
        "1",
        "aiohttp",
        "lambda-logging",
        "lambda-events; extra == 'events'",
    )
    install(folder, "aiohttp", "1", "attrs")
    install(folder, "attrs", "1")
    if any("client" in line for line in direct):
        install(folder, "client", "1", "aiohttp", "nothing; extra == 'speed'")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "tool").touch()
    leave_out_provided(folder, direct, provided)
    assert {path.stem for path in folder.glob("*.py")} == stays
    assert (tmp_path / "bin" / "tool").exists()  # what is recorded elsewhere is not ours


def test_a_file_of_what_a_runtime_brings_is_checked(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="build the runtime first"):
        read(tmp_path / "requirements.txt")
    path = tmp_path / "requirements.txt"
    path.write_text("# acme 1.0.1\nAttrs==26.1.0  # pinned\n\n", "utf-8")
    assert read(path) == {"attrs": "26.1.0"}
    path.write_text("attrs>=26\n", "utf-8")
    with pytest.raises(BuildError, match="the line 'attrs>=26', and not name==version"):
        read(path)
