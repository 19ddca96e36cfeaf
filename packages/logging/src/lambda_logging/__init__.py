"""Logging for AWS Lambda: records in the forms that CloudWatch Logs understands.

A name loads when it is first used, so that its cold start pays for nothing that it does not use.
"""

TYPE_CHECKING = False  # importing typing for this name would be felt in every cold start
if TYPE_CHECKING:
    from ._carry import carry
    from ._config import configure
    from ._invocation import invocation
    from ._log import Log, log
    from ._platform import PlatformLog
    from ._redact import redact
    from ._stdlib_handler import LambdaHandler, keep_request
    from ._version import __version__

__all__ = [
    "LambdaHandler",
    "Log",
    "PlatformLog",
    "__version__",
    "carry",
    "configure",
    "invocation",
    "keep_request",
    "log",
    "redact",
]

_HOME = {
    "LambdaHandler": "_stdlib_handler",
    "Log": "_log",
    "PlatformLog": "_platform",
    "__version__": "_version",
    "carry": "_carry",
    "configure": "_config",
    "invocation": "_invocation",
    "keep_request": "_stdlib_handler",
    "log": "_log",
    "redact": "_redact",
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
