"""Zip files whose members are compressed once, however many archives have them."""

from __future__ import annotations

import os
import struct
import zlib
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from . import _cache

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from typing import BinaryIO

# https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
_VERSION = 20
_VERSION_64 = 45
_UNIX = 3
_REGULAR = 0o100000
_UTF_8 = 0x800
_DEFLATED = 8
_MIDNIGHT, _FIRST_DAY = 0, 1 << 5 | 1  # of 1980, the first date that the format knows
# The best takes three times as long for half a percent less: large files have no time for it.
_LEVEL, _LEVEL_OF_LARGE = 9, 7
_LARGE = 1 << 16  # bytes
_PART = 1 << 20  # bytes that are read and compressed at a time
_WORTH_KEEPING = 1 << 12  # bytes: smaller files are compressed in the time that it takes to look
_MOST = 0xFFFF  # files that the short form of the directory counts


class Member(NamedTuple):
    """The compressed content of a file."""

    size: int
    checksum: int
    deflated: bytes | bytearray


_compressed: dict[bytes, Member] = {}
"""The members that there have been, by the digest of their content."""
_Seen = tuple[str, int, int, int]
_digests: dict[_Seen, bytes] = {}
"""The digests of files that have been read, by path, time, size and number."""


def members(paths: Iterable[Path]) -> list[Member]:
    """Compress files, side by side, except those whose content has been compressed before.

    Args:
        paths: The files.
    """
    found = [(path, *_known(path)) for path in paths]
    new = [(path, seen) for path, seen, member in found if member is None]
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # zlib lets other threads run
        made = iter(list(pool.map(_member, new)))
    return [member or next(made) for _, _, member in found]


def write_zip(target: BinaryIO, files: Iterable[tuple[str, int, Member]]) -> None:
    """Write a zip file that depends on nothing but its members.

    Args:
        target: A file that is open for writing, at its beginning.
        files: Name, mode and content of each member.
    """
    directory: list[bytes] = []
    for name, mode, content in files:
        encoded = name.encode()
        flags = 0 if name.isascii() else _UTF_8
        common = struct.pack(
            "<5H3L2H",
            *(_VERSION, flags, _DEFLATED, _MIDNIGHT, _FIRST_DAY),
            *(content.checksum, len(content.deflated), content.size, len(encoded), 0),
        )
        attributes = (_REGULAR | mode) << 16
        made_by = struct.pack("<H", _UNIX << 8 | _VERSION)
        where = struct.pack("<3H2L", 0, 0, 0, attributes, target.tell())
        directory.append(b"PK\1\2" + made_by + common + where + encoded)
        target.writelines((b"PK\3\4" + common + encoded, content.deflated))
    start = target.tell()
    target.writelines(directory)
    size, count = target.tell() - start, len(directory)
    if count >= _MOST:
        versions = (_VERSION_64, _VERSION_64)
        end = struct.pack("<Q2H2L4Q", 44, *versions, 0, 0, count, count, size, start)
        target.write(b"PK\6\6" + end + b"PK\6\7" + struct.pack("<LQL", 0, start + size, 1))
    count = min(count, _MOST)
    target.write(b"PK\5\6" + struct.pack("<4H2LH", 0, 0, count, count, size, start, 0))


def _known(path: Path) -> tuple[_Seen, Member | None]:
    """Return what tells a file from others, and its content if it has been compressed."""
    status = path.stat()
    seen = (str(path), status.st_mtime_ns, status.st_size, status.st_ino)
    digest = _digests.get(seen)
    return seen, _compressed.get(digest) if digest else None


def _member(file: tuple[Path, _Seen]) -> Member:
    path, seen = file
    # A small file is read once, and of a large one there is only a part in memory.
    whole = [path.read_bytes()] if path.stat().st_size <= _PART else None
    digest, size, checksum = sha256(), 0, 0
    for part in whole or _parts(path):
        digest.update(part)
        size += len(part)
        checksum = zlib.crc32(part, checksum)
    key = _digests[seen] = digest.digest()
    if key not in _compressed:
        deflated = _deflate(whole or _parts(path), size, key)
        _compressed[key] = Member(size, checksum, deflated)
    return _compressed[key]


def _parts(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while part := file.read(_PART):
            yield part


def _deflate(parts: Iterable[bytes], size: int, digest: bytes) -> bytes | bytearray:
    kept = size >= _WORTH_KEEPING
    level = _LEVEL if size < _LARGE else _LEVEL_OF_LARGE
    how = f"deflated {level} by {_PART} {zlib.ZLIB_RUNTIME_VERSION}".encode()
    name = _cache.key(how, digest) if kept else ""
    if kept and (found := _cache.load(name)) is not None:
        return found
    compressor = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS)
    deflated = bytearray()
    for part in parts:
        deflated += compressor.compress(part)
    deflated += compressor.flush()
    if kept:
        _cache.store(name, deflated)
    return deflated
