"""The Runtime API over aiohttp: for programs that ask for it."""

from __future__ import annotations

from typing import Any, get_args

from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar, TCPConnector
from aiohttp.typedefs import StrOrURL

from ._http1 import MAX_BODY_BYTES, MAX_HEAD_BYTES, Response
from ._shutdown import forks
from ._stream_transport import StreamTransport

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from aiohttp import ClientResponse

    from ._http1 import Request
    from ._stream_transport import StreamUpload

# The class of aiohttp's URLs. It is yarl's, which is not a dependency of its own here: to leave out
# aiohttp leaves out yarl too.
_URL: Any = get_args(StrOrURL)[1]
# Lambda freezes an environment for longer than any keep-alive that is meant for servers.
_KEEP_ALIVE_SECONDS = 24 * 3600
_CONNECT_SECONDS = 5


class AiohttpTransport:
    """A session of its own, without the parts that are meant for the open Internet."""

    def __init__(self, address: str, headers: Sequence[tuple[str, str]]) -> None:
        """Name the server; nothing is sent yet. An event loop must be running.

        Args:
            address: ``host:port``, as in ``AWS_LAMBDA_RUNTIME_API``.
            headers: The header fields of every request.
        """
        self._base = f"http://{address}"
        self._uploads = StreamTransport(address, headers)
        self._session = ClientSession(
            headers=dict(headers),
            connector=TCPConnector(limit=0, keepalive_timeout=_KEEP_ALIVE_SECONDS),
            cookie_jar=DummyCookieJar(),
            # A function may wait for its next invocation for hours.
            timeout=ClientTimeout(total=None, sock_connect=_CONNECT_SECONDS),
            skip_auto_headers=("Accept", "Accept-Encoding"),
            auto_decompress=False,
            trust_env=False,
            max_line_size=MAX_HEAD_BYTES,
            max_field_size=MAX_HEAD_BYTES,
        )

    async def round_trip(self, request: Request) -> Response:
        """Send a request once and wait for its response, without a limit of time.

        Args:
            request: The request.

        Returns:
            The response.

        Raises:
            OSError: There is none: the connection could not be made, or was lost.
        """
        if forks.is_child:
            forks.end()
        try:
            # The path is percent-encoded already, so yarl need not parse it, and keep it.
            url = _URL(self._base + request.path, encoded=True)
            response = await self._session.request(
                request.method,
                url,
                data=request.body,
                headers=request.headers,
                allow_redirects=False,
            )
            try:
                body = await _body(response)  # to its end, which gives the connection back
            except BaseException:
                response.close()  # or aiohttp complains when it is collected
                raise
        except ClientError as error:
            raise ConnectionError(str(error) or type(error).__name__) from error
        # Not every version of aiohttp strips what follows a value.
        headers = {name.lower(): value.strip() for name, value in response.headers.items()}
        return Response(response.status, headers, body, keep_alive=True)

    async def upload(self, request: Request) -> StreamUpload:
        """Begin a request whose body comes in parts; nothing is sent before its first part.

        It goes over a connection of our own: aiohttp's client cannot send trailers
        (https://github.com/aio-libs/aiohttp/issues/8452), and they are how a response fails.

        Args:
            request: The request, without a body.

        Returns:
            The upload, which takes the parts.

        Raises:
            OSError: The connection could not be made.
        """
        return await self._uploads.upload(request)

    async def close(self) -> None:
        """Close the session."""
        await self._uploads.close()
        await self._session.close()


async def _body(response: ClientResponse) -> bytes:
    if (response.content_length or 0) <= MAX_BODY_BYTES:
        parts, size = [], 0
        async for part in response.content.iter_any():
            parts.append(part)
            size += len(part)
            if size > MAX_BODY_BYTES:
                break
        else:
            await response.read()  # nothing more; it waits for the end of the request, too
            return b"".join(parts)
    response.close()
    raise ConnectionError(f"a response body of more than {MAX_BODY_BYTES} bytes")
