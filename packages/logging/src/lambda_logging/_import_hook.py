"""Runs code when a module is imported, so that a module that is not imported costs nothing."""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any


def when_imported(module: str, setup: str) -> None:
    """Call ``set_up`` of one of our modules once another module has been imported.

    Args:
        module: The name of the module to wait for; if it is imported already, the call happens now.
        setup: The full name of the module that has ``set_up``.
    """
    if module in sys.modules:
        _run(setup)
        return
    if _finder not in sys.meta_path:
        sys.meta_path.insert(0, _finder)
    _finder.setups[module] = setup


class _Finder:
    """A finder that finds nothing itself, and wraps the loaders that others find."""

    def __init__(self) -> None:
        self.setups: dict[str, str] = {}

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        setup = self.setups.pop(name, None)
        if setup is None:
            return None
        if not self.setups:
            sys.meta_path.remove(self)
        for finder in sys.meta_path:
            find = None if finder is self else getattr(finder, "find_spec", None)
            spec: ModuleSpec | None = find(name, path, target) if find is not None else None
            if spec is not None:
                loader: Any = _Loader(spec.loader, setup)
                spec.loader = loader
                return spec
        return None


_finder: Any = _Finder()


class _Loader:
    """Loads a module with its own loader, and then calls ``set_up``."""

    def __init__(self, loader: Any, setup: str) -> None:
        self._loader = loader
        self._setup = setup

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def exec_module(self, module: ModuleType) -> None:
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        _run(self._setup)


def _run(setup: str) -> None:
    try:
        __import__(setup, fromlist=("set_up",)).set_up()
    except Exception:  # noqa: BLE001 (a module of the function that has the same name)
        return
