"""The metrics of a function, as a collector gets them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader

from lambda_otel import instrument, uninstrument

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lambda_testing import Invoker

    from .conftest import Collector


@pytest.fixture
def measured(own_collector: Collector) -> Iterator[None]:
    exporter = OTLPMetricExporter(f"{own_collector.url}/v1/metrics")
    provider = MeterProvider(
        [PeriodicExportingMetricReader(exporter, export_interval_millis=3_600_000)]
    )
    instrument(meter_provider=provider)
    yield
    uninstrument()
    provider.shutdown()


@pytest.mark.usefixtures("measured")
def test_invocations_errors_and_timeouts_are_counted_by_trigger(
    own_collector: Collector, invoke: Invoker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lambda_otel._tracing._has_started", False)
    monkeypatch.setattr("lambda_otel._tracing.init_duration", lambda: 0.25)

    async def late(event: Any) -> None:
        await asyncio.sleep(60)

    def failing(event: Any) -> None:
        raise KeyError(event)

    for _ in range(2):
        invoke(lambda event: None, {})
    invoke(lambda event: None, {"Records": [{"eventSource": "aws:s3"}]})
    invoke(failing, {})
    invoke(late, {}, timeout=30.4, deadline_margin=30)  # which leaves time for the export

    metrics = own_collector.metrics
    other, data = {"faas.trigger": "other"}, {"faas.trigger": "datasource"}
    assert metrics["faas.invocations"] == [(other, 2, 0), (data, 1, 0)]
    assert metrics["faas.errors"] == [(other, 2, 0)]
    assert metrics["faas.timeouts"] == [(other, 1, 0)]
    assert metrics["faas.coldstarts"] == [(other, 1, 0)]
    assert metrics["faas.init_duration"] == [(other, 0.25, 1)]
    assert [(point[0], point[2]) for point in metrics["faas.invoke_duration"]] == [
        (other, 4),
        (data, 1),
    ]


@pytest.mark.usefixtures("measured")
def test_provisioned_concurrency_has_no_cold_start(
    own_collector: Collector, invoke: Invoker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lambda_otel._tracing._has_started", False)
    monkeypatch.setenv("AWS_LAMBDA_INITIALIZATION_TYPE", "provisioned-concurrency")

    invoke(lambda event: None, {})

    assert "faas.coldstarts" not in own_collector.metrics
