"""The global propagator, wrapped so that spans of web frameworks are below the invocation's.

Frameworks and their instrumentations read the headers of a request, too. The parent that they find
is that of the invocation's span, so theirs would be its sibling.
"""

from __future__ import annotations

import os
from _contextvars import ContextVar

from opentelemetry.propagate import get_global_textmap, set_global_textmap
from opentelemetry.propagators.composite import CompositePropagator
from opentelemetry.propagators.textmap import TextMapPropagator, default_getter, default_setter
from opentelemetry.trace import get_current_span, set_span_in_context

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from opentelemetry.context import Context as TraceContext
    from opentelemetry.trace import SpanContext

_DEFAULT_FIELDS = {"traceparent", "tracestate", "baggage"}
_OF_W3C = frozenset(
    (
        ("opentelemetry.trace.propagation.tracecontext", "TraceContextTextMapPropagator"),
        ("opentelemetry.baggage.propagation", "W3CBaggagePropagator"),
    )
)

parent_of_invocation: ContextVar[SpanContext | None] = ContextVar(
    "lambda_otel_parent_of_invocation", default=None
)
"""The parent of the span of the invocation that the calling code works for; None without one."""


class InvocationPropagator(TextMapPropagator):
    """Extracts what another propagator does, with the current span for the invocation's parent.

    Attributes:
        follows_xray: True if X-Ray's segment is the parent where the propagator finds none: if
            nobody has configured propagators, or disabled this.
    """

    def __init__(self, propagator: TextMapPropagator) -> None:
        """Wrap a propagator.

        Args:
            propagator: The one that is configured.
        """
        self._propagator = propagator
        self._is_w3c = _is_w3c(propagator)
        self.follows_xray = not (
            os.environ.get("OTEL_PROPAGATORS")
            or propagator.fields != _DEFAULT_FIELDS
            or _is_true(os.environ.get("OTEL_LAMBDA_DISABLE_AWS_CONTEXT_PROPAGATION", ""))
        )

    def may_find(self, carrier: Mapping[str, str]) -> bool:
        """Return True if a carrier may have something to extract.

        Args:
            carrier: Strings by lower-case name.
        """
        return not self._is_w3c or "traceparent" in carrier or "baggage" in carrier

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


def invocation_propagator() -> InvocationPropagator:
    """Return the global propagator, wrapped; it may be another one since the last time."""
    propagator = get_global_textmap()
    if not isinstance(propagator, InvocationPropagator):
        propagator = InvocationPropagator(propagator)
        set_global_textmap(propagator)
    return propagator


def _is_w3c(propagator: TextMapPropagator) -> bool:
    """Return True if a propagator reads only W3C's headers, as the default one does."""
    if type(propagator) is not CompositePropagator:
        return False
    parts = getattr(propagator, "_propagators", [propagator])
    return _OF_W3C.issuperset((type(part).__module__, type(part).__qualname__) for part in parts)


def _is_true(value: str) -> bool:
    return value.strip().lower() in {"1", "t", "true"}
