"""Import modules without others that few of their functions use.

asyncio imports `ssl` and `inspect`, a quarter of its own cost, for connections with TLS and for the
few functions that inspect a callable. Starlette imports `http.client`, and with it `ssl`, for the
names of statuses. Here such a module gets stand-ins, each of which imports what it stands for when
it is first asked for a name. They are in no other place: ``import ssl`` in the function is what it
is elsewhere.
"""

from __future__ import annotations

import sys
from types import ModuleType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.abc import Loader
    from importlib.machinery import ModuleSpec
    from typing import Any

_NONE_AT_FIRST = ("__loader__", "__package__", "__spec__")  # in any new module


def find_lean(
    name: str,
    late: Sequence[str],
    finder: object,
    path: Any,
    target: ModuleType | None,
    kind: type[LeanLoader] | None = None,
) -> ModuleSpec | None:
    """Find a module as the other finders do, and give it stand-ins for others.

    Args:
        name: The module's name.
        late: The names of the others.
        finder: The finder of `sys.meta_path` that asks.
        path: The path to look in, as for any finder.
        target: The module that is reloaded, or None.
        kind: The class of the loader, if it does more than that.
    """
    spec = _find(name, finder, path, target)
    if spec is None or not hasattr(spec.loader, "exec_module"):  # a loader of an old kind
        return spec
    if "ssl" not in late or _has_ssl(finder):
        spec.loader = (kind or LeanLoader)(spec.loader, late)  # type: ignore[arg-type,assignment] # it is one
    return spec


def _find(name: str, finder: object, *arguments: Any) -> ModuleSpec | None:
    """Find a module by all finders but one."""
    for other in sys.meta_path:
        find = None if other is finder else getattr(other, "find_spec", None)
        spec: ModuleSpec | None = None if find is None else find(name, *arguments)
        if spec is not None:
            return spec
    return None


def _has_ssl(finder: object) -> bool:
    """Return True unless this Python has no TLS, which asyncio looks for when it is imported."""
    if "_ssl" in sys.modules:
        return bool(sys.modules["_ssl"])  # None, if its import is to fail
    return _find("_ssl", finder, None) is not None


class LeanLoader:
    """The loader of a module, with the stand-ins in place while it works."""

    def __init__(self, loader: Loader, late: Sequence[str]) -> None:
        self._loader = loader
        self._late = late

    def __getattr__(self, name: str) -> object:
        return getattr(self._loader, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        module.__loader__ = module.__spec__.loader = self._loader  # type: ignore[union-attr]
        late = [
            stand_in
            for stand_in in [_LateModule(name, module.__name__) for name in self._late]
            if stand_in.enter()
        ]
        try:
            self._loader.exec_module(module)
        finally:
            for stand_in in late:
                stand_in.leave()
                for name in _NONE_AT_FIRST:  # `import` has looked at them until now
                    ModuleType.__delattr__(stand_in, name)


class _LateModule(ModuleType):
    """Stands for a module that is imported when it is first asked for a name, or given one."""

    _importer: str
    _module: ModuleType | None

    def __init__(self, name: str, importer: str) -> None:
        super().__init__(name)
        ModuleType.__setattr__(self, "_importer", importer)
        ModuleType.__setattr__(self, "_module", None)

    def enter(self) -> bool:
        """Stand where an import looks for the module, unless it is there; then return False."""
        name = self.__name__
        if name in sys.modules:
            return False
        package, _, attribute = name.rpartition(".")
        parent = None
        if package:  # from which those who say ``http.client`` take it
            __import__(package)
            parent = sys.modules[package]
            setattr(parent, attribute, self)
        # In one step: another thread may import the module meanwhile.
        found = sys.modules.setdefault(name, self)
        if found is not self and parent is not None:
            setattr(parent, attribute, found)
        return found is self

    def leave(self) -> None:
        """Let others import the module."""
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]

    def _load(self) -> ModuleType:
        if self._module is not None:  # one that has taken the stand-in from a package keeps it
            return self._module
        self.leave()
        __import__(self.__name__)
        module = sys.modules[self.__name__]
        importer = self._importer
        for name, holder in [*sys.modules.items()]:
            if f"{name}.".startswith(f"{importer}.") and type(holder) is ModuleType:
                for key in [key for key, value in [*vars(holder).items()] if value is self]:
                    setattr(holder, key, module)
        ModuleType.__setattr__(self, "_module", module)
        return module

    def __getattr__(self, name: str) -> object:
        if name == "SSLSocket" and sys.modules.get(self.__name__) is None:
            return ()  # each connection asks whether its socket is one: without `ssl` none can be
        return getattr(self._load(), name)

    def __setattr__(self, name: str, value: object) -> None:
        setattr(self._load(), name, value)

    def __delattr__(self, name: str) -> None:
        delattr(self._load(), name)

    @property
    def __dict__(self) -> dict[str, Any]:  # type: ignore[override] # of the module, as its names are
        return vars(self._load())
