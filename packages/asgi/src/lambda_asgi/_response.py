"""Responses: what an application has sent, in the form that its front end takes."""

from __future__ import annotations

from binascii import b2a_base64

from lambda_runtime import Fault
from lambda_runtime.contract import MAX_PAYLOAD_BYTES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from lambda_runtime import HttpPrelude

    from ._media_types import TextTypes

# They belong to one connection, and that is the front end's.
_OF_THE_CONNECTION = frozenset(
    (
        "connection",
        "keep-alive",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    )
)
_WITHOUT_BODY = frozenset((204, 205, 304))
_COOKIE = "set-cookie"
# In JSON, some characters are a backslash and another one, and other control characters are six.
_ESCAPED = b'"\\\b\f\n\r\t'
_CONTROLS = bytes(range(32)).translate(None, _ESCAPED)
_LONGEST_ESCAPE = 6


class TooManyBytes(Exception):
    """A body takes more bytes than there is room for; its argument is how many."""


class ResponseTooLarge(Fault):
    """A response that Lambda does not take in one piece."""

    def __init__(self, method: str, path: str, size: int) -> None:
        """Describe it.

        Args:
            method: The request's method.
            path: The request's path.
            size: Bytes of the body, as they would be sent.
        """
        super().__init__(
            "Function.ResponseSizeTooLarge",
            f"The response to {method} {path} has {size} bytes or more, and Lambda takes "
            f"{MAX_PAYLOAD_BYTES} in one piece: stream it, with AsgiHandler(app, streaming=True) "
            "or LAMBDA_ASGI_STREAMING=true, through a function URL or a REST API with streaming.",
        )


class Response:
    """A response.

    Attributes:
        status: The HTTP status.
        headers: Values by name in lower case, without those about the connection.
        body: The body; empty where there must not be one.
    """

    __slots__ = ("body", "headers", "is_head", "status")

    def __init__(
        self,
        status: int,
        headers: Iterable[tuple[bytes, bytes]],
        body: bytes = b"",
        *,
        is_head: bool = False,
    ) -> None:
        """Hold a response.

        Args:
            status: The HTTP status.
            headers: Header fields, as an ASGI application gives them.
            body: The whole body, or what there is of it.
            is_head: True for the response to a ``HEAD`` request, which has no body.
        """
        self.status = status
        self.is_head = is_head
        self.headers: dict[str, list[str]] = {}
        for name, value in headers:
            try:
                key, text = name.decode().lower(), value.decode()
            except UnicodeDecodeError:
                key, text = _text(name).lower(), _text(value)
            if key not in _OF_THE_CONNECTION:
                self.headers.setdefault(key, []).append(text)
        self.body = body if self.has_body else b""

    @property
    def has_body(self) -> bool:
        """True if HTTP allows a body."""
        return not self.is_head and self.status not in _WITHOUT_BODY

    def correct_length(self) -> None:
        """Let ``Content-Length`` be the size of the body, now that it is whole."""
        if "content-length" in self.headers and self.has_body:
            self.headers["content-length"] = [str(len(self.body))]

    def is_text(self, text_types: TextTypes) -> bool:
        """Return True if the body is meant to be text.

        Args:
            text_types: The media types that are. Without a media type, all that is UTF-8 is.
        """
        for value in self.headers.get("content-encoding", ()):
            if value.strip().lower() not in ("", "identity"):
                return False
        content_type = self.headers.get("content-type")
        return content_type is None or text_types.match(content_type[0])


def body_fields(response: Response, text_types: TextTypes, room: int) -> dict[str, Any]:
    """Return the fields of a response with its body, as text or in base64.

    Args:
        response: The response.
        text_types: The media types of text.
        room: The number of bytes of JSON that the body may take.

    Raises:
        TooManyBytes: It takes more.
    """
    body = response.body
    size = None
    if response.is_text(text_types):
        try:
            text = body.decode()
        except UnicodeDecodeError:
            pass
        else:
            size = _json_size(body, room)
            if size <= room:
                return {"body": text, "isBase64Encoded": False}
    encoded = b2a_base64(body, newline=False).decode()
    if len(encoded) > room:
        raise TooManyBytes(len(encoded) if size is None else min(size, len(encoded)))
    return {"body": encoded, "isBase64Encoded": bool(body)}


def _json_size(text: bytes, room: int) -> int:
    """Return how many bytes a text takes in JSON, or fewer if it surely fits."""
    size = len(text)
    if size * _LONGEST_ESCAPE <= room:
        return size
    controls = size - len(text.translate(None, _CONTROLS))
    return size + size - len(text.translate(None, _ESCAPED)) + (_LONGEST_ESCAPE - 1) * controls


def write_rest(response: Response, event: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001 (the form of all)
    """Return the fields for a REST API: a header in both tables would be sent twice."""
    single = {
        name: values[0]
        for name, values in response.headers.items()
        if len(values) == 1 and name != _COOKIE
    }
    several = {name: values for name, values in response.headers.items() if name not in single}
    fields: dict[str, Any] = {"statusCode": response.status, "headers": single}
    if several:
        fields["multiValueHeaders"] = several
    return fields


def write_v2(response: Response, event: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001 (the form of all)
    """Return the fields for a function URL, or for an HTTP API with format 2.0."""
    fields: dict[str, Any] = {"statusCode": response.status, "headers": _joined(response)}
    cookies = response.headers.get(_COOKIE)
    if cookies:
        fields["cookies"] = cookies
    return fields


def write_load_balancer(response: Response, event: dict[str, Any]) -> dict[str, Any]:
    """Return the fields for a load balancer: it reads the table that it has sent itself."""
    fields = _with_description(response)
    if isinstance(event.get("multiValueHeaders"), dict):
        fields["multiValueHeaders"] = response.headers
    else:
        fields["headers"] = _joined(response) | _spelled(response.headers.get(_COOKIE, []))
    return fields


def write_lattice(response: Response, event: dict[str, Any]) -> dict[str, Any]:  # noqa: ARG001 (the form of all)
    """Return the fields for VPC Lattice."""
    fields = _with_description(response)
    fields["headers"] = _joined(response) | _spelled(response.headers.get(_COOKIE, []))
    return fields


def rest_prelude(response: Response) -> HttpPrelude:
    """Return the beginning of a streamed response to a REST API."""
    from lambda_runtime import HttpPrelude

    fields = write_rest(response, {})
    several = fields.get("multiValueHeaders", {})
    cookies = several.pop(_COOKIE, [])
    return HttpPrelude(response.status, fields["headers"], cookies, multi_value_headers=several)


def v2_prelude(response: Response) -> HttpPrelude:
    """Return the beginning of a streamed response to a function URL."""
    from lambda_runtime import HttpPrelude

    return HttpPrelude(response.status, _joined(response), response.headers.get(_COOKIE, []))


def _with_description(response: Response) -> dict[str, Any]:
    from http import HTTPStatus

    try:
        phrase = HTTPStatus(response.status).phrase
    except ValueError:
        phrase = "Unknown"
    return {
        "statusCode": response.status,
        "statusDescription": f"{response.status} {phrase}",
    }


def _joined(response: Response) -> dict[str, str]:
    return {name: ", ".join(values) for name, values in response.headers.items() if name != _COOKIE}


def _spelled(cookies: list[str]) -> dict[str, str]:
    """Return cookies as headers of one value each.

    They cannot be joined. Header names are the same in any case, and keys in JSON are not, so each
    cookie has its own spelling of ``set-cookie``.
    """
    headers: dict[str, str] = {}
    for number, cookie in enumerate(cookies):
        spelling = [
            letter.upper() if number >> place & 1 else letter
            for place, letter in enumerate("setcookie")
        ]
        headers["".join([*spelling[:3], "-", *spelling[3:]])] = cookie
    return headers


def _text(value: bytes) -> str:
    """Return a part of a header as text: UTF-8, or else Latin-1, which all bytes are."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")
