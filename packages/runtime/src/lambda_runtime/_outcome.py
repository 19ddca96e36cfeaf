"""The end of an invocation, as its observers see it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ._prelude import HttpPrelude


class Outcome:
    """The end of an invocation, as its observers see it; it does not change.

    Attributes:
        value: The handler's result; None when there is an error, or when it was streamed.
        error: The exception that made the invocation fail, or None: the handler's own, a
            `Fault` of the runtime (a wrong event, a result without JSON, a timeout), a
            `RuntimeAPIError` when Lambda has refused the response, or an OSError when a stream
            broke.
        streamed: True if the response was sent part by part.
        prelude: The status and headers that a streamed HTTP response began with, or None.
        bytes_sent: The size of the response, as far as it was sent, in bytes: 0 for an error.
    """

    __slots__ = ("bytes_sent", "error", "prelude", "streamed", "value")

    value: Any
    error: BaseException | None
    streamed: bool
    bytes_sent: int
    prelude: HttpPrelude | None

    def __init__(
        self,
        value: Any = None,
        error: BaseException | None = None,
        *,
        streamed: bool = False,
        bytes_sent: int = 0,
        prelude: HttpPrelude | None = None,
    ) -> None:
        keep = object.__setattr__
        keep(self, "value", value)
        keep(self, "error", error)
        keep(self, "streamed", streamed)
        keep(self, "bytes_sent", bytes_sent)
        keep(self, "prelude", prelude)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"an outcome does not change: {name}")

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__slots__)
        return f"Outcome({fields})"
