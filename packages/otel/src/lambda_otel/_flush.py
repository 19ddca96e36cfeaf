"""The flush after the response: what was recorded is exported before the environment is frozen."""

from __future__ import annotations

import logging
import sys
from threading import get_ident

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Self

    from lambda_runtime import Context

    from ._background import Background

_log = logging.getLogger("lambda_otel")
_SDK = logging.getLogger("opentelemetry")  # and its exporters
_MARGIN = 0.05  # seconds before the deadline that a flush leaves to the runtime


class Flush:
    """Exports what the providers hold, in the time that an invocation has left."""

    def __init__(
        self, providers: Callable[[], list[Any]], background: Background, timeout: float
    ) -> None:
        """Prepare flushes.

        Args:
            providers: Returns the providers of traces, metrics and logs that there are now.
            background: The thread that exports.
            timeout: The longest that an invocation waits, in seconds.
        """
        self._providers = providers
        self._background = background
        background.work = self.now
        self._timeout = timeout
        self._is_late = False
        self._has_warned = False
        self._problems = _Problems()

    def after_response(self, context: Context) -> None:
        """Export, and wait until that is done, or the time for it is over.

        Args:
            context: The invocation, which is answered already.
        """
        limit = max(0.0, min(self._timeout, context.remaining() - _MARGIN))
        was_late, self._is_late = self._is_late, not self._background.run(limit)
        if self._is_late and not was_late:
            _log.warning(
                "Traces were not exported within %.1f s: the export goes on while the next "
                "invocation runs",
                limit,
            )

    def now(self) -> None:
        """Export. A failure is logged as one warning."""
        providers = self._providers()
        if not providers and not self._has_warned:
            self._has_warned = True
            _log.warning(
                "No TracerProvider of the SDK is set: spans go nowhere. Call "
                "`set_tracer_provider`, or start the function with `opentelemetry-instrument`"
            )
        with self._problems as problems:
            for provider in providers:
                try:
                    if provider.force_flush(int(self._timeout * 1000)) is False:
                        problems.add(f"{type(provider).__name__} has more than it could export")
                except Exception as error:  # noqa: BLE001 (an exporter may raise anything)
                    problems.add(f"{type(error).__name__}: {error}")
        if problems.last is not None and not self._is_late:
            _log.warning("Traces or metrics were not exported: %s", problems.last)


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
        _SDK.addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        _SDK.removeHandler(self)
        _SDK.propagate = self._propagated

    def add(self, problem: str) -> None:
        self.last = self.last or problem

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno >= logging.WARNING and get_ident() == self._thread:
            self.last = record.getMessage()
        elif self._propagated:
            logging.getLogger().handle(record)


def sdk_providers(tracer_provider: Any, meter_provider: Any) -> list[Any]:
    """Return those providers that can export.

    Args:
        tracer_provider: The provider of traces, or None for the global one.
        meter_provider: The provider of metrics, or None for the global one.
    """
    from opentelemetry import metrics, trace

    logs = sys.modules.get("opentelemetry._logs")  # if something uses them
    providers = (
        tracer_provider or trace.get_tracer_provider(),
        meter_provider or metrics.get_meter_provider(),
        None if logs is None else logs.get_logger_provider(),
    )
    return [provider for provider in providers if hasattr(provider, "force_flush")]
