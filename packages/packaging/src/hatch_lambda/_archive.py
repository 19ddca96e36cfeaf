"""Zip files that are the same, byte for byte, whenever they hold the same."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ._output import whole
from ._zip import members, write_zip
from .errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MIB = 1024 * 1024
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
MAX_UNZIPPED = 250 * MIB
MAX_ZIPPED = 50 * MIB
_FIRST_DATE = 315_532_800  # the first date that zip files know, in UTC: images keep those of files


@dataclass(frozen=True)
class Entry:
    """A file of an archive."""

    path: Path
    """The file that it is read from."""
    group: str
    """The distribution that it belongs to, or the interpreter, or the function."""

    @property
    def mode(self) -> int:
        """The mode: executable if it is so here, and readable for all."""
        return 0o755 if self.path.stat().st_mode & 0o111 else 0o644


@dataclass(frozen=True)
class Size:
    """Sizes, in bytes."""

    files: int
    unzipped: int
    zipped: int


def write(target: Path, entries: Mapping[str, Entry]) -> dict[str, Size]:
    """Write an archive.

    Args:
        target: The file to write.
        entries: The files in it, by their names there.

    Returns:
        The size of each group, the largest first.

    Raises:
        BuildError: It is larger than Lambda takes; nothing is written.
    """
    require_room(target.name, entries)
    files: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    zipped: Counter[str] = Counter()
    parts = sorted(entries.items())
    contents = members(entry.path for _, entry in parts)
    packed = [(*part, content) for part, content in zip(parts, contents, strict=True)]
    with whole(target) as made, made.open("wb") as file:
        write_zip(file, ((name, entry.mode, content) for name, entry, content in packed))
    for _, entry, content in packed:
        files[entry.group] += 1
        sizes[entry.group] += content.size
        zipped[entry.group] += len(content.deflated)
    return {group: Size(files[group], sizes[group], size) for group, size in zipped.most_common()}


def require_room(archive: str, entries: Mapping[str, Entry]) -> None:
    """Check that Lambda has room for the files of an archive.

    Args:
        archive: The name, for the message.
        entries: The files that are known already, by their names in it.

    Raises:
        BuildError: They are larger than Lambda takes.
    """
    unzipped = sum(entry.path.stat().st_size for entry in entries.values())
    if unzipped > MAX_UNZIPPED:
        raise BuildError(
            f"{archive} would be {unzipped / MIB:.1f} MiB unzipped, and Lambda takes "
            f"{MAX_UNZIPPED // MIB}, layers included. The largest parts: {_largest(entries)}. "
            "Leave out what the function does not use, with the options without or drop, or "
            'build the layout "image".'
        )


def warn_of_size(target: Path, sizes: Mapping[str, Size]) -> str | None:
    """Return a warning if an archive is too large for an upload in one request, or None.

    Args:
        target: The archive.
        sizes: The size of each group, the largest first.
    """
    size = target.stat().st_size
    if size <= MAX_ZIPPED:
        return None
    parts = ", ".join(
        f"{name} ({each.zipped / MIB:.1f} MiB)" for name, each in list(sizes.items())[:5]
    )
    return (
        f"{target.name} is {size / MIB:.1f} MiB, and Lambda takes {MAX_ZIPPED // MIB} in one "
        f"request: upload it through S3. The largest parts: {parts}."
    )


def _largest(entries: Mapping[str, Entry]) -> str:
    sizes: Counter[str] = Counter()
    for entry in entries.values():
        sizes[entry.group] += entry.path.stat().st_size
    return ", ".join(f"{group} ({size / MIB:.1f} MiB)" for group, size in sizes.most_common(5))


def lay_out(target: Path, entries: Mapping[str, Entry]) -> dict[str, Size]:
    """Write a folder, such as an image's build context.

    Args:
        target: The folder, in place of what is there.
        entries: The files in it, by their names there.

    Returns:
        The size of each group, the largest first.
    """
    with whole(target) as folder:
        folder.mkdir()
        sizes = _copy(entries, folder)
        for path in (folder, *folder.rglob("*")):
            if path.is_dir():  # which a narrow umask closes to all but the one who builds
                path.chmod(0o755)
    return dict(sorted(sizes.items(), key=lambda item: (-item[1].unzipped, item[0])))


def _copy(entries: Mapping[str, Entry], folder: Path) -> dict[str, Size]:
    sizes: dict[str, Size] = {}
    for name, entry in sorted(entries.items()):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(entry.path, path)
        path.chmod(entry.mode)
        os.utime(path, (_FIRST_DATE, _FIRST_DATE))
        size = sizes.get(entry.group, Size(0, 0, 0))
        sizes[entry.group] = Size(size.files + 1, size.unzipped + path.stat().st_size, 0)
    return sizes
