"""Results of a build that are there whole, or not at all."""

from __future__ import annotations

import errno
import shutil
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator

_IN_THE_WAY = {errno.EEXIST, errno.ENOTEMPTY}


@contextmanager
def whole(target: Path) -> Generator[Path]:
    """Give a path to write to, which takes the place of a file or folder once all is written.

    A build that fails or is interrupted leaves what was there before, and no files of its own.
    Other builds of the same project see one result or the other.

    Args:
        target: The file or folder.
    """
    work = Path(mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        made = work / target.name  # with the modes of any other file, unlike a temporary one
        yield made
        _move(made, target, work)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _move(made: Path, target: Path, work: Path) -> None:
    for number in count():
        if made.is_dir() and target.is_dir():  # only an empty folder can be replaced
            with suppress(FileNotFoundError):  # another build has moved it
                target.rename(work / f"old-{number}")
        try:
            made.replace(target)
        except OSError as error:
            if error.errno not in _IN_THE_WAY or not made.is_dir():
                raise
        else:
            return
