"""Byte code and compressed files that are kept for later builds."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from hatch_lambda import _cache
from hatch_lambda._bytecode import compile_folder

from .conftest import script

if TYPE_CHECKING:
    from pathlib import Path

MODULES = {
    "app.py": "def handler(event): return event\n",
    "orders/__init__.py": '"""Orders."""\n',
    "orders/prices.py": "PRICES = {'tea': 2, 'coffee': 3}\n",
    "orders/template.py": "def {{ name }}(): ...\n",
}
MONTHS = 60 * 24 * 60 * 60


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HATCH_LAMBDA_CACHE", str(tmp_path / "kept"))
    return tmp_path / "kept"


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """Make a Python that notes that it is started."""
    log = tmp_path / "starts"
    log.touch()
    return script(tmp_path / "python", f'#!/bin/sh\necho >>{log}\nexec {sys.executable} "$@"\n')


def compiled(python: Path, folder: Path, *, columns: bool = False) -> dict[str, bytes]:
    for name, text in MODULES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    compile_folder(python, folder, "/var/task", columns=columns)
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*.pyc"))
    }


def test_modules_are_compiled_once(kept: Path, python: Path, tmp_path: Path) -> None:
    first = compiled(python, tmp_path / "first")
    assert len(first) == len(MODULES) - 1  # the template is not a module
    starts = (tmp_path / "starts").read_text("utf-8")
    assert compiled(python, tmp_path / "second") == first
    assert (tmp_path / "starts").read_text("utf-8") == starts
    assert compiled(python, tmp_path / "third", columns=True) != first
    assert (tmp_path / "starts").read_text("utf-8") > starts


@pytest.mark.parametrize("damage", [b"", b"damaged", None])
def test_what_is_damaged_or_gone_is_made_again(
    kept: Path, python: Path, tmp_path: Path, damage: bytes | None
) -> None:
    first = compiled(python, tmp_path / "first")
    files = [path for path in kept.rglob("*") if path.is_file()]
    assert files
    for path in files:
        path.unlink() if damage is None else path.write_bytes(damage)
    assert compiled(python, tmp_path / "second") == first


def test_nothing_is_kept_without_a_folder(
    python: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HATCH_LAMBDA_CACHE", "")
    first = compiled(python, tmp_path / "first")
    assert compiled(python, tmp_path / "second") == first
    assert not (tmp_path / "home").exists()


def test_a_folder_that_cannot_be_written_stops_nothing(
    python: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("HATCH_LAMBDA_CACHE", str(tmp_path / "file" / "below"))
    assert compiled(python, tmp_path / "first")


def test_what_is_not_used_for_a_month_is_deleted(kept: Path) -> None:
    old, used, new = (_cache.key(name) for name in (b"old", b"used", b"new"))
    for name in (old, used, new):
        _cache.store(name, b"content")
    for name in (old, used):
        path = kept / name[:2] / name
        then = path.stat().st_mtime - MONTHS
        os.utime(path, (then, then))
    assert _cache.load(used) == b"content"
    _cache.sweep()
    assert [_cache.load(name) for name in (old, used, new)] == [None, b"content", b"content"]
