"""The prelude of a streamed HTTP response: its status and headers, ahead of its body."""

from __future__ import annotations

from ._json import encode
from .contract import PRELUDE_END

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# They belong to one connection, or are counted by the server that sends the body on.
_NOT_OURS = frozenset(
    (
        "connection",
        "content-length",
        "keep-alive",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    )
)


class HttpPrelude:
    """Status, headers and cookies of a streamed HTTP response.

    A streaming handler yields it first, or sets `ResponseStream.prelude`. It is for callers
    such as a Function URL in ``RESPONSE_STREAM`` mode and a REST API of API Gateway.

    Contract: https://docs.aws.amazon.com/lambda/latest/dg/config-rs-invoke-furls.html
    """

    __slots__ = ("cookies", "headers", "multi_value_headers", "status_code")

    status_code: int
    headers: dict[str, str]
    cookies: list[str]
    multi_value_headers: dict[str, list[str]]

    def __init__(
        self,
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
        cookies: Sequence[str] = (),
        *,
        multi_value_headers: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        """Describe a response.

        Args:
            status_code: The HTTP status, 100 to 599.
            headers: Values by name. Headers about the connection and ``Content-Length`` are left
                out: the server that sends the body on sets them. ``Set-Cookie`` becomes a cookie.
            cookies: Whole ``Set-Cookie`` values, such as ``"id=1; Path=/; Secure"``.
            multi_value_headers: Several values by name. REST APIs of API Gateway read them,
                Function URLs do not.

        Raises:
            TypeError: The cookies are one string, or the status is not an integer.
            ValueError: There is no such status.
        """
        if isinstance(cookies, str):
            raise TypeError(f"cookies is a list of strings: write cookies=[{cookies!r}]")
        if not isinstance(status_code, int):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(f"status_code is an int, not {type(status_code).__name__}")
        if not 100 <= status_code <= 599:
            raise ValueError(f"status_code={status_code} is not an HTTP status (100 to 599)")
        self.status_code = int(status_code)
        self.cookies = list(cookies)
        self.headers = {}
        for name, value in (headers or {}).items():
            lower = name.lower()
            if lower == "set-cookie":
                self.cookies.append(value)
            elif lower not in _NOT_OURS:
                self.headers[name] = value
        self.multi_value_headers = {
            name: list(values) for name, values in (multi_value_headers or {}).items()
        }

    def __bytes__(self) -> bytes:
        """Return the bytes on the wire: JSON, then eight NUL bytes."""
        fields: dict[str, object] = {"statusCode": self.status_code, "headers": self.headers}
        if self.multi_value_headers:
            fields["multiValueHeaders"] = self.multi_value_headers
        if self.cookies:
            fields["cookies"] = self.cookies
        return encode(fields) + PRELUDE_END

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, HttpPrelude):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in self.__slots__)

    __hash__ = None  # type: ignore[assignment] # its parts can change

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__annotations__)
        return f"HttpPrelude({fields})"
