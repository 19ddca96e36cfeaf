"""The metrics of a function, by the conventions for FaaS."""

from __future__ import annotations

from opentelemetry.metrics import get_meter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from opentelemetry.metrics import MeterProvider

TIMED_OUT = "Sandbox.Timedout"
"""The error type of an invocation that took too long, by Lambda's name."""

_BOUNDARIES = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]


class FunctionMetrics:
    """Counts a function's invocations, and measures them."""

    def __init__(
        self, name: str, version: str, provider: MeterProvider | None, schema: str
    ) -> None:
        """Make the instruments.

        Args:
            name: The name of what measures.
            version: The version.
            provider: The provider, or None for the global one.
            schema: The URL of the conventions.
        """
        meter = get_meter(name, version, provider, schema)
        self._invocations = meter.create_counter(
            "faas.invocations", "{invocation}", "Number of successful invocations."
        )
        self._errors = meter.create_counter(
            "faas.errors", "{error}", "Number of invocation errors."
        )
        self._timeouts = meter.create_counter(
            "faas.timeouts", "{timeout}", "Number of invocation timeouts."
        )
        self._cold_starts = meter.create_counter(
            "faas.coldstarts", "{coldstart}", "Number of invocation cold starts."
        )
        self._invoke_duration = meter.create_histogram(
            "faas.invoke_duration",
            "s",
            "Measures the duration of the function's logic execution.",
            explicit_bucket_boundaries_advisory=_BOUNDARIES,
        )
        self._init_duration = meter.create_histogram(
            "faas.init_duration",
            "s",
            "Measures the duration of the function's initialization, such as a cold start.",
            explicit_bucket_boundaries_advisory=_BOUNDARIES,
        )

    def started(self, trigger: str, init_duration: float | None, *, cold: bool) -> None:
        """Count the first invocation of an execution environment.

        Args:
            trigger: The trigger.
            init_duration: The duration of the init phase, in seconds, or None if it is not known.
            cold: True if the invocation had to wait for the start.
        """
        attributes = {"faas.trigger": trigger}
        if cold:
            self._cold_starts.add(1, attributes)
        if init_duration is not None:
            self._init_duration.record(init_duration, attributes)

    def ended(self, trigger: str, duration: float, error_type: str | None) -> None:
        """Count an invocation.

        Args:
            trigger: The trigger.
            duration: The duration of the invocation, in seconds.
            error_type: The type of its failure, or None.
        """
        attributes = {"faas.trigger": trigger}
        self._invoke_duration.record(duration, attributes)
        if error_type is None:
            self._invocations.add(1, attributes)
            return
        self._errors.add(1, attributes)
        if error_type == TIMED_OUT:
            self._timeouts.add(1, attributes)
