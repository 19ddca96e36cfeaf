"""WSGI applications as handlers, by a2wsgi."""

from __future__ import annotations

import asyncio

from ._frameworks import View
from ._handler import AsgiHandler
from ._interface import refuse_other_than_wsgi
from ._media_types import TEXT_TYPES
from ._wsgi_call import TRANSFER, Abandoned, Transfer, conforming, without_doubles

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from ._exchange import Application, Message, Receive, Send


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
            TypeError: An argument is of a wrong type, or the application is not one of WSGI.
        """
        try:
            from a2wsgi import WSGIMiddleware
        except ModuleNotFoundError as error:
            raise ModuleNotFoundError(
                f"WSGI applications need a2wsgi: {error}; pip install 'lambda-asgi[wsgi]'"
            ) from error
        refuse_other_than_wsgi(app)
        # Its own queue has no limit: a thread that waits for room in it could not be ended.
        middleware: Any = WSGIMiddleware(conforming(app), workers=threads, send_queue_size=0)
        super().__init__(
            _patient(middleware),
            streaming=streaming,
            base_path=base_path,
            lifespan="off",
            other=other,
            text_types=text_types,
        )
        self._view = View(self.app)  # a2wsgi makes PATH_INFO of the whole path


def _patient(application: Application) -> Application:
    """Separate the event loop from a2wsgi, whose thread would wait for what never comes."""

    async def patient(scope: Any, receive: Receive, send: Send) -> None:
        transfer = scope[TRANSFER] = Transfer((await receive())["body"])
        scope["headers"] = without_doubles(scope["headers"])

        async def send_or_note(message: Message) -> None:
            try:
                if transfer.problem is None:
                    await send(message)
            except Exception as error:  # noqa: BLE001 (the thread ends, and then it is raised)
                transfer.problem = error
            transfer.give_room()

        try:
            await application(scope, receive, send_or_note)
        except BaseException as error:
            await asyncio.sleep(0)  # the task that sends is cancelled, and ends now
            if not isinstance(error, Abandoned):
                raise
        finally:
            problem = transfer.problem
            transfer.abandon()
        if problem is not None:
            raise problem

    return patient
