"""The layers below a function: it starts with them, and does without what they bring."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING
from zipfile import ZipFile, ZipInfo

import pytest

from hatch_lambda import BuildError, Options
from hatch_lambda._layers import Layers, unpacked

from .conftest import MACHINE, PYTHON, linux, make_wheel, names, of_this_machine

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .conftest import Project

TABLE = "[tool.hatch.build.targets.lambda.functions."
HANDLER = """
import os, shutil
import idle, extra
from lambda_runtime import Context
assert extra.PLACE == "later"
assert shutil.which("tool-of-a-layer")
def handler(event, context): ...
"""


@linux
def test_a_function_starts_with_its_layers(
    project: Callable[..., Project], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """One layer is the project's own, and others are from elsewhere."""
    wheel = make_wheel(tmp_path, "idle", {"idle/__init__.py": b""})
    tables = {
        "libraries": "layout = 'layer'\nparts = ['dependencies']",
        "small": "layers = ['libraries', 'first', 'second.zip']",
        "bare": "layers = ['libraries', 'second.zip']\nparts = ['function']",
        "short": "layers = ['first', 'second.zip']\nparts = ['function']",
    }
    common = f"layout = 'wrapper'\narchitecture = {MACHINE!r}\nhandler = 'app.handler'"
    made = project(
        f"{common}\nwithout = ['aiohttp']\n"
        + "\n".join(f"{TABLE}{name}]\n{own}" for name, own in tables.items()),
        dependencies=("idle",),
        sources={"idle": f'{{ path = "{wheel}" }}'},
    )
    made.write("app.py", HANDLER)
    made.write("first/python/extra.py", "PLACE = 'earlier'\n")
    with ZipFile(made.folder / "second.zip", "w") as file:
        file.writestr(f"python/lib/python{PYTHON}/site-packages/extra.py", "PLACE = 'later'\n")
        program = ZipInfo("bin/tool-of-a-layer")
        program.external_attr = 0o100755 << 16
        file.writestr(program, "#!/bin/sh\n")
    with pytest.raises(SystemExit):
        made.build_all("small", "bare", "short")
    log = capfd.readouterr().err
    assert log.count("app.py imports idle, which is not in the archive") == 1
    assert log.count(" does not start") == log.count("short does not start") == 1
    assert "\nAdd the package that has lambda_runtime to the function's dependencies; if a " in log
    built = {path.name: names(path) for path in made.folder.glob("dist/*.zip")}
    metadata = {f"hello-1.dist-info/{name}" for name in ("METADATA", "RECORD")}
    code = {"app.py", f"__pycache__/app.{sys.implementation.cache_tag}.pyc", "wrapper"}
    assert built == {"small.zip": {*code, *metadata}, "bare.zip": code}


@pytest.fixture
def alone(project: Callable[..., Project]) -> Callable[[str], Project]:
    """Make a project whose function is in its archive alone, above some layers."""

    def make(options: str) -> Project:
        table = f"{TABLE}small]\nhandler = 'main.py'\nparts = ['function']"
        return project(f"{table}\n{options}", lock=False)

    return make


@linux
def test_the_interpreter_may_be_in_a_layer(
    alone: Callable[[str], Project], small_python: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    function = alone(
        f"layers = ['python']\n{of_this_machine(small_python)}"
        f"\n{TABLE}python]\nlayout = 'layer'\nparts = ['interpreter']"
        f"\n{of_this_machine(small_python)}"
    )
    function.write("main.py", "import sys\nprint(sys.prefix)\nimport wave\n")
    with pytest.raises(SystemExit):
        function.build("small")
    log = capfd.readouterr().err
    assert re.search(r"^/\S+/interpreter$", log, re.MULTILINE)
    assert "No module named 'wave'\ncheck = false" in log  # which the small Python does not have


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        (["smal"], r"layers: smal is neither a layer .*: did you mean small\?"),
        (["arn:aws:lambda:eu-west-1:1:layer:x:1"], "aws lambda get-layer-version-by-arn"),
        (["small"], "layers: small is not a layer: its layout is 'wrapper'"),
        (["app.py"], r"layers: .*app\.py is not a zip file"),
        (["a", "b", "c", "d", "e", "f"], "there are 6, and a function can have 5"),
    ],
)
def test_a_layer_that_is_not_there_is_an_error(
    alone: Callable[[str], Project],
    layers: list[str],
    message: str,
    capfd: pytest.CaptureFixture[str],
) -> None:
    function = alone(f"layout = 'wrapper'\nlayers = {layers!r}")
    function.write("main.py", "")
    with pytest.raises(SystemExit):
        function.build("small")
    assert re.search(message, capfd.readouterr().err)


def test_layers_are_for_functions_that_are_zip_files(tmp_path: Path) -> None:
    table = {"handler": "app.handler", "layers": ["one"]}
    for layout, layers in {"bundle": ("one",), "layer": (), "runtime": ()}.items():
        options = Options.parse({**table, "layout": layout}, {}, name="f", project=tmp_path)
        assert options.layers == layers
    with pytest.raises(BuildError, match="an image cannot have layers"):
        Options.parse({**table, "layout": "image"}, {}, name="f", project=tmp_path)


def test_links_in_a_layer_are_links_that_stay_in_it(tmp_path: Path) -> None:
    with ZipFile(tmp_path / "layer.zip", "w") as file:
        file.writestr("lib/libone.so.1", "one")
        for name, target in {
            "lib/libone.so": "libone.so.1",
            "../outside": "lib",
            "lib/up": "..",
        }.items():
            link = ZipInfo(name)
            link.external_attr = 0o120777 << 16
            file.writestr(link, target)
        file.writestr("lib/up/written", "two")
    (tmp_path / "work").mkdir()
    entries = unpacked("layer.zip", tmp_path, (), tmp_path / "work")
    assert {name: entry.path.read_text("utf-8") for name, entry in entries.items()} == {
        "lib/libone.so": "one",
        "lib/libone.so.1": "one",
        "lib/up/written": "two",
    }
    assert not (tmp_path / "outside").is_symlink()


def test_the_version_of_a_layer_is_that_of_its_python(tmp_path: Path) -> None:
    for folder, version in {"lib/python3.13/site-packages/": 3, "": 1, "lib/python3.9/": 9}.items():
        path = tmp_path / "layer" / "python" / f"{folder}One-{version}.dist-info" / "METADATA"
        path.parent.mkdir(parents=True)
        path.write_text(f"Name: One\nVersion: {version}\n", "utf-8")
    (tmp_path / "work").mkdir()
    entries = unpacked("layer", tmp_path, (), tmp_path / "work")
    assert Layers(entries, "3.13").versions == {"one": "3"}
    assert Layers(entries, "3.12").versions == {"one": "1"}
