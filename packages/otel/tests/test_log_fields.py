"""Log records with the ids of the span that they were written in."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

import pytest
from opentelemetry.trace import format_span_id, format_trace_id, get_current_span

from lambda_otel import instrument, uninstrument

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from opentelemetry.sdk.trace import TracerProvider

    from lambda_testing import Invoker

FORMS: list[tuple[Any, Callable[[str, str], Mapping[str, Any]]]] = [
    (None, lambda trace, span: {"trace_id": trace, "span_id": span, "trace_flags": "03"}),
    (
        "datadog",
        lambda trace, span: {
            "dd.trace_id": str(int(trace[16:], 16)),
            "dd.span_id": str(int(span, 16)),
        },
    ),
    (
        "xray",
        lambda trace, span: {
            "xray_trace_id": f"1-{trace[:8]}-{trace[8:]}",
            "xray_span_id": span,
        },
    ),
    ({"trace_id": "trace.id"}, lambda trace, span: {"trace.id": trace}),
    (lambda context: {"own": context.span_id}, lambda trace, span: {"own": int(span, 16)}),
    ("none", lambda trace, span: {}),
]


@pytest.fixture
def json_log(monkeypatch: pytest.MonkeyPatch, invoke: Invoker) -> Iterator[None]:
    from lambda_logging import configure

    configure(format="JSON")
    yield
    configure(format="Text")


@pytest.mark.usefixtures("collector", "json_log")
@pytest.mark.parametrize(("form", "expected"), FORMS)
def test_records_have_the_ids_of_the_current_span(
    form: Any,
    expected: Callable[[str, str], Mapping[str, Any]],
    invoke: Invoker,
    shared_providers: tuple[TracerProvider, Any],
    capsys: pytest.CaptureFixture[str],
) -> None:
    from lambda_logging import log

    provider = shared_providers[0]
    tracer = provider.get_tracer("test")
    ids: list[tuple[str, str]] = []

    def write() -> None:
        context = get_current_span().get_span_context()
        ids.append((format_trace_id(context.trace_id), format_span_id(context.span_id)))
        log.info("ours", span_id_of_mine=1)
        logging.getLogger("app").warning("theirs")

    def handler(event: Any) -> None:
        write()
        with tracer.start_as_current_span("child"):
            write()

    instrument(tracer_provider=provider, log_fields=form)
    try:
        invoke(handler, {})
    finally:
        uninstrument()
    log.info("outside")

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    records = [line for line in lines if line["message"] in {"ours", "theirs"}]
    assert len(records) == 4
    for record, (trace, span) in zip(records, [ids[0], ids[0], ids[1], ids[1]], strict=True):
        assert record | expected(trace, span) == record
        assert ("trace_id" in record) is (form is None)
    assert lines[-1]["message"] == "outside"
    assert "trace_id" not in lines[-1]


@pytest.mark.usefixtures("collector")
def test_records_of_text_have_them_too(
    invoke: Invoker,
    shared_providers: tuple[TracerProvider, Any],
    capsys: pytest.CaptureFixture[str],
) -> None:
    from lambda_logging import configure, log

    spans: list[str] = []

    def handler(event: Any) -> None:
        spans.append(format_span_id(get_current_span().get_span_context().span_id))
        log.info("ours", n=1)
        logging.getLogger("app").warning("theirs")

    configure(format="Text")
    instrument(tracer_provider=shared_providers[0], log_fields={"span_id": "span"})
    try:
        invoke(handler, {})
    finally:
        uninstrument()

    ours, theirs = (line for line in capsys.readouterr().out.splitlines() if "span=" in line)
    assert ours.endswith(f"ours span={spans[0]} n=1")
    assert theirs.endswith(f"theirs span={spans[0]}")


@pytest.mark.parametrize("form", ["grafana", {"parent": "x"}])
def test_a_form_that_does_not_exist(form: Any) -> None:
    with pytest.raises(ValueError, match="log_fields"):
        instrument(log_fields=form)
