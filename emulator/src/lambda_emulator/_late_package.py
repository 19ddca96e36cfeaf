"""Modules that are executed late, when a name is asked for that only they have.

``import aiohttp.web`` executes ``aiohttp/__init__.py`` first, which imports all of the client. A
server needs none of that, and a third of the time of a start went there.
"""

import importlib
import importlib.util
import re
import sys
from collections.abc import Mapping
from types import ModuleType
from typing import Any

_KNOWN = "_known_names"


def defer(name: str, known: Mapping[str, object]) -> None:
    """Let a module wait; the submodules of a package can be imported meanwhile.

    Nothing happens if the module was imported before, or is not there.

    Args:
        name: The module's full name.
        known: Names that need not wait for it, and their values.
    """
    if name in sys.modules or (spec := importlib.util.find_spec(name)) is None:
        return
    module = importlib.util.module_from_spec(spec)
    module.__class__ = _LateModule
    module.__dict__[_KNOWN] = known
    sys.modules[name] = module
    parent, _, child = name.rpartition(".")
    if parent:
        setattr(sys.modules[parent], child, module)


def drop_known(name: str) -> None:
    """Let a module that waits be executed for any name from now on.

    Args:
        name: The module's full name.
    """
    module = sys.modules.get(name)
    if isinstance(module, _LateModule):
        module.__dict__[_KNOWN] = {}


def execute(name: str) -> Any:
    """Return a module, which need not wait any longer.

    Args:
        name: The name of a module that was deferred.
    """
    module = sys.modules[name]
    if isinstance(module, _LateModule):
        module.execute()
    return module


class _LateModule(ModuleType):
    """A module that is there, while it has not been executed."""

    def __getattr__(self, name: str) -> object:
        if name == "__version__" and (version := _version_of(self)) is not None:
            return version
        if name.startswith("__"):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        known: Mapping[str, object] = self.__dict__[_KNOWN]
        if name in known:
            return known[name]
        try:
            return importlib.import_module(f"{self.__name__}.{name}")
        except ModuleNotFoundError as error:
            if error.name != f"{self.__name__}.{name}":
                raise
        self.execute()
        return getattr(self, name)

    def execute(self) -> None:
        """Execute it; it is a module like any other from now on."""
        self.__class__ = ModuleType  # type: ignore[assignment]
        del self.__dict__[_KNOWN]
        spec = self.__spec__
        if spec is not None and spec.loader is not None:
            spec.loader.exec_module(self)


def _version_of(module: ModuleType) -> str | None:
    """Read the version of a package whose file begins with it."""
    if module.__file__ is None:
        return None
    with open(module.__file__, encoding="utf-8") as file:  # noqa: PTH123 (pathlib is not free)
        match = re.fullmatch(r'__version__ = "([^"]+)"\s*', file.readline())
    return match and match[1]
