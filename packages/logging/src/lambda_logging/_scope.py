"""Fields, a level and a buffer for the records of a part of the work."""

from __future__ import annotations

from ._settings import current_request, request_in_hand

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _contextvars import Token
    from collections.abc import Mapping
    from typing import Any

    from ._buffer import Buffer
    from ._protocols import RequestContext


class Scope:
    """A request with fields of its own, which takes the place of the one that it was opened in."""

    __slots__ = (
        "aws_request_id",
        "buffer",
        "fields",
        "request",
        "severity",
        "tenant_id",
        "trace_id",
    )

    request: RequestContext | None
    """The request that the runtime has set, without any scopes."""
    aws_request_id: str
    tenant_id: str | None
    trace_id: str | None
    fields: Mapping[str, Any]
    severity: int | None
    buffer: Buffer | None

    def __init__(
        self,
        request: RequestContext | None,
        fields: Mapping[str, Any],
        *,
        severity: int | None = None,
        buffer: Buffer | None = None,
    ) -> None:
        """Open a scope within a request.

        Args:
            request: The request, or the scope around this one.
            fields: Fields of each record within.
            severity: The lowest severity that is written within, or None for the usual one.
            buffer: Keeps the records below that severity, or None to drop them.
        """
        self.aws_request_id = request.aws_request_id if request is not None else ""
        self.tenant_id = request.tenant_id if request is not None else None
        self.trace_id = request.trace_id if request is not None else None
        self.request = request
        if isinstance(request, Scope):
            self.request = request.request
            fields = {**request.fields, **fields}
            severity = request.severity if severity is None else severity
            buffer = buffer or request.buffer
        self.fields = fields
        self.severity = severity
        self.buffer = buffer


class FieldScope:
    """Opens a scope for a ``with`` statement, and restores the request at its end."""

    __slots__ = ("_fields", "_tokens")

    def __init__(self, fields: Mapping[str, Any]) -> None:
        """Prepare a scope.

        Args:
            fields: Fields of each record within.
        """
        self._fields = fields
        self._tokens: list[Token[RequestContext | None]] = []

    def __enter__(self) -> None:
        self._tokens.append(current_request.set(Scope(request_in_hand(), self._fields)))

    def __exit__(self, *_: object) -> None:
        restore(self._tokens.pop())


def restore(token: Token[RequestContext | None]) -> None:
    """Restore `current_request`.

    A generator that is closed from elsewhere ends its scope in another context, where there is
    nothing to restore.
    """
    try:
        current_request.reset(token)
    except ValueError:
        return
