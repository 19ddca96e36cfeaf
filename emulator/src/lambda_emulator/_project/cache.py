"""The user's cache folder."""

import os
import sys
from pathlib import Path


def cache_folder(name: str) -> Path:
    """Return a folder for what can be made again; it need not exist.

    Args:
        name: The name of the folder within the emulator's own.
    """
    given = os.environ.get("XDG_CACHE_HOME")
    if given:
        base = Path(given)
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path.home() / ".cache"
    return base / "lambda-emulator" / name
