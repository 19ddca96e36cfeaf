"""The folder for what the emulator makes of projects, and can make again."""

import atexit
import os
import shutil
import sys
import tempfile
from functools import cache
from pathlib import Path


def cache_folder(name: str) -> Path:
    """Return a folder for what can be made again.

    It is in the user's cache folder. A user who has none that can be written, as in many
    containers, gets one that is deleted when the process ends.

    Args:
        name: The name of the folder within the emulator's own.
    """
    folder = _user_folder() / "lambda-emulator" / name
    if folder.is_absolute():
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            pass
        else:
            if os.access(folder, os.W_OK):
                return folder
    folder = _temporary() / name
    folder.mkdir(exist_ok=True)
    return folder


def _user_folder() -> Path:
    if given := os.environ.get("XDG_CACHE_HOME"):
        return Path(given).absolute()
    name = "~/Library/Caches" if sys.platform == "darwin" else "~/.cache"
    return Path(os.path.expanduser(name))  # noqa: PTH111 (it is relative without a home)


@cache
def _temporary() -> Path:
    folder = tempfile.mkdtemp(prefix="lambda-emulator-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)
