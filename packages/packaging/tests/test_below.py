"""The layers below a function: it starts with them, and does without what they bring."""

from __future__ import annotations

import re
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


@pytest.fixture
def layered(project: Callable[..., Project], tmp_path: Path) -> Project:
    """Make a project with a layer of libraries, another from elsewhere, and functions above."""
    wheel = make_wheel(tmp_path, "idle", {"idle/__init__.py": b""})
    common = f"architecture = {MACHINE!r}\nhandler = 'app.handler'\nwithout = ['aiohttp']"
    tables = {
        "libraries": "layout = 'layer'\nparts = ['dependencies']",
        "small": "layout = 'wrapper'\nlayers = ['libraries', 'first', 'second.zip']",
        "bare": "layout = 'wrapper'\nparts = ['function']\nlayers = ['libraries', 'second.zip']",
        "alone": "layout = 'wrapper'\nwithout = ['aiohttp', 'idle']",
    }
    made = project(
        "\n".join([common, *(f"{TABLE}{name}]\n{own}" for name, own in tables.items())]),
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
    return made


@linux
def test_a_function_starts_with_its_layers(
    layered: Project, capfd: pytest.CaptureFixture[str]
) -> None:
    small, bare = layered.build("small"), layered.build("bare")
    log = capfd.readouterr().err
    assert "small: starts here, in " in log
    assert "bare: starts here, in " in log
    assert "not in the archive" not in log
    own = {name for name in names(small) if not name.endswith(".pyc")}
    metadata = {f"hello-1.dist-info/{name}" for name in ("METADATA", "RECORD")}
    assert own == {"app.py", "wrapper", *metadata}
    assert {name for name in names(bare) if not name.endswith(".pyc")} == {"app.py", "wrapper"}
    with pytest.raises(SystemExit):
        layered.build("alone")
    log = capfd.readouterr().err
    assert "app.py imports idle, which is not in the archive" in log
    assert "If a layer brings idle, name it with the option layers.\n" in log


@linux
def test_the_interpreter_may_be_in_a_layer(
    project: Callable[..., Project], small_python: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    whole = project(
        f"{of_this_machine(small_python)}\nwithout = ['aiohttp']\nlayers = ['python']"
        f"\n{TABLE}python]\nlayout = 'layer'\nparts = ['interpreter']"
        f"\n{TABLE}small]\nparts = ['dependencies', 'function']"
    )
    with pytest.raises(SystemExit):
        whole.build("small")
    # The small Python starts, and lacks what any other one has.
    assert "No module named '__future__'\nPut" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        (["librarys"], r"layers: librarys is neither a layer .*: did you mean libraries\?"),
        (["arn:aws:lambda:eu-west-1:1:layer:x:1"], "aws lambda get-layer-version-by-arn"),
        (["small"], "layers: small is not a layer: its layout is 'wrapper'"),
        (["app.py"], r"layers: .*app\.py is not a zip file"),
        (["a", "b", "c", "d", "e", "f"], "there are 6, and a function can have 5"),
    ],
)
def test_a_layer_that_is_not_there_is_an_error(
    layered: Project, layers: list[str], message: str, capfd: pytest.CaptureFixture[str]
) -> None:
    path = layered.folder / "pyproject.toml"
    text = path.read_text("utf-8")
    path.write_text(text.replace("['libraries', 'second.zip']", repr(layers)), "utf-8")
    with pytest.raises(SystemExit):
        layered.build("bare")
    assert re.search(message, capfd.readouterr().err)


def test_layers_are_for_functions_that_are_zip_files(tmp_path: Path) -> None:
    table = {"handler": "app.handler", "layers": ["one"]}
    for layout, layers in {"bundle": ("one",), "layer": (), "runtime": ()}.items():
        options = Options.parse({**table, "layout": layout}, {}, name="f", project=tmp_path)
        assert options.layers == layers
    with pytest.raises(BuildError, match="Lambda gives an image none"):
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
