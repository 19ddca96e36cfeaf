"""The common fixtures: a collector, and providers that export to it as functions do."""

from __future__ import annotations

import gzip
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import reload
from typing import TYPE_CHECKING, Any

import pytest
from opentelemetry import propagate
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from lambda_otel import instrument, uninstrument

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

KINDS = ("UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER")
STATUSES = ("UNSET", "OK", "ERROR")


@dataclass
class Span:
    """A span as it has arrived."""

    name: str
    kind: str
    status: str
    message: str
    trace_id: str
    span_id: str
    parent_id: str
    trace_state: str
    seconds: float
    attributes: dict[str, Any]
    events: list[tuple[str, dict[str, Any]]]
    links: list[tuple[str, str]]
    children: list[Span] = field(default_factory=list)

    @property
    def tree(self) -> tuple[str, list[Any]]:
        """Its name, and the trees of its children in the order of their names."""
        return (self.name, sorted(child.tree for child in self.children))


class Collector:
    """A collector of OTLP/HTTP on a free port, which decodes what it gets."""

    def __init__(self) -> None:
        self.status = 200
        self.hold: threading.Event | None = None
        self._traces: list[ExportTraceServiceRequest] = []
        self._metrics: list[ExportMetricsServiceRequest] = []
        self._arrived = threading.Condition()
        collector = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                if collector.hold is not None:
                    collector.hold.wait(20)
                if collector.status == 200:
                    collector.take(self.path, body)
                self.send_response(collector.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (its name)
                """Print nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def take(self, path: str, body: bytes) -> None:
        with self._arrived:
            if path == "/v1/traces":
                self._traces.append(ExportTraceServiceRequest.FromString(body))
            elif path == "/v1/metrics":
                self._metrics.append(ExportMetricsServiceRequest.FromString(body))
            self._arrived.notify_all()

    def clear(self) -> None:
        self._traces.clear()
        self._metrics.clear()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def spans(self) -> list[Span]:
        """All spans, each with its children."""
        spans = [
            _span(span)
            for request in self._traces
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]
        by_id = {span.span_id: span for span in spans}
        assert len(by_id) == len(spans)
        for span in spans:
            if span.parent_id in by_id:
                by_id[span.parent_id].children.append(span)
        return spans

    @property
    def roots(self) -> list[Span]:
        """The spans whose parents are not here."""
        spans = self.spans
        known = {span.span_id for span in spans}
        return [span for span in spans if span.parent_id not in known]

    @property
    def root(self) -> Span:
        (root,) = self.roots
        return root

    @property
    def resources(self) -> list[dict[str, Any]]:
        return [
            _values(resource.resource.attributes)
            for request in self._traces
            for resource in request.resource_spans
        ]

    @property
    def metrics(self) -> dict[str, list[tuple[dict[str, Any], float, int]]]:
        """Points by metric: attributes, the sum, and the count; the last export's."""
        points: dict[str, list[tuple[dict[str, Any], float, int]]] = {}
        for request in self._metrics:
            for resource in request.resource_metrics:
                for scope in resource.scope_metrics:
                    for metric in scope.metrics:
                        data: Any = getattr(metric, metric.WhichOneof("data") or "sum").data_points
                        points[metric.name] = [
                            (
                                _values(point.attributes),
                                getattr(point, "as_int", 0) or getattr(point, "sum", 0.0),
                                getattr(point, "count", 0),
                            )
                            for point in data
                        ]
        return points

    def wait_for(self, is_there: Callable[[list[Span]], bool]) -> list[Span]:
        """Wait until the spans are as they should be."""
        with self._arrived:
            assert self._arrived.wait_for(lambda: is_there(self.spans), 20), self.spans
            return self.spans


def _span(span: Any) -> Span:
    return Span(
        name=span.name,
        kind=KINDS[span.kind],
        status=STATUSES[span.status.code],
        message=span.status.message,
        trace_id=span.trace_id.hex(),
        span_id=span.span_id.hex(),
        parent_id=span.parent_span_id.hex(),
        trace_state=span.trace_state,
        seconds=(span.end_time_unix_nano - span.start_time_unix_nano) / 1e9,
        attributes=_values(span.attributes),
        events=[(event.name, _values(event.attributes)) for event in span.events],
        links=[(link.trace_id.hex(), link.span_id.hex()) for link in span.links],
    )


def _values(attributes: Any) -> dict[str, Any]:
    return {attribute.key: _value(attribute.value) for attribute in attributes}


def _value(value: Any) -> Any:
    if value.WhichOneof("value") == "array_value":
        return [_value(item) for item in value.array_value.values]
    return getattr(value, value.WhichOneof("value"))


@pytest.fixture(scope="session")
def shared_collector() -> Iterator[Collector]:
    collector = Collector()
    yield collector
    collector.close()


@pytest.fixture
def own_collector() -> Iterator[Collector]:
    collector = Collector()
    yield collector
    collector.close()


@pytest.fixture(scope="session")
def shared_providers(shared_collector: Collector) -> Iterator[tuple[TracerProvider, MeterProvider]]:
    tracer_provider = TracerProvider()
    exporter = OTLPSpanExporter(f"{shared_collector.url}/v1/traces", timeout=10)
    tracer_provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=60_000))
    metrics = OTLPMetricExporter(f"{shared_collector.url}/v1/metrics", timeout=10)
    reader = PeriodicExportingMetricReader(metrics, export_interval_millis=3_600_000)
    meter_provider = MeterProvider([reader])
    yield tracer_provider, meter_provider
    tracer_provider.shutdown()
    meter_provider.shutdown()


@pytest.fixture
def collector(shared_collector: Collector) -> Collector:
    shared_collector.clear()
    shared_collector.status = 200
    shared_collector.hold = None
    return shared_collector


@pytest.fixture
def traced(
    collector: Collector, shared_providers: tuple[TracerProvider, MeterProvider]
) -> Iterator[TracerProvider]:
    """Trace the invocations of the test; give the provider for spans of the handler's own."""
    tracer_provider, meter_provider = shared_providers
    instrument(tracer_provider=tracer_provider, meter_provider=meter_provider)
    yield tracer_provider
    uninstrument()


@pytest.fixture
def propagators(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str | None], None]]:
    """Configure propagators, as ``OTEL_PROPAGATORS`` does at the start of a process."""

    def configure(names: str | None) -> None:
        if names is None:
            monkeypatch.delenv("OTEL_PROPAGATORS", raising=False)
        else:
            monkeypatch.setenv("OTEL_PROPAGATORS", names)
        reload(propagate)

    configure(None)
    yield configure
    monkeypatch.undo()
    reload(propagate)
