"""The targets that a command accepts."""

import sys
from pathlib import Path

import pytest

from lambda_emulator._target import TargetError, find_program, function_name

COLONS = ["cart:", ":app", "http:cart:app", "cart:a b", "cart.py:app", "cart:app:", "none:app"]


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a directory with a program of each kind."""
    for path in ("shop/__main__.py", "cart.py", "pkg/sub/mod.py"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("raise AssertionError('imported')")
    monkeypatch.chdir(tmp_path)
    return tmp_path.resolve()


@pytest.mark.parametrize(
    ("target", "name", "task_root"),
    [("shop", "shop", "shop"), ("shop/", "shop", "shop"), ("cart.py", "cart", ".")],
)
def test_a_program_is_run_by_its_path(
    project: Path, target: str, name: str, task_root: str
) -> None:
    program = find_program(target)
    assert program.arguments == (sys.executable, target)
    assert (program.name, program.task_root) == (name, (project / task_root).resolve())


@pytest.mark.parametrize(
    ("target", "name"),
    [
        ("cart.handler", "cart"),
        ("pkg.sub.mod.handler", "mod"),
        ("pkg/sub/mod.handler", "mod"),
        ("json.tool.main", "tool"),
        ("cart:app", "cart"),
        ("asgi:cart:app", "cart"),
        ("wsgi:pkg/sub/mod:site.app", "mod"),
    ],
)
def test_a_handler_is_run_by_the_runtime(project: Path, target: str, name: str) -> None:
    program = find_program(target)
    assert program.arguments == (sys.executable, "-m", "lambda_runtime", target)
    assert (program.name, program.task_root) == (name, project)
    assert program.handler == target


@pytest.mark.parametrize(
    "target", [".handler", "cart.", "a-b.handler", "cart.py.handler.py", *COLONS]
)
def test_anything_else_is_refused(target: str) -> None:
    with pytest.raises(TargetError, match="There is no"):
        find_program(target)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("shop/__main__.py", "shop"),
        ("my shop (2)", "my-shop-2"),
        ("app.v2", "app-v2"),
        ("app.v2.py", "app-v2"),
        ("日本.py", "function"),
        ("x" * 70, "x" * 64),
    ],
)
def test_a_name_has_only_what_lambda_allows(path: str, name: str) -> None:
    assert function_name(Path(path)) == name
