"""Archives of code, which functions run from a folder."""

import hashlib
import shutil
import tempfile
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from lambda_emulator._project.cache import cache_folder


class ArchiveError(Exception):
    """An archive cannot be used; the message says why."""


def unpacked(archive: Path) -> Path:
    """Return a folder with the content of an archive; it is kept in the user's cache folder.

    Args:
        archive: The archive.

    Raises:
        ArchiveError: It cannot be read, or the folder cannot be written.
    """
    try:
        return _unpacked(archive)
    except (OSError, BadZipFile) as error:
        raise ArchiveError(str(error)) from error


def _unpacked(archive: Path) -> Path:
    folder = cache_folder("code") / hashlib.sha256(archive.read_bytes()).hexdigest()
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as name:
        content = Path(name, "content")
        with ZipFile(archive) as opened:
            opened.extractall(content)
        if not folder.is_dir():  # another emulator may have been faster
            shutil.move(content, folder)
    return folder
