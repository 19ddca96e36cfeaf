"""Files that an archive does not need: those for builds, tests, types and other systems."""

from __future__ import annotations

import ast
import os
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from pathspec import GitIgnoreSpec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# Metadata stays: libraries look up their versions, entry points and files; licences have to stay.
# Only the description in it goes, in `prune_dependencies`.
DEPENDENCIES = [
    "tests/",
    "__pycache__/",
    "*.pyc",
    "*.pyi",
    "py.typed",
    "*-stubs/",
    "*.c",
    "*.cc",
    "*.cpp",
    "*.cu",
    "*.h",
    "*.hh",
    "*.hpp",
    "*.pyx",
    "*.pxd",
    "*.pxi",
    "*.a",
    "*.la",
    "*.o",
    "*.exe",
    "*.dll",
    "*.dylib",
    "*.lib",
    "*.pdb",
    "/bin/",
    "/share/doc/",
    "/share/man/",
    "/.lock",
    "*.dist-info/INSTALLER",
    "*.dist-info/REQUESTED",
    "*.dist-info/direct_url.json",
    "*.dist-info/uv_build.json",
    "*.dist-info/uv_cache.json",
]
# Lambda has no terminal, no screen and no compiler, and archives bring libraries of their own.
STANDARD_LIBRARY = [
    "__pycache__/",
    "*.pyc",
    "test/",
    "tests/",
    "idlelib/",
    "tkinter/",
    "turtledemo/",
    "/turtle.py",
    "/ensurepip/",
    "/venv/",
    "/lib2to3/",
    "/msilib/",
    "/pydoc_data/",
    "/_pydecimal.py",
    "/_pydatetime.py",
    "/_pyio.py",
    "/_aix_support.py",
    "/_osx_support.py",
    "/antigravity.py",
    "/this.py",
    "/asyncio/windows_*.py",
    "/ctypes/macholib/",
    "/distutils/command/",
    "/distutils/*compiler.py",
    "/multiprocessing/popen_spawn_win32.py",
    "/curses/",
    "/_pyrepl/",
    "/__phello__/",
    "/config-*/",
    "/site-packages/",
    "/dist-packages/",
    "/EXTERNALLY-MANAGED",
    "/lib-dynload/_test*",
    "/lib-dynload/_ctypes_test*",
    "/lib-dynload/_xxtestfuzz*",
    "/lib-dynload/xxlimited*",
    "/lib-dynload/xxsubtype*",
    "/lib-dynload/_tkinter*",
    "/lib-dynload/_curses*",
    "/lib-dynload/readline*",
    "/lib-dynload/nis.*",
    "/lib-dynload/ossaudiodev*",
    "/lib-dynload/spwd*",
    "*.a",
    "*.c",
    "*.h",
]


def wanted(folder: Path, drop: Iterable[str], keep: Iterable[str] = ()) -> Iterator[Path]:
    """Yield the files of a folder that are not dropped, in a fixed order.

    Args:
        folder: The folder.
        drop: Patterns as in ``.gitignore``, relative to the folder.
        keep: Patterns of files that stay nevertheless.
    """
    dropped, kept = GitIgnoreSpec.from_lines(drop), GitIgnoreSpec.from_lines(keep)
    # What is below a dropped folder need not be looked at, unless something there may stay.
    whole = not kept.patterns and all(pattern.include for pattern in dropped.patterns)
    for top, folders, files in os.walk(folder):
        base = "" if Path(top) == folder else f"{Path(top).relative_to(folder).as_posix()}/"
        folders[:] = sorted(
            name for name in folders if not (whole and dropped.match_file(f"{base}{name}/"))
        )
        for file in sorted(files):
            name = base + file
            path = Path(top, file)
            if path.is_file() and (kept.match_file(name) or not dropped.match_file(name)):
                yield path


def prune_dependencies(folder: Path, drop: Iterable[str], keep: Iterable[str]) -> None:
    """Delete the files that installed packages do not need at run time.

    Modules in folders of tests stay if other modules import them: numpy, for one, does that.

    Args:
        folder: The folder of the packages.
        drop: Patterns of further files to delete.
        keep: Patterns of files that stay nevertheless.
    """
    files = {path.relative_to(folder).as_posix(): path for path in wanted(folder, ())}
    kept = {
        path.relative_to(folder).as_posix() for path in wanted(folder, [*DEPENDENCIES, *drop], keep)
    }
    dropped_by_user = GitIgnoreSpec.from_lines(drop)
    tests = {
        _module(name): name
        for name in files.keys() - kept
        if "tests/" in name and name.endswith(".py") and not dropped_by_user.match_file(name)
    }
    pending = [name for name in kept if name.endswith(".py")] if tests else []
    while pending:
        name = pending.pop()
        for module in _imports(files[name], name):
            if found := tests.pop(module, None):
                kept.add(found)
                pending.append(found)
    for name, path in files.items():
        if name not in kept:
            path.unlink()
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()
    for record in folder.glob("*.dist-info/RECORD"):
        _rewrite(record, kept)
    whole = GitIgnoreSpec.from_lines(keep)
    for metadata in folder.glob("*.dist-info/METADATA"):
        if not whole.match_file(metadata.relative_to(folder).as_posix()):
            _cut_description(metadata)


def _module(name: str) -> str:
    return name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _imports(path: Path, name: str) -> Iterator[str]:
    """Yield the names of modules that a module may import; packages come with what is in them."""
    source = path.read_bytes()
    if b"tests" not in source:
        return
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):  # a template, say
        return
    package = (
        _module(name).split(".") if name.endswith("__init__.py") else _module(name).split(".")[:-1]
    )
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            home = ".".join([*base, *([node.module] if node.module else [])])
            modules = [home, *(f"{home}.{alias.name}" for alias in node.names)]
        else:
            continue
        for module in modules:
            parts = module.split(".")
            yield from (".".join(parts[:length]) for length in range(1, len(parts) + 1))


def _cut_description(metadata: Path) -> None:
    """Leave out the README behind the fields: it is the page of an index, unread in an archive."""
    fields, _, _ = metadata.read_bytes().partition(b"\n\n")
    metadata.write_bytes(fields.rstrip(b"\n") + b"\n")


def _rewrite(record: Path, kept: set[str]) -> None:
    """List the files that are left, without hashes: stripped files have others."""
    names = [line.rsplit(",", 2)[0] for line in record.read_text("utf-8").splitlines()]
    lines = [f"{name},,\n" for name in names if str(PurePosixPath(name.strip('"'))) in kept]
    record.write_text("".join(sorted(lines)), "utf-8")
