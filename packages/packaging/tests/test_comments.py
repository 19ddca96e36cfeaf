"""Comments of dependencies, where nothing reads source."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

import pytest

from hatch_lambda._comments import leave_out_comments

from .conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = (
    '''#!/usr/bin/env python
# A license.

"""A module."""  # of ours

# All that follows.
import re  # the "usual"

NAMES = [  # in order
    "#1",  # "one"
    '''
    "'it''s #'"
    ''',
    "both" # first
    "of them # second",
]
TEXT = f"{NAMES[0]!r:#>3} # {'#'}"  # é
LONG = """
# text
"""; é = 1  # "ü" #
RAW = r"\\#", b"#"  # bytes


def name():
    # Nothing.
    return 1  \\
        + 2
# The end.'''
)
LEFT = (
    '''#!/usr/bin/env python
# A license.

"""A module."""


import re

NAMES = [
    "#1",
    '''
    "'it''s #'"
    ''',
    "both" # first
    "of them # second",
]
TEXT = f"{NAMES[0]!r:#>3} # {'#'}"
LONG = """
# text
"""; é = 1
RAW = r"\\#", b"#"


def name():

    return 1  \\
        + 2
'''
)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_comments_are_left_out_and_lines_stay(tmp_path: Path, newline: str) -> None:
    module, template = tmp_path / "module.py", tmp_path / "template.py"
    module.write_text(SOURCE, "utf-8", newline=newline)
    template.write_text("class {{ name }}: pass  # of the project\n", "utf-8")
    latin = tmp_path / "latin.py"
    latin.write_bytes('# coding: latin-1\nx = "é"  # ü\n'.encode("latin-1"))
    before = {path: path.read_bytes() for path in (template, latin)}
    leave_out_comments(tmp_path.iterdir())
    assert module.read_bytes().decode() == LEFT.replace("\n", newline)
    assert {path: path.read_bytes() for path in before} == before


@pytest.mark.parametrize("package", ["runtime", "logging", "events"])
def test_code_is_the_same_in_the_same_places(tmp_path: Path, package: str) -> None:
    for path in sorted((ROOT / "packages" / package / "src").rglob("*.py")):
        copy = tmp_path / "module.py"
        copy.write_bytes(path.read_bytes())
        leave_out_comments([copy])
        assert dump(copy) == dump(path), path


def dump(path: Path) -> str:
    return ast.dump(ast.parse(path.read_bytes()), include_attributes=True)
