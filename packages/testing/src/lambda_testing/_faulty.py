"""Replies with a fault. aiohttp would not send them, so their bytes are written past it."""

from __future__ import annotations

import asyncio
import socket
import struct
from http import HTTPStatus
from typing import TYPE_CHECKING

from aiohttp import web
from multidict import CIMultiDict

if TYPE_CHECKING:
    from ._wire import Reply
    from .faults import Fault

_LINGER_NOT = struct.pack("ii", 1, 0)


class FaultyResponse(web.StreamResponse):
    """A reply with a fault."""

    def __init__(self, reply: Reply, fault: Fault) -> None:
        super().__init__(status=reply.status)
        self._reply = _changed(reply, fault)
        self._fault = fault

    @property
    def keep_alive(self) -> bool:
        """True if aiohttp leaves the connection open: a broken one is closed already."""
        return True

    async def prepare(self, request: web.BaseRequest) -> None:
        """Send the whole reply; aiohttp calls this to send the head."""
        fault, transport = self._fault, request.transport
        if transport is None:
            return
        data = _interim(fault.interim) + _bytes_of(self._reply)[: fault.sent]
        size = fault.piece or len(data) or 1
        for start in range(0, len(data), size):
            if start:
                await asyncio.sleep(fault.pause)
            transport.write(data[start : start + size])
        if fault.sent is not None or fault.hang_up:
            break_connection(transport, reset=fault.reset)

    async def write_eof(self, data: bytes = b"") -> None:
        """Do nothing: the whole reply is sent."""


def changes_reply(fault: Fault) -> bool:
    """Return True if the way in which the reply is sent is wrong, not just the reply."""
    from .faults import Fault

    return fault != Fault(reply=fault.reply)


async def delay_reply(fault: Fault) -> None:
    """Wait as long as the fault says; for a silent one, until the connection ends."""
    await asyncio.sleep(fault.delay)
    if fault.silent:
        await asyncio.get_running_loop().create_future()  # the request's task is cancelled


def break_connection(transport: asyncio.BaseTransport, *, reset: bool) -> None:
    """Close or reset a connection, once what was written is sent."""
    if reset:
        transport.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT
        )
    transport.close()


def _changed(reply: Reply, fault: Fault) -> Reply:
    headers = CIMultiDict(reply.headers)
    headers.update(fault.headers or {})
    body = reply.body if fault.body is None else fault.body
    return reply._replace(headers=headers, body=body)


def _interim(statuses: tuple[int, ...]) -> bytes:
    return b"".join(b"HTTP/1.1 %d Interim\r\n\r\n" % status for status in statuses)


def _bytes_of(reply: Reply) -> bytes:
    headers = {"Content-Length": str(len(reply.body)), **reply.headers}
    lines = [f"HTTP/1.1 {reply.status} {_reason(reply.status)}"]
    lines += [f"{name}: {value}" for name, value in headers.items() if value is not None]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "surrogateescape") + reply.body


def _reason(status: int) -> str:
    return HTTPStatus(status).phrase if status in set(HTTPStatus) else "Unknown"
