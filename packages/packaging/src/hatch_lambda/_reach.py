"""The files of installed distributions that some code or metadata can reach.

Only files that often serve builds and tests alone are checked. Such a file is reached if something
names it, its suffix, the folder that it is in, or imports it. In doubt, it is.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from functools import cache
from typing import TYPE_CHECKING

from ._installed import MODULES, parents
from ._kinds import (
    BARE_SUFFIXES,
    PROGRAMS,
    SEPARATORS,
    SUFFIXES,
    TEST_DOUBLES,
    TESTS,
    folder_of_tests,
)
from ._mentions import Mentions, module_name, plain_words, read_module, read_modules

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping

    from ._installed import Installed

_TEXT = (".json", ".toml", ".yaml", ".yml", ".cfg", ".ini", ".txt", ".xml", ".conf", ".pth", ".in")
_LONGEST_TEXT = 1 << 20
# Of other sources, compilers write the names into binaries, for messages.
_NAMED_IN_BINARIES = (".cu", ".dll")
# With a suffix, or with the beginning of a name.
_PATTERN = re.compile(r"[\w.*?\[\]-]*\.[a-z][a-z*?]+|[\w*?\[\]-]*\.[cho]|\w{3,}[\w.-]*\*[\w.*-]*")
_WILD = set("*?[")


class Reach:
    """Finds the files that are reached, from the modules that are kept in any case.

    Args:
        installed: The distributions.
        candidates: The files that may be left out, with what they are.
        function: Words in the strings of the function's own code.
    """

    def __init__(
        self, installed: Installed, candidates: Mapping[str, str], function: Iterable[str] = ()
    ) -> None:
        self.reasons: dict[str, str] = {}
        """The files that are reached, each with the file that reaches it."""
        self._installed = installed
        self._candidates = candidates
        self._trees = _Trees(candidates, installed)
        self._modules = {
            module_name(name): name
            for name, kind in candidates.items()
            if kind in {TESTS, TEST_DOUBLES} and name.endswith(MODULES)
        }
        self._by_name: dict[str, list[str]] = {}
        self._by_folder: dict[str, list[str]] = {}
        for name, kind in candidates.items():
            if kind == TESTS:
                continue
            self._by_name.setdefault(name.rpartition("/")[2], []).append(name)
            for folder in parents(name):
                if folder in installed.folders_of_modules or kind == PROGRAMS:
                    break
                self._by_folder.setdefault(folder.rpartition("/")[2], []).append(name)
        self._matching = cache(self._match)
        self._pending: list[str] = []
        self._read(function)

    def _read(self, function: Iterable[str]) -> None:
        mentioned = set(function)
        self._use(Mentions(words=mentioned, modules=mentioned), "the function", None)
        for module in self._installed.entry_points:
            self._reach_module(module, "an entry point")
        modules: list[str] = []
        for name in self._installed.files:
            if name in self._candidates or name.rpartition("/")[2] == "conftest.py":
                continue
            if name.endswith((".py", ".pyc")):
                modules.append(name)
            elif name.endswith(".so"):
                self._read_binary(name)
            elif name.endswith(_TEXT) and ".dist-info/" not in name:
                self._read_text(name)
        found_in = read_modules({name: self._installed.files[name] for name in modules})
        for name, found in found_in.items():
            self._use(found, name, self._installed.owner(name))
        while self._pending:  # those in folders of tests
            name = self._pending.pop()
            found = read_module(self._installed.files[name], name)
            self._use(found, name, self._installed.owner(name))

    def _read_text(self, name: str) -> None:
        """Look for whole names in data, such as a list of plugins."""
        path = self._installed.files[name]
        if path.stat().st_size <= _LONGEST_TEXT:
            for word in plain_words(path.read_bytes().decode("utf-8", "replace")):
                self._reach(self._by_name.get(word.rpartition("/")[2], ()), name)
                self._reach_module(word, name)

    def _read_binary(self, name: str) -> None:
        """Look for the names of files in a binary."""
        wanted = [each for each in self._by_name if each.endswith(_NAMED_IN_BINARIES)]
        data = self._installed.files[name].read_bytes() if wanted else b""
        for each in wanted:
            if b"\0" + each.encode() in data or b"/" + each.encode() in data:
                self._reach(self._by_name[each], name)

    def _use(self, found: Mentions, by: str, owner: str | None) -> None:
        """Reach what a module mentions; `owner` is its distribution, and None the function."""
        for module in found.modules:
            self._reach_module(module, by)
        for word in found.words | found.files:
            self._reach(self._by_name.get(word.rpartition("/")[2], ()), by)
            self._reach_module(word, by)
        if found.lists_files and found.finds_itself:
            self._reach_folder(by)
        for name in self._trees.beside(found, by):
            self._reach_test(name, by)
        if self._candidates.get(by) == TESTS:
            return  # tests name the files of all that they test
        near = self._near(found, owner)
        self._reach_patterns(found, by, near | self._installed.dependents(owner))
        self._reach_folders(found, by, near)
        for name in self._trees.mentioned(found, near, owner):
            self._reach_test(name, by)

    def _reach_patterns(self, found: Mentions, by: str, near: set[str]) -> None:
        for pattern in _patterns(found.words):
            for name in self._matching(pattern):
                if self._installed.owner(name) in near:
                    self.reasons.setdefault(name, by)

    def _match(self, pattern: str) -> list[str]:
        return [
            name
            for file, names in self._by_name.items()
            if fnmatchcase(file, pattern)
            for name in names
        ]

    def _reach_folders(self, found: Mentions, by: str, near: set[str]) -> None:
        if not self._by_folder:
            return
        parts = {part for word in found.words for part in SEPARATORS.split(word)}
        parts |= {module.rpartition(".")[2] for module in found.modules}
        for part in parts & self._by_folder.keys():
            names = self._by_folder[part]
            self._reach((name for name in names if self._installed.owner(name) in near), by)

    def _near(self, found: Mentions, owner: str | None) -> set[str]:
        """Return the distributions whose files a module may mean by a part of their names."""
        if owner is None:
            return set(self._installed.distributions)
        imported = {module.partition(".")[0] for module in found.modules}
        return {owner, *(self._installed.owner_of_module(name) for name in imported)}

    def _reach(self, names: Iterable[str], by: str) -> None:
        for name in names:
            self.reasons.setdefault(name, by)

    def _reach_module(self, module: str, by: str) -> None:
        if name := self._modules.get(module):
            self._reach_test(name, by)

    def _reach_test(self, name: str, by: str) -> None:
        """Reach a file in a folder of tests, and have it read if it is a module."""
        if name not in self.reasons:
            self.reasons[name] = by
            if name.endswith((".py", ".pyc")):
                self._pending.append(name)

    def _reach_folder(self, by: str) -> None:
        """Reach data in the folder of a module that lists files, and below."""
        home = by.rpartition("/")[0] + "/"
        for names in self._by_folder.values():
            self._reach((name for name in names if name.startswith(home)), by)


def _patterns(mentioned: Iterable[str]) -> Iterator[str]:
    """Yield patterns for names of files, for words that stand for more than one name."""
    for word in mentioned:
        pattern = word.rpartition("/")[2]
        if pattern in BARE_SUFFIXES:
            yield f"*.{pattern}"
        elif pattern == "attach_stub":
            yield "*.pyi"
        elif pattern in SUFFIXES:
            yield f"*{pattern}"
        elif not pattern.isidentifier() and _PATTERN.fullmatch(pattern) and set(pattern) & _WILD:
            yield pattern


class _Trees:
    """Folders of tests.

    Args:
        candidates: The files that may be left out, with what they are.
        installed: The distributions.
    """

    def __init__(self, candidates: Mapping[str, str], installed: Installed) -> None:
        self._files: dict[str, list[str]] = {}
        for name, kind in candidates.items():
            if kind == TESTS and (tree := folder_of_tests(name)):
                self._files.setdefault(tree, []).append(name)
        self._owners = {tree: installed.owner(names[0]) for tree, names in self._files.items()}

    def beside(self, found: Mentions, by: str) -> Iterator[str]:
        """Yield the data that a module in a folder of tests may read there.

        Args:
            found: The names that the module mentions.
            by: The module's own file.
        """
        if found.finds_itself and (tree := folder_of_tests(by)):
            names = self._files.get(tree, ())
            yield from (name for name in names if not name.endswith(MODULES))

    def mentioned(self, found: Mentions, near: Container[str], owner: str | None) -> Iterator[str]:
        """Yield the files that a module mentions other than by statements that import them.

        Args:
            found: The names that the module mentions.
            near: The distributions that it may mean by a part of a name.
            owner: The distribution that it belongs to; None for the function.
        """
        whole = found.computes_imports or (found.lists_files and found.finds_itself)
        named = [word for word in found.words if "tests" in word]
        for tree, names in self._files.items():
            if self._owners[tree] not in near:
                continue
            if found.walks_packages and any(name.startswith(f"{tree}/__init__.") for name in names):
                yield from names
            for word in named:
                if word != "tests" or self._owners[tree] == owner:
                    yield from _below(tree, names, word, whole=whole)


def _below(tree: str, names: list[str], word: str, *, whole: bool) -> Iterable[str]:
    """Return the files in a folder of tests that a word stands for."""
    parts = word.split("/") if "/" in word else word.split(".")
    if "tests" not in parts:
        return ()
    at = parts.index("tests")
    above = parts[: at + 1]
    known = above[max(number for number, part in enumerate(["", *above]) if not part) :]
    folders = tree.split("/")[-len(known) :]
    if not all(map(fnmatchcase, reversed(folders), reversed(known))):
        return ()
    if rest := "/".join(filter(None, parts[at + 1 :])):
        pattern = f"{tree}/{rest}"
        if exact := [
            name
            for name in names
            if fnmatchcase(name, pattern) or name.startswith((f"{pattern}/", f"{pattern}."))
        ]:
            return exact
    if whole or (at and "/" not in word):
        return names
    return [name for name in names if not name.endswith(MODULES)]
