"""Import the server in three quarters of the time: the start is what a developer waits for."""

import gc
import sys
from collections.abc import Generator
from contextlib import contextmanager

from ._late_package import defer, drop_known
from ._stand_ins import STAND_INS

# aiohttp goes without these; the emulator passes compressed bodies on as they are.
_DECODERS = ("backports.zstd", "brotli", "brotlicffi")


@contextmanager
def quick_start() -> Generator[None]:
    """Leave out what imports do besides, and what a server of this process has no use for.

    No garbage is collected meanwhile, for what is imported is there to stay. aiohttp names the
    media types of files by Python's own list, and does not read the system's. The parts of packages
    that a server does not use wait until somebody does.
    """
    for name, known in STAND_INS.items():
        defer(name, known)
    decoders = [name for name in _DECODERS if name not in sys.modules]
    for name in decoders:
        sys.modules[name] = None  # type: ignore[assignment] # their imports fail
    import mimetypes  # it asks for a module that waits

    files, mimetypes.knownfiles[:] = mimetypes.knownfiles[:], []
    gc.disable()
    try:
        yield
    finally:
        for name in STAND_INS:
            drop_known(name)
        for name in decoders:
            del sys.modules[name]
        mimetypes.knownfiles[:] = files
        gc.freeze()  # later collections do not look through it again
        gc.enable()
