"""The outcome of an invocation.

Small records are named tuples: a frozen dataclass takes a millisecond to define.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from multidict import CIMultiDict, CIMultiDictProxy

from . import _wire as wire
from ._clock import monotonic
from .contract import PRELUDE_CONTENT_TYPE, PRELUDE_END

if TYPE_CHECKING:
    from collections.abc import Mapping

Kind = Literal[
    "response", "error", "stream_error", "init_error", "restore_error", "timeout", "exit"
]
NO_HEADERS: Mapping[str, str] = CIMultiDictProxy(CIMultiDict[str]())
"""No headers, or no trailers."""


class Chunk(NamedTuple):
    """One piece of a streamed response.

    It is an HTTP chunk as the runtime's connection carried it: a runtime may put several writes
    into one. A body with a length instead of chunks comes in the pieces in which TCP brings it.

    Attributes:
        data: The bytes; empty if they are not kept.
        size: The size, in bytes.
        time: The arrival of its last byte, in seconds of `time.monotonic`.
    """

    data: bytes
    size: int
    time: float


class StreamError(NamedTuple):
    """The error that a runtime sent in the trailers of a response which it had begun.

    Attributes:
        type: The error type.
        body: The error, as JSON has it.
    """

    type: str
    body: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The outcome of an invocation.

    https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html

    Attributes:
        kind: ``response`` and ``error`` come from the runtime, or from Lambda in its place when
            the response cannot be passed on; ``stream_error`` is a response that the runtime began
            and ended with an error in its trailers; ``init_error`` and ``restore_error`` are
            its reports of a start that failed; ``timeout`` and ``exit`` are for a runtime that can
            no longer answer.
        body: The bytes for the caller; empty for a streamed response that is not kept.
        headers: The headers of the runtime's request, names in any case.
        trailers: The HTTP trailers of the runtime's request, names in any case.
        chunks: The pieces of a streamed response, also of one that broke off; else empty.
        delivered: The time at which the runtime first got the event, in seconds of
            `time.monotonic`; None if it never did.
        answered: The time at which the outcome was known, in seconds of `time.monotonic`.
    """

    kind: Kind
    body: bytes
    headers: Mapping[str, str]
    trailers: Mapping[str, str] = field(default_factory=lambda: NO_HEADERS)
    chunks: tuple[Chunk, ...] = ()
    delivered: float | None = None
    answered: float = field(default_factory=monotonic)

    @property
    def error_type(self) -> str | None:
        """The error type that the runtime named in its header, or None."""
        return self.headers.get(wire.ERROR_TYPE)

    @property
    def content_type(self) -> str | None:
        """The media type that the runtime named, or None."""
        return self.headers.get(wire.CONTENT_TYPE)

    @property
    def mode(self) -> Literal["streaming", "buffered"]:
        """The way the runtime sent it."""
        return "streaming" if self.headers.get(wire.RESPONSE_MODE) == "streaming" else "buffered"

    @property
    def size(self) -> int:
        """The size of the runtime's response in bytes, kept or not."""
        return sum(chunk.size for chunk in self.chunks) if self.chunks else len(self.body)

    @property
    def prelude(self) -> Any:
        """The status, headers and cookies that an HTTP response begins with, None for others.

        Raises:
            ValueError: There is no prelude in JSON before eight NULs, or it was not kept.
        """
        if not self._is_http:
            return None
        prelude, end, _ = self.body.partition(PRELUDE_END)
        if not end:
            found = "the body was not kept" if self.size > len(self.body) else repr(prelude[:200])
            raise ValueError(f"no prelude, which eight NULs would end: {found}")
        return self._decode(prelude, "prelude")

    @property
    def content(self) -> bytes:
        """The body without the prelude that an HTTP response begins with."""
        return self.body.partition(PRELUDE_END)[2] if self._is_http else self.body

    @property
    def stream_error(self) -> StreamError | None:
        """The error in the trailers, or None.

        Raises:
            ValueError: The trailer with the error is not JSON in base64.
        """
        error_type = self.trailers.get(wire.ERROR_TYPE)
        if not error_type:
            return None
        encoded = self.trailers.get(wire.ERROR_BODY, "")
        try:
            error = base64.b64decode(encoded, validate=True)
        except ValueError as reason:
            raise ValueError(
                f"the trailer {wire.ERROR_BODY} is not base64 ({reason}): {encoded[:200]!r}"
            ) from reason
        return StreamError(error_type, self._decode(error, f"trailer {wire.ERROR_BODY}"))

    def json(self) -> Any:
        """Decode the body.

        Returns:
            The JSON value.

        Raises:
            ValueError: The body is not JSON; the message shows how it begins.
        """
        return self._decode(self.body, "body")

    @property
    def _is_http(self) -> bool:
        media_type = (self.content_type or "").partition(";")[0].strip().lower()
        return self.kind in ("response", "stream_error") and media_type == PRELUDE_CONTENT_TYPE

    def _decode(self, text: bytes, name: str) -> Any:
        try:
            return json.loads(text)
        except ValueError as error:
            raise ValueError(
                f"the {name} of this {self.kind} is not JSON ({error}): {text[:200]!r}"
            ) from error
