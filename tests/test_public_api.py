"""The public API is written down: what changes it must say so, in ``tests/api``."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = {
    "hatch-lambda": "hatch_lambda",
    "lambda-asgi": "lambda_asgi",
    "lambda-emulator": "lambda_emulator",
    "lambda-events": "lambda_events",
    "lambda-logging": "lambda_logging",
    "lambda-otel": "lambda_otel",
    "lambda-runtime": "lambda_runtime",
    "lambda-testing": "lambda_testing",
}
TEXTS = sorted(
    path
    for pattern in ("README.md", "*/README.md", "packages/*/README.md", "docs/**/*.md")
    for path in ROOT.glob(pattern)
)
PROGRAMS = sorted(ROOT.glob("samples/*/*.py"))


@pytest.mark.parametrize("package", MODULES)
def test_it_is_what_is_written_down(package: str) -> None:
    command = [sys.executable, "-m", "scripts.public_api", package]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    written = (ROOT / "tests" / "api" / f"{package}.txt").read_text("utf-8")
    assert done.stdout.splitlines() == written.splitlines(), (
        "the public API has changed. If that is meant, `uv run python -m scripts.public_api` "
        "writes it down; the changelog should tell of it, too."
    )


@pytest.mark.parametrize("module", MODULES.values())
def test_every_class_and_function_says_what_it_is(module: str) -> None:
    package = importlib.import_module(module)
    values = {name: getattr(package, name) for name in package.__all__}
    silent = [name for name, value in values.items() if callable(value) and not value.__doc__]
    assert silent == []


def python_in(text: str) -> list[str]:
    """Return the fenced Python blocks of a Markdown text."""
    return [block.partition("\n```")[0] for block in text.split("```python\n")[1:]]


def imported(code: str) -> set[tuple[str, str]]:
    """Return what a program imports from our packages: modules and names."""
    return {
        (node.module, alias.name)
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
        if node.module.partition(".")[0] in MODULES.values()
    }


@pytest.mark.parametrize("path", TEXTS + PROGRAMS, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_is_shown_is_public(path: Path) -> None:
    text = path.read_text("utf-8")
    uses = {
        use
        for code in ([text] if path.suffix == ".py" else python_in(text))
        for use in imported(code)
    }
    for module, name in sorted(uses):
        assert "._" not in module
        assert hasattr(importlib.import_module(module), name)
        if module in MODULES.values():
            assert name in importlib.import_module(module).__all__
