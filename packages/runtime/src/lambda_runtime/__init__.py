"""A Python runtime for AWS Lambda.

Names load when they are first used: what a function does not use costs its cold start nothing.
"""

from ._version import __version__

TYPE_CHECKING = False  # importing typing for this name would be felt in every cold start
if TYPE_CHECKING:
    from ._context import Client, ClientContext, CognitoIdentity, Context
    from ._run import run
    from .errors import Fault, LambdaRuntimeError, RuntimeAPIError

__all__ = [
    "Client",
    "ClientContext",
    "CognitoIdentity",
    "Context",
    "Fault",
    "LambdaRuntimeError",
    "RuntimeAPIError",
    "__version__",
    "run",
]

_HOME = {
    "Client": "_context",
    "ClientContext": "_context",
    "CognitoIdentity": "_context",
    "Context": "_context",
    "Fault": "errors",
    "LambdaRuntimeError": "errors",
    "RuntimeAPIError": "errors",
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
