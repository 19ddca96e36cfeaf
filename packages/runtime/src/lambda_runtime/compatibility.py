"""The names that agents and handlers know from awslambdaric.

Agents such as Sentry's patch functions of ``awslambdaric.bootstrap``, others load the handler with
it, and handlers name ``awslambdaric.lambda_context.LambdaContext`` in their annotations. The folder
``_drop_in/awslambdaric`` beside this file has those names for a process in which this runtime
serves. What an agent puts in their place is called around each invocation.

They are loaded when something imports ``awslambdaric``, and not before.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any

__all__ = ["find_spec", "provide"]

_FOLDER = f"{__file__.rpartition('/')[0]}/_drop_in"


def provide(*, first: bool = False) -> None:
    """Make ``awslambdaric`` importable.

    Args:
        first: Whether an installed awslambdaric is passed over, as in the runtime's own process:
            there, nothing would call it. Otherwise these names stand in where it is missing.
    """
    this: Any = sys.modules[__name__]
    if this not in sys.meta_path:
        sys.meta_path.insert(0 if first else len(sys.meta_path), this)
    if first:
        # Where the managed runtime and its container image have it: some agents look there only.
        vars(sys.modules["__main__"]).setdefault("__getattr__", _name_of_main)


def find_spec(
    name: str,
    path: Sequence[str] | None = None,  # noqa: ARG001 (as `sys.meta_path` calls it)
    target: ModuleType | None = None,  # noqa: ARG001
) -> ModuleSpec | None:
    """Find the package ``awslambdaric``: this module is a finder of `sys.meta_path`.

    Args:
        name: The name of the module that is looked for.
        path: The package's path, for a submodule.
        target: The module that is reloaded.

    Returns:
        The place of the package, or None for every other module.
    """
    if name != "awslambdaric":
        return None
    from _frozen_importlib_external import PathFinder

    return PathFinder.find_spec("awslambdaric", [_FOLDER])


def _name_of_main(name: str) -> object:
    if name not in {"awslambdaricmain", "bootstrap"}:
        raise AttributeError(f"module '__main__' has no attribute {name!r}")
    package = __import__("awslambdaric.bootstrap")
    return package if name == "awslambdaricmain" else package.bootstrap
