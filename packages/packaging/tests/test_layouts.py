"""The layouts ``layer`` and ``image``, and archives that hold only a part."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from hatch_lambda import _dependencies as dependencies

from .conftest import MACHINE, PYTHON, linux, names, of_this_machine, run, unpack

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

    from hatch_lambda import Options

    from .conftest import Project

FUNCTIONS = """
[tool.hatch.build.targets.lambda.functions.python]
layout = "layer"
parts = ["interpreter"]

[tool.hatch.build.targets.lambda.functions.libraries]
layout = "layer"
parts = ["dependencies"]

[tool.hatch.build.targets.lambda.functions.small]
parts = ["function"]
"""


@linux
def test_interpreter_dependencies_and_function_can_be_deployed_apart(
    project: Callable[..., Project], small_python: Path, tmp_path: Path
) -> None:
    whole = project(of_this_machine(small_python) + "\nwithout = ['aiohttp']" + FUNCTIONS)
    python, libraries, small = (whole.build(name) for name in ("python", "libraries", "small"))
    assert [path.name for path in (python, libraries, small)] == [
        "python-layer.zip",
        "libraries-layer.zip",
        "small.zip",
    ]
    assert {name for name in names(small) if not name.endswith(".pyc")} == {"app.py", "bootstrap"}
    assert {"bootstrap", f"interpreter/bin/python{PYTHON}"} <= names(python)
    assert "python/lambda_runtime/__init__.py" in names(libraries)
    assert "bootstrap" not in names(libraries)
    # The bootstrap looks for the interpreter in /opt, where a layer has it.
    task = unpack(small, tmp_path / "task")
    result = run(task / "bootstrap", LAMBDA_TASK_ROOT=str(task))
    assert "or /opt/interpreter" in result.stderr
    assert "-S" not in (task / "bootstrap").read_text()  # nobody knows what a layer needs


@linux
def test_an_image_has_its_layers_apart(project: Callable[..., Project], small_python: Path) -> None:
    options = of_this_machine(small_python, layout="image") + "\ncheck = false"
    context = project(options + "\nwithout = ['aiohttp']").build()
    assert context.name == "hello-image"
    assert sorted(path.name for path in context.iterdir()) == [
        *("Dockerfile", "bootstrap", "dependencies", "function", "interpreter"),
    ]
    lines = (context / "Dockerfile").read_text("utf-8").splitlines()
    platform = {"x86_64": "linux/amd64", "arm64": "linux/arm64"}[MACHINE]
    assert lines == [
        f"FROM --platform={platform} public.ecr.aws/lambda/provided:al2023",
        "COPY interpreter /var/task/interpreter",
        "COPY dependencies /var/task",
        "COPY function bootstrap /var/task/",
        'ENTRYPOINT ["/var/task/bootstrap"]',
        'CMD ["app.handler"]',
    ]
    for line in lines[1:4]:
        for source in line.split()[1:-1]:
            assert (context / source).exists()
    assert os.access(context / "bootstrap", os.X_OK)
    assert os.access(context / "interpreter" / "bin" / f"python{PYTHON}", os.X_OK)


@linux
def test_an_image_is_built_anew(project: Callable[..., Project], small_python: Path) -> None:
    function = project(
        of_this_machine(small_python, layout="image") + "\nparts = ['interpreter', 'function']"
    )
    (function.build() / "function" / "old.py").touch()
    assert not (function.build() / "function" / "old.py").exists()


def test_a_function_is_a_version_of_the_target(
    project: Callable[..., Project], capfd: pytest.CaptureFixture[str]
) -> None:
    from hatch_lambda import LambdaBuilder

    several = project("layout = 'wrapper'" + FUNCTIONS)
    builder = LambdaBuilder(str(several.folder))
    assert list(builder.get_version_api()) == ["python", "libraries", "small"]
    assert capfd.readouterr().err == ""


def test_functions_share_what_they_have_in_common(
    project: Callable[..., Project], monkeypatch: pytest.MonkeyPatch
) -> None:
    import hatch_lambda._build as build

    installed: list[tuple[str, ...]] = []

    def install(options: Options, *arguments: Any) -> None:
        installed.append(options.without)
        dependencies.install(options, *arguments)

    monkeypatch.setattr(build, "install", install)
    table = "[tool.hatch.build.targets.lambda.functions."
    several = project(
        "layout = 'wrapper'\nhandler = 'app.handler'\nwithout = ['aiohttp']\n"
        f"{table}one]\n{table}two]\nhandler = 'two.handler'\n{table}three]\nwithout = []"
    )
    several.write("two.py", "def handler(event, context): ...\n")
    one, two, three = (names(several.folder / path) for path in several.build_all())
    assert installed == [("aiohttp",), ()]
    assert "lambda_runtime/__init__.py" in one & two
    assert {name for name in one ^ two if name.endswith(".py")} == {"app.py", "two.py"}
    assert "aiohttp/__init__.py" in three - one
