"""The parent of a span, its baggage and its links; with the cases of the contrib package."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import TYPE_CHECKING, Any

import pytest
from opentelemetry import baggage, propagate
from opentelemetry.sdk.trace import SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from lambda_otel import instrument, message_span, uninstrument

if TYPE_CHECKING:
    from collections.abc import Callable

    from lambda_testing import Invoker

    from .conftest import Collector

TRACE, PARENT = "5ce0e9a56015fec5aadfa328ae398115", "ab54a98ceb1f0ad2"
W3C = f"00-{TRACE}-{PARENT}-01"
HEADERS = {"traceparent": W3C, "tracestate": "vendor=value,foo=1,bar=2"}

XRAY_TRACE, XRAY_PARENT = "5fb7331105e8bb83207fa31d4d9cdb4c", "3328b8445a6dbad2"
XRAY = f"Root=1-{XRAY_TRACE[:8]}-{XRAY_TRACE[8:]};Parent={XRAY_PARENT}"
SAMPLED, NOT_SAMPLED = f"{XRAY};Sampled=1;Lineage=1:9581a8d4:0", f"{XRAY};Sampled=0"

OF_W3C, OF_XRAY, NONE = (TRACE, PARENT), (XRAY_TRACE, XRAY_PARENT), None


@pytest.mark.parametrize(
    ("configured", "event", "options", "parent"),
    [
        (None, {}, {}, NONE),
        (None, {"headers": HEADERS}, {}, OF_W3C),
        (None, {"headers": {"TraceParent": W3C}}, {}, OF_W3C),
        (None, {"headers": None, "multiValueHeaders": {"Traceparent": [W3C]}}, {}, OF_W3C),
        (None, {"headers": HEADERS}, {"trace_id": SAMPLED}, OF_W3C),
        (None, {"headers": {"traceparent": "nonsense"}}, {"trace_id": SAMPLED}, OF_XRAY),
        (None, {}, {"client_context": {"w3c": HEADERS}}, OF_W3C),
        (None, {}, {"client_context": {"custom": HEADERS}}, OF_W3C),
        (None, [1], {"client_context": {"w3c": HEADERS}}, OF_W3C),
        (None, {"request": {"headers": HEADERS}, "info": {}}, {}, OF_W3C),  # of AppSync
        # Two values of a header count as one, with a comma, which is not a valid parent.
        (None, {"multiValueHeaders": {"traceparent": [W3C, W3C]}}, {}, NONE),
        (None, {"headers": HEADERS, "multiValueHeaders": {"traceparent": [W3C] * 2}}, {}, NONE),
        # X-Ray's segment is the parent where it was recorded, and propagators do not say otherwise.
        (None, {}, {"trace_id": SAMPLED}, OF_XRAY),
        (None, "text", {"trace_id": SAMPLED}, OF_XRAY),
        (None, {}, {"trace_id": NOT_SAMPLED}, NONE),
        (None, {}, {"trace_id": XRAY}, NONE),
        (None, {}, {"trace_id": "Root=1-5759e988-bd862e3fe1be46a994272793"}, NONE),
        (None, {}, {"trace_id": "Root=1-zz;Parent=;Sampled=1;;="}, NONE),
        ("tracecontext", {}, {"trace_id": SAMPLED}, NONE),
        ("none", {"headers": HEADERS}, {"trace_id": SAMPLED}, NONE),
        ("xray-lambda", {}, {"trace_id": SAMPLED}, OF_XRAY),
        ("xray-lambda", {"headers": HEADERS}, {"trace_id": SAMPLED}, OF_XRAY),
        ("xray", {"headers": HEADERS}, {"trace_id": SAMPLED}, OF_XRAY),
        ("xray", {"headers": {"X-Amzn-Trace-Id": SAMPLED}}, {}, OF_XRAY),
        ("xray-lambda,tracecontext", {"headers": HEADERS}, {"trace_id": SAMPLED}, OF_W3C),
        ("tracecontext,xray-lambda", {"headers": HEADERS}, {"trace_id": SAMPLED}, OF_XRAY),
    ],
)
def test_the_parent(
    configured: str | None,
    event: Any,
    options: Any,
    parent: tuple[str, str] | None,
    propagators: Callable[[str | None], None],
    invoke: Invoker,
    collector: Collector,
    traced: TracerProvider,
) -> None:
    propagators(configured)

    invoke(lambda event: None, event, **options)

    root = collector.root
    if parent is None:
        assert root.parent_id == ""
    else:
        assert (root.trace_id, root.parent_id) == parent


def test_the_trace_of_another_invocation_in_the_environment_is_never_the_parent(
    propagators: Callable[[str | None], None],
    invoke: Invoker,
    collector: Collector,
    traced: TracerProvider,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    propagators("tracecontext,baggage,xray-lambda")
    monkeypatch.setenv("AWS_LAMBDA_MAX_CONCURRENCY", "2")
    monkeypatch.setenv("_X_AMZN_TRACE_ID", f"Root=1-{'1' * 8}-{'2' * 24};Parent={'3' * 16}")

    async def handler(event: Any) -> None:
        """Nothing is set in the environment for such a handler."""

    invoke(handler, {}, trace_id=SAMPLED)
    invoke(handler, {})
    traced.force_flush()

    first, second = collector.roots
    assert (first.trace_id, first.parent_id) == OF_XRAY
    assert second.parent_id == ""


def test_tracestate_and_baggage_come_from_all_of_their_headers(
    propagators: Callable[[str | None], None],
    invoke: Invoker,
    collector: Collector,
    traced: TracerProvider,
) -> None:
    seen: list[Any] = []
    lists = {"TraceParent": [W3C], "tracestate": ["a=1", "b=2"], "baggage": ["x=1", "y=2"]}

    invoke(lambda event: seen.append(dict(baggage.get_all())), {"multiValueHeaders": lists})

    assert collector.root.trace_state == "a=1,b=2"
    assert seen == [{"x": "1", "y": "2"}]


@pytest.mark.parametrize("fault", [KeyError("foo"), None, "no context"])
def test_an_extractor_that_finds_nothing_leaves_it_to_the_headers(
    fault: Any,
    propagators: Callable[[str | None], None],
    invoke: Invoker,
    collector: Collector,
    shared_providers: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def extract(event: Any) -> Any:
        if isinstance(fault, Exception):
            raise fault
        return fault

    instrument(tracer_provider=shared_providers[0], event_context_extractor=extract)
    try:
        assert invoke(lambda event: "answer", {"headers": HEADERS}).value == "answer"
    finally:
        uninstrument()

    assert (collector.root.trace_id, collector.root.parent_id) == OF_W3C
    assert len(caplog.records) == (fault is not None)


def test_tracestate_and_baggage_are_the_handlers(
    propagators: Callable[[str | None], None],
    invoke: Invoker,
    collector: Collector,
    traced: TracerProvider,
) -> None:
    seen: list[Any] = []

    def handler(event: Any) -> None:
        seen.append(baggage.get_baggage("order"))
        traced.get_tracer("test").start_span("child").end()

    invoke(handler, {"headers": {**HEADERS, "baggage": "order=7"}})
    invoke(handler, {})

    assert seen == ["7", None]
    assert len(collector.roots) == 2


def test_an_extractor_of_the_functions_own_decides(
    propagators: Callable[[str | None], None],
    invoke: Invoker,
    collector: Collector,
    shared_providers: Any,
) -> None:
    propagators(None)
    instrument(
        tracer_provider=shared_providers[0],
        event_context_extractor=lambda event: propagate.extract(event["foo"]["headers"]),
    )
    try:
        invoke(lambda event: None, {"foo": {"headers": HEADERS}}, trace_id=SAMPLED)
    finally:
        uninstrument()

    assert (collector.root.trace_id, collector.root.parent_id) == OF_W3C


ARN = "arn:aws:sqs:eu-west-1:123456789012:orders"
ATTRIBUTE = {"stringValue": W3C, "dataType": "String"}
NOTICE = {"Type": "Notification", "MessageAttributes": {"traceparent": {"Value": W3C}}}


def sqs(**fields: Any) -> dict[str, Any]:
    return {"eventSource": "aws:sqs", "eventSourceARN": ARN, "messageId": "m1", **fields}


def sns(**fields: Any) -> dict[str, Any]:
    topic = "arn:aws:sns:eu-west-1:123456789012:news"
    return {"EventSource": "aws:sns", "Sns": {"TopicArn": topic, "MessageId": "m1", **fields}}


def kinesis(data: object) -> dict[str, Any]:
    encoded = b64encode(json.dumps(data).encode()).decode()
    stream = "arn:aws:kinesis:eu-west-1:123456789012:stream/clicks"
    return {
        "eventSource": "aws:kinesis",
        "eventSourceARN": stream,
        "eventID": "shard:1",
        "kinesis": {"data": encoded},
    }


RAW = W3C.encode()
KAFKA = {
    "topic": "payments",
    "partition": 3,
    "offset": 15,
    "headers": [{"traceparent": list(RAW)}],
}


@pytest.mark.parametrize(
    ("event", "name", "system", "links"),
    [
        ({"Records": [sqs()]}, "process orders", "aws_sqs", []),
        (
            {"Records": [sqs(messageAttributes={"traceparent": ATTRIBUTE})]},
            "process orders",
            "aws_sqs",
            [OF_W3C],
        ),
        (
            {"Records": [sqs(attributes={"AWSTraceHeader": XRAY})]},
            "process orders",
            "aws_sqs",
            [OF_XRAY],
        ),
        (
            {
                "Records": [
                    sqs(messageAttributes={"TraceParent": ATTRIBUTE}),
                    sqs(),
                    sqs(attributes={"AWSTraceHeader": XRAY}),
                ]
            },
            "process orders",
            "aws_sqs",
            [OF_W3C, OF_XRAY],
        ),
        # A malformed or handmade header does not lose the links of the others.
        (
            {
                "Records": [
                    sqs(messageAttributes={"traceparent": {"stringValue": "00-nonsense"}}),
                    sqs(messageAttributes=5, attributes=[], body={}),
                    sqs(attributes={"AWSTraceHeader": "Root=;Parent=;Sampled"}),
                    sqs(attributes={"AWSTraceHeader": 5}, messageId=None),
                    sqs(body='{"traceparent": ' + "[" * 100_000),
                    None,
                    {"eventSource": "aws:sqs", "messageAttributes": {"TRACEPARENT": ATTRIBUTE}},
                ]
            },
            "process orders",
            "aws_sqs",
            [OF_W3C],
        ),
        (
            {"Records": [sqs(body=json.dumps({"Message": json.dumps(HEADERS)}))]},
            "process orders",
            "aws_sqs",
            [OF_W3C],
        ),
        ({"Records": [sqs(body=json.dumps(NOTICE))]}, "process orders", "aws_sqs", [OF_W3C]),
        (
            {"Records": [sqs(body=json.dumps({"detail": HEADERS}))]},
            "process orders",
            "aws_sqs",
            [OF_W3C],
        ),
        ([sqs(attributes={"AWSTraceHeader": XRAY})], "process orders", "aws_sqs", [OF_XRAY]),
        (
            {"Records": [sqs(), sqs(eventSourceARN=f"{ARN}2")]},
            "multiple_sources process",
            "aws_sqs",
            [],
        ),
        (
            {"Records": [sns(MessageAttributes=NOTICE["MessageAttributes"])]},
            "process news",
            "aws.sns",
            [OF_W3C],
        ),
        ({"Records": [kinesis(HEADERS)]}, "process clicks", "aws_kinesis", [OF_W3C]),
        ({"Records": [kinesis([1]), kinesis(HEADERS)]}, "process clicks", "aws_kinesis", [OF_W3C]),
        (
            {"source": "shop", "detail-type": "Order Placed", "id": "m1", "detail": HEADERS},
            "process Order Placed",
            "aws_eventbridge",
            [OF_W3C],
        ),
        (
            {"eventSource": "aws:kafka", "records": {"payments-3": [KAFKA]}},
            "process payments",
            "kafka",
            [OF_W3C],
        ),
        (
            {"eventSource": "SelfManagedKafka", "records": {"p-3": [KAFKA], "p-4": [KAFKA]}},
            "process payments",
            "kafka",
            [OF_W3C, OF_W3C],
        ),
        ([{"eventSource": "aws:kafka", **KAFKA}], "process payments", "kafka", [OF_W3C]),
        (
            {
                "eventSource": "aws:kafka",
                "records": {
                    "payments-3": [
                        {"topic": "payments", "headers": [None, {"a": 5}, {"b": "c"}]},
                        # Kafka's bytes are signed.
                        {**KAFKA, "headers": [{"TraceParent": [b - 256 * (b > 99) for b in RAW]}]},
                    ]
                },
            },
            "process payments",
            "kafka",
            [OF_W3C],
        ),
        (
            [
                {
                    "eventSource": "aws:amq",
                    "messageID": "m1",
                    "destination": {"physicalName": "jobs"},
                    "properties": {"traceparent": W3C},
                }
            ],
            "process jobs",
            "activemq",
            [OF_W3C],
        ),
        (
            [
                {
                    "eventSource": "aws:rmq",
                    "eventSourceKey": "jobs::/",
                    "basicProperties": {"headers": {"traceparent": {"bytes": list(RAW)}}},
                }
            ],
            "process jobs",
            "rabbitmq",
            [OF_W3C],
        ),
        (
            {
                "eventSource": "aws:mq",
                "messages": [
                    {
                        "messageID": "m1",
                        "destination": {"physicalName": "jobs"},
                        "properties": {"traceparent": W3C, "n": 1},
                    }
                ],
            },
            "process jobs",
            "activemq",
            [OF_W3C],
        ),
        (
            {
                "eventSource": "aws:rmq",
                "rmqMessagesByQueue": {
                    "jobs::/": [
                        {
                            "basicProperties": {
                                "messageId": "m1",
                                "headers": {"traceparent": {"bytes": list(RAW)}},
                            }
                        }
                    ]
                },
            },
            "process jobs",
            "rabbitmq",
            [OF_W3C],
        ),
    ],
)
def test_messages_are_consumed_with_a_link_to_each_context(
    event: Any,
    name: str,
    system: str,
    links: list[tuple[str, str]],
    propagators: Callable[[str | None], None],
    invoke: Invoker,
    collector: Collector,
    traced: TracerProvider,
) -> None:
    invoke(lambda event: None, event)

    root = collector.root
    assert (root.name, root.kind, root.links) == (name, "CONSUMER", links)
    attributes = root.attributes
    assert (attributes["faas.trigger"], attributes["messaging.system"]) == ("pubsub", system)
    assert attributes["messaging.operation.type"] == "process"
    assert root.parent_id == ""


@pytest.mark.parametrize(("limit", "links"), [(None, 128), (3, 3), (SpanLimits.UNSET, 500)])
def test_a_batch_has_as_many_links_as_a_span_may_have(
    limit: int | None, links: int, invoke: Invoker
) -> None:
    exporter = InMemorySpanExporter()
    provider = TracerProvider(span_limits=SpanLimits(max_links=limit))
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    instrument(tracer_provider=provider)
    try:
        sent = {"traceparent": ATTRIBUTE}
        records = [sqs(messageAttributes=sent if i % 2 else {}) for i in range(1000)]
        invoke(lambda event: None, {"Records": records})
    finally:
        uninstrument()
        provider.shutdown()

    (span,) = exporter.get_finished_spans()
    assert (span.attributes or {})["messaging.batch.message_count"] == 1000
    assert (len(span.links), span.dropped_links) == (links, 0)


def test_each_message_can_have_a_span(
    invoke: Invoker, collector: Collector, traced: TracerProvider
) -> None:
    def handler(event: Any) -> None:
        for record in event["Records"]:
            with message_span(record):
                pass

    attributes = {"traceparent": ATTRIBUTE}
    invoke(handler, {"Records": [sqs(messageAttributes=attributes), sqs(messageId="m2")]})

    root = collector.root
    assert root.attributes["messaging.batch.message_count"] == 2
    first, second = root.children
    assert (first.name, first.kind, first.links) == ("process orders", "CONSUMER", [OF_W3C])
    assert [span.attributes["messaging.message.id"] for span in (first, second)] == ["m1", "m2"]


def test_a_record_of_kafka_can_have_a_span(
    invoke: Invoker, collector: Collector, traced: TracerProvider
) -> None:
    def handler(event: Any) -> None:
        for record in event["records"]["payments-3"]:
            with message_span(record):
                pass

    invoke(handler, {"eventSource": "aws:kafka", "records": {"payments-3": [KAFKA]}})

    (span,) = collector.root.children
    assert (span.name, span.kind, span.links) == ("process payments", "CONSUMER", [OF_W3C])
