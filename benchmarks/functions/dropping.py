"""A provider of traces whose exporter drops them, so that no collector is measured."""

from __future__ import annotations

from typing import Any

from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult


class Dropping(SpanExporter):
    """Takes spans, and does nothing with them."""

    def export(self, spans: Any) -> SpanExportResult:  # noqa: ARG002 (an exporter)
        """Drop spans."""
        return SpanExportResult.SUCCESS


provider = TracerProvider()
provider.add_span_processor(BatchSpanProcessor(Dropping()))
trace.set_tracer_provider(provider)
