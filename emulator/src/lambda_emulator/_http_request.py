"""An HTTP request as it came, and the parts of it that events have."""

import base64
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple
from urllib.parse import parse_qsl, unquote

from multidict import CIMultiDictProxy

from ._front_end import FrontEnd
from ._trace import add_self

# They belong to the connection, which ends at the front end.
CONNECTION_HEADERS = frozenset(
    {
        "connection",
        "expect",
        "keep-alive",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
_HEAD_OVERHEAD = 4  # bytes of a header's line besides its name and its value
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class BadPathError(ValueError):
    """The front end cannot decode the path of a request."""


class HTTPRequest(NamedTuple):
    """A request.

    Attributes:
        method: The method.
        raw_path: The path as it was sent, percent-encoding included.
        raw_query: The query as it was sent, without the question mark.
        protocol: Such as ``HTTP/1.1``.
        headers: The headers.
        body: The body, as it was sent.
        source_ip: The address of the client.
        port: The port that it came to.
        request_id: The id of the invocation.
        trace_id: The trace that it belongs to.
        moment: The time of arrival, in seconds of Unix time.
    """

    method: str
    raw_path: str
    raw_query: str
    protocol: str
    headers: CIMultiDictProxy[str]
    body: bytes
    source_ip: str
    port: int
    request_id: str
    trace_id: str
    moment: float

    @property
    def user_agent(self) -> str | None:
        """The client's name for itself, or None."""
        return self.headers.get("User-Agent")

    @property
    def forwarded_addresses(self) -> int:
        """The number of addresses in ``X-Forwarded-For``."""
        values = self.headers.getall("X-Forwarded-For", ())
        return sum(bool(address.strip()) for value in values for address in value.split(","))

    @property
    def moment_ms(self) -> int:
        """The arrival time, in milliseconds of Unix time."""
        return int(self.moment * 1000)

    @property
    def common_log_time(self) -> str:
        """The arrival time, as ``05/Aug/2022:08:14:39 +0000``, in any locale."""
        at = time.gmtime(self.moment)
        return time.strftime(f"%d/{_MONTHS[at.tm_mon - 1]}/%Y:%H:%M:%S +0000", at)

    def query(self, *, decoded: bool = True) -> dict[str, list[str]]:
        """Return the values of each parameter of the query.

        Args:
            decoded: True to decode percent-encoding, and a plus as a space.
        """
        values: dict[str, list[str]] = {}
        for name, value in self._pairs(decoded=decoded):
            values.setdefault(name, []).append(value)
        return values

    def header_values(self, front_end: FrontEnd) -> dict[str, list[str]]:
        """Return the values of each header, with those that a front end adds.

        Args:
            front_end: Says how headers are named, and which are left out.
        """
        values: dict[str, list[str]] = {}
        names: dict[str, str] = {}
        for name, value in self.headers.items():
            lowered = name.lower()
            if lowered not in CONNECTION_HEADERS and lowered not in front_end.dropped:
                values.setdefault(names.setdefault(lowered, name), []).append(_text(value))
        addresses = [*values.get(names.get("x-forwarded-for", ""), ()), self.source_ip]
        trace = _text(self.headers.get("X-Amzn-Trace-Id", ""))
        if trace and front_end.traces_itself:
            trace = add_self(trace)
        added = {
            "x-amzn-trace-id": trace or self.trace_id.partition(";")[0],
            "x-forwarded-for": ", ".join(addresses),
            "x-forwarded-port": str(self.port),
            "x-forwarded-proto": "http",
        }
        for lowered, value in added.items():
            values[names.setdefault(lowered, lowered)] = [value]
        return {_name(name, front_end): several for name, several in values.items()}

    def cookies(self) -> list[str]:
        """Return the cookies of all ``Cookie`` headers."""
        headers = (_text(value) for value in self.headers.getall("Cookie", ()))
        return [part.strip() for value in headers for part in value.split(";") if part.strip()]

    def text(self, front_end: FrontEnd, binary_types: Iterable[str]) -> tuple[str | None, bool]:
        """Return the body as an event has it, and whether that is base64.

        Args:
            front_end: Says which bodies are text.
            binary_types: Media types whose bodies are not, where all others are.

        Returns:
            The body, or None if it is empty.
        """
        if not self.body:
            return None, False
        media_type = media_type_of(self.headers.get("Content-Type"))
        if front_end.text_types is None:
            if not matches(media_type, binary_types):
                # As in a REST API: what is not UTF-8 is lost.
                return self.body.decode(errors="replace"), False
        elif "Content-Encoding" not in self.headers and (
            media_type.startswith("text/") or media_type in front_end.text_types
        ):
            try:
                return self.body.decode(), False
            except UnicodeDecodeError:
                pass
        return base64.b64encode(self.body).decode(), True

    def is_head_too_large(self, front_end: FrontEnd) -> bool:
        """Return whether a front end refuses the request line or the headers.

        Args:
            front_end: Says what it takes.
        """
        target = f"{self.raw_path}?{self.raw_query}" if self.raw_query else self.raw_path
        line = len(self.method) + len(target) + len(self.protocol) + 2
        sizes = [
            len(name) + len(value.encode(errors="surrogateescape")) + _HEAD_OVERHEAD
            for name, value in self.headers.items()
        ]
        return (
            max(line, *sizes, 0) > front_end.max_header + _HEAD_OVERHEAD
            or line + sum(sizes) > front_end.max_head
        )

    def _pairs(self, *, decoded: bool) -> Iterator[tuple[str, str]]:
        if decoded:
            yield from parse_qsl(self.raw_query, keep_blank_values=True, errors="replace")
            return
        for pair in self.raw_query.split("&"):
            if pair:
                name, _, value = pair.partition("=")
                yield name, value


def decode_path(raw: str) -> str:
    """Decode a path as HTTP APIs do: twice, and without what follows a decoded question mark.

    Args:
        raw: The path as it was sent.

    Returns:
        The path. Bytes that are not UTF-8 are replaced.

    Raises:
        BadPathError: Decoded once, it has a percent sign that begins no escape.
    """
    once = unquote(raw, errors="replace").partition("?")[0]
    for part in once.split("%")[1:]:
        if len(part) < 2 or any(digit not in "0123456789abcdefABCDEF" for digit in part[:2]):
            raise BadPathError(raw)
    return unquote(once, errors="replace")


def media_type_of(value: str | None) -> str:
    """Return the media type of a ``Content-Type``, in lower case and without parameters.

    Args:
        value: The header's value, or None.
    """
    return (value or "").partition(";")[0].strip().lower()


def matches(media_type: str, patterns: Iterable[str]) -> bool:
    """Return whether a media type is one of some.

    Args:
        media_type: The media type; empty if there is none.
        patterns: Media types, or ``image/*``, or ``*/*``, which is also the type of none.
    """
    return any(
        pattern in ("*/*", media_type)
        or (pattern.endswith("/*") and media_type.startswith(pattern[:-1]))
        for pattern in map(str.lower, patterns)
    )


def last_values(values: Mapping[str, list[str]]) -> dict[str, str]:
    """Return the last value of each name.

    Args:
        values: All values.
    """
    return {name: several[-1] for name, several in values.items()}


def _name(name: str, front_end: FrontEnd) -> str:
    lowered = name.lower()
    return front_end.renamed.get(lowered, lowered if front_end.lower_names else name)


def _text(value: str) -> str:
    """Return a header's value; bytes that are not UTF-8 are Latin-1."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return value.encode(errors="surrogateescape").decode("latin-1")
    return value
