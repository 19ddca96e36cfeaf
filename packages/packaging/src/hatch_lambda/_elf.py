"""Binaries in the Executable and Linkable Format (ELF): their needs, and symbols to strip."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from elftools.common.exceptions import ELFError
from elftools.elf.dynamic import DynamicSegment
from elftools.elf.elffile import ELFFile
from elftools.elf.gnuversions import GNUVerNeedSection

from .errors import BuildError

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
_STRIPPED_MACHINES = {62, 183}  # the formats of graphics cards keep what they run in such sections
# The sections that compilers and linkers write for debuggers; programs keep data in sections of
# other names.
_FOR_DEBUGGERS = re.compile(
    rb"\.(?:symtab|strtab|shstrtab|symtab_shndx|comment|z?debug_\w+|gdb_index|debug|stab|stabstr"
    rb"|line|gnu_debuglink|gnu_debugaltlink|gnu_debugdata|gnu\.build\.attributes\S*|annobin\.notes"
    rb"|note\.gnu\.gold-version|note\.stapsdt|note\.bolt_info|gnu\.lto_\S*|ARM\.attributes"
    rb"|llvm_addrsig|llvm\.\S*|deplibs)"
)
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
    """Return the needs of a binary, which is in the format.

    Raises:
        BuildError: It is cut off, or broken.
    """
    try:
        return _inspect(path)
    except (ELFError, struct.error, ValueError) as error:
        raise BuildError(f"{path} is a broken binary: {error}") from error


def _inspect(path: Path) -> Binary:
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

    The bytes that are mapped into memory stay as they are; those after them are removed, and the
    table of sections is cut to those that are mapped. Unlike the tools of a compiler, which each
    know some architectures, this does the same on every machine and for every architecture.

    Args:
        path: Any file. One in another format, or one with data of its own, behind what the format
            describes or in a section, is left as it is: such programs read themselves.
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
    if header[2] not in _STRIPPED_MACHINES:
        return None
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

    def name_of(section: list[int]) -> bytes:
        begin = names_at + section[0]
        return data[begin : data.index(b"\0", begin)]

    if any(
        section[1]
        and section[5]
        and not section[2] & _LOADED
        and not _FOR_DEBUGGERS.fullmatch(name_of(section))
        for section in sections
    ):
        return None  # an archive, say, that the program reads from a section
    last = max(
        number for number, section in enumerate(sections) if section[2] & _LOADED or not number
    )
    names, table = bytearray(b"\0"), bytearray()
    for section in sections[: last + 1]:
        if not section[2] & _LOADED:
            table += bytes(_SECTION.size)  # numbers of sections stay what they are
            continue
        name = name_of(section)
        section[0] = len(names)
        names += name + b"\0"
        table += _SECTION.pack(*section)
    own_name = len(names)
    names += b".shstrtab\0"
    table += _SECTION.pack(own_name, _NAMES, 0, 0, end, len(names), 0, 0, 1, 0)
    padding = bytes(-(end + len(names)) % 8)
    header[6], header[12], header[13] = end + len(names) + len(padding), last + 2, last + 1
    if header[6] + len(table) >= len(data):
        return None
    return _HEADER.pack(*header) + data[_HEADER.size : end] + names + padding + table
