"""Binaries in the Executable and Linkable Format (ELF): their needs, and symbols to strip."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from elftools.elf.dynamic import DynamicSegment
from elftools.elf.elffile import ELFFile
from elftools.elf.gnuversions import GNUVerNeedSection

if TYPE_CHECKING:
    from pathlib import Path

_MAGIC = b"\x7fELF"
_64_BITS_LITTLE_ENDIAN = b"\x02\x01"
_PROGRAM_OR_LIBRARY = {2, 3}
_HEADER = struct.Struct("<16sHHIQQQIHHHHHH")
_SEGMENT = struct.Struct("<IIQQQQQQ")
_SECTION = struct.Struct("<IIQQQQIIQQ")
_LOADED = 2  # SHF_ALLOC
_NO_BITS = 8  # SHT_NOBITS: it has a size, and no bytes in the file
_NAMES = 3  # SHT_STRTAB
_MACHINES = {"EM_X86_64": "x86_64", "EM_AARCH64": "arm64"}


@dataclass(frozen=True)
class Binary:
    """The needs of a program or a shared library on the machine that it runs on."""

    architecture: str
    """``x86_64``, ``arm64``, or the format's name of another one."""
    needs: tuple[str, ...]
    """The libraries that it is linked to, by their file names."""
    glibc: tuple[int, ...]
    """The lowest version of the C library that has all it uses; empty if it uses none."""


def is_elf(path: Path) -> bool:
    """Return whether a file is a binary for Linux."""
    with path.open("rb") as file:
        return file.read(len(_MAGIC)) == _MAGIC


def inspect(path: Path) -> Binary:
    """Return the needs of a binary, which is in the format."""
    with path.open("rb") as file:
        elf = ELFFile(file)
        machine = str(elf["e_machine"])
        needs = [
            str(vars(tag)["needed"])
            for segment in elf.iter_segments()
            if isinstance(segment, DynamicSegment)
            for tag in segment.iter_tags("DT_NEEDED")
        ]
        versions = [
            tuple(int(number) for number in version.name.removeprefix("GLIBC_").split("."))
            for section in elf.iter_sections()
            if isinstance(section, GNUVerNeedSection)
            for _, wanted in section.iter_versions()
            for version in wanted
            if version.name.startswith("GLIBC_2")
        ]
    return Binary(_MACHINES.get(machine, machine), tuple(needs), max(versions, default=()))


def strip(path: Path) -> None:
    """Take symbols and debug information out of a binary, in place.

    The bytes that are mapped into memory stay as they are; those behind them are removed, and the
    table of sections is cut to those that are mapped. Unlike the tools of a compiler, which each
    know some architectures, this does the same on every machine and for every architecture.

    Args:
        path: Any file. One in another format, or one with data behind what the format describes,
            is left as it is.
    """
    try:
        stripped = _stripped(path.read_bytes())
    except (struct.error, IndexError, OverflowError, ValueError):  # it is broken, and stays so
        return
    if stripped is not None:
        path.write_bytes(stripped)


def _stripped(data: bytes) -> bytes | None:
    if data[:4] != _MAGIC or data[4:6] != _64_BITS_LITTLE_ENDIAN or len(data) < _HEADER.size:
        return None
    header = list(_HEADER.unpack_from(data))
    kind, segments_at, sections_at = header[1], header[5], header[6]
    segment_count, section_count, names_index = header[10], header[12], header[13]
    if kind not in _PROGRAM_OR_LIBRARY or not section_count:
        return None
    segments = [
        _SEGMENT.unpack_from(data, segments_at + number * _SEGMENT.size)
        for number in range(segment_count)
    ]
    sections = [
        list(_SECTION.unpack_from(data, sections_at + number * _SECTION.size))
        for number in range(section_count)
    ]
    end = max(
        [
            segments_at + segment_count * _SEGMENT.size,
            *(offset + size for _, _, offset, _, _, size, _, _ in segments),
        ]
    )
    described = max(
        end,
        sections_at + section_count * _SECTION.size,
        *(section[4] + section[5] for section in sections if section[1] != _NO_BITS),
    )
    if described < len(data):  # an archive, say, that the program reads from its own file
        return None
    names_at = sections[names_index][4]
    last = max(
        number for number, section in enumerate(sections) if section[2] & _LOADED or not number
    )
    names, table = bytearray(b"\0"), bytearray()
    for section in sections[: last + 1]:
        if not section[2] & _LOADED:
            table += bytes(_SECTION.size)  # numbers of sections stay what they are
            continue
        begin = names_at + section[0]
        name = data[begin : data.index(b"\0", begin) + 1]
        section[0] = len(names)
        names += name
        table += _SECTION.pack(*section)
    own_name = len(names)
    names += b".shstrtab\0"
    table += _SECTION.pack(own_name, _NAMES, 0, 0, end, len(names), 0, 0, 1, 0)
    padding = bytes(-(end + len(names)) % 8)
    header[6], header[12], header[13] = end + len(names) + len(padding), last + 2, last + 1
    if header[6] + len(table) >= len(data):
        return None
    return _HEADER.pack(*header) + data[_HEADER.size : end] + names + padding + table
