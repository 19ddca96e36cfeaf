"""From an application to its handler: what a handler's name with a colon stands for."""

from __future__ import annotations

import os

from ._interface import interface_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Literal

    from ._handler import AsgiHandler

_TRUE = frozenset(("1", "true", "yes", "on"))
_FALSE = frozenset(("", "0", "false", "no", "off"))


def handler_of(app: Any, interface: Literal["asgi", "wsgi"] | None = None) -> AsgiHandler:
    """Return the handler of an application, with the options that environment variables set.

    ``LAMBDA_ASGI_STREAMING`` (``true`` or ``false``) and ``LAMBDA_ASGI_BASE_PATH`` are the options
    ``streaming`` and ``base_path`` of `AsgiHandler`.

    Args:
        app: An application, or an `AsgiHandler`, which has its options and is returned.
        interface: The application's interface; by default, its parameters show it.

    Returns:
        The handler.

    Raises:
        TypeError: The application cannot be called, or its interface is unknown.
        ValueError: A variable has a value that it cannot have.
        ModuleNotFoundError: It is a WSGI application, and a2wsgi is not installed.
    """
    from ._handler import AsgiHandler

    if isinstance(app, AsgiHandler):
        return app
    kind = interface or interface_of(app)
    if kind == "wsgi":
        from ._wsgi import WsgiHandler

        return WsgiHandler(app, streaming=_streaming(), base_path=_base_path())
    return AsgiHandler(app, streaming=_streaming(), base_path=_base_path())


def _streaming() -> bool:
    value = os.environ.get("LAMBDA_ASGI_STREAMING", "").strip().lower()
    if value not in _TRUE | _FALSE:
        raise ValueError(f"LAMBDA_ASGI_STREAMING={value!r} is neither true nor false")
    return value in _TRUE


def _base_path() -> str:
    return os.environ.get("LAMBDA_ASGI_BASE_PATH", "")
