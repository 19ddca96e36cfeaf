"""The traces of invocations, as functions send them in OTLP/HTTP."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from ._bus_events import Traced
from ._otlp import read_spans

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ._bus import Bus
    from ._otlp import Span

_MAX_TRACES = 200
_MAX_SPANS = 500  # of a trace
_INVOCATION = "faas.invocation_id"


class Traces:
    """The newest traces. Those of invocations become events of the bus, and are in its history."""

    def __init__(self, bus: Bus) -> None:
        """Keep traces.

        Args:
            bus: Publishes those of invocations.
        """
        self._bus = bus
        self._traces: OrderedDict[str, dict[str, Span]] = OrderedDict()

    def add(self, body: bytes, *, is_json: bool) -> None:
        """Add the spans of a request.

        Args:
            body: The request.
            is_json: True for JSON, False for protobuf.

        Raises:
            ValueError: It is not a request of OTLP.
        """
        changed: dict[str, None] = {}
        for span in read_spans(body, is_json=is_json):
            trace = self._traces.setdefault(span.trace_id, {})
            self._traces.move_to_end(span.trace_id)
            if len(trace) < _MAX_SPANS:
                trace[span.span_id] = span
            changed[span.trace_id] = None
        while len(self._traces) > _MAX_TRACES:
            self._traces.popitem(last=False)
        for trace_id in changed:
            self._publish(self._traces.get(trace_id, {}))

    def _publish(self, trace: dict[str, Span]) -> None:
        children: dict[str, list[Span]] = {}
        for span in sorted(trace.values(), key=lambda span: span.start):
            children.setdefault(span.parent_id, []).append(span)
        for root in trace.values():
            request_id = root.attributes.get(_INVOCATION)
            record = None if request_id is None else self._bus.history.find(str(request_id))
            if record is not None:
                record.spans = [_shown(*item, root.start) for item in _below(root, children)]
                self._bus.publish(
                    Traced(
                        function=record.function, request_id=record.request_id, spans=record.spans
                    )
                )


def _below(root: Span, children: dict[str, list[Span]]) -> Iterator[tuple[Span, int]]:
    """Yield a span and all below it, parents first, each with its depth."""
    pending, seen = [(root, 0)], set[str]()
    while pending:
        span, depth = pending.pop()
        if span.span_id in seen:
            continue  # spans that are each other's parents
        seen.add(span.span_id)
        yield span, depth
        pending += [(child, depth + 1) for child in reversed(children.get(span.span_id, []))]


def _shown(span: Span, depth: int, begin: float) -> dict[str, Any]:
    """Return what a page shows of a span; times are in milliseconds, after the first one's."""
    return {
        "name": span.name,
        "kind": span.kind,
        "depth": depth,
        "start_ms": round((span.start - begin) * 1000, 3),
        "duration_ms": round((span.end - span.start) * 1000, 3),
        "failed": span.failed,
        "attributes": span.attributes,
    }
