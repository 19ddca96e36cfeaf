"""Requirements files, as pip reads them: their lines, and the hashes that they name."""

from __future__ import annotations

import os
import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from ._pylock import is_lock, read

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_HASH = re.compile(r"--hash[= ](\w+:\w+)")
_INDEX = re.compile(r"(?:-i|--index-url|--extra-index-url|-f|--find-links)[= ]*(\S+://\S+)")
_VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)\}")
_FILE = re.compile(r"(?:-r|--requirement)[= ]*(.+)")


def lines(files: Iterable[Path]) -> Iterator[str]:
    """Yield the lines of files, and of those that they include.

    Args:
        files: The files.
    """
    pending = list(files)
    seen: set[Path] = set()
    while pending:
        path = pending.pop().resolve()
        if path in seen or not path.is_file():
            continue
        seen.add(path)
        if is_lock(path):
            yield from (package["name"] for package in read(path))
            continue
        for line in map(str.strip, _text(path).replace("\\\n", " ").splitlines()):
            if included := _FILE.match(line):
                pending.append(path.parent / re.split(r"\s#", included[1], maxsplit=1)[0].strip())
            else:
                yield line


def _text(path: Path) -> str:
    """Return the text of a file; PowerShell writes UTF-16."""
    data = path.read_bytes()
    encoding = "utf-16" if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else "utf-8-sig"
    return data.decode(encoding, "replace").replace("\r\n", "\n")


def hashes(files: Iterable[Path]) -> dict[str, set[str]]:
    """Return the hashes of each distribution that has some, as ``sha256:...``.

    Args:
        files: The files; those that they include count as well.
    """
    found: dict[str, set[str]] = {}
    for line in lines(files):
        if (name := _NAME.match(line)) and (own := _HASH.findall(line)):
            found.setdefault(canonicalize_name(name[0]), set()).update(own)
    return found


def indexes(files: Iterable[Path]) -> list[str]:
    """Return the addresses of the indexes in files, with the variables in them replaced.

    Args:
        files: The files; those that they include count as well.
    """
    found = [match[1] for line in lines(files) if (match := _INDEX.match(line))]
    return [
        _VARIABLE.sub(lambda variable: os.environ.get(variable[1], variable[0]), address)
        for address in found
    ]


def direct(files: Iterable[Path]) -> list[str]:
    """Return the requirements in files, without hashes, options and comments.

    Args:
        files: The files; those that they include count as well.
    """
    return [re.split(r"\s(?:#|--)", line, maxsplit=1)[0].strip() for line in lines(files)]
