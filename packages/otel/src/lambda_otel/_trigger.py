"""The trigger of an invocation: what its event says for the span."""

from __future__ import annotations

from opentelemetry.trace import SpanKind

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any


class Message:
    """A message that an invocation processes.

    Attributes:
        carrier: The strings that may hold the context of the message's sender, by lower-case name.
        id: The message's id, or None.
    """

    __slots__ = ("carrier", "id")

    def __init__(self, carrier: Mapping[str, str], id: str | None = None) -> None:  # noqa: A002
        self.carrier = carrier
        self.id = id


class Trigger:
    """The span attributes and links that an event gives its invocation.

    Attributes:
        kind: The value of ``faas.trigger``.
        attributes: The attributes of the span.
        name: The name of the span, or None for the function's.
        headers: The HTTP headers of the event, which may hold the caller's context.
        messages: The messages that are processed, or None. They are read while somebody iterates,
            once.
        span_kind: The kind of the span: a consumer's, if there are messages.
        implied_status: The HTTP status of a result that does not name one, or None.
    """

    __slots__ = ("attributes", "headers", "implied_status", "kind", "messages", "name", "span_kind")

    def __init__(
        self,
        kind: str,
        attributes: dict[str, Any] | None = None,
        *,
        name: str | None = None,
        headers: Mapping[str, str] | None = None,
        messages: Iterable[Message] | None = None,
        implied_status: int | None = None,
    ) -> None:
        self.kind = kind
        self.attributes: dict[str, Any] = {} if attributes is None else attributes
        self.name = name
        self.headers = headers
        self.messages = messages
        self.span_kind = SpanKind.SERVER if messages is None else SpanKind.CONSUMER
        self.implied_status = implied_status


OTHER = Trigger("other")
"""The trigger of an event that says nothing, for all of them."""
