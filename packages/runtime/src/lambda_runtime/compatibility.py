"""The names that agents and handlers know from awslambdaric.

Agents such as Sentry's patch functions of ``awslambdaric.bootstrap``, others load the handler with
it, and handlers name ``awslambdaric.lambda_context.LambdaContext`` in their annotations. The folder
``_drop_in/awslambdaric`` beside this file has those names for a process in which this runtime
serves. A patch that an agent puts in their place is called around each invocation.

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


def provide() -> None:
    """Make ``awslambdaric`` importable where it is not installed, as in tests of handlers.

    In a process that `lambda_runtime.run` serves it is importable already, and these are its names
    even where the real one is installed: nothing would call that one.
    """
    this: Any = sys.modules[__name__]
    if this not in sys.meta_path:
        sys.meta_path.append(this)


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


def attribute_of_main(name: str) -> object:
    """Return a module by the name that it has in ``__main__`` under awslambdaric.

    Args:
        name: ``bootstrap``, as in container images, or ``awslambdaricmain``, which has a
            ``bootstrap``, as in managed runtimes.

    Raises:
        AttributeError: It is another name.
    """
    if name not in {"awslambdaricmain", "bootstrap"}:
        raise AttributeError(f"module '__main__' has no attribute {name!r}")
    package = __import__("awslambdaric.bootstrap")
    return package if name == "awslambdaricmain" else package.bootstrap
