"""The observer that makes one span of each invocation, from its event to its true end."""

from __future__ import annotations

import json
import os
import sys
import traceback
from threading import Lock, get_ident
from time import perf_counter

from opentelemetry.context import attach
from opentelemetry.trace import StatusCode, get_current_span, set_span_in_context

from lambda_runtime import Fault, init_duration

from ._event import trigger_of
from ._parent import links_to, parent_of
from ._propagator import parent_of_invocation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from typing import Any

    from opentelemetry.context import Context as TraceContext
    from opentelemetry.trace import Span, Tracer

    from lambda_runtime import Context, Outcome

    from ._background import Background
    from ._flush import Flush
    from ._metrics import FunctionMetrics
    from ._trigger import Trigger

TIMED_OUT = "Sandbox.Timedout"
"""The error type of an invocation that took too long, by Lambda's name."""

_INIT_TYPE = "AWS_LAMBDA_INITIALIZATION_TYPE"
_PLAIN = frozenset((dict, list, int, float, bool, type(None)))
_has_started = False


def is_in_span() -> bool:
    """Return True if the calling code works for an invocation that has a span of this package's."""
    return parent_of_invocation.get() is not None


class Tracing:
    """Makes the spans of a function's invocations.

    Attributes:
        tracer: Makes spans.
    """

    def __init__(
        self,
        tracer: Tracer,
        metrics: FunctionMetrics,
        background: Background,
        flush: Flush,
        extract: Callable[[Any], TraceContext] | None,
    ) -> None:
        """Prepare spans.

        Args:
            tracer: Makes spans.
            metrics: Counts the invocations.
            background: Watches the deadlines.
            flush: Exports what was recorded.
            extract: Returns the parent's context for an event, in place of what is configured.
        """
        self.tracer = tracer
        self._metrics = metrics
        self._background = background
        self._flush = flush
        self._extract = extract
        # Managed Instances are not frozen: the processors export when they are due.
        self._is_frozen = "AWS_LAMBDA_MAX_CONCURRENCY" not in os.environ
        self._of_function: dict[str | None, dict[str, Any]] = {}

    def observe(self, event: Any, context: Context) -> Generator[None, Outcome]:
        """Make the span of an invocation, as an observer.

        Args:
            event: The event, as the handler gets it.
            context: The handler's context.
        """
        invocation = self._start(event, context)
        self._background.watch(context, invocation.time_out)
        outcome = yield
        self._background.unwatch(context)
        invocation.end(outcome, context.http_route)
        if self._is_frozen:
            context.after_response(self._flush.after_response, context)

    def _start(self, event: Any, context: Context) -> InvocationSpan:
        global _has_started
        is_first, _has_started = not _has_started, True
        # Provisioned concurrency starts the process before there is an invocation.
        is_cold = is_first and os.environ.get(_INIT_TYPE) != "provisioned-concurrency"
        trigger = trigger_of(_json(event, context))
        if self._extract is not None:
            parent = self._extract(event)
        else:
            parent = parent_of(context, trigger.headers)
        attributes = {
            **self._function(context),
            "faas.invocation_id": context.aws_request_id,
            "faas.coldstart": is_cold,
            "faas.trigger": trigger.kind,
            **trigger.attributes,
        }
        name = trigger.name or context.function_name or "lambda"
        span = self.tracer.start_span(
            name,
            parent,
            trigger.span_kind,
            attributes,
            links_to(trigger.messages) if trigger.messages else None,
        )
        # It stays current for what is done after the response, and ends with the invocation.
        attach(set_span_in_context(span, parent))
        parent_of_invocation.set(get_current_span(parent).get_span_context())
        if is_first:
            self._metrics.started(trigger.kind, init_duration(), cold=is_cold)
        return InvocationSpan(span, name, trigger, self._metrics, self._flush)

    def _function(self, context: Context) -> dict[str, Any]:
        """Return the attributes that all invocations by one ARN have."""
        arn = context.invoked_function_arn
        known = self._of_function.get(arn)
        if known is None:
            known = {}
            if len(self._of_function) < 100:  # aliases are few, and may be anything
                self._of_function[arn] = known
            parts = (arn or "").split(":")
            if len(parts) >= 7:
                known["aws.lambda.invoked_arn"] = arn
                known["cloud.account.id"] = parts[4]
                version = context.function_version
                if len(parts) > 7 and version and version != "$LATEST":
                    parts[7] = version  # in the place of an alias
                    known["cloud.resource_id"] = ":".join(parts[:8])
                else:
                    known["cloud.resource_id"] = ":".join(parts[:7])
            megabytes = context.memory_limit_in_mb
            if megabytes and megabytes.isdecimal():
                known["faas.max_memory"] = int(megabytes) * 1024 * 1024
        return known


class InvocationSpan:
    """The span of one invocation. It ends once, whoever ends it."""

    __slots__ = ("_begin", "_ended", "_flush", "_metrics", "_name", "_span", "_thread", "_trigger")

    def __init__(
        self, span: Span, name: str, trigger: Trigger, metrics: FunctionMetrics, flush: Flush
    ) -> None:
        self._begin = perf_counter()
        self._ended = Lock()
        self._span = span
        self._name = name
        self._trigger = trigger
        self._metrics = metrics
        self._flush = flush
        self._thread = get_ident()

    def end(self, outcome: Outcome, route: str | None) -> None:
        """End the span, unless it has timed out.

        Args:
            outcome: The end of the invocation.
            route: The route of the request that an application has found, or None.
        """
        if not self._ended.acquire(blocking=False):
            return
        span, error = self._span, outcome.error
        timed_out = isinstance(error, Fault) and error.error_type == TIMED_OUT
        try:
            if span.is_recording():
                if route is not None:
                    self._take_route(route)
                status = _status_of(outcome, self._trigger)
                if status is not None:
                    span.set_attribute("http.response.status_code", status)
                if error is not None:
                    stack = "".join(traceback.format_exception(error))
                    message = _message_of(error)
                    _fail(span, _error_type_of(error), message)
                    _add_exception(span, _class_of(error), message, stack)
                elif status is not None and status >= 500:
                    _fail(span, str(status))
        finally:
            self._close(failed=error is not None, timed_out=timed_out)

    def _take_route(self, route: str) -> None:
        """Name the span by a route, unless the function has named it itself."""
        span, given = self._span, self._trigger.attributes
        attributes = getattr(span, "attributes", None) or {}  # not every SDK's has them
        if attributes.get("http.route") == given.get("http.route"):
            span.set_attribute("http.route", route)
        method = given.get("http.request.method")
        if method is not None and getattr(span, "name", None) == self._name:
            span.update_name(f"{'HTTP' if method == '_OTHER' else method} {route}")

    def time_out(self) -> None:
        """End the span of an invocation that Lambda is about to end, and export it."""
        if not self._ended.acquire(blocking=False):
            return
        span = self._span
        message = f"Task timed out after {perf_counter() - self._begin:.2f} seconds"
        try:
            if span.is_recording():
                _fail(span, TIMED_OUT, message)
                frame = sys._current_frames().get(self._thread)  # noqa: SLF001 (it is public)
                stack = "".join(traceback.format_stack(frame)) if frame is not None else ""
                _add_exception(span, TIMED_OUT, message, stack)
        finally:
            self._close(failed=True, timed_out=True)
            self._flush.now()

    def _close(self, *, failed: bool, timed_out: bool) -> None:
        self._span.end()
        duration = perf_counter() - self._begin
        self._metrics.ended(self._trigger.kind, duration, failed=failed, timed_out=timed_out)


def _json(event: Any, context: Context) -> Any:
    """Return the event as JSON has it: a typed handler gets something else."""
    first = event[0] if type(event) is list and event else None
    if type(event) in _PLAIN and type(first) in _PLAIN:
        return event
    try:
        return json.loads(context.raw_event)
    except ValueError:  # what a converter of the function's own reads
        return None


def _fail(span: Span, error_type: str, description: str | None = None) -> None:
    span.set_attribute("error.type", error_type)
    span.set_status(StatusCode.ERROR, description)


def _add_exception(span: Span, kind: str, message: str, stack: str) -> None:
    # Not `record_exception`, which raises what the exception's own `__str__` does.
    attributes = {
        "exception.type": kind,
        "exception.message": message,
        "exception.stacktrace": stack,
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
    if trigger.kind != "http":
        return None
    if outcome.prelude is not None:
        return outcome.prelude.status_code
    if outcome.error is not None:
        return None
    value = outcome.value
    if isinstance(value, dict):
        status = value.get("statusCode")
    else:
        status = getattr(value, "status_code", None)
    if isinstance(status, str) and status.isascii() and status.isdecimal():
        return int(status)
    return status if isinstance(status, int) else trigger.implied_status
