"""Import the server in three quarters of the time: the start is what a developer waits for."""

import gc
import mimetypes
import os
import sys
from collections.abc import Generator
from contextlib import contextmanager

from ._late_package import defer

# Where OpenSSL looks for the certificates of authorities, instead of at the system's place.
_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR")
# aiohttp goes without these; the emulator passes compressed bodies on as they are.
_DECODERS = ("backports.zstd", "brotli", "brotlicffi")


@contextmanager
def quick_start() -> Generator[None]:
    """Leave out what imports do besides, and what a server of this process has no use for.

    No garbage is collected meanwhile, for what is imported is there to stay. And aiohttp, which
    reads all certificates of the machine when it is imported, for its client, finds none: this
    process makes no TLS connection with it. It names the media types of files by Python's own list,
    and does not read the system's. The parts of packages that a server does not use wait
    until somebody does.
    """
    defer("aiohttp")
    defer("attr", {"s": "attr._make.attrs", "ib": "attr._make.attrib"})
    defer("idna")  # for names of hosts that are not ASCII
    defer("typing_extensions", {"Unpack": "typing.Unpack"})
    decoders = [name for name in _DECODERS if name not in sys.modules]
    for name in decoders:
        sys.modules[name] = None  # type: ignore[assignment] # their imports fail
    places = {name: os.environ.get(name) for name in _CERTIFICATES}
    os.environ.update(dict.fromkeys(_CERTIFICATES, os.devnull))
    files, mimetypes.knownfiles[:] = mimetypes.knownfiles[:], []
    gc.disable()
    try:
        yield
    finally:
        for name in decoders:
            del sys.modules[name]
        mimetypes.knownfiles[:] = files
        gc.freeze()  # later collections do not look through it again
        gc.enable()
        for name, place in places.items():  # functions inherit them
            if place is None:
                del os.environ[name]
            else:
                os.environ[name] = place
