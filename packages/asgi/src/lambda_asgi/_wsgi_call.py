"""A call of a WSGI application on a thread, by the rules of PEP 3333.

a2wsgi takes the request to the thread and the response back. This module does what a2wsgi does by
other rules, or not at all.

Contract: https://peps.python.org/pep-3333/
"""

from __future__ import annotations

from io import BytesIO
from threading import Semaphore

from ._percent import unquoted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, TypeAlias

    Write: TypeAlias = Callable[[bytes], object]
    StartResponse: TypeAlias = Callable[[str, list[Any]], Write]

TRANSFER = "lambda_asgi.transfer"
"""The key of the `Transfer` in the scope."""

_PARTS_AHEAD = 10
# Where applications look for them: those of serverless-wsgi, apig-wsgi, awsgi and Zappa.
_NAMES_OF_EVENT = ("serverless.event", "apig_wsgi.full_event", "awsgi.event", "lambda.event")
_NAMES_OF_CONTEXT = ("serverless.context", "apig_wsgi.context", "awsgi.context", "lambda.context")


class Abandoned(Exception):
    """Lambda accepts no more data."""


class Transfer:
    """The way of a request to a thread, and of its response back.

    Attributes:
        body: The body of the request.
        problem: The reason why the response is not taken any more, or None.
    """

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.problem: Exception | None = None
        self._room = Semaphore(_PARTS_AHEAD)

    def give_room(self) -> None:
        """Take note that a message has been sent."""
        self._room.release()

    def abandon(self) -> None:
        """Let the thread end; it may have ended."""
        if self.problem is None:
            self.problem = Abandoned()
        self._room.release()

    def wait_for_room(self) -> None:
        """Wait until another part may be sent.

        Raises:
            Abandoned: Nobody takes it.
        """
        self._room.acquire()
        if self.problem is not None:
            raise Abandoned from self.problem


class _Response:
    """The beginning of a response: it is sent with the first byte of the body."""

    def __init__(
        self, environ: dict[str, Any], transfer: Transfer, start_response: StartResponse
    ) -> None:
        self._environ = environ
        self._transfer = transfer
        self._start_response = start_response
        self._beginning: tuple[str, list[Any]] | None = None
        self._write: Write | None = None

    def start(
        self, status: str, response_headers: list[tuple[str, str]], exc_info: Any = None
    ) -> Write:
        """Do what an application calls ``start_response`` for."""
        if exc_info is not None:
            try:
                if self._write is not None:
                    raise exc_info[1].with_traceback(exc_info[2])
            finally:
                exc_info = None  # or the frames that it has would have it
        elif self._beginning is not None:
            raise RuntimeError("The application called start_response twice, without exc_info.")
        _note_route(self._environ)
        self._beginning = status, [*response_headers]
        return self.write

    def write(self, part: bytes) -> None:
        """Send a part of the body, and the beginning of the response before the first one."""
        send = self.begin()
        self._transfer.wait_for_room()
        send(part)

    def begin(self) -> Write:
        """Send the beginning, unless it has been sent, and return what sends a part of the body."""
        if self._write is None:
            if self._beginning is None:
                raise RuntimeError("The application did not call start_response before its body.")
            status, headers = self._beginning
            # Some leave the words out.
            self._write = self._start_response(status if " " in status else f"{status} ", headers)
        return self._write


def conforming(app: Callable[..., Any]) -> Callable[..., Any]:
    """Return an application that a2wsgi calls, and that calls another by the rules.

    Args:
        app: The application.
    """

    def call(environ: dict[str, Any], start_response: StartResponse) -> Iterator[bytes]:
        scope = environ["asgi.scope"]
        transfer: Transfer = scope[TRANSFER]
        environ["wsgi.input"] = BytesIO(transfer.body)
        environ["wsgi.input_terminated"] = True
        _add_event(environ, scope)
        if not environ["PATH_INFO"].isascii():
            environ["PATH_INFO"] = _path_info(scope)
        response = _Response(environ, transfer, start_response)
        parts = app(environ, response.start)
        try:
            for part in parts:
                if part:
                    response.begin()
                    transfer.wait_for_room()
                    yield part
            response.begin()
        finally:
            close = getattr(parts, "close", None)
            if close is not None:
                close()

    return call


def without_doubles(fields: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Return header fields without those that WSGI would take for others.

    Their names have an underscore where those have a hyphen, and the variables of both are the
    same: a client could add to what the front end says of it.

    Args:
        fields: Header fields, their names in lower case.
    """
    if not any(b"_" in name for name, _ in fields):
        return fields
    others = {name for name, _ in fields if b"_" not in name}
    return [
        field
        for field in fields
        if b"_" not in field[0] or field[0].replace(b"_", b"-") not in others
    ]


def _add_event(environ: dict[str, Any], scope: Any) -> None:
    """Add the event and the context, and the user that an authorizer of API Gateway names."""
    event = scope["aws.event"]
    environ.update(dict.fromkeys(_NAMES_OF_EVENT, event))
    environ.update(dict.fromkeys(_NAMES_OF_CONTEXT, scope["aws.context"]))
    context = environ["apig_wsgi.request_context"] = event.get("requestContext") or {}
    authorizer = environ["serverless.authorizer"] = context.get("authorizer")
    user = authorizer.get("principalId") if isinstance(authorizer, dict) else None
    if user:
        environ["REMOTE_USER"] = str(user).encode("utf-8", "replace").decode("latin-1")


def _path_info(scope: Any) -> str:
    """Return the bytes of a path, each as one character: they may be other text than UTF-8."""
    root = len(scope["root_path"].encode())
    return unquoted(scope["raw_path"])[root:].decode("latin-1")


def _note_route(environ: dict[str, Any]) -> None:
    """Keep the route that Flask has found, as long as it says so: until its response is made."""
    request = environ.get("werkzeug.request")
    route = getattr(getattr(request, "url_rule", None), "rule", None)
    if route is not None:
        environ["asgi.scope"]["path_template"] = route
