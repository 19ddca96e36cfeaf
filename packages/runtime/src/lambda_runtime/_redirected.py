"""A redirected handler: ``_HANDLER`` names an agent's, and a variable of the agent the function's.

The agent calls the function's handler like any other function. If it is an ``async def``, that call
returns when the handler is done, as `lambda_runtime.awaited` makes it.
"""

from __future__ import annotations

import sys

from ._handler import load

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any

_COROUTINE = 0x80  # inspect.CO_COROUTINE


class Redirected:
    """The function's own handler, which an agent imports by its name.

    As a finder of `sys.meta_path`, it sees to the handler as soon as its module is imported:
    agents keep what they find there.
    """

    def __init__(self, name: str) -> None:
        """Name the handler.

        Args:
            name: ``module.function``, as an agent's variable has it.
        """
        self._name = name
        module, _, self._function = name.rpartition(".")
        self._module = module.replace("/", ".")

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the handler's module as the other finders know it, or None for other modules."""
        if name != self._module:
            return None
        for finder in sys.meta_path:
            spec = None if finder is self else finder.find_spec(name, path, target)
            if spec is not None and spec.loader is not None:
                loader: Any = spec.loader
                loader.exec_module = self._then_await(loader.exec_module)
                return spec
        return None

    def import_now(self) -> None:
        """Import the handler, since some agents do so in the first invocation only."""
        try:
            load(self._name)
        except BaseException:  # noqa: BLE001 (it fails once more where the agent sees it)
            return

    def _then_await(self, execute: Callable[[ModuleType], None]) -> Callable[[ModuleType], None]:
        def exec_module(module: ModuleType) -> None:
            execute(module)
            handler = getattr(module, self._function, None)
            code = getattr(handler, "__code__", None)
            if handler is not None and getattr(code, "co_flags", 0) & _COROUTINE:
                from ._awaited import awaited_if_async

                setattr(module, self._function, awaited_if_async(handler))

        return exec_module


def watch(name: str) -> Redirected:
    """See to a handler when its module is imported.

    Args:
        name: The name.
    """
    redirected = Redirected(name)
    sys.meta_path.insert(0, redirected)
    return redirected
