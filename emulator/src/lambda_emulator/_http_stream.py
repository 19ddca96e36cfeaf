"""Streamed responses of functions, sent to an HTTP client while they come."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import cast

from aiohttp import web
from multidict import CIMultiDict

from lambda_testing.contract import PRELUDE_CONTENT_TYPE, PRELUDE_END

from ._front_end import FrontEnd
from ._http_request import media_type_of
from ._http_response import BadResponse, read_prelude, set_headers
from ._invocation import EmulatedInvocation


def has_prelude(invocation: EmulatedInvocation) -> bool:
    """Return whether a response begins with a status and headers.

    Args:
        invocation: One whose response has begun.
    """
    streamed = invocation.streamed
    return streamed and media_type_of(invocation.content_type) == PRELUDE_CONTENT_TYPE


def collected_response(payload: bytes, front_end: FrontEnd) -> web.Response:
    """Return the HTTP response that a streamed one stands for, where it is not sent as it comes.

    Args:
        payload: The prelude, and the body.
        front_end: The front end.

    Raises:
        BadResponse: It has no prelude.
    """
    prelude, _, body = payload.partition(PRELUDE_END)
    status, headers = read_prelude(prelude, front_end)
    return web.Response(status=status, headers=headers, body=body)


async def send_stream(
    invocation: EmulatedInvocation,
    front_end: FrontEnd,
    request: web.Request,
    added: CIMultiDict[str],
) -> web.StreamResponse:
    """Send a response while it comes.

    Args:
        invocation: One whose response has begun, and is streamed.
        front_end: The front end.
        request: The request that it answers.
        added: Headers that as a rule win over the function's own.

    Returns:
        The response, which has been sent.

    Raises:
        BadResponse: It has no prelude, where it must have one; nothing has been sent.
        ConnectionError: The client has left.
    """
    async with aclosing(cast("AsyncGenerator[bytes]", invocation.stream())) as pieces:
        rest = b""
        if has_prelude(invocation):
            prelude, rest = await _take_prelude(pieces, front_end.max_prelude)
            status, headers = read_prelude(prelude, front_end)
        elif front_end.requires_prelude:
            raise BadResponse("its stream does not begin with a prelude")
        else:
            content_type = invocation.content_type or "application/octet-stream"
            status, headers = 200, CIMultiDict({"Content-Type": content_type})
        set_headers(headers, added, repeats_cors=front_end.repeats_cors)
        response = web.StreamResponse(status=status, headers=headers)
        await response.prepare(request)
        without_body = request.method == "HEAD" or status in (204, 304)
        if rest and not without_body:
            await response.write(rest)
        async for piece in pieces:
            if piece and not without_body:
                await response.write(piece)
    await invocation
    if invocation.is_error and request.transport is not None:
        request.transport.close()  # the only way to show that there should be more
    else:
        await response.write_eof()
    return response


async def _take_prelude(pieces: AsyncGenerator[bytes], limit: int) -> tuple[bytes, bytes]:
    """Return the prelude, and what has come with it of the body."""
    seen = bytearray()
    async for piece in pieces:
        # The end may have begun in what was seen before.
        start = max(0, len(seen) - len(PRELUDE_END) + 1)
        seen += piece
        if (end := seen.find(PRELUDE_END, start)) >= 0:
            if end > limit:
                break
            return bytes(seen[:end]), bytes(seen[end + len(PRELUDE_END) :])
        if len(seen) > limit + len(PRELUDE_END):
            break
    else:
        raise BadResponse("it ended before its prelude did")
    raise BadResponse(f"its prelude has more than {limit} bytes")
