"""The export after the response: in time, and never at the expense of the answer."""

from __future__ import annotations

import gc
import logging
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import (
    BatchSpanProcessor,
    SimpleSpanProcessor,
    SpanExporter,
    SpanExportResult,
)
from opentelemetry.sdk.trace.sampling import Decision, Sampler, SamplingResult

from lambda_otel import instrument, uninstrument

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from opentelemetry.sdk.trace import ReadableSpan

    from lambda_testing import Invoker

    from .conftest import Collector


class Exporter(SpanExporter):
    """Keeps the names of spans, and what the test does on the way."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.provider = TracerProvider()
        self._exported = threading.Condition()
        self.released = threading.Event()
        self.released.set()
        self.error: Exception | None = None

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self.released.wait(20)
        if self.error is not None:
            raise self.error
        with self._exported:
            self.names += [span.name for span in spans]
            self._exported.notify_all()
        return SpanExportResult.SUCCESS

    def wait_for(self, count: int) -> None:
        with self._exported:
            assert self._exported.wait_for(lambda: len(self.names) == count, 20)

    def shutdown(self) -> None:
        self.released.set()


@pytest.fixture
def exporter() -> Iterator[Exporter]:
    exporter = Exporter()
    processor = BatchSpanProcessor(exporter, schedule_delay_millis=3_600_000)
    exporter.provider.add_span_processor(processor)
    instrument(tracer_provider=exporter.provider, flush_timeout=60)
    yield exporter
    exporter.released.set()
    uninstrument()
    exporter.provider.shutdown()


def warnings_in(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


def test_an_export_that_takes_too_long_is_one_warning_and_goes_on(
    exporter: Exporter, invoke: Invoker, caplog: pytest.LogCaptureFixture
) -> None:
    uninstrument()
    instrument(tracer_provider=exporter.provider, flush_timeout=0.2)
    exporter.released.clear()

    begin = time.monotonic()
    for _ in range(3):
        invoke(lambda event: None, {})

    assert time.monotonic() - begin < 10  # one export takes 20
    (warning,) = warnings_in(caplog)
    assert "not exported within 0.2 s" in warning
    exporter.released.set()
    invoke(lambda event: None, {})
    exporter.wait_for(4)


def test_a_collector_that_hangs_costs_one_invocation_the_whole_timeout(
    invoke: Invoker, caplog: pytest.LogCaptureFixture
) -> None:
    exporter, provider = Exporter(), TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=3_600_000))
    instrument(tracer_provider=provider, flush_timeout=0.5)
    invoked = 0

    def spent() -> float:
        nonlocal invoked
        invoked += 1
        begin = time.monotonic()
        invoke(lambda event: None, {})
        return time.monotonic() - begin

    try:
        for _ in range(2):
            exporter.released.clear()
            assert spent() >= 0.5
            assert min(spent() for _ in range(2)) < 0.5  # one may be slow on a busy machine
            exporter.released.set()
            while spent() and len(exporter.names) < invoked:  # not in time, for the same reason
                exporter.wait_for(invoked)
    finally:
        exporter.released.set()
        uninstrument()
        provider.shutdown()

    assert exporter.names == ["test-function"] * invoked
    assert len(warnings_in(caplog)) == 2  # one for each time


def test_an_exporter_that_never_waits_has_no_thread_until_it_does(invoke: Invoker) -> None:
    threads: list[str] = []
    alone = threading.current_thread().name

    class Noting(Exporter):
        def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
            threads.append(threading.current_thread().name)
            if threads[-1] == alone:
                time.sleep(0.01)
            return SpanExportResult.SUCCESS

    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(Noting(), schedule_delay_millis=3_600_000))
    instrument(tracer_provider=provider)
    try:
        for _ in range(2000):  # a busy machine may make it wait
            invoke(lambda event: None, {})
            if threads[-1] == alone:
                break
        first_alone = len(threads)
        for _ in range(20):
            invoke(lambda event: None, {})
    finally:
        uninstrument()
        provider.shutdown()

    assert threads[:20] == ["lambda-otel"] * 20
    assert threads[first_alone - 1 :] == [alone, *["lambda-otel"] * 20]


@pytest.mark.parametrize("exporters", [0, 1])
def test_spans_that_are_exported_as_they_end_need_no_export(
    exporters: int, invoke: Invoker, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushes: list[TracerProvider] = []
    monkeypatch.setattr(TracerProvider, "force_flush", lambda self, _: flushes.append(self))
    exporter, provider = Exporter(), TracerProvider()
    for _ in range(exporters):
        provider.add_span_processor(SimpleSpanProcessor(exporter))
    instrument(tracer_provider=provider)
    try:
        for _ in range(2):
            invoke(lambda event: None, {})
    finally:
        uninstrument()
        provider.shutdown()

    assert (exporter.names, flushes) == (["test-function"] * 2 * exporters, [])


def test_the_deadline_bounds_the_export(
    exporter: Exporter, invoke: Invoker, caplog: pytest.LogCaptureFixture
) -> None:
    exporter.released.clear()

    begin = time.monotonic()
    invoke(lambda event: None, {}, timeout=0.1)

    assert time.monotonic() - begin < 10
    assert len(warnings_in(caplog)) == 1


def test_an_exporter_that_raises_is_one_warning(
    exporter: Exporter, invoke: Invoker, caplog: pytest.LogCaptureFixture
) -> None:
    exporter.error = OSError("unreachable")

    assert invoke(lambda event: "answer", {}).value == "answer"

    (warning,) = warnings_in(caplog)
    assert warning.startswith("Traces or metrics were not exported: ")


@pytest.mark.usefixtures("traced")
def test_a_collector_that_refuses_is_one_warning(
    collector: Collector, invoke: Invoker, caplog: pytest.LogCaptureFixture
) -> None:
    collector.status = 400

    assert invoke(lambda event: "answer", {}).value == "answer"

    (warning,) = warnings_in(caplog)
    assert "400" in warning


@pytest.mark.parametrize(("value", "seconds"), [("", 5), ("250", 0.25), ("soon", 5)])
def test_the_timeout_of_the_environment(
    value: str, seconds: float, invoke: Invoker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_INSTRUMENTATION_AWS_LAMBDA_FLUSH_TIMEOUT", value)
    timeouts: list[int] = []

    class Provider(TracerProvider):
        def force_flush(self, timeout_millis: int = 30_000) -> bool:
            timeouts.append(timeout_millis)
            return True

    provider = Provider()
    instrument(tracer_provider=provider)
    try:
        invoke(lambda event: None, {})
    finally:
        uninstrument()
        provider.shutdown()

    assert timeouts == [seconds * 1000]


def test_managed_instances_leave_it_to_the_processors(
    invoke: Invoker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_LAMBDA_MAX_CONCURRENCY", "8")
    exporter, provider = Exporter(), TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=3_600_000))
    instrument(tracer_provider=provider)
    try:
        invoke(lambda event: None, {})
        assert exporter.names == []
    finally:
        uninstrument()
        provider.shutdown()

    assert exporter.names == ["test-function"]


def test_without_a_provider_there_is_one_warning(
    invoke: Invoker, caplog: pytest.LogCaptureFixture
) -> None:
    instrument()
    try:
        for _ in range(2):
            assert invoke(lambda event: "answer", {}).value == "answer"
    finally:
        uninstrument()

    (warning,) = warnings_in(caplog)
    assert "No TracerProvider" in warning


class OneName(Sampler):
    """Records the spans of one name."""

    def __init__(self, name: str) -> None:
        self.name = name

    def should_sample(
        self, parent_context: Any, trace_id: int, name: str, *args: Any, **kwargs: Any
    ) -> SamplingResult:
        return SamplingResult(Decision.RECORD_AND_SAMPLE if name == self.name else Decision.DROP)

    def get_description(self) -> str:
        return f"OneName({self.name})"


def test_an_invocation_that_is_not_sampled_is_exported_only_if_something_else_is(
    invoke: Invoker,
) -> None:
    exporter = Exporter()
    flushes: list[float] = []

    class Provider(TracerProvider):
        def force_flush(self, timeout_millis: int = 30_000) -> bool:
            flushes.append(timeout_millis)
            return super().force_flush(timeout_millis)

    provider = Provider(sampler=OneName("child"))
    provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=3_600_000))
    tracer = provider.get_tracer("test")
    seen: list[tuple[int, list[str]]] = []
    instrument(tracer_provider=provider)
    try:
        for name in ("none", "none", "none", "child", "none", "child"):
            invoke(lambda event: tracer.start_span(event).end(), name)
            seen.append((len(flushes), [*exporter.names]))
    finally:
        uninstrument()
        provider.shutdown()

    first = seen[0][0]  # there may have been spans before
    assert seen[1:] == [
        (first, []),
        (first, []),
        (first + 1, ["child"]),
        (first + 1, ["child"]),
        (first + 2, ["child", "child"]),
    ]


def test_10_000_invocations_leave_nothing_behind(exporter: Exporter, invoke: Invoker) -> None:
    def handler(event: Any) -> None:
        """Only what is around it counts."""

    from lambda_runtime.in_process import InProcess

    headers = {
        "lambda-runtime-aws-request-id": "id",
        "lambda-runtime-deadline-ms": str(int(time.time() * 1000) + 600_000),
    }
    with InProcess(handler) as function:

        def run(count: int) -> int:
            for _ in range(count):
                function.invoke(headers, b"{}")
            exporter.names.clear()
            gc.collect()
            return sys.getallocatedblocks()

        before = run(500)
        after = run(10_000)

    assert after - before < 5000  # not one block for two invocations
