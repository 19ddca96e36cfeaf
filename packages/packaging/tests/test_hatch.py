"""The target, as hatch and hatchling find and run it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hatch_lambda import BuildError, LambdaBuilder
from hatch_lambda._options import functions
from hatch_lambda._project import write_metadata

from .conftest import names

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Project


FUNCTION = "layout = 'wrapper'\nparts = ['function']"


def run(project: Project, *command: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=project.folder,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        check=False,
    )


def test_hatchling_builds_the_functions_that_are_named(project: Callable[..., Project]) -> None:
    functions = "[tool.hatch.build.targets.lambda.functions."
    several = project(
        f"{FUNCTION}\ninclude = ['*.py']\n{functions}one]\n{functions}two]\n", lock=False
    )
    hatchling = (sys.executable, "-m", "hatchling", "build", "-t")
    result = run(several, *hatchling, "lambda:two")
    assert (result.returncode, result.stderr.count("dist/two.zip\n")) == (0, 1)
    lines = run(several, *hatchling, "lambda").stderr.splitlines()
    assert [line for line in lines if line.startswith("dist/")] == ["dist/one.zip", "dist/two.zip"]
    archives = [several.folder / "dist" / name for name in ("one.zip", "two.zip")]
    assert archives[0].read_bytes() == archives[1].read_bytes()  # the name is not in it


@pytest.mark.parametrize(
    ("options", "more", "message"),
    [
        ("layot = 'wrapper'", "", "has no option 'layot': did you mean layout?"),
        ("include = 'app.py'", "", "cannot be selected: Field `tool.hatch.build.targets.lambda.in"),
        ("force-include = { missing = 'there' }", "", "Forced include not found: "),
        ("hooks = { nowhere = {} }", "", "Unknown build hook: nowhere. A plugin has to be"),
        ("", "readme = 'README.md'", "pyproject.toml cannot be read. Readme file does not exist"),
    ],
)
def test_an_error_is_a_sentence_and_no_stack_trace(
    project: Callable[..., Project], options: str, more: str, message: str
) -> None:
    wrong = project(f"{FUNCTION}\n{options}", more=more, lock=False)
    result = run(wrong, sys.executable, "-m", "hatchling", "build", "-t", "lambda")
    assert result.returncode == 1
    assert result.stderr.startswith("hatch-lambda: ")
    assert message in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
@pytest.mark.parametrize("name", ["pyproject.toml", "hatch.toml"])
def test_a_byte_order_mark_is_named(
    project: Callable[..., Project], encoding: str, name: str
) -> None:
    """As Notepad and PowerShell write it; uv reads such a file, and hatchling does not."""
    marked = project(FUNCTION, lock=False)
    path = marked.folder / name
    path.write_text(path.read_text("utf-8") if path.exists() else "", encoding)
    result = run(marked, sys.executable, "-m", "hatch_lambda")
    assert (result.returncode, result.stderr.count("\n")) == (1, 1)
    assert f"{name} begins with a byte order mark: save it as UTF-8 without" in result.stderr


HOOK = """
from pathlib import Path
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

class Hook(BuildHookInterface):
    def initialize(self, version, build_data):
        Path(self.root, "orders", "_version.py").write_text("version = '1'")
        Path(self.root, "made.json").write_text("{}")
        build_data["artifacts"].append("/orders/_version.py")
        build_data["force_include"]["made.json"] = "data/made.json"
        build_data["force_include"]["../generated"] = "data/generated"
"""


def test_what_build_hooks_make_is_packed(project: Callable[..., Project]) -> None:
    """As hatch-vcs makes a module with the version, which git ignores."""
    options = f"{FUNCTION}\nhandler = 'orders.app.handler'\nhooks = {{ custom = {{}} }}"
    options += "\nforce-include = { '../shared' = 'data/shared' }"
    hooked = project(options, lock=False)
    for name, text in {
        "hatch_build.py": HOOK,
        "orders/app.py": "from ._version import version\nhandler = print",
        ".gitignore": "_version.py\nmade.json\n",
        "../generated/a.json": "",
        "../shared/b.json": "",
    }.items():
        hooked.write(name, text)
    made = {"orders/app.py", "orders/_version.py", "data/made.json"}
    assert made | {"data/generated/a.json", "data/shared/b.json"} <= names(hooked.build())


def test_what_only_an_index_refuses_is_packed(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Direct references, and a version that the project's build backend cannot tell here."""
    direct = "idna[all] @ git+https://user:token@git.example.com/idna ; python_version > '3'"
    toml = tmp_path / "pyproject.toml"
    table = f"[project]\nname = 'orders'\ndependencies = [\"{direct}\"]\n"
    toml.write_text(f"{table}dynamic = ['version']", "utf-8")
    assert "@ git+https" in LambdaBuilder(str(tmp_path)).metadata.core.dependencies[0]
    assert "importlib.metadata will not find orders" in capfd.readouterr().err
    toml.write_text(f"{table}version = '1'", "utf-8")
    write_metadata(LambdaBuilder(str(tmp_path)).metadata, tmp_path)
    text = (tmp_path / "orders-1.dist-info" / "METADATA").read_text("utf-8")
    assert 'Requires-Dist: idna[all]; python_version > "3"\n' in text
    assert "token" not in text


BACKEND = """
import tarfile
from zipfile import ZipFile

def build_sdist(folder, config_settings=None):
    with tarfile.open(f"{folder}/orders-1.5.tar.gz", "w:gz") as file:
        for name in ("pyproject.toml", "backend.py"):
            file.add(name, f"orders-1.5/{name}")
    return "orders-1.5.tar.gz"

def build_wheel(folder, config_settings=None, metadata_directory=None):
    name = "orders-1.5-py3-none-any.whl"
    with ZipFile(f"{folder}/{name}", "w") as file:
        for file_name, text in {
            "METADATA": "Metadata-Version: 2.1\\nName: orders\\nVersion: 1.5\\n",
            "WHEEL": "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
            "RECORD": "",
        }.items():
            file.writestr(f"orders-1.5.dist-info/{file_name}", text)
    return name
"""


def test_another_build_backend_is_asked_for_the_version(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """As flit, PDM and setuptools find it in a module, or in git."""
    toml = "[project]\nname = 'orders'\ndynamic = ['version']\n[build-system]\nrequires = []\n"
    backend = "build-backend = 'backend'\nbackend-path = ['.']\n"
    (tmp_path / "pyproject.toml").write_text(toml + backend, "utf-8")
    (tmp_path / "backend.py").write_text(BACKEND, "utf-8")
    assert LambdaBuilder(str(tmp_path)).metadata.version == "1.5"
    (tmp_path / "backend.py").write_text("raise OSError('no tags')", "utf-8")
    assert LambdaBuilder(str(tmp_path)).metadata.version == "0"
    assert "OSError: no tags" in capfd.readouterr().err


def test_a_folder_without_a_project_is_an_error(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        list(LambdaBuilder(str(tmp_path)).build(directory=str(tmp_path / "dist")))
    assert f"There is no pyproject.toml in {tmp_path}. Write one" in capfd.readouterr().err


def test_a_file_that_cannot_be_written_is_an_error(
    project: Callable[..., Project], capfd: pytest.CaptureFixture[str]
) -> None:
    builder = LambdaBuilder(str(project(FUNCTION, lock=False).folder))
    with pytest.raises(SystemExit):
        list(builder.build(directory=str(Path(builder.root, "app.py", "dist"))))
    assert "hatch-lambda: A file cannot be read or written. [Errno 20]" in capfd.readouterr().err


def test_a_function_that_is_not_there_is_an_error(
    project: Callable[..., Project], capfd: pytest.CaptureFixture[str]
) -> None:
    function = project(FUNCTION, lock=False)
    with pytest.raises(SystemExit):
        function.build("helo")
    assert "There is no function 'helo': did you mean hello?" in capfd.readouterr().err
    for name in ("api/orders", "../orders", ".orders", "a b"):
        with pytest.raises(BuildError, match="is not a name"):
            functions({"functions": {name: {}}}, "hello")


def test_a_table_of_functions_that_is_none_is_an_error(project: Callable[..., Project]) -> None:
    wrong = project("functions = ['one']", lock=False)
    result = run(wrong, sys.executable, "-m", "hatchling", "build", "-t", "lambda")
    assert result.returncode == 1
    assert "needs a table for each function" in result.stderr
