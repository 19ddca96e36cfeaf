"""Turns tracing on and off for this process."""

from __future__ import annotations

import os
from logging import getLogger

from opentelemetry.trace import get_tracer

from lambda_runtime import (
    register_before_freeze,
    register_before_snapshot,
    register_log_fields,
    register_observer,
)

from ._background import Background
from ._contrib import keep_contrib_quiet
from ._flush import Flush
from ._log_fields import fields_of_records
from ._metrics import FunctionMetrics
from ._tracing import INIT_TYPE, Tracing
from ._version import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from typing import Any

    from opentelemetry.context import Context as TraceContext
    from opentelemetry.metrics import MeterProvider
    from opentelemetry.trace import Tracer, TracerProvider

    from lambda_runtime import Context, Outcome

    from ._log_fields import LogFields

SCHEMA = "https://opentelemetry.io/schemas/1.43.0"
"""The version of the semantic conventions."""

_FLUSH_TIMEOUT = "OTEL_INSTRUMENTATION_AWS_LAMBDA_FLUSH_TIMEOUT"  # in milliseconds
_LOG_FIELDS = "LAMBDA_OTEL_LOG_FIELDS"
# The runtime cancels an `async def` 0.25 s before the deadline: this is for what it cannot cancel.
_TIMEOUT_MARGIN = 0.2

_log = getLogger("lambda_otel")
_background: Background | None = None
_tracing: Tracing | None = None


def instrument(
    *,
    tracer_provider: TracerProvider | None = None,
    meter_provider: MeterProvider | None = None,
    event_context_extractor: Callable[[Any], TraceContext | None] | None = None,
    log_fields: LogFields | None = None,
    flush_timeout: float | None = None,
) -> None:
    """Make one span of each invocation of this process, from its event to its true end.

    Args:
        tracer_provider: The provider of traces; the global one if it is None, also if that is set
            later.
        meter_provider: The provider of metrics, likewise.
        event_context_extractor: Takes the event, as the handler gets it, and returns the context
            that the span starts in. Without one, or where it finds none, the configured propagators
            read the headers.
        log_fields: The ids that log records have: ``"opentelemetry"``, ``"datadog"``, ``"xray"``
            or ``"none"``; a mapping that names ``trace_id``, ``span_id`` and ``trace_flags``; or
            a function of the span's context. The variable ``LAMBDA_OTEL_LOG_FIELDS`` has one of
            the names if it is None.
        flush_timeout: The longest that an invocation waits for the export, in seconds. If it is
            None, ``OTEL_INSTRUMENTATION_AWS_LAMBDA_FLUSH_TIMEOUT`` says it in milliseconds, and
            5 s otherwise.

    Raises:
        ValueError: There is no such form of log fields.
    """
    global _background, _tracing  # noqa: PLW0603 (there is one runtime in a process)
    if _tracing is not None:
        _log.warning("Tracing of invocations is on already: nothing has changed")
        return
    fields = fields_of_records(log_fields or _form_of_environment())
    if _background is None:
        _background = Background(_TIMEOUT_MARGIN)
        register_observer(_observe)
        register_before_freeze(_flush)
        if os.environ.get(INIT_TYPE) == "snap-start":
            # Else each environment that is restored would export the spans of the start.
            register_before_snapshot(_flush_start)
    timeout = _seconds_of_environment() if flush_timeout is None else flush_timeout
    flush = Flush(tracer_provider, meter_provider, _background, timeout)
    tracer = get_tracer("lambda_otel", __version__, tracer_provider, SCHEMA)
    metrics = FunctionMetrics("lambda_otel", __version__, meter_provider, SCHEMA)
    _tracing = Tracing(tracer, metrics, _background, flush, event_context_extractor)
    register_log_fields(fields)
    keep_contrib_quiet()


def uninstrument() -> None:
    """Stop making spans."""
    global _tracing  # noqa: PLW0603 (as above)
    _tracing = None
    register_log_fields(None)


def current_tracer() -> Tracer:
    """Return the tracer of this package: the one that `instrument` has set up, if it has."""
    return get_tracer("lambda_otel", __version__) if _tracing is None else _tracing.tracer


def _observe(event: Any, context: Context) -> Generator[None, Outcome]:
    tracing = _tracing
    return _nothing() if tracing is None else tracing.observe(event, context)


def _flush(context: Context) -> None:
    if _tracing is not None:
        _tracing.flush.before_freeze(context)


def _flush_start() -> None:
    if _tracing is not None:
        _tracing.flush.of_start()


def _nothing() -> Generator[None, Outcome]:
    yield


def _form_of_environment() -> Any:
    form = os.environ.get(_LOG_FIELDS, "").strip().lower() or "opentelemetry"
    try:
        fields_of_records(form)  # type: ignore[arg-type] # it may be no form at all
    except ValueError as error:
        _log.warning("%s: %s", _LOG_FIELDS, error)
        return "opentelemetry"
    return form


def _seconds_of_environment() -> float:
    value = os.environ.get(_FLUSH_TIMEOUT, "")
    try:
        return max(0, int(value)) / 1000 if value else 5.0
    except ValueError:
        _log.warning("%s=%r is not a number of milliseconds: it is 5000", _FLUSH_TIMEOUT, value)
        return 5.0
