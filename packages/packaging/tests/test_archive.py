"""Zip files: the same bytes for the same contents, and Lambda's limits."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest

from hatch_lambda import BuildError
from hatch_lambda._archive import MAX_UNZIPPED, MAX_ZIPPED, MIB, Entry, Size, warn_of_size, write

if TYPE_CHECKING:
    from pathlib import Path


def entry(path: Path, text: str = "", *, mode: int = 0o600, group: str = "function") -> Entry:
    path.write_text(text, "utf-8")
    path.chmod(mode)
    return Entry(path, group)


def sparse(path: Path, size: int, group: str) -> Entry:
    with path.open("wb") as file:
        file.truncate(size)
    return Entry(path, group)


def test_dates_owners_and_order_leave_no_trace(tmp_path: Path) -> None:
    one, two = entry(tmp_path / "1", "one"), entry(tmp_path / "2", "two", mode=0o700)
    write(tmp_path / "first.zip", {"b": two, "a": one})
    os.utime(one.path, (1, 1))
    one.path.chmod(0o644)
    two.path.chmod(0o755)
    write(tmp_path / "second.zip", {"a": one, "b": two})
    assert (tmp_path / "first.zip").read_bytes() == (tmp_path / "second.zip").read_bytes()
    with ZipFile(tmp_path / "first.zip") as archive:
        modes = {info.filename: info.external_attr >> 16 for info in archive.infolist()}
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert modes == {"a": 0o100644, "b": 0o100755}


def test_sizes_are_told_by_group_the_largest_first(tmp_path: Path) -> None:
    entries = {
        "a": entry(tmp_path / "1", "x" * 1000, group="small"),
        "b": entry(tmp_path / "2", os.urandom(500).hex(), group="large"),
        "c": entry(tmp_path / "3", os.urandom(500).hex(), group="large"),
    }
    sizes = write(tmp_path / "f.zip", entries)
    assert list(sizes) == ["large", "small"]
    assert (sizes["large"].files, sizes["large"].unzipped) == (2, 2000)
    assert sizes["small"].zipped < sizes["small"].unzipped == 1000


def test_an_archive_that_lambda_refuses_is_not_written(tmp_path: Path) -> None:
    entries = {
        "a": sparse(tmp_path / "1", 200 * MIB, "torch"),
        "b": sparse(tmp_path / "2", MAX_UNZIPPED - 200 * MIB, "numpy"),
        "c": entry(tmp_path / "3", "x"),
    }
    with pytest.raises(BuildError) as error:
        write(tmp_path / "f.zip", entries)
    assert "f.zip would be 250.0 MiB unzipped, and Lambda takes 250" in str(error.value)
    assert "The largest parts: torch (200.0 MiB), numpy (50.0 MiB), function" in str(error.value)
    assert not (tmp_path / "f.zip").exists()


def test_an_archive_that_needs_s3_says_so(tmp_path: Path) -> None:
    path = sparse(tmp_path / "f.zip", MAX_ZIPPED, "").path
    sizes = {"torch": Size(1, 60 * MIB, 40 * MIB), "numpy": Size(1, 20 * MIB, 10 * MIB)}
    assert warn_of_size(path, sizes) is None
    sparse(path, MAX_ZIPPED + 1, "")
    warning = warn_of_size(path, sizes)
    assert warning is not None
    assert "upload it through S3" in warning
    assert "torch (40.0 MiB), numpy (10.0 MiB)" in warning
