"""Docstrings of dependencies that nothing reads."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest

from hatch_lambda._docstrings import leave_out_docstrings, reads_docstrings

from .conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = '''"""A module."""
from __future__ import annotations


class Empty:
    "What it is."


class Full(Empty):
    """A sum.

    Ünicode, and more
    """  # of a class

    x = 1; """not a docstring"""

    def method(self) -> str:
        r"""One."""
        return """a value"""

    async def wait(self): "in one line"

    def joined(self):
        ("in "
         "parentheses")
        return 1; 2


@decorated
class Data:
    """A dataclass."""
'''
LEFT = '''
from __future__ import annotations


class Empty:
    pass


class Full(Empty):





    x = 1; """not a docstring"""

    def method(self) -> str:

        return """a value"""

    async def wait(self): "in one line"

    def joined(self):


        return 1; 2


@decorated
class Data:
    """A dataclass."""
'''


def test_docstrings_are_left_out_and_lines_stay(tmp_path: Path) -> None:
    module, template = tmp_path / "module.py", tmp_path / "template.py"
    latin = tmp_path / "latin.py"
    module.write_text(SOURCE, "utf-8")
    template.write_text('"""{{ name }}"""\nclass {{ name }}: pass\n', "utf-8")
    latin.write_bytes('# coding: latin-1\n"""é"""\nx = "é"\n'.encode("latin-1"))
    before = {path: path.read_bytes() for path in (template, latin)}
    leave_out_docstrings(tmp_path.iterdir())
    assert module.read_text("utf-8") == LEFT
    assert {path: path.read_bytes() for path in before} == before


@pytest.mark.parametrize("package", ["runtime", "logging", "events"])
def test_code_is_the_same_in_the_same_lines(tmp_path: Path, package: str) -> None:
    for path in sorted((ROOT / "packages" / package / "src").rglob("*.py")):
        copy = tmp_path / "module.py"
        copy.write_bytes(path.read_bytes())
        leave_out_docstrings([copy])
        assert statements(copy) == statements(path), path


def statements(path: Path) -> list[tuple[int, str]]:
    """Return the statements of a module with their lines, except those that do nothing."""
    return [
        (node.lineno, type(node).__name__)
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.stmt)
        and not isinstance(node, ast.Pass)
        and not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
    ]


@pytest.mark.parametrize(
    ("source", "reads"),
    [
        ("x = 1", False),
        ("print(handler.__doc__)", True),
        ("parser(description=__doc__)", True),
        ("getattr(handler, '__doc__', None)", True),
        ("attrgetter('__doc__')", True),
        ("vars(handler)['__doc__']", True),
        ("import pydoc", True),
        ("from docopt import docopt", True),
        ("from inspect import getdoc", True),
        ("inspect.getsource(handler)", True),
        ("__doc__ = 'of a module'", False),
        ("handler.__doc__ += 'more'", True),
        ("update_wrapper(call, handler, assigned=('__name__', '__doc__'))", False),
        ("# __doc__ is what pydoc shows", False),
        ("class {{ __doc__ }}: pass", True),
    ],
)
def test_code_that_reads_docstrings_is_seen(tmp_path: Path, source: str, reads: bool) -> None:
    path = tmp_path / "module.py"
    path.write_text(source, "utf-8")
    assert reads_docstrings([path]) == reads


def test_binaries_that_may_read_docstrings_are_seen(tmp_path: Path) -> None:
    path = tmp_path / "module.so"
    path.write_bytes(b"\x7fELF...__doc__...")
    assert reads_docstrings([path])
    path.write_bytes(b"\x7fELF...")
    assert not reads_docstrings([path])
