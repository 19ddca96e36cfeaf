"""The parent of an invocation's span, and the links to the messages that it processes.

All is read from the event and the invocation, and nothing from ``os.environ``, where the trace of
another invocation may be.
"""

from __future__ import annotations

from logging import getLogger

from opentelemetry.context import Context as TraceContext
from opentelemetry.propagate import get_global_textmap
from opentelemetry.trace import (
    INVALID_SPAN,
    Link,
    NonRecordingSpan,
    SpanContext,
    TraceFlags,
    get_current_span,
    set_span_in_context,
)

from ._carrier import strings
from ._propagator import invocation_propagator

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from opentelemetry.propagators.textmap import TextMapPropagator

    from lambda_runtime import Context

    from ._trigger import Message

_log = getLogger("lambda_otel")
_XRAY = "x-amzn-trace-id"
ROOT = set_span_in_context(INVALID_SPAN, TraceContext())
"""The context of a span that has no parent."""


# The propagator "xray-lambda" reads the environment, unless there is a span already.
_PLACEHOLDER = NonRecordingSpan(SpanContext(1, 1, is_remote=True))
_NOTHING_YET = set_span_in_context(_PLACEHOLDER, TraceContext())


class _Carrier(dict[str, str]):
    """Headers that are found in any case."""

    def get(self, key: str, default: str | None = None) -> str | None:  # type: ignore[override]
        return super().get(key.lower(), default)


def parent_of(context: Context, headers: Mapping[str, str] | None) -> TraceContext:
    """Return the context that an invocation's span starts in, baggage included.

    The configured propagators decide. Where none are configured and they find nothing, the parent
    is X-Ray's segment of the invocation, if X-Ray has recorded one.

    Args:
        context: The invocation.
        headers: The HTTP headers of its event, by lower-case name, or None.
    """
    propagator = invocation_propagator()
    sent = headers or {}
    client = context.client_context
    if client is not None:
        custom: Mapping[str, object] = client.custom if isinstance(client.custom, dict) else {}
        sent = {**sent, **strings(custom), **context.w3c()}
    header = context.trace_id
    found = ROOT
    if propagator.may_find(sent):
        carrier = _Carrier(sent)
        if header:
            carrier[_XRAY] = header
        found = _extracted(propagator, carrier)
        if get_current_span(found) is not _PLACEHOLDER:
            return found
        found = set_span_in_context(INVALID_SPAN, found)
    if header and "Sampled=1" in header and propagator.follows_xray:
        xray = xray_context(header)
        if xray is not None and xray.trace_flags.sampled:
            return set_span_in_context(NonRecordingSpan(xray), found)
    return found


def links_to(messages: Iterable[Message], most: int | None) -> list[Link]:
    """Return a link to the context of each message that has one.

    Args:
        messages: The messages. Those of SQS have a header of X-Ray's, whatever is configured.
        most: The number of links that a span can have, or None for any: the SDK takes as long for
            each of the others, and drops it.
    """
    links: list[Link] = []
    propagator = get_global_textmap()
    for message in messages:
        if len(links) == most:
            break
        if not message.carrier:
            continue
        found = _extracted(propagator, _Carrier(message.carrier))
        span = get_current_span(found)
        linked = span.get_span_context()
        if span is _PLACEHOLDER:
            xray = xray_context(message.carrier.get(_XRAY, ""))
            if xray is None:
                continue
            linked = xray
        attributes = None if message.id is None else {"messaging.message.id": str(message.id)}
        links.append(Link(linked, attributes))
    return links


def _extracted(propagator: TextMapPropagator, carrier: _Carrier) -> TraceContext:
    try:
        return propagator.extract(carrier, _NOTHING_YET)
    except Exception:  # noqa: BLE001 (it should not: the span is more than its parent)
        _log.warning("The propagator %r has failed", propagator, exc_info=True)
        return _NOTHING_YET


def xray_context(header: str) -> SpanContext | None:
    """Read X-Ray's trace header.

    Args:
        header: Such as ``Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8``.

    Returns:
        The context, or None if the header names no span.
    """
    parts: dict[str, str] = {}
    for part in header.split(";"):
        name, _, value = part.strip().partition("=")
        parts[name] = value
    version, _, trace = parts.get("Root", "").partition("-")
    trace, parent = trace.replace("-", ""), parts.get("Parent", "")
    if version != "1" or len(trace) != 32 or len(parent) != 16:
        return None
    sampled = TraceFlags.SAMPLED if parts.get("Sampled") == "1" else TraceFlags.DEFAULT
    try:
        context = SpanContext(
            int(trace, 16), int(parent, 16), is_remote=True, trace_flags=TraceFlags(sampled)
        )
    except ValueError:
        return None
    return context if context.is_valid else None
