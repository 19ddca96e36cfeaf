"""The ids of the current span, as fields of log records."""

from __future__ import annotations

from opentelemetry.trace import format_span_id, format_trace_id, get_current_span

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, Literal, TypeAlias

    from opentelemetry.trace import SpanContext

    LogFields: TypeAlias = (
        Literal["opentelemetry", "datadog", "xray", "none"]
        | Mapping[str, str]
        | Callable[[SpanContext], Mapping[str, Any]]
    )


def fields_of_records(form: LogFields) -> Callable[[], Mapping[str, Any]] | None:
    """Return what gives each record its fields, or None for none.

    Args:
        form: A form by its name; names for ``trace_id``, ``span_id`` and ``trace_flags``; or a
            function that makes the fields.

    Raises:
        ValueError: There is no such form, or no such id.
    """
    if form == "none":
        return None
    if isinstance(form, str):
        if form not in _FORMS:
            forms = ", ".join((*_FORMS, "none"))
            raise ValueError(f"log_fields={form!r}: choose one of {forms}")
        make = _FORMS[form]
    elif callable(form):
        make = form
    else:
        make = _named(form)

    def fields() -> Mapping[str, Any]:
        context = get_current_span().get_span_context()
        return make(context) if context.is_valid else {}

    return fields


def _opentelemetry(context: SpanContext) -> dict[str, Any]:
    return {
        "trace_id": format_trace_id(context.trace_id),
        "span_id": format_span_id(context.span_id),
        "trace_flags": f"{context.trace_flags:02x}",
    }


def _datadog(context: SpanContext) -> dict[str, Any]:
    return {
        "dd.trace_id": str(context.trace_id & (1 << 64) - 1),
        "dd.span_id": str(context.span_id),
    }


def _xray(context: SpanContext) -> dict[str, Any]:
    trace = format_trace_id(context.trace_id)
    return {
        "xray_trace_id": f"1-{trace[:8]}-{trace[8:]}",
        "xray_span_id": format_span_id(context.span_id),
    }


def _named(names: Mapping[str, str]) -> Callable[[SpanContext], Mapping[str, Any]]:
    known = {"trace_id", "span_id", "trace_flags"}
    if not known.issuperset(names):
        raise ValueError(f"log_fields names {', '.join(sorted(known))}, not {dict(names)!r}")

    def make(context: SpanContext) -> dict[str, Any]:
        values = _opentelemetry(context)
        return {name: values[field] for field, name in names.items()}

    return make


_FORMS: dict[str, Callable[[SpanContext], Mapping[str, Any]]] = {
    "opentelemetry": _opentelemetry,
    "datadog": _datadog,
    "xray": _xray,
}
