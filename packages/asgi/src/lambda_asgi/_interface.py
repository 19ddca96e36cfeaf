"""The interfaces of applications, ASGI and WSGI: which one an application has."""

from __future__ import annotations

import inspect

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Literal

_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


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
