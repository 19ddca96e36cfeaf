"""The observer that makes one span of each invocation, from its event to its true end."""

from __future__ import annotations

import os
from logging import getLogger

from opentelemetry.context import Context as TraceContext, attach
from opentelemetry.trace import INVALID_SPAN_CONTEXT, get_current_span, set_span_in_context

from lambda_runtime import init_duration

from ._event import trigger_of
from ._invocation_span import InvocationSpan, encodable
from ._old_http import are_wanted, old_attributes
from ._parent import ROOT, links_to, parent_of
from ._propagator import parent_of_invocation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable
    from typing import Any

    from opentelemetry.trace import Link, Tracer

    from lambda_runtime import Context, Outcome

    from ._background import Background
    from ._flush import Flush
    from ._metrics import FunctionMetrics
    from ._trigger import Message

_log = getLogger("lambda_otel")
INIT_TYPE = "AWS_LAMBDA_INITIALIZATION_TYPE"
"""The variable that says how Lambda starts the process."""
_MAX_LINKS = 128  # OpenTelemetry's default
_has_started = False


def is_in_span() -> bool:
    """Return True if the calling code works for an invocation that has a span of this package's."""
    return parent_of_invocation.get() is not None


class Tracing:
    """Makes the spans of a function's invocations.

    Attributes:
        flush: Exports what was recorded.
        tracer: Makes spans.
    """

    def __init__(
        self,
        tracer: Tracer,
        metrics: FunctionMetrics,
        background: Background,
        flush: Flush,
        extract: Callable[[Any], TraceContext | None] | None,
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
        self.flush = flush
        self._extract = extract
        self._wants_old_names = are_wanted()
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
        if invocation.is_recorded:
            self.flush.is_due = True

    def _start(self, event: Any, context: Context) -> InvocationSpan:
        global _has_started
        is_first, _has_started = not _has_started, True
        # Provisioned concurrency starts the process before there is an invocation.
        is_cold = is_first and os.environ.get(INIT_TYPE) != "provisioned-concurrency"
        trigger = trigger_of(context.json_event)
        parent = None if self._extract is None else self._extracted(event)
        if parent is None:
            parent = parent_of(context, trigger.headers)
        attributes = {
            **(self._of_function.get(context.invoked_function_arn) or self._describe(context)),
            "faas.invocation_id": context.aws_request_id,
            "faas.coldstart": is_cold,
            "faas.trigger": trigger.kind,
            **trigger.attributes,
        }
        if self._wants_old_names and trigger.kind == "http":
            attributes |= old_attributes(trigger.attributes)
        name = encodable(trigger.name or context.function_name or "lambda")
        links = None if trigger.messages is None else self._links(trigger.messages)
        span = self.tracer.start_span(name, parent, trigger.span_kind, attributes, links)
        trigger.messages = None  # they refer to the event
        # It stays current for what is done after the response, and ends with the invocation.
        attach(set_span_in_context(span, parent))
        parent_of_invocation.set(
            INVALID_SPAN_CONTEXT if parent is ROOT else get_current_span(parent).get_span_context()
        )
        if is_first:
            self._metrics.started(trigger.kind, init_duration(), cold=is_cold)
        return InvocationSpan(span, name, trigger, self._metrics, self.flush, self._wants_old_names)

    def _links(self, messages: Iterable[Message]) -> list[Link]:
        # One that was made before its provider has the provider's own.
        tracer = getattr(self.tracer, "_tracer", self.tracer)
        limits = getattr(tracer, "_span_limits", None)
        return links_to(messages, getattr(limits, "max_links", _MAX_LINKS))

    def _extracted(self, event: Any) -> TraceContext | None:
        """Return the parent's context by the function's own extractor, if it finds one."""
        extract: Any = self._extract
        try:
            found: Any = extract(event)
        except Exception:  # noqa: BLE001 (a function may raise anything)
            _log.warning("event_context_extractor has failed", exc_info=True)
            return None
        if isinstance(found, TraceContext):
            return found
        if found is not None:
            _log.warning("event_context_extractor has returned %r, not a context", found)
        return None

    def _describe(self, context: Context) -> dict[str, Any]:
        """Return the attributes that all invocations by one ARN have."""
        known: dict[str, Any] = {}
        arn = context.invoked_function_arn
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
