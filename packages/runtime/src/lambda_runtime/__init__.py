"""A Python runtime for AWS Lambda.

Names load when they are first used: what a function does not use costs its cold start nothing.
"""

from ._version import __version__

TYPE_CHECKING = False  # importing typing for this name would be felt in every cold start
if TYPE_CHECKING:
    from lambda_events.typed import make_converter  # with its type; `_typed` calls it

    from ._awaited import awaited
    from ._client_context import Client, ClientContext
    from ._context import CognitoIdentity, Context, current_context
    from ._delegate import delegate
    from ._init_duration import init_duration
    from ._log_fields import register_log_fields
    from ._options import function, register_before_freeze, register_observer
    from ._outcome import Outcome
    from ._prelude import HttpPrelude
    from ._response_stream import BlockingResponseStream, ResponseStream
    from ._run import run
    from ._snapstart import register_after_restore, register_before_snapshot
    from .errors import Fault, LambdaRuntimeError, RuntimeAPIError

__all__ = [
    "BlockingResponseStream",
    "Client",
    "ClientContext",
    "CognitoIdentity",
    "Context",
    "Fault",
    "HttpPrelude",
    "LambdaRuntimeError",
    "Outcome",
    "ResponseStream",
    "RuntimeAPIError",
    "__version__",
    "awaited",
    "current_context",
    "delegate",
    "function",
    "init_duration",
    "make_converter",
    "register_after_restore",
    "register_before_freeze",
    "register_before_snapshot",
    "register_log_fields",
    "register_observer",
    "run",
]

_HOME = {
    "BlockingResponseStream": "_response_stream",
    "Client": "_client_context",
    "ClientContext": "_client_context",
    "CognitoIdentity": "_context",
    "Context": "_context",
    "Fault": "errors",
    "HttpPrelude": "_prelude",
    "LambdaRuntimeError": "errors",
    "Outcome": "_outcome",
    "ResponseStream": "_response_stream",
    "RuntimeAPIError": "errors",
    "awaited": "_awaited",
    "current_context": "_context",
    "delegate": "_delegate",
    "function": "_options",
    "init_duration": "_init_duration",
    "make_converter": "_typed",
    "register_after_restore": "_snapstart",
    "register_before_freeze": "_options",
    "register_before_snapshot": "_snapstart",
    "register_log_fields": "_log_fields",
    "register_observer": "_options",
    "run": "_run",
}


def __getattr__(name: str) -> object:
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = __import__(f"{__name__}.{home}", fromlist=(name,))
    value = globals()[name] = getattr(module, name)
    return value


def __dir__() -> list[str]:
    return __all__
