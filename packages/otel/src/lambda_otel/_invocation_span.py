"""The span of one invocation, from its start to its end, whoever ends it."""

from __future__ import annotations

import sys
import traceback
from _thread import allocate_lock, get_ident
from time import perf_counter

from opentelemetry.trace import StatusCode

from lambda_runtime import Fault

from ._metrics import TIMED_OUT
from ._old_http import OLD_STATUS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from opentelemetry.trace import Span

    from lambda_runtime import Outcome

    from ._flush import Flush
    from ._metrics import FunctionMetrics
    from ._trigger import Trigger


class InvocationSpan:
    """The span of one invocation. It ends once, whoever ends it.

    Attributes:
        is_recorded: True if the span is recorded: the sampler decides it at the start.
    """

    __slots__ = (
        "_begin",
        "_ended",
        "_flush",
        "_has_old_names",
        "_metrics",
        "_name",
        "_span",
        "_thread",
        "_trigger",
        "is_recorded",
    )

    def __init__(
        self,
        span: Span,
        name: str,
        trigger: Trigger,
        metrics: FunctionMetrics,
        flush: Flush,
        has_old_names: bool,
    ) -> None:
        self._begin = perf_counter()
        self.is_recorded = span.is_recording()
        self._ended = allocate_lock()
        self._span = span
        self._name = name
        self._trigger = trigger
        self._metrics = metrics
        self._flush = flush
        self._has_old_names = has_old_names
        self._thread = get_ident()

    def end(self, outcome: Outcome, route: str | None) -> None:
        """End the span, unless it has timed out.

        Args:
            outcome: The end of the invocation.
            route: The route of the request that an application has found, or None.
        """
        if not self._ended.acquire(blocking=False):
            return
        span, trigger, error = self._span, self._trigger, outcome.error
        is_open = span.is_recording()  # else the function has ended it
        try:
            if is_open:
                if route is not None:
                    self._take_route(route)
                status = _status_of(outcome, trigger) if trigger.kind == "http" else None
                if status is not None:
                    span.set_attribute("http.response.status_code", status)
                    if self._has_old_names:
                        span.set_attribute(OLD_STATUS, status)
                if error is not None:
                    stack = "".join(traceback.format_exception(error))
                    message = _message_of(error)
                    _fail(span, _error_type_of(error), message)
                    _add_exception(span, _class_of(error), message, stack)
                elif status is not None and status >= 500:
                    _fail(span, str(status))
        finally:
            self._close(is_open, None if error is None else _error_type_of(error))

    def _take_route(self, route: str) -> None:
        """Name the span by a route, unless the function has named it itself."""
        span, given = self._span, self._trigger.attributes
        attributes = getattr(span, "attributes", None) or {}  # not every SDK's has them
        if attributes.get("http.route") == given.get("http.route"):
            span.set_attribute("http.route", route)
        method = given.get("http.request.method")
        if method is not None and getattr(span, "name", None) == self._name:
            name = f"{'HTTP' if method == '_OTHER' else method} {route}"
            span.update_name(encodable(name))

    def time_out(self) -> None:
        """End the span of an invocation that Lambda is about to end, and export it."""
        if not self._ended.acquire(blocking=False):
            return
        span = self._span
        message = f"Task timed out after {perf_counter() - self._begin:.2f} seconds"
        is_open = span.is_recording()
        try:
            if is_open:
                _fail(span, TIMED_OUT, message)
                frame = sys._current_frames().get(self._thread)  # noqa: SLF001 (it is public)
                stack = "".join(traceback.format_stack(frame)) if frame is not None else ""
                _add_exception(span, TIMED_OUT, message, stack)
        finally:
            self._close(is_open, TIMED_OUT)
            self._flush.now()

    def _close(self, is_open: bool, error_type: str | None) -> None:
        if is_open:
            self._span.end()
        self._metrics.ended(self._trigger.kind, perf_counter() - self._begin, error_type)


def encodable(text: str) -> str:
    """Return a text that OTLP can hold: one lone surrogate would lose the whole export.

    Args:
        text: Any text, such as an exception's.
    """
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def _fail(span: Span, error_type: str, description: str | None = None) -> None:
    span.set_attribute("error.type", error_type)
    span.set_status(StatusCode.ERROR, None if description is None else encodable(description))


def _add_exception(span: Span, kind: str, message: str, stack: str) -> None:
    # Not `record_exception`, which raises what the exception's own `__str__` does.
    attributes = {
        "exception.type": kind,
        "exception.message": encodable(message),
        "exception.stacktrace": encodable(stack),
    }
    span.add_event("exception", attributes)


def _error_type_of(error: BaseException) -> str:
    return error.error_type if isinstance(error, Fault) else _class_of(error)


def _class_of(error: BaseException) -> str:
    kind = type(error)
    name = kind.__qualname__
    return name if kind.__module__ == "builtins" else f"{kind.__module__}.{name}"


def _message_of(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001 (whatever a user's __str__ raises)
        return f"<{type(error).__name__} whose str() raises>"


def _status_of(outcome: Outcome, trigger: Trigger) -> int | None:
    """Return the HTTP status that the caller gets, as far as the function decides it."""
    if outcome.prelude is not None:
        return outcome.prelude.status_code
    if outcome.error is not None:
        return None
    value = outcome.value
    if isinstance(value, dict):
        status = value.get("statusCode")
    else:
        status = getattr(value, "status_code", None)
    if isinstance(status, str) and len(status) == 3 and status.isascii() and status.isdecimal():
        status = int(status)
    if isinstance(status, bool) or not isinstance(status, int):
        return trigger.implied_status
    return status if 100 <= status <= 999 else None
