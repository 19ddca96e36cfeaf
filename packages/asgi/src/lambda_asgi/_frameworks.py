"""Frameworks, and their views of ``path`` and ``root_path``.

Some applications take ``path`` for the part of it below ``root_path``, as WSGI's PATH_INFO is, and
some take both together for the path of their routes. Those of FastAPI may say where they are
published. The class of an application shows its framework, as do those of the ones that it calls.

Quart keeps the background tasks of its requests in a set; nothing else waits for them.
"""

from __future__ import annotations

import asyncio
import sys

from ._inner import applications_in
from ._mount import normalized

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ._exchange import Application, Receive, Send

_ALWAYS = ()
_NEVER = (sys.maxsize,)
# By the modules of their applications, the first version that takes the whole path.
_WHOLE_PATH_SINCE: dict[str, tuple[int, ...]] = {
    "asgi_tools": _NEVER,  # of which Muffin is made
    "baize.asgi": _NEVER,
    "blacksheep": (2, 6),
    "datasette": _NEVER,
    "emmett_core": _NEVER,
    "falcon.asgi": _NEVER,  # not falcon, which has applications of WSGI too
    "kui.asgi": _NEVER,
    "litestar": (2, 6),
    "microdot.asgi": _NEVER,
    "panther": _NEVER,
    "quart": _ALWAYS,
    "sanic": _NEVER,
    "starlette": (0, 35),
    "starlite": _NEVER,
}
_PREFIXES = tuple(f"{name}." for name in _WHOLE_PATH_SINCE)
_WITHOUT_ROOT_PATH = "asgi_tools"  # its routes begin with it


class View:
    """An application's view of the paths of requests.

    Attributes:
        application: The application, which returns when its background tasks have ended.
        has_root_path: False if ``root_path`` would be a part of its routes.
        has_whole_path: True if it expects ``root_path`` at the beginning of ``path``.
        own_root_path: The path that it says it is published at, or nothing.
    """

    __slots__ = ("application", "has_root_path", "has_whole_path", "own_root_path")

    def __init__(
        self,
        application: Application,
        *,
        has_whole_path: bool = True,
        has_root_path: bool = True,
        own_root_path: str = "",
    ) -> None:
        """Hold a view; see the attributes."""
        self.application = application
        self.has_whole_path = has_whole_path
        self.has_root_path = has_root_path
        self.own_root_path = own_root_path


def view_of(app: Any) -> View:
    """Return the view of an application, which may be middleware around others.

    Of several applications, those that expect less than the whole path decide: others find their
    routes in that too.

    Args:
        app: The application.
    """
    found = applications_in(app, _is_known)
    roots = {_own_root_path(each) for each in found}
    for each in found:
        if _is_of("quart", each) and isinstance(getattr(each, "background_tasks", None), set):
            app = _with_background_tasks(app, each.background_tasks)
    return View(
        app,
        has_whole_path=all(map(_takes_whole_path, found)),
        has_root_path=not any(_is_of(_WITHOUT_ROOT_PATH, each) for each in found),
        own_root_path=normalized(roots.pop()) if len(roots) == 1 else "",
    )


def _with_background_tasks(app: Application, tasks: set[asyncio.Task[Any]]) -> Application:
    """Return an application that waits for the tasks that are added while another one works."""

    async def wait(scope: Any, receive: Receive, send: Send) -> None:
        others = {*tasks}
        await app(scope, receive, send)
        added = tasks - others
        if added:
            await asyncio.wait(added)

    return wait


def _is_known(app: Any) -> bool:
    known = [module for module in _modules(app) if module.startswith(_PREFIXES)]
    return bool(known) and ".middleware." not in known[0]  # an application has mixins of any name


def _takes_whole_path(app: Any) -> bool:
    if _own_root_path(app).endswith("/"):
        return False  # Starlette does not find it in a path
    for name, since in _WHOLE_PATH_SINCE.items():
        if _is_of(name, app):
            return _version(name.partition(".")[0]) >= since
    return True


def _own_root_path(app: Any) -> str:
    return str(app.root_path) if _is_of("fastapi", app) else ""


def _is_of(module: str, app: Any) -> bool:
    return any(each.startswith(f"{module}.") for each in _modules(app))


def _modules(app: Any) -> list[str]:
    """Return the modules of an object's classes, each with a dot at its end."""
    return [f"{base.__module__}." for base in type(app).__mro__]


def _version(package: str) -> tuple[int, ...]:
    """Return the first two numbers of a package's version, which is a text or an object."""
    text = str(getattr(sys.modules[package], "__version__", ""))
    digits = "".join([char if char.isdigit() else " " for char in text])
    return (*map(int, digits.split()[:2]),)
