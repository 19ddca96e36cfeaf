"""Packages whose own module is executed late, when a name is asked for that only it has.

``import aiohttp.web`` executes ``aiohttp/__init__.py`` first, which imports all of the client. A
server needs none of that, and a third of the time of a start went there.
"""

import importlib
import importlib.util
import re
import sys
from collections.abc import Mapping
from types import ModuleType

_KNOWN = "_known_names"


def defer(name: str, known: Mapping[str, str] | None = None) -> None:
    """Let the own module of a package wait; its submodules can be imported meanwhile.

    Nothing happens if the package was imported before, or is not there.

    Args:
        name: The package's name.
        known: Names that need not wait for it: in which module, and by which name, they are.
    """
    if name in sys.modules or (spec := importlib.util.find_spec(name)) is None:
        return
    module = importlib.util.module_from_spec(spec)
    module.__class__ = _LatePackage
    module.__dict__[_KNOWN] = known or {}
    sys.modules[name] = module


class _LatePackage(ModuleType):
    """A package that is there, while its own module has not been executed."""

    def __getattr__(self, name: str) -> object:
        if name == "__version__" and (version := _version_of(self)) is not None:
            return version
        if name.startswith("__"):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        known: Mapping[str, str] = self.__dict__[_KNOWN]
        if name in known:
            module, _, attribute = known[name].rpartition(".")
            return getattr(importlib.import_module(module), attribute)
        try:
            return importlib.import_module(f"{self.__name__}.{name}")
        except ModuleNotFoundError as error:
            if error.name != f"{self.__name__}.{name}":
                raise
        self._execute()
        return getattr(self, name)

    def _execute(self) -> None:
        self.__class__ = ModuleType  # type: ignore[assignment] # it is one from now on
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
