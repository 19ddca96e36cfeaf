"""From an application to its handler: what a handler's name with a colon stands for."""

from __future__ import annotations

import inspect
import os

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

        return WsgiHandler(app, streaming=_flag("LAMBDA_ASGI_STREAMING"), base_path=_base_path())
    return AsgiHandler(app, streaming=_flag("LAMBDA_ASGI_STREAMING"), base_path=_base_path())


def interface_of(app: Any) -> Literal["asgi", "wsgi"]:
    """Return what an application is, by its parameters.

    Args:
        app: The application: ASGI's takes ``(scope, receive, send)``, WSGI's
            ``(environ, start_response)``.

    Raises:
        TypeError: It cannot be called, or takes other parameters.
    """
    if not callable(app):
        raise TypeError(f"{app!r} is not an application: it cannot be called")
    try:
        parameters = [*inspect.signature(app).parameters.values()]
    except (TypeError, ValueError):
        parameters = []
    else:
        if not parameters:
            raise TypeError(
                f"{app!r} takes no arguments, unlike applications of ASGI and WSGI. "
                + (
                    "If it makes the application, name its result, as in app = create_app()"
                    if inspect.isroutine(app)
                    else "If it is one of aiohttp, it needs the server that comes with it."
                )
            )
    if parameters and parameters[0].name == "event":
        raise TypeError(f"{app!r} is a handler, not an application: name it with a dot")
    places = [each for each in parameters if each.kind in _POSITIONAL]
    required = [each for each in places if each.default is inspect.Parameter.empty]
    count = len(required) if len(required) in (2, 3) else len(places)
    is_any = not parameters or any(each.kind is each.VAR_POSITIONAL for each in parameters)
    if _is_async(app):
        if is_any or len(required) <= 3 <= len(places):
            return "asgi"
    elif count == 3:
        return "asgi"
    elif count == 2:
        return "wsgi"
    raise TypeError(
        f"{app!r} takes neither (scope, receive, send), as ASGI applications do, nor "
        "(environ, start_response), as those of WSGI. If it is one, put asgi: or wsgi: before the "
        "handler's name."
    )


def refuse_other_than_wsgi(app: Any) -> None:
    """Raise an error for an application that cannot be one of WSGI.

    Args:
        app: The application.

    Raises:
        TypeError: It cannot be called, is one of ASGI, or does not take two arguments.
    """
    if not callable(app):
        raise TypeError(f"{app!r} is not a WSGI application: it cannot be called")
    if _is_async(app):
        raise TypeError(f"{app!r} is not a WSGI application: if it is one of ASGI, use AsgiHandler")
    try:
        inspect.signature(app).bind(None, None)
    except TypeError as error:
        raise TypeError(
            f"{app!r} is not a WSGI application: it cannot be called with (environ, "
            f"start_response): {error}"
        ) from None
    except ValueError:
        pass  # it is not written in Python, and does not say


def _is_async(app: Any) -> bool:
    return any(map(inspect.iscoroutinefunction, (app, type(app).__call__)))


_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def _flag(name: str) -> bool:
    value = os.environ.get(name, "").strip().lower()
    if value not in _TRUE | _FALSE:
        raise ValueError(f"{name}={value!r} is neither true nor false")
    return value in _TRUE


def _base_path() -> str:
    return os.environ.get("LAMBDA_ASGI_BASE_PATH", "")
