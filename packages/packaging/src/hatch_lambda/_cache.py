"""Results of earlier builds, by the digest of all that they were made of."""

from __future__ import annotations

import os
import shutil
import sys
import time
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from ._output import whole

_DIGEST = sha256().digest_size
_DAY = 24 * 60 * 60
_UNUSED = 30 * _DAY
FOLDER = "HATCH_LAMBDA_CACHE"
"""The variable that names the folder of the results; empty for none."""


def key(*parts: bytes) -> str:
    """Return the name of a result.

    Args:
        parts: All that it depends on.
    """
    digest = sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()


def load(name: str) -> bytes | None:
    """Return an earlier result, or None.

    Args:
        name: The name, from `key`.
    """
    folder = _folder()
    if folder is None:
        return None
    path = folder / name[:2] / name
    try:
        with path.open("rb", buffering=0) as file:
            digest, content = file.read(_DIGEST), file.read()
        if time.time() - path.stat().st_mtime > _DAY:
            os.utime(path)  # it is in use
    except OSError:
        return None
    return content if sha256(content).digest() == digest else None


def store(name: str, *content: bytes | bytearray) -> None:
    """Keep a result for later builds, if there is a folder for it.

    Args:
        name: The name, from `key`.
        content: The bytes, in one piece or in several.
    """
    folder = _folder()
    if folder is None:
        return
    path = folder / name[:2] / name
    digest = sha256()
    for each in content:
        digest.update(each)
    with suppress(OSError):  # a disk that is full or read-only stops no build
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole(path) as made, made.open("wb") as file:  # no other build sees a part of it
            file.write(digest.digest())
            file.writelines(content)


def sweep() -> None:
    """Delete what no build has used for a month, once a day."""
    folder = _folder()
    if folder is None or not folder.is_dir():
        return
    swept, now = folder / "swept", time.time()
    with suppress(OSError):
        if swept.exists() and now - swept.stat().st_mtime < _DAY:
            return
        swept.touch()
        for path in folder.glob("??/*"):
            if now - path.stat().st_mtime > _UNUSED:
                if path.is_dir():  # of a build that was killed
                    shutil.rmtree(path, ignore_errors=True)
                else:
                    path.unlink(missing_ok=True)  # another build sweeps, too


def _folder() -> Path | None:
    named = os.environ.get(FOLDER)
    if named is not None:
        return Path(named) if named else None
    with suppress(RuntimeError):  # a user without a home
        if caches := os.environ.get("XDG_CACHE_HOME"):
            return Path(caches, "hatch-lambda")
        caches = "Library/Caches" if sys.platform == "darwin" else ".cache"
        return Path.home() / caches / "hatch-lambda"
    return None
