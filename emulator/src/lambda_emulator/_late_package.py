"""Modules that are executed late, when a name is asked for that only they have.

``import aiohttp.web`` executes ``aiohttp/__init__.py`` first, which imports all of the client. A
server needs none of that, and a third of the time of a start went there.
"""

import importlib
import importlib.util
import re
import sys
from collections.abc import Mapping
from threading import RLock
from types import ModuleType
from typing import Any

_LATE = "_late"


class _Late:
    """The state of a module that waits.

    Attributes:
        known: Names that need not wait for it, and their values.
        begun: True once it is being executed.
        lock: Held meanwhile.
    """

    def __init__(self, known: Mapping[str, object]) -> None:
        self.known = known
        self.begun = False
        self.lock = RLock()


def defer(name: str, known: Mapping[str, object]) -> None:
    """Let a module wait; the submodules of a package can be imported meanwhile.

    Nothing happens if the module was executed before, or is not there.

    Args:
        name: The module's full name.
        known: Names that need not wait for it, and their values.
    """
    module = sys.modules.get(name)
    if isinstance(module, _LateModule):
        module.know(known)
    if module is not None or (spec := importlib.util.find_spec(name)) is None:
        return
    module = importlib.util.module_from_spec(spec)
    module.__class__ = _LateModule
    module.__dict__[_LATE] = _Late(known)
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
        module.know({})


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
        if not name.startswith("__"):
            late = self.__dict__.get(_LATE)
            if late is not None and not late.begun:
                if name in late.known:
                    return late.known[name]
                if (child := self._import_child(name)) is not None:
                    return child
            self.execute()
            if type(self) is ModuleType:
                return getattr(self, name)
        raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")

    def _import_child(self, name: str) -> ModuleType | None:
        if "__path__" not in self.__dict__:
            return None
        try:
            return importlib.import_module(f"{self.__name__}.{name}")
        except ModuleNotFoundError as error:
            if error.name != f"{self.__name__}.{name}":
                raise
            return None

    def know(self, known: Mapping[str, object]) -> None:
        """Have it executed for any other name from now on.

        Args:
            known: The names that need not wait for it, and their values.
        """
        late = self.__dict__.get(_LATE)
        if late is not None:
            late.known = known

    def execute(self) -> None:
        """Execute it, or wait until another thread has; it is a module like any other then.

        Nothing happens if this thread is executing it: the module asks for a name of its own.
        """
        late = self.__dict__.get(_LATE)
        if late is None:
            return
        with late.lock:
            if late.begun:
                return
            late.begun = True
            try:
                if self.__spec__ is not None and self.__spec__.loader is not None:
                    self.__spec__.loader.exec_module(self)
            finally:
                self.__class__ = ModuleType  # type: ignore[assignment]
                del self.__dict__[_LATE]


def _version_of(module: ModuleType) -> str | None:
    """Read the version of a package whose file begins with it."""
    if module.__file__ is None:
        return None
    with open(module.__file__, encoding="utf-8") as file:  # noqa: PTH123 (pathlib is not free)
        match = re.fullmatch(r'__version__ = "([^"]+)"\s*', file.readline())
    return match and match[1]
