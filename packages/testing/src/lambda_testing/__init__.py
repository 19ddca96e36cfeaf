"""Tests for AWS Lambda functions: pytest fixtures, and a fake Runtime API.

Names load when they are first used: a test run that never starts a server does not pay for one.
"""

import importlib
from typing import TYPE_CHECKING

from ._version import __version__

if TYPE_CHECKING:
    from . import faults
    from ._durable import DurableExecution
    from ._event import InvocationOptions
    from ._extensions import Extension
    from ._fake import FakeRuntimeAPI
    from ._function import Function
    from ._incoming import Request
    from ._invocation import Invocation
    from ._invoker import Invoker
    from ._outcome import Chunk, Outcome, StreamError
    from ._process import LambdaProcess
    from ._result import FunctionError, InvocationError, Result
    from ._runtime_api import RuntimeAPI
    from ._wire import Reply
    from .contract import MAX_PAYLOAD_BYTES
    from .faults import Fault

__all__ = [
    "MAX_PAYLOAD_BYTES",
    "Chunk",
    "DurableExecution",
    "Extension",
    "FakeRuntimeAPI",
    "Fault",
    "Function",
    "FunctionError",
    "Invocation",
    "InvocationError",
    "InvocationOptions",
    "Invoker",
    "LambdaProcess",
    "Outcome",
    "Reply",
    "Request",
    "Result",
    "RuntimeAPI",
    "StreamError",
    "__version__",
    "faults",
]

_HOME = {
    "Chunk": "_outcome",
    "DurableExecution": "_durable",
    "Extension": "_extensions",
    "FakeRuntimeAPI": "_fake",
    "Fault": "faults",
    "Function": "_function",
    "FunctionError": "_result",
    "Invocation": "_invocation",
    "InvocationError": "_result",
    "InvocationOptions": "_event",
    "Invoker": "_invoker",
    "LambdaProcess": "_process",
    "MAX_PAYLOAD_BYTES": "contract",
    "Outcome": "_outcome",
    "Reply": "_wire",
    "Request": "_incoming",
    "Result": "_result",
    "RuntimeAPI": "_runtime_api",
    "StreamError": "_outcome",
    "faults": "faults",
}


def __getattr__(name: str) -> object:
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = importlib.import_module(f".{home}", __name__)
    value = module if name == home else getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
