"""The span of one message of a batch."""

from __future__ import annotations

from contextlib import contextmanager

from opentelemetry.trace import SpanKind

from ._event import trigger_of
from ._instrument import current_tracer
from ._invocation_span import encodable
from ._parent import links_to

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator
    from typing import Any

    from opentelemetry.trace import Span


@contextmanager
def message_span(record: dict[str, Any]) -> Generator[Span]:
    """Make a span of what is done for one message of a batch, with a link to its sender.

    Args:
        record: One of the event's records, of SQS, SNS, Kinesis or Kafka.

    Yields:
        The span, which is the current one inside.
    """
    if "topic" in record:  # Kafka's records leave it to their event
        record = {"eventSource": "aws:kafka", **record}
    trigger = trigger_of([record])
    with current_tracer().start_as_current_span(
        encodable(trigger.name or "process"),
        kind=SpanKind.CONSUMER,
        attributes={"faas.trigger": trigger.kind, **trigger.attributes},
        links=links_to(trigger.messages or (), None),
    ) as span:
        yield span
