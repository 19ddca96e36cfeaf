"""AWS Lambda on your machine, without Docker: the command ``lambda-emulator``, and `Emulator`."""

from __future__ import annotations

from ._version import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._config import Cors, DurableConfig, EventInvokeConfig, FunctionConfig, URLConfig
    from ._configure import FunctionOptions, configure
    from ._emulator import Emulator
    from ._target import TargetError

__all__ = [
    "Cors",
    "DurableConfig",
    "Emulator",
    "EventInvokeConfig",
    "FunctionConfig",
    "FunctionOptions",
    "TargetError",
    "URLConfig",
    "__version__",
    "configure",
]

_HOMES = {
    "Cors": "_config",
    "DurableConfig": "_config",
    "Emulator": "_emulator",
    "EventInvokeConfig": "_config",
    "FunctionConfig": "_config",
    "FunctionOptions": "_configure",
    "TargetError": "_target",
    "URLConfig": "_config",
    "configure": "_configure",
}


def __getattr__(name: str) -> object:
    """Load a name when it is asked for: the command line starts without what it does not use."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value: object = getattr(import_module(f".{home}", __name__), name)
    globals()[name] = value
    return value
