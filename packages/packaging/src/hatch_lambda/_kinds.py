"""The kinds of installed files that often serve tests, type checkers and builds only."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ._installed import MODULES

if TYPE_CHECKING:
    from collections.abc import Iterable

STUBS = "type stubs"
SOURCES = "sources of binaries"
TESTS = "tests"
DOCUMENTATION = "documentation"
PROGRAMS = "programs"
MARKERS = "markers for type checkers and installers"
TEST_DOUBLES = "what serves test doubles"

SUFFIXES = {
    **dict.fromkeys((".c", ".cc", ".cpp", ".cu", ".h", ".hh", ".hpp"), SOURCES),
    **dict.fromkeys((".pyx", ".pxd", ".pxi", ".a", ".la", ".o"), SOURCES),
    **dict.fromkeys((".exe", ".dll", ".dylib", ".lib", ".pdb"), SOURCES),
    ".pyi": STUBS,
}
_MARKERS = ("py.typed", "INSTALLER", "REQUESTED", "WHEEL")
# Without a dot, shorter suffixes and those that are words of their own would be found everywhere.
BARE_SUFFIXES = {"pyi", "pyx", "pxd", "pxi", "cu", "cpp", "hpp", "hh"}
# It runs a function without a Runtime API.
_FOR_TEST_DOUBLES = "lambda_runtime/in_process.py"
SEPARATORS = re.compile(r"[/.]")
_TESTS = re.compile(r"(?:^|/)tests(?=/)")


def kinds(files: Iterable[str]) -> dict[str, str]:
    """Return the files that may be left out if nothing reaches them, with what they are."""
    names = list(files)
    trees = {tree for name in names if name.endswith(MODULES) and (tree := folder_of_tests(name))}
    return {name: kind for name in names if (kind := _kind(name, trees))}


def may_be_needless(word: str) -> bool:
    """Return whether a word can be the name of a file, or of files, that may be left out."""
    return (
        word in ("attach_stub", *_MARKERS, *BARE_SUFFIXES)
        or word.endswith(tuple(SUFFIXES))
        or "in_process" in word
        or "tests" in SEPARATORS.split(word)[:-1]
    )


def folder_of_tests(name: str) -> str | None:
    """Return the outermost folder of tests that a file is in, if any."""
    match = _TESTS.search(name)
    return name[: match.end()] if match else None


def _kind(name: str, trees: set[str]) -> str | None:
    if folder_of_tests(name) in trees:
        return TESTS
    folder, _, file = name.rpartition("/")
    top = name.partition("/")[0]
    if top.endswith("-stubs"):
        return STUBS
    if file in _MARKERS and (file == "py.typed" or top.endswith(".dist-info")):
        return MARKERS
    if top == "bin" and folder:
        return PROGRAMS
    if name.startswith(("share/doc/", "share/man/")):
        return DOCUMENTATION
    if name == _FOR_TEST_DOUBLES:
        return TEST_DOUBLES
    dot = file.rfind(".")
    return SUFFIXES.get(file[dot:]) if dot >= 0 else None
