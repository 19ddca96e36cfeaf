"""Replies, sent as they are: aiohttp's own response says what serves it, and takes its time."""

from __future__ import annotations

import time
from email.utils import formatdate
from functools import lru_cache
from typing import TYPE_CHECKING

from aiohttp import hdrs, web
from multidict import CIMultiDict

if TYPE_CHECKING:
    from ._wire import Reply


class ReplyResponse(web.StreamResponse):
    """A reply on its way."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(status=reply.status)
        self._reply = reply
        self._persistent = False

    @property
    def keep_alive(self) -> bool:
        """True if aiohttp leaves the connection open."""
        return self._persistent

    async def prepare(self, request: web.BaseRequest) -> None:
        """Send the whole reply; aiohttp calls this to send the head."""
        status, version, is_head = self.status, request.version, request.method == "HEAD"
        self._persistent = request.keep_alive
        headers = CIMultiDict(self._reply.headers)
        body = self._reply.body
        if status < 200 or status in (204, 304):
            body = b""
        elif body or not is_head:
            headers.setdefault(hdrs.CONTENT_LENGTH, str(len(body)))
        if body:
            headers.setdefault(hdrs.CONTENT_TYPE, "application/octet-stream")
        headers.setdefault(hdrs.DATE, _date(int(time.time())))
        if self._persistent != (version >= (1, 1)):
            headers.setdefault(hdrs.CONNECTION, "keep-alive" if self._persistent else "close")
        await request.writer.write_headers(
            f"HTTP/{version[0]}.{version[1]} {status} {self.reason}",
            CIMultiDict({name: value for name, value in headers.items() if value is not None}),
        )
        await request.writer.write_eof(b"" if is_head else body)

    async def write_eof(self, data: bytes = b"") -> None:
        """Do nothing: the whole reply is sent."""


@lru_cache(1)
def _date(seconds: int) -> str:
    return formatdate(seconds, usegmt=True)
