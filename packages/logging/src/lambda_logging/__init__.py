"""Logging for AWS Lambda: records in the forms that CloudWatch Logs understands.

Names load when they are first used: what a function does not use costs its cold start nothing.
"""

TYPE_CHECKING = False  # importing typing for this name would be felt in every cold start
if TYPE_CHECKING:
    from ._platform import PlatformLog
    from ._version import __version__

__all__ = ["PlatformLog", "__version__"]

_HOME = {"PlatformLog": "_platform", "__version__": "_version"}


def __getattr__(name: str) -> object:
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = __import__(f"{__name__}.{home}", fromlist=(name,))
    value = globals()[name] = getattr(module, name)
    return value


def __dir__() -> list[str]:
    return __all__
