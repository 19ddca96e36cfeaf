"""A fake AWS Lambda Runtime API, to test functions and runtimes with.

Names load when they are first used: a test run that never starts a server does not pay for one.
"""

import importlib
from typing import TYPE_CHECKING

from ._version import __version__

if TYPE_CHECKING:
    from ._event import InvocationOptions
    from ._extensions import Extension
    from ._fake import FakeRuntimeAPI
    from ._function import Function
    from ._incoming import Request
    from ._invocation import Invocation
    from ._outcome import Chunk, Outcome, StreamError
    from ._runtime_api import RuntimeAPI
    from ._wire import MAX_PAYLOAD_BYTES, Reply

__all__ = [
    "MAX_PAYLOAD_BYTES",
    "Chunk",
    "Extension",
    "FakeRuntimeAPI",
    "Function",
    "Invocation",
    "InvocationOptions",
    "Outcome",
    "Reply",
    "Request",
    "RuntimeAPI",
    "StreamError",
    "__version__",
]

_HOME = {
    "Chunk": "_outcome",
    "Extension": "_extensions",
    "FakeRuntimeAPI": "_fake",
    "Function": "_function",
    "Invocation": "_invocation",
    "InvocationOptions": "_event",
    "MAX_PAYLOAD_BYTES": "_wire",
    "Outcome": "_outcome",
    "Reply": "_wire",
    "Request": "_incoming",
    "RuntimeAPI": "_runtime_api",
    "StreamError": "_outcome",
}


def __getattr__(name: str) -> object:
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f".{home}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
