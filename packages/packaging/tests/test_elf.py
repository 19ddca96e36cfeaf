"""Binaries: what is read of them, and what is taken out."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from elftools.elf.elffile import ELFFile
from hypothesis import given, settings, strategies as st

from hatch_lambda import strip
from hatch_lambda._elf import _HEADER, _SECTION, inspect, is_elf

from .conftest import MACHINE, linux

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = linux
MODULES = Path(str(sysconfig.get_config_var("DESTSHARED")))
LOADED = 2


@pytest.fixture
def module(tmp_path: Path) -> Path:
    """Copy an extension module."""
    found = sorted(MODULES.glob("_json.*.so")) or sorted(MODULES.glob("*.so"))
    if not found:
        pytest.skip("all modules of this Python are in the program")
    path = tmp_path / found[0].name
    path.write_bytes(found[0].read_bytes())
    return path


def mapped(path: Path) -> list[tuple[int, bytes]]:
    """Return what is mapped into memory, and where."""
    with path.open("rb") as file:
        segments = [part for part in ELFFile(file).iter_segments() if part["p_type"] == "PT_LOAD"]
        return [(part["p_vaddr"], part.data()) for part in segments]


def sections(path: Path) -> Iterator[tuple[str, int]]:
    with path.open("rb") as file:
        for section in ELFFile(file).iter_sections():
            if section["sh_flags"] & LOADED:
                yield section.name, section["sh_size"]


def test_what_is_mapped_stays_as_it_is(module: Path) -> None:
    before, size, named = mapped(module), module.stat().st_size, list(sections(module))
    strip(module)
    assert module.stat().st_size < size
    # The header, at the very beginning, says where the sections are now.
    assert [(at, data[64:]) for at, data in mapped(module)] == [
        (at, data[64:]) for at, data in before
    ]
    assert list(sections(module)) == named
    data = module.read_bytes()
    strip(module)
    assert module.read_bytes() == data


def test_what_is_stripped_can_be_loaded(module: Path) -> None:
    strip(module)
    # By its path: a module of this name may have been loaded at the start.
    program = (
        "import sys; from importlib.util import module_from_spec, spec_from_file_location;"
        "spec = spec_from_file_location(*sys.argv[1:]); module = module_from_spec(spec);"
        "spec.loader.exec_module(module); print(module.__file__)"
    )
    result = subprocess.run(
        [sys.executable, "-I", "-c", program, module.name.split(".")[0], module],
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout.strip() == str(module)


def test_data_after_the_format_is_kept(module: Path) -> None:
    with module.open("ab") as file:
        file.write(b"an archive of its own")
    data = module.read_bytes()
    strip(module)
    assert module.read_bytes() == data


def with_section(data: bytes, name: bytes, content: bytes) -> bytes:
    """Add a section to a binary, as `objcopy --add-section` does for programs of PyInstaller."""
    header = list(_HEADER.unpack_from(data))
    table, count = header[6], header[12]
    names_at, names_size = _SECTION.unpack_from(data, table + header[13] * _SECTION.size)[4:6]
    names = data[names_at : names_at + names_size]
    sections = bytearray(data[table : table + count * _SECTION.size])
    at = len(data) + len(content)
    own = list(_SECTION.unpack_from(sections, header[13] * _SECTION.size))
    own[4], own[5] = at, names_size + len(name) + 1
    begin = header[13] * _SECTION.size
    sections[begin : begin + _SECTION.size] = _SECTION.pack(*own)
    sections += _SECTION.pack(names_size, 1, 0, 0, len(data), len(content), 0, 0, 1, 0)
    header[6], header[12] = at + own[5], count + 1
    whole = _HEADER.pack(*header) + data[_HEADER.size :] + content
    return bytes(whole + names + name + b"\0" + sections)


@pytest.mark.parametrize("name", [b"pydata", b".data.app", b".rodata.archive"])
def test_data_in_a_section_of_its_own_is_kept(module: Path, name: bytes) -> None:
    module.write_bytes(with_section(module.read_bytes(), name, b"a program in a program"))
    data = module.read_bytes()
    strip(module)
    assert module.read_bytes() == data


def test_a_section_for_debuggers_is_not_data(module: Path) -> None:
    whole = with_section(module.read_bytes(), b".debug_more", b"where a line is")
    module.write_bytes(whole)
    strip(module)
    assert len(module.read_bytes()) < len(whole)


def test_the_code_of_a_graphics_card_is_left_alone(module: Path) -> None:
    data = bytearray(module.read_bytes())
    data[18:20] = (190).to_bytes(2, "little")  # CUDA
    module.write_bytes(data)
    strip(module)
    assert module.read_bytes() == data


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_broken_binary_is_no_error(data: st.DataObject) -> None:
    from tempfile import TemporaryDirectory

    whole = Path(sys.executable).resolve().read_bytes()[:4096]
    broken = bytearray(whole[: data.draw(st.integers(0, len(whole)))])
    for _ in range(data.draw(st.integers(0, 4))):
        if broken:
            broken[data.draw(st.integers(0, min(63, len(broken) - 1)))] = data.draw(
                st.integers(0, 255)
            )
    with TemporaryDirectory() as folder:
        path = Path(folder, "binary")
        path.write_bytes(broken)
        strip(path)
        assert path.stat().st_size <= max(len(broken), 0)


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_bytes(b"text")
    strip(path)
    assert path.read_bytes() == b"text"
    assert not is_elf(path)


def test_what_a_binary_needs() -> None:
    binary = inspect(Path(sys.executable).resolve())
    assert binary.architecture == MACHINE
    assert "libc.so.6" in binary.needs
    assert binary.glibc[0] == 2
