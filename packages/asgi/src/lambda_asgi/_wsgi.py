"""WSGI applications as handlers, by a2wsgi."""

from __future__ import annotations

from ._exchange import Disconnected
from ._handler import AsgiHandler
from ._media_types import TEXT_TYPES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from ._exchange import Application, Message, Receive, Send

_GONE = "lambda_asgi.gone"


class WsgiHandler(AsgiHandler):
    """A WSGI application as a handler. It runs on threads."""

    def __init__(
        self,
        app: Callable[..., Any],
        *,
        streaming: bool = False,
        base_path: str = "",
        other: Callable[..., Any] | None = None,
        text_types: Iterable[str] = TEXT_TYPES,
        threads: int = 10,
    ) -> None:
        """Make a handler of an application.

        Args:
            app: The application: a callable that takes ``(environ, start_response)``.
            streaming: As for `AsgiHandler`.
            base_path: As for `AsgiHandler`.
            other: As for `AsgiHandler`.
            text_types: As for `AsgiHandler`.
            threads: The number of requests that run at the same time, on Lambda Managed Instances.

        Raises:
            ModuleNotFoundError: a2wsgi is not installed.
            TypeError: An argument is of a wrong type.
        """
        try:
            from a2wsgi import WSGIMiddleware
        except ModuleNotFoundError as error:
            raise ModuleNotFoundError(
                f"WSGI applications need a2wsgi: {error}; pip install 'lambda-asgi[wsgi]'"
            ) from error
        if not callable(app):
            raise TypeError(f"{app!r} is not a WSGI application: it cannot be called")
        middleware: Any = WSGIMiddleware(_ending(app), workers=threads)
        super().__init__(
            _patient(middleware),
            streaming=streaming,
            base_path=base_path,
            lifespan="off",
            other=other,
            text_types=text_types,
        )


def _patient(application: Application) -> Application:
    """Let an application send what nobody takes: a thread would wait for ever to be rid of it."""

    async def patient(scope: Any, receive: Receive, send: Send) -> None:
        async def send_or_note(message: Message) -> None:
            try:
                await send(message)
            except Disconnected:
                scope[_GONE] = True

        await application(scope, receive, send_or_note)

    return patient


def _ending(app: Callable[..., Any]) -> Callable[..., Any]:
    """Let the body of a response end when nobody takes it."""

    def ending(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        def start(*response: Any) -> Any:
            _note_route(environ)
            return start_response(*response)

        parts = app(environ, start)
        try:
            for part in parts:
                yield part
                if environ["asgi.scope"].get(_GONE):
                    raise Disconnected("The client has disconnected.")
        finally:
            close = getattr(parts, "close", None)
            if close is not None:
                close()

    return ending


def _note_route(environ: dict[str, Any]) -> None:
    """Keep the route that Flask has found, as long as it says so: until its response is made."""
    request = environ.get("werkzeug.request")
    route = getattr(getattr(request, "url_rule", None), "rule", None)
    if route is not None:
        environ["asgi.scope"]["path_template"] = route
