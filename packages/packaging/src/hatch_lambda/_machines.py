"""The machine that a file is a program or a library for, by its first bytes."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

# Most files of an archive, which need not be opened.
_NEVER = {".py", ".pyc", ".pyi"}
OTHER_SYSTEMS = ("macOS", "Windows")
_ELF = b"\x7fELF"
_MACH_O = {0xFEEDFACE, 0xFEEDFACF, 0xCEFAEDFE, 0xCFFAEDFE}
_UNIVERSAL = {0xCAFEBABE, 0xCAFEBABF}
_MOST_SLICES = 30  # a Java class starts like a universal binary, with its version in the next word
_PROGRAM_OR_LIBRARY = {2, 3}
# Processors that run an operating system. Files of this format for other machines are data here:
# BPF, and the kernels of graphics cards.
_PROCESSORS = {
    2: "SPARC",
    3: "x86",
    8: "MIPS",
    20: "PowerPC",
    21: "PowerPC 64",
    22: "S390",
    40: "ARM",
    43: "SPARC 64",
    50: "IA-64",
    62: "x86_64",
    183: "arm64",
    243: "RISC-V",
    258: "LoongArch",
}
_OPTIONAL_HEADER_32, _OPTIONAL_HEADER_64 = 0x10B, 0x20B
_DIRECTORY_OF_DOTNET = 14


def machine(path: Path) -> str | None:
    """Return the processor that a binary for Linux is for, or the other system that runs it.

    Args:
        path: Any file.

    Returns:
        ``x86_64``, ``arm64`` or another processor's name, ``macOS`` or ``Windows``. None if it is
        data: .NET assemblies too, which run on any system.
    """
    if path.suffix in _NEVER:
        return None
    with path.open("rb") as file:
        head = file.read(4096)
    if len(head) < struct.calcsize(">II"):
        return None
    if head.startswith(_ELF):
        return _processor(head)
    magic, count = struct.unpack_from(">II", head)
    if magic in _MACH_O or (magic in _UNIVERSAL and count < _MOST_SLICES):
        return "macOS"
    return "Windows" if _is_for_windows(head) else None


def _processor(head: bytes) -> str | None:
    try:
        order = {1: "<", 2: ">"}[head[5]]
        kind, processor = struct.unpack_from(f"{order}HH", head, 16)
    except (KeyError, IndexError, struct.error):
        return None
    return _PROCESSORS.get(processor) if kind in _PROGRAM_OR_LIBRARY else None


def _is_for_windows(head: bytes) -> bool:
    """Return whether this is a Portable Executable with code of a processor's."""
    try:
        (at,) = struct.unpack_from("<I", head, 60)
        if head[:2] != b"MZ" or head[at : at + 4] != b"PE\0\0":
            return False
        (magic,) = struct.unpack_from("<H", head, at + 24)
        directories = {_OPTIONAL_HEADER_32: 96, _OPTIONAL_HEADER_64: 112}[magic]
        entry = at + 24 + directories + 8 * _DIRECTORY_OF_DOTNET
        (dotnet,) = struct.unpack_from("<I", head, entry)
    except (KeyError, struct.error):
        return False
    return not dotnet
