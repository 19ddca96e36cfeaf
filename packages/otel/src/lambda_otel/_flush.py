"""The flush after the response: what was recorded is exported before the environment is frozen."""

from __future__ import annotations

import logging
import os
import sys
from threading import get_ident
from time import monotonic, thread_time

from opentelemetry.metrics import get_meter_provider
from opentelemetry.trace import ProxyTracerProvider, get_tracer_provider

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Self

    from opentelemetry.metrics import MeterProvider
    from opentelemetry.trace import TracerProvider

    from lambda_runtime import Context

    from ._background import Background
    from ._ended_spans import EndedSpans

_log = logging.getLogger("lambda_otel")
_SDK = logging.getLogger("opentelemetry")  # and its exporters
_MARGIN = 0.05  # seconds before the deadline that a flush leaves to the runtime
# While the collector seems to hang, invocations wait this long, and one a minute waits as before.
_SHORT_TIMEOUT = 0.1  # in seconds
_PATIENT_EVERY = 60.0
# An exporter that has not waited for anything so often does not use a connection. It needs no
# thread of its own: the hand-over would take longer than the export.
_HARDLY = 0.000_05  # in seconds
_OFTEN = 20


class Flush:
    """Exports what the providers hold, in the time that an invocation has left.

    Attributes:
        is_due: True if a recorded span has ended. If not, there may still be others.
    """

    def __init__(
        self,
        tracer_provider: TracerProvider | None,
        meter_provider: MeterProvider | None,
        background: Background,
        timeout: float,
    ) -> None:
        """Prepare flushes.

        Args:
            tracer_provider: The provider of traces, or None for the global one.
            meter_provider: The provider of metrics, or None for the global one.
            background: The thread that exports.
            timeout: The longest that an invocation waits, in seconds.
        """
        self._tracer_provider = tracer_provider
        self._meter_provider = meter_provider
        self._background = background
        background.work = self._export
        self._timeout = timeout
        self.is_due = False
        self._is_late = False  # since an export has taken too long, until one is in time
        self._patient_at = 0.0
        self._exports_without_wait = 0  # in a row
        self._has_warned = False
        self._problems = _Problems()
        self._known: tuple[Any, ...] = ()
        self._exporting: list[Any] = []
        self._processors: Any = self  # of no provider yet
        self._holds_spans = True
        self._watched: Any = None  # the provider whose spans are noted
        self._ended_spans: EndedSpans | None = None

    def before_freeze(self, context: Context) -> None:
        """Export, and wait until that is done, or the time for it is over.

        Args:
            context: The invocation, which is answered already.
        """
        if not (self._has_work() or self._is_late):
            return
        self.is_due = False
        if self._exports_without_wait >= _OFTEN:
            self._export()
            return
        limit = min(self._timeout, context.remaining() - _MARGIN)
        is_short = self._is_late and monotonic() < self._patient_at
        if is_short:
            limit = min(limit, _SHORT_TIMEOUT)
        if self._background.run(limit):
            self._is_late = False
            return
        if not is_short:
            self._patient_at = monotonic() + _PATIENT_EVERY
        if not self._is_late:
            self._is_late = True
            _log.warning(
                "Traces were not exported within %.1f s: the export goes on while the next "
                "invocations run. They wait at most %.1f s until an export is in time again",
                max(0.0, limit),
                min(self._timeout, _SHORT_TIMEOUT),
            )

    def of_start(self) -> None:
        """Export the spans of the start, if there are any, before they are in a snapshot.

        A failure is logged as one warning.
        """
        if self._has_work():
            self._background.run(self._timeout)

    def now(self) -> None:
        """Export in this thread. A failure is logged as one warning."""
        self._exports_without_wait = 0  # the next one must not wait for this one
        self._find_providers()
        self._export()

    def _has_work(self) -> bool:
        """Return True if there may be something to export."""
        providers = self._find_providers()
        if len(providers) != 1:  # metrics and logs are not sampled
            return bool(providers) or not self._has_warned
        (provider,) = providers
        processors = getattr(provider, "_active_span_processor", None)
        processors = getattr(processors, "_span_processors", None)
        if processors is not self._processors:  # one may be added at any time
            from ._ended_spans import holds_spans

            self._processors = processors
            self._holds_spans = holds_spans(provider, processors)
        if self.is_due or not self._holds_spans:
            return self._holds_spans
        if provider is not self._watched:
            from ._ended_spans import ended_spans_of

            self._watched, self._ended_spans = provider, ended_spans_of(provider)
        return self._ended_spans is None or self._ended_spans.are_there

    def _export(self) -> None:
        idle = monotonic() - thread_time()
        if self._ended_spans is not None:
            self._ended_spans.are_there = False
        if not self._exporting:
            self._warn_of_no_provider()
            return
        with self._problems as problems:
            for provider in self._exporting:
                try:
                    if provider.force_flush(int(self._timeout * 1000)) is False:
                        problems.add(f"{type(provider).__name__} has more than it could export")
                except Exception as error:  # noqa: BLE001 (an exporter may raise anything)
                    problems.add(f"{type(error).__name__}: {error}")
        if monotonic() - thread_time() - idle < _HARDLY:
            self._exports_without_wait += 1
        else:
            self._exports_without_wait = 0
        if problems.last is not None and not self._is_late:
            _log.warning("Traces or metrics were not exported: %s", problems.last)

    def _warn_of_no_provider(self) -> None:
        if self._has_warned:
            return
        self._has_warned = True
        is_disabled = os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"
        provider = self._tracer_provider or get_tracer_provider()
        # Another one is meant to do nothing.
        if type(provider) is ProxyTracerProvider and not is_disabled:
            _log.warning(
                "No TracerProvider of the SDK is set: spans go nowhere. Call "
                "`set_tracer_provider`, or start the function with `opentelemetry-instrument`"
            )

    def _find_providers(self) -> list[Any]:
        """Return those providers that can export: of traces, metrics and logs."""
        logs = sys.modules.get("opentelemetry._logs")  # if something uses them
        providers = (
            self._tracer_provider or get_tracer_provider(),
            self._meter_provider or _global(get_meter_provider, "_METER_PROVIDER"),
            None if logs is None else _global(logs.get_logger_provider, "_LOGGER_PROVIDER"),
        )
        if providers != self._known:  # one may be set at any time
            self._known = providers
            self._exporting = [each for each in providers if hasattr(each, "force_flush")]
        return self._exporting


def _global(get: Callable[[], Any], name: str) -> Any:
    """Return a global provider, or None without one: the API looks for a variable each time then.

    Args:
        get: The function of the API.
        name: The place of the provider in its module.
    """
    return None if get.__globals__.get(name, get) is None else get()


class _Problems(logging.Handler):
    """Keeps what the SDK logs of a failed export, in this thread: it would say it often."""

    def __init__(self) -> None:
        super().__init__()
        self.last: str | None = None
        self._thread = 0
        self._propagated = True

    def __enter__(self) -> Self:
        self.last = None
        self._thread = get_ident()
        self._propagated, _SDK.propagate = _SDK.propagate, False
        _SDK.handlers.append(self)  # `addHandler` takes a lock for it, at each invocation
        return self

    def __exit__(self, *_: object) -> None:
        _SDK.handlers.remove(self)
        _SDK.propagate = self._propagated

    def add(self, problem: str) -> None:
        self.last = self.last or problem

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno >= logging.WARNING and get_ident() == self._thread:
            self.last = record.getMessage()
        elif self._propagated:
            logging.getLogger().handle(record)
