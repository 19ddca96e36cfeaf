"""The instrumentor that ``opentelemetry-instrument`` finds by its entry point."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opentelemetry.instrumentation import instrumentor

from ._instrument import instrument, uninstrument

if TYPE_CHECKING:
    from collections.abc import Collection

_OPTIONS = (
    "tracer_provider",
    "meter_provider",
    "event_context_extractor",
    "log_fields",
    "flush_timeout",
)


class LambdaRuntimeInstrumentor(
    instrumentor.BaseInstrumentor  # type: ignore[misc,name-defined] # its module has no types
):
    """Makes one span of each invocation, from its event to its true end.

    Its ``instrument`` takes the options of `lambda_otel.instrument`, which does the same and loads
    less.
    """

    def instrumentation_dependencies(self) -> Collection[str]:
        """Return the packages that have to be there: none but this one's own."""
        return ()

    def _instrument(self, **kwargs: Any) -> None:
        instrument(**{name: kwargs.get(name) for name in _OPTIONS})

    def _uninstrument(self, **_: Any) -> None:
        uninstrument()
