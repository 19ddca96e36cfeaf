"""The global propagator, wrapped so that spans of web frameworks are below the invocation's.

Frameworks and their instrumentations read the headers of a request, too. The parent that they find
is that of the invocation's span, so theirs would stand beside it.
"""

from __future__ import annotations

from _contextvars import ContextVar

from opentelemetry.propagate import get_global_textmap, set_global_textmap
from opentelemetry.propagators.textmap import TextMapPropagator, default_getter, default_setter
from opentelemetry.trace import get_current_span, set_span_in_context

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from opentelemetry.context import Context as TraceContext
    from opentelemetry.trace import SpanContext

parent_of_invocation: ContextVar[SpanContext | None] = ContextVar(
    "lambda_otel_parent_of_invocation", default=None
)
"""The parent of the span of the invocation that the calling code works for; None without one."""


class InvocationPropagator(TextMapPropagator):
    """Extracts what another propagator does, with the current span for the invocation's parent."""

    def __init__(self, propagator: TextMapPropagator) -> None:
        """Wrap a propagator.

        Args:
            propagator: The one that is configured.
        """
        self._propagator = propagator

    def extract(
        self, carrier: Any, context: TraceContext | None = None, getter: Any = default_getter
    ) -> TraceContext:
        """Return the context that the propagator finds, below the current span if it has to be."""
        found = self._propagator.extract(carrier, context, getter)
        parent = parent_of_invocation.get()
        if parent is not None and parent.is_valid:
            span = get_current_span(found).get_span_context()
            if (span.trace_id, span.span_id) == (parent.trace_id, parent.span_id):
                return set_span_in_context(get_current_span(context), found)
        return found

    def inject(
        self, carrier: Any, context: TraceContext | None = None, setter: Any = default_setter
    ) -> None:
        """Write what the propagator writes."""
        self._propagator.inject(carrier, context, setter)

    @property
    def fields(self) -> set[str]:
        """The fields of the propagator."""
        return self._propagator.fields


def invocation_propagator() -> TextMapPropagator:
    """Return the global propagator, wrapped; it may be another one since the last time."""
    propagator = get_global_textmap()
    if not isinstance(propagator, InvocationPropagator):
        propagator = InvocationPropagator(propagator)
        set_global_textmap(propagator)
    return propagator
