"""HTTP requests that are written in the console: sent to a function's URL, or made an event."""

from __future__ import annotations

import json
import re
import time
import uuid
from typing import TYPE_CHECKING, Any, cast

import aiohttp
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from ._front_ends import FRONT_ENDS
from ._http_event import to_event
from ._http_request import BadPathError, HTTPRequest
from ._http_server import URL_PREFIX
from ._trace import new_trace_id

if TYPE_CHECKING:
    from aiohttp import web

    from ._service import FunctionService

# aiohttp would add these: the event is to have the headers that were written, and no others.
_UNASKED = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")
# They follow from the body; a wrong one leaves the server waiting.
_FRAMING = ("content-length", "transfer-encoding")
_VALUE = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]*")


class RequestError(ValueError):
    """The text does not describe an HTTP request; the message says why."""


class WrittenRequest:
    """An HTTP request, as it is written in the console.

    Attributes:
        method: The method.
        path: The path with the query, as it will be sent.
        headers: The headers.
        body: The body.
    """

    def __init__(self, text: bytes) -> None:
        """Read a request.

        Args:
            text: An object with ``method``, ``path``, ``headers`` (pairs) and ``body``, as JSON.

        Raises:
            RequestError: It is not one.
        """
        try:
            value = json.loads(text)
            self.method = _token(value["method"], "method")
            self.path = str(value["path"])
            self.headers: CIMultiDict[str] = CIMultiDict()
            for name, content in value["headers"]:
                if str(name).lower() not in _FRAMING:
                    self.headers.add(_token(name, "name of a header"), _line(content))
            self.body = str(value["body"]).encode()
            if self.body:
                self.headers.add("Content-Length", str(len(self.body)))
        except (ValueError, LookupError, TypeError, RecursionError) as error:
            if isinstance(error, RequestError):
                raise
            raise RequestError("The description of the request is not valid.") from error
        if not self.path.startswith("/") or any(
            not "!" <= char <= "~" or char == "#" for char in self.path
        ):
            raise RequestError("The path must begin with / and be percent-encoded.")

    def to_event(self, service: FunctionService, host: str, port: int) -> dict[str, Any]:
        """Return the event that the function gets.

        Args:
            service: The function.
            host: The value of ``Host``, unless the request has one.
            port: The port that the request would come to.

        Raises:
            RequestError: The front end refuses the path.
        """
        headers = CIMultiDict(self.headers)
        headers.setdefault("Host", host)
        raw_path, _, raw_query = self.path.partition("?")
        request = HTTPRequest(
            method=self.method,
            raw_path=raw_path,
            raw_query=raw_query,
            protocol="HTTP/1.1",
            headers=CIMultiDictProxy(headers),
            body=self.body,
            source_ip="127.0.0.1",
            port=port,
            request_id=str(uuid.uuid4()),
            trace_id=new_trace_id(),
            moment=time.time(),
        )
        try:
            return to_event(request, service.function, service.config.url)
        except BadPathError as error:
            raise RequestError("The front end cannot decode the path.") from error

    async def send(
        self, request: web.Request, service: FunctionService
    ) -> tuple[int, str | None, bytes]:
        """Send it to a function's URL, and wait until the answer has ended.

        Args:
            request: The page's own request: this goes to the same address.
            service: The function.

        Returns:
            The status, the invocation's id, and the beginning of the body.

        Raises:
            RequestError: The function's URL could not be reached.
        """
        address = cast("tuple[Any, ...]", request.get_extra_info("sockname"))
        host = f"[{address[0]}]" if ":" in address[0] else address[0]
        url = URL(
            f"http://{host}:{address[1]}{URL_PREFIX}{service.function.name}{self.path}",
            encoded=True,
        )
        headers = CIMultiDict(self.headers)
        headers.setdefault("Host", request.host)
        try:
            async with (
                aiohttp.ClientSession(
                    cookie_jar=aiohttp.DummyCookieJar(),
                    timeout=aiohttp.ClientTimeout(),
                    skip_auto_headers=_UNASKED,
                    auto_decompress=False,
                ) as session,
                session.request(
                    self.method,
                    url,
                    headers=headers,
                    data=self.body or None,
                    allow_redirects=False,
                ) as response,
            ):
                beginning = await response.content.read(1 << 12)
                async for _ in response.content.iter_any():
                    pass  # the page follows the response as it comes; nothing is kept here
        except (aiohttp.ClientError, ValueError) as error:
            raise RequestError(f"The function's URL did not answer: {error}") from error
        ids = FRONT_ENDS[service.config.url.format].request_id_headers
        request_id = next(
            (response.headers[name] for name in ids if name in response.headers), None
        )
        return response.status, request_id, beginning


def _token(value: object, what: str) -> str:
    """Return a method, or the name of a header, by the rules of HTTP."""
    text = str(value)
    marks = "!#$%&'*+-.^_`|~"
    if not text or not all(char.isascii() and (char.isalnum() or char in marks) for char in text):
        raise RequestError(f"{text!r} cannot be the {what}.")
    return text


def _line(value: object) -> str:
    text = str(value)
    if not _VALUE.fullmatch(text):
        raise RequestError("The value of a header is one line of text.")
    return text.strip()
