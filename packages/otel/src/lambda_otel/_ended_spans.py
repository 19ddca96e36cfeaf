"""The spans that may be left to export, for functions that sample few of them.

An invocation that the sampler leaves out has nothing to export, mostly: the hand-over to the thread
that exports would be the largest part of what it costs.
"""

from __future__ import annotations

from weakref import WeakKeyDictionary

from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from opentelemetry.sdk.trace import ReadableSpan

_known: WeakKeyDictionary[Any, EndedSpans] = WeakKeyDictionary()


class EndedSpans(SpanProcessor):
    """Notes that a recorded span of its provider has ended.

    Attributes:
        are_there: True if one has, since this was set to False.
    """

    def __init__(self) -> None:
        self.are_there = True  # before it came, there may have been some

    def on_end(self, span: ReadableSpan) -> None:  # noqa: ARG002 (its interface)
        """Note it."""
        self.are_there = True


def ended_spans_of(provider: Any) -> EndedSpans | None:
    """Return what notes the ended spans of a provider, or None if it takes no processors.

    Args:
        provider: A provider of traces.
    """
    try:
        ended = _known.get(provider)
        if ended is None:
            ended = EndedSpans()
            provider.add_span_processor(ended)
            _known[provider] = ended
    except (AttributeError, TypeError):
        return None
    return ended


def holds_spans(provider: Any, processors: Iterable[Any] | None) -> bool:
    """Return False if a provider has exported each span when it ended, or exports none.

    Args:
        provider: The provider of traces.
        processors: The processors of the provider, or None if they are not known.
    """
    return (
        processors is None
        or getattr(provider.force_flush, "__func__", None) is not TracerProvider.force_flush
        or any(type(each) not in {SimpleSpanProcessor, EndedSpans} for each in processors)
    )
