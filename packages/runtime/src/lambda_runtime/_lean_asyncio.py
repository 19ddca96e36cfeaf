"""Import asyncio without the modules that only some of its functions use.

asyncio imports `ssl` and `inspect`, a quarter of its own cost, for connections with TLS and for the
few functions that inspect a callable. Here its modules get stand-ins, each of which imports its
module when it is first asked for a name. They are in no other place: ``import ssl`` in the function
is what it is elsewhere.
"""

from __future__ import annotations

import sys
from types import ModuleType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importlib.abc import Loader
    from importlib.machinery import ModuleSpec
    from typing import Any

_LATE = ("asyncio.sslproto", "inspect", "ssl")
_NONE_AT_FIRST = ("__loader__", "__package__", "__spec__")  # in any new module


def find_asyncio(finder: object, path: Any, target: ModuleType | None) -> ModuleSpec | None:
    """Find asyncio as the other finders do, and give it the stand-ins.

    Args:
        finder: The finder of `sys.meta_path` that asks.
        path: The path to look in, as for any finder.
        target: The module that is reloaded, or None.
    """
    spec = _find("asyncio", finder, path, target)
    if spec is not None and spec.loader is not None and _has_ssl(finder):
        spec.loader = _LeanLoader(spec.loader)  # type: ignore[assignment] # it is one
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


class _LeanLoader:
    """The loader of asyncio, with the stand-ins in place while it works."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader

    def __getattr__(self, name: str) -> object:
        return getattr(self._loader, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        module.__loader__ = module.__spec__.loader = self._loader  # type: ignore[union-attr]
        late = {name: _LateModule(name) for name in _LATE if name not in sys.modules}
        sys.modules.update(late)
        try:
            self._loader.exec_module(module)
        finally:
            for stand_in in late.values():
                stand_in.leave()
                for name in _NONE_AT_FIRST:  # `import` has looked at them until now
                    ModuleType.__delattr__(stand_in, name)
        if "asyncio.sslproto" in late:  # those who name it do not import it
            vars(module).setdefault("sslproto", late["asyncio.sslproto"])


class _LateModule(ModuleType):
    """Stands for a module that is imported when it is first asked for a name, or given one."""

    def leave(self) -> None:
        """Let others import the module."""
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]

    def _load(self) -> ModuleType:
        self.leave()
        __import__(self.__name__)
        module = sys.modules[self.__name__]
        key = self.__name__.rpartition(".")[2]
        for holder, other in [*sys.modules.items()]:
            if holder.partition(".")[0] != "asyncio" or type(other) is _LateModule:
                continue
            if getattr(other, key, None) is self:
                setattr(other, key, module)
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
