"""The names of files and modules that source text mentions: what code may read or import."""

from __future__ import annotations

import marshal
import re
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from . import _cache
from ._files import units

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

# Regular expressions read the source of any version of Python; `ast` reads that of its own.
_TOKEN = re.compile(
    r"#[^\n]*"
    r'|"""(?P<long>(?:\\.|[^\\])*?)"""'
    r"|'''(?P<also_long>(?:\\.|[^\\])*?)'''"
    r'|"(?P<double>(?:\\.|[^"\\\n])*)"'
    r"|'(?P<single>(?:\\.|[^'\\\n])*)'",
    re.DOTALL,
)
_PLACEHOLDER = re.compile(r"\{[^{}]*\}|%\(\w+\)[a-z]|%[a-z]")
_FILE = re.compile(r"[\w-]+\.\w+")
_WORD = re.compile(r"[\w.*/?\[\]-]+")
_PREFIX = re.compile(r"\b[rbufRBUF]{1,2}$")
_NAMES_ONLY = re.compile(r"[^\s]*")
_IMPORT = re.compile(
    r"(?:^|[:;])[ \t]*"
    r"(?:from[ \t]+(?P<home>[.\w]+)[ \t]+import[ \t]*(?P<names>\([^)]*\)|(?:\\\n|[^\n;#])*)"
    r"|import[ \t]+(?P<modules>(?:\\\n|[^\n;#])*))",
    re.MULTILINE,
)
_NAME = re.compile(r"[\w.]+")
# Looking for each of some words takes a tenth of the time that one pattern for all takes.
_COMPUTES_IMPORTS = (
    *("import_module", "__import__", "find_spec", "spec_from_file_location", "run_module"),
    *("run_path", "find_loader", "SourceFileLoader", "resolve_name", "load_module", "execfile"),
)
_WALKS_PACKAGES = ("walk_packages", "iter_modules", "find_packages", "find_modules")
_OWN_FOLDER = (
    *("__file__", "__path__", "__spec__", "resources", "getsourcefile", "getfile", "get_data"),
    "PackageLoader",
)
_LISTS = ("iterdir", "glob", "listdir", "scandir", "copytree", "discover", "contents", ".walk")
_LISTS_FILES = re.compile(
    r"(?:iterdir|glob|listdir|scandir|copytree|discover|contents)[ \t]*\("
    r"|(?<!ast)(?<!node)(?<!tree)\.walk[ \t]*\("
)
# Byte code without its source: it holds names as they are, next to bytes that say their lengths.
_BYTE_CODE_TEXT = re.compile(rb"[\w.*/\\{}%-]{2,}")

_VERSION = b"mentions 1"
"""The version of results that are kept: to be counted up when this module finds other ones."""


@dataclass(frozen=True)
class Mentions:
    """The names that a module mentions, and its ways to find others."""

    words: set[str] = field(default_factory=set[str])
    """The words in its strings, with ``*`` for the parts that are filled in when it runs."""
    files: set[str] = field(default_factory=set[str])
    """The names of files in its long strings, other than documentation."""
    modules: set[str] = field(default_factory=set[str])
    """The modules that it imports by statements, with those that they may be part of."""
    computes_imports: bool = False
    """True if it imports modules by names that are known at run time only."""
    walks_packages: bool = False
    """True if it looks for all modules of a package."""
    lists_files: bool = False
    """True if it lists files."""
    finds_itself: bool = False
    """True if it looks up its own folder, or that of a package."""


_earlier: dict[str, list[Mentions]] = {}
"""The mentions of modules that are read together, by the digest of their content."""


def read_module(path: Path, name: str) -> Mentions:
    """Return what a module mentions.

    Args:
        path: The module: source, or byte code.
        name: The path below the folder of all modules.
    """
    return _mentions(path.read_bytes(), name)


def read_modules(files: Mapping[str, Path]) -> dict[str, Mentions]:
    """Return what modules mention, from earlier builds where they are the same.

    Args:
        files: The modules, by their paths below the folder of all modules.
    """
    found: dict[str, Mentions] = {}
    for names in units(files):
        contents = [(name, files[name].read_bytes()) for name in names]
        parts = (part for name, data in contents for part in (name.encode(), data))
        key = _cache.key(_VERSION, *parts)
        if key not in _earlier:
            _earlier[key] = _load(key) or _make(key, contents)
        found.update(zip(names, _earlier[key], strict=True))
    return found


def _load(key: str) -> list[Mentions] | None:
    kept = _cache.load(key)
    if kept is None:
        return None
    return [Mentions(*values) for values in marshal.loads(kept)]  # noqa: S302 (our own)


def _make(key: str, contents: Iterable[tuple[str, bytes]]) -> list[Mentions]:
    made = [_mentions(data, name) for name, data in contents]
    _cache.store(key, marshal.dumps([list(vars(each).values()) for each in made]))
    return made


@cache  # functions with different dependencies have most modules in common
def _mentions(data: bytes, name: str) -> Mentions:
    if name.endswith(".pyc"):
        text = "\n".join(repr(each.decode()) for each in _BYTE_CODE_TEXT.findall(data))
    else:
        text = data.decode("utf-8", "replace")
    found = Mentions(
        computes_imports=_has(text, _COMPUTES_IMPORTS),
        walks_packages=_has(text, _WALKS_PACKAGES),
        lists_files=_has(text, _LISTS) and bool(_LISTS_FILES.search(text)),
        finds_itself=_has(text, _OWN_FOLDER),
        modules=set(_imports(text, name)),
    )
    if "attach_stub" in text:
        found.words.add("attach_stub")
    for token in _TOKEN.finditer(text):
        if string := token["double"] or token["single"]:
            found.words.update(words(string))
        elif (passage := token["long"] or token["also_long"]) and not _is_docstring(text, token):
            found.files.update(_FILE.findall(passage))
    return found


def _has(text: str, each: Iterable[str]) -> bool:
    return any(word in text for word in each)


def _is_docstring(text: str, token: re.Match[str]) -> bool:
    """Return whether a long string is a statement, rather than passed or assigned."""
    before = _PREFIX.sub("", text[max(0, token.start() - 200) : token.start()])
    alone = not before.rpartition("\n")[2].strip()
    return alone and not before.rstrip().endswith(("(", ",", "=", "[", "{", "+"))


def words(text: str) -> list[str]:
    """Return the words of a text that may be names, with ``*`` for placeholders.

    A word of a sentence is a name only if it looks like one.
    """
    if "{" in text or "%" in text:
        text = _PLACEHOLDER.sub("*", text)
    if "\\" in text:
        text = text.replace("\\\\", "/").replace("\\", "/")
    found = _WORD.findall(text)
    if len(found) > 1 and not _NAMES_ONLY.fullmatch(text):
        return [word.rstrip(".") for word in found if not word.isalnum()]
    return found


def plain_words(text: str) -> list[str]:
    """Return all words of a text that is not code."""
    return _WORD.findall(text)


def module_name(name: str) -> str:
    """Return the name of a module by its file's: ``a.b`` for ``a/b.py`` and ``a/b/__init__.py``."""
    folder, _, file = name.rpartition("/")
    stem = file.split(".")[0]
    return "/".join(filter(None, (folder, "" if stem == "__init__" else stem))).replace("/", ".")


def _imports(text: str, name: str) -> Iterator[str]:
    """Yield the modules that statements import, each with its packages and what may be in it."""
    package = module_name(name).split(".")
    if name.rpartition("/")[2].split(".")[0] != "__init__":
        package = package[:-1]
    for statement in _IMPORT.finditer(text):
        if home := statement["home"]:
            bare = home.lstrip(".")
            level = len(home) - len(bare)
            base = package[: len(package) - level + 1] if level else []
            module = ".".join([*base, *([bare] if bare else [])])
            yield from _with_packages(module)
            lines = [line.partition("#")[0] for line in statement["names"].splitlines()]
            yield from (f"{module}.{each}" for each in _NAME.findall(" ".join(lines)))
        else:
            for module in _NAME.findall(statement["modules"]):
                yield from _with_packages(module)


def _with_packages(module: str) -> Iterator[str]:
    parts = module.split(".")
    return (".".join(parts[:length]) for length in range(1, len(parts) + 1))
