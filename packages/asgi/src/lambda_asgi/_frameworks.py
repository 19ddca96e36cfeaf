"""Frameworks, and their views of ``path`` and ``root_path``.

Some applications take ``path`` for the part of it below ``root_path``, as WSGI's PATH_INFO is.
Those of FastAPI may say where they are published.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_NEVER = (sys.maxsize,)
# By the modules of their applications, the first version that takes the whole path.
_WHOLE_PATH_SINCE: dict[str, tuple[int, ...]] = {
    "blacksheep": (2, 6),
    "emmett_core": _NEVER,
    "falcon.asgi": _NEVER,  # not falcon, which has applications of WSGI too
    "litestar": (2, 6),
    "sanic": _NEVER,
    "starlette": (0, 35),
    "starlite": _NEVER,
}
# Of middleware, for the application that it wraps: attributes, and variables of a closure.
_NAMES_OF_INNER = ("app", "_app", "application", "_application", "inner", "wrapped", "__wrapped__")
_DEEPEST = 50


def innermost(app: Any) -> Any:
    """Return the application inside its middleware, if that shows it."""
    for _ in range(_DEEPEST):
        inner = _inner(app)
        if inner is None:
            break
        app = inner
    return app


def takes_whole_path(app: Any) -> bool:
    """Return True if an application expects ``root_path`` at the beginning of ``path``.

    Args:
        app: The application, without middleware around it.
    """
    if own_root_path(app).endswith("/"):
        return False  # Starlette does not find it in a path
    for name, since in _WHOLE_PATH_SINCE.items():
        if _is_of(name, app):
            return _version(name.partition(".")[0]) >= since
    return True


def own_root_path(app: Any) -> str:
    """Return the path that an application says it is published at, or nothing.

    Args:
        app: The application, without middleware around it.
    """
    return str(app.root_path) if _is_of("fastapi", app) else ""


def _is_of(module: str, app: Any) -> bool:
    return any(f"{base.__module__}.".startswith(f"{module}.") for base in type(app).__mro__)


def _inner(app: Any) -> Any:
    """Return the application that a middleware wraps, or None if it is not middleware."""
    code = _attribute(app, "__code__")
    cells = _attribute(app, "__closure__") or ()
    variables = dict(zip(code.co_freevars, cells, strict=True)) if code is not None else {}
    for name in _NAMES_OF_INNER:
        inner = None
        if name in variables:
            inner = _attribute(variables[name], "cell_contents")
        if inner is None:
            inner = _attribute(app, name)
        if callable(inner):
            return inner
    return None


def _attribute(of: Any, name: str) -> Any:
    """Return an attribute, or None: a variable may have no value yet, and a proxy no object."""
    try:
        return getattr(of, name, None)
    except Exception:  # noqa: BLE001 (a proxy may raise anything)
        return None


def _version(package: str) -> tuple[int, ...]:
    """Return the first two numbers of a package's version, which is a text or an object."""
    text = str(getattr(sys.modules[package], "__version__", ""))
    digits = "".join([char if char.isdigit() else " " for char in text])
    return (*map(int, digits.split()[:2]),)
