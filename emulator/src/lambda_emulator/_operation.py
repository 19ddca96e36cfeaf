"""Operations of Lambda's API as handlers of a server: their request ids, and refusals."""

import re
import uuid
from collections.abc import Awaitable, Callable

from aiohttp import web

from . import _aws_error as aws_error
from ._aws_error import Refusal

Operation = Callable[[web.Request, str], Awaitable[web.StreamResponse]]
"""Answers a request, which has got an id; or raises a `Refusal`."""

_UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")


def handler(operation: Operation) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Return a handler for aiohttp's router.

    Args:
        operation: Answers the requests.
    """

    async def handle(request: web.Request) -> web.StreamResponse:
        request_id = str(uuid.uuid4())
        try:
            request_id = _own_id(request) or request_id
            return await operation(request, request_id)
        except Refusal as refusal:
            return refusal.response(request_id)
        except ConnectionAbortedError as error:
            return aws_error.stopped(error).response(request_id)

    return handle


async def refuse(request: web.Request) -> web.StreamResponse:
    """Refuse what no route is for, in a form that AWS's clients can read.

    Args:
        request: Any request.
    """
    refusal = aws_error.unknown_operation(request.method, request.path)
    return refusal.response(str(uuid.uuid4()))


def _own_id(request: web.Request) -> str | None:
    """Return the id that the client has given its request, if it did."""
    own = request.headers.get("x-amzn-RequestId")
    if own is not None and not _UUID.fullmatch(own):
        raise aws_error.invalid_content(f"The x-amzn-RequestId header {own!r} is not a valid UUID.")
    return own
