"""The machine's certificates, which aiohttp loads while it is imported.

It makes two TLS contexts then, one that verifies servers and one that does not, and loads all
certificates for each: a third of the time of its import. Here a thread makes the first one while
the rest of aiohttp is imported, for which it hardly takes Python's lock. The second one has no use
for certificates, and gets none.
"""

from __future__ import annotations

from _thread import allocate_lock, start_new_thread
from sys import _getframe

from ._lean_imports import LeanLoader, find_lean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any

_CONNECTOR = "aiohttp.connector"
_LOAD = "set_default_verify_paths"


def find_aiohttp(finder: object, path: Any, target: ModuleType | None) -> ModuleSpec | None:
    """Find aiohttp as the other finders do, and have its certificates loaded meanwhile.

    Args:
        finder: The finder of `sys.meta_path` that asks.
        path: The path to look in, as for any finder.
        target: The module that is reloaded, or None.
    """
    return find_lean("aiohttp", (), finder, path, target, _Loader)


class _Loader(LeanLoader):
    def exec_module(self, module: ModuleType) -> None:
        try:
            import ssl
        except ImportError:  # aiohttp does without it, too
            super().exec_module(module)
            return
        contexts = _Contexts(ssl)
        contexts.enter()
        try:
            super().exec_module(module)
        finally:
            contexts.leave()


class _Contexts:
    """Stands in for two functions of `ssl` while aiohttp is imported, for its connector only."""

    def __init__(self, ssl: Any) -> None:
        self._ssl = ssl
        self._class = ssl.SSLContext  # it may be replaced, as truststore does
        self._create = ssl.create_default_context
        self._own_load = vars(self._class).get(_LOAD)
        self._made: list[object] = []
        self._making = allocate_lock()
        self._stand_ins: tuple[object, object] = (None, None)

    def enter(self) -> None:
        self._making.acquire()
        try:
            start_new_thread(self._make, ())
        except RuntimeError:  # there can be no more threads
            self._making.release()
        load = getattr(self._class, _LOAD)

        def set_default_verify_paths(context: Any) -> None:
            if context.verify_mode or _getframe(1).f_globals.get("__name__") != _CONNECTOR:
                load(context)

        setattr(self._class, _LOAD, set_default_verify_paths)
        self._ssl.create_default_context = create = self._default_context
        self._stand_ins = set_default_verify_paths, create

    def leave(self) -> None:
        load, create = self._stand_ins
        if self._ssl.create_default_context is create:  # nobody has replaced it meanwhile
            self._ssl.create_default_context = self._create
        if vars(self._class).get(_LOAD) is load:
            if self._own_load is None:
                delattr(self._class, _LOAD)
            else:
                setattr(self._class, _LOAD, self._own_load)

    def _make(self) -> None:
        try:
            self._made.append(self._create())
        except Exception:  # noqa: BLE001, S110
            pass  # aiohttp's own attempt will raise it, where it can be seen
        finally:
            self._making.release()

    def _default_context(self, *args: Any, **options: Any) -> object:
        if not args and not options and _getframe(1).f_globals.get("__name__") == _CONNECTOR:
            with self._making:
                if self._made:
                    return self._made.pop()
        return self._create(*args, **options)
