"""The cases that OpenTelemetry's own instrumentation tests, one by one, against this package.

Its test-suite names them; the words, the events and the expectations here are ours:
https://github.com/open-telemetry/opentelemetry-python-contrib/tree/main/instrumentation/opentelemetry-instrumentation-aws-lambda/tests

- ``manual``: ``test_aws_lambda_instrumentation_manual.py``
- ``mocks``: ``test_aws_lambda_instrumentation_mocks.py``
- ``semconv``: ``test_aws_lambda_instrumentation_semconv.py``
- ``util``: ``test_util_functions.py``

This package differs on purpose: a queue's span is one CONSUMER span, and no SERVER span with a
CONSUMER span below; attributes of HTTP have their stable names unless the old ones are asked for
too; and neither ``_HANDLER`` nor ``AWS_LAMBDA_FUNCTION_NAME`` has to be set.
"""

from __future__ import annotations

import logging
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any

import pytest
from opentelemetry import baggage
from opentelemetry.metrics import NoOpMeterProvider
from opentelemetry.propagate import get_global_textmap
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import NoOpTracerProvider

from lambda_otel import LambdaRuntimeInstrumentor
from lambda_testing import InvocationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lambda_testing import Invoker

    from .conftest import Collector

    Configure = Callable[[str | None], None]

ARN = "arn:aws:lambda:us-east-1:123456:function:orders"
INVOKED = {"Lambda-Runtime-Invoked-Function-Arn": f"{ARN}:live"}
OF_CONTEXT = {
    "cloud.resource_id": ARN,
    "cloud.account.id": "123456",
    "faas.invocation_id": "the-request",
}

XRAY_IDS = ("5fb7331105e8bb83207fa31d4d9cdb4c", "3328b8445a6dbad2")
XRAY = "Root=1-5fb73311-05e8bb83207fa31d4d9cdb4c;Parent=3328b8445a6dbad2;Sampled="
W3C_IDS = ("5ce0e9a56015fec5aadfa328ae398115", "ab54a98ceb1f0ad2")
TRACEPARENT = f"00-{W3C_IDS[0]}-{W3C_IDS[1]}-01"
STATE = "vendor_specific_key=test_value,foo=1,bar=2"
HEADERS = {"traceparent": TRACEPARENT, "tracestate": STATE, "baggage": "baggage_key=baggage_value"}


def of_foo(event: Any) -> Any:
    """Extract the context from where the propagators do not look."""
    return get_global_textmap().extract(event["foo"]["headers"])


@pytest.fixture
def instrumented(
    collector: Collector,
    shared_providers: tuple[TracerProvider, MeterProvider],
    propagators: Configure,
) -> Iterator[Callable[..., None]]:
    """Trace the function as the package's instrumentor does."""
    instrumentor = LambdaRuntimeInstrumentor()

    def instrument(**options: Any) -> None:
        instrumentor.instrument(**{"tracer_provider": shared_providers[0], **options})

    yield instrument
    instrumentor.uninstrument()


@pytest.mark.parametrize(
    ("configured", "sampled", "extractor", "event", "parent", "state", "carried"),
    [
        # From manual, test_active_tracing
        ("xray-lambda", 1, None, None, XRAY_IDS, "", {}),
        # From manual, test_parent_context_from_lambda_event, by the names of its cases
        pytest.param(
            "tracecontext", 0, None, {"headers": HEADERS}, W3C_IDS, STATE, {}, id="no_extractor"
        ),
        pytest.param(
            "tracecontext",
            0,
            of_foo,
            {"foo": {"headers": HEADERS}},
            W3C_IDS,
            STATE,
            {},
            id="custom_extractor_not_sampled_xray",
        ),
        pytest.param(
            "xray-lambda",
            1,
            of_foo,
            {"foo": {"headers": HEADERS}},
            XRAY_IDS,
            "",
            {},
            id="custom_extractor_sampled_xray",
        ),
        pytest.param(
            "tracecontext",
            1,
            of_foo,
            {"foo": {"headers": HEADERS}},
            W3C_IDS,
            STATE,
            {},
            id="custom_extractor_sampled_xray_of_w3c",
        ),
        pytest.param(
            "tracecontext",
            1,
            None,
            {"headers": HEADERS},
            W3C_IDS,
            STATE,
            {},
            id="no_custom_extractor_xray",
        ),
        pytest.param(
            "tracecontext,baggage",
            0,
            None,
            {"headers": HEADERS},
            W3C_IDS,
            STATE,
            {"baggage_key": "baggage_value"},
            id="baggage_propagation",
        ),
    ],
)
def test_the_parent(
    configured: str,
    sampled: int,
    extractor: Any,
    event: Any,
    parent: tuple[str, str],
    state: str,
    carried: dict[str, str],
    instrumented: Callable[..., None],
    propagators: Configure,
    invoke: Invoker,
    collector: Collector,
) -> None:
    propagators(configured)
    instrumented(event_context_extractor=extractor)

    def handler(event: Any, context: Any) -> dict[str, object]:
        return dict(baggage.get_all())

    result = invoke(
        handler, event, trace_id=f"{XRAY}{sampled}", headers=INVOKED, request_id="the-request"
    )

    root = collector.root
    assert (root.name, root.kind) == ("test-function", "SERVER")
    assert (root.trace_id, root.parent_id) == parent
    assert root.trace_state == state
    assert root.attributes | OF_CONTEXT == root.attributes
    assert result.value == carried


# From util, TestIsAWSContextPropagationDisabled
@pytest.mark.parametrize(
    ("value", "is_followed"),
    [
        ("not_a_boolean", True),
        ("true", False),
        ("True", False),
        ("false", True),
        ("1", False),
        ("0", True),
        ("t", False),
        ("", True),
    ],
)
def test_the_propagation_of_xray_can_be_disabled(
    value: str,
    is_followed: bool,
    instrumented: Callable[..., None],
    propagators: Configure,
    invoke: Invoker,
    collector: Collector,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OTEL_LAMBDA_DISABLE_AWS_CONTEXT_PROPAGATION", value)
    propagators(None)
    instrumented()

    invoke(lambda event: None, {}, trace_id=f"{XRAY}1")

    assert (collector.root.parent_id == XRAY_IDS[1]) is is_followed


REST = {
    "resource": "/{proxy+}",
    "path": "/hello/world",
    "httpMethod": "POST",
    "headers": {
        "Host": "1234567890.execute-api.us-east-1.amazonaws.com",
        "User-Agent": "Custom User Agent String",
        "X-Forwarded-Proto": "https",
    },
    "queryStringParameters": {"foo": "bar"},
    "requestContext": {"resourcePath": "/{proxy+}", "stage": "prod"},
}
OF_REST = {
    "http.request.method": "POST",
    "http.response.status_code": 200,
    "http.route": "/{proxy+}",
    "server.address": "1234567890.execute-api.us-east-1.amazonaws.com",
    "url.path": "/hello/world",
    "url.query": "foo=bar",
    "url.scheme": "https",
    "user_agent.original": "Custom User Agent String",
}
OLD_OF_REST = {
    "http.method": "POST",
    "http.scheme": "https",
    "http.status_code": 200,
    "http.target": "/hello/world?foo=bar",
    "http.user_agent": "Custom User Agent String",
    "net.host.name": "1234567890.execute-api.us-east-1.amazonaws.com",
}
HTTP_API = {
    "version": "2.0",
    "routeKey": "$default",
    "rawPath": "/path/to/resource",
    "rawQueryString": "parameter1=value1&parameter1=value2&parameter2=value",
    "headers": {"header1": "value1"},
    "requestContext": {
        "domainName": "id.execute-api.us-east-1.amazonaws.com",
        "http": {
            "method": "POST",
            "path": "/path/to/resource",
            "protocol": "HTTP/1.1",
            "sourceIp": "192.168.0.1",
            "userAgent": "agent",
        },
    },
}
OF_HTTP_API = {
    "http.request.method": "POST",
    "http.response.status_code": 200,
    "server.address": "id.execute-api.us-east-1.amazonaws.com",
    "url.path": "/path/to/resource",
    "url.query": "parameter1=value1&parameter1=value2&parameter2=value",
    "user_agent.original": "agent",
}
OLD_OF_HTTP_API = {
    "http.method": "POST",
    "http.target": "/path/to/resource?parameter1=value1&parameter1=value2&parameter2=value",
    "http.user_agent": "agent",
    "net.host.name": "id.execute-api.us-east-1.amazonaws.com",
}
BALANCER = {"requestContext": {"elb": {"targetGroupArn": "arn"}}, "httpMethod": "GET", "path": "/"}
ALB = {**BALANCER, "headers": {"accept": "text/html", "host": "lb.example.com"}}
ALB_LISTS = {**BALANCER, "multiValueHeaders": {"accept": ["text/html"], "host": ["lb.example.com"]}}
OF_ALB = {"http.request.method": "GET", "http.response.status_code": 200, "url.path": "/"}
OLD_OF_ALB = {"http.method": "GET", "http.status_code": 200, "http.target": "/"}
BARE = {"requestContext": {"http": {"method": "GET", "path": "/test"}}, "headers": {}}
USERS = {
    "requestContext": {"accountId": "123456789012", "resourceId": "123456", "stage": "prod"},
    "httpMethod": "PUT",
    "resource": "/users/{id}",
    "path": "/users/7",
    "headers": {
        "X-Forwarded-Proto": "https",
        "Host": "api.example.com",
        "User-Agent": "Mozilla/5.0",
    },
    "queryStringParameters": {"filter": "active"},
}
OF_USERS = {
    "http.request.method": "PUT",
    "http.response.status_code": 200,
    "http.route": "/users/{id}",
    "server.address": "api.example.com",
    "url.path": "/users/7",
    "url.query": "filter=active",
    "url.scheme": "https",
    "user_agent.original": "Mozilla/5.0",
}
OLD_OF_USERS = {
    "http.method": "PUT",
    "http.scheme": "https",
    "http.target": "/users/7?filter=active",
    "http.user_agent": "Mozilla/5.0",
    "net.host.name": "api.example.com",
}
ITEMS = {
    "version": "2.0",
    "requestContext": {
        "domainName": "api.test.com",
        "http": {"method": "DELETE", "path": "/items/123", "userAgent": "TestAgent/1.0"},
    },
}
OF_ITEMS = {
    "http.request.method": "DELETE",
    "http.response.status_code": 200,
    "server.address": "api.test.com",
    "url.path": "/items/123",
    "user_agent.original": "TestAgent/1.0",
}
QUEUE = {"eventSource": "aws:sqs", "eventSourceARN": "arn:aws:sqs:us-east-1:123456:jobs"}
OLD = {name for each in (OLD_OF_REST, OLD_OF_HTTP_API) for name in each}


# From mocks, those that end with sets_attributes; from semconv, all
@pytest.mark.parametrize("opt_in", [None, "http", "http/dup", "database, http/dup"])
@pytest.mark.parametrize(
    ("event", "stable", "old"),
    [
        pytest.param(REST, OF_REST, OLD_OF_REST, id="api_gateway_proxy"),
        pytest.param(HTTP_API, OF_HTTP_API, OLD_OF_HTTP_API, id="api_gateway_http_api"),
        pytest.param(ALB, OF_ALB, OLD_OF_ALB, id="alb_conventional"),
        pytest.param(ALB_LISTS, OF_ALB, OLD_OF_ALB, id="alb_multi_value_header"),
        pytest.param(
            BARE, {"http.request.method": "GET"}, {"http.method": "GET"}, id="without_optional"
        ),
        pytest.param(USERS, OF_USERS, OLD_OF_USERS, id="v1_with_scheme_and_host"),
        pytest.param(ITEMS, OF_ITEMS, {"http.method": "DELETE"}, id="v2_without_query_string"),
        pytest.param({"Records": [QUEUE]}, {}, {}, id="non_http_trigger_sqs"),
        pytest.param({"Records": [{"eventSource": "aws:dynamodb"}]}, {}, {}, id="non_http_dynamo"),
    ],
)
def test_attributes_of_http(
    event: Any,
    stable: dict[str, Any],
    old: dict[str, Any],
    opt_in: str | None,
    instrumented: Callable[..., None],
    invoke: Invoker,
    collector: Collector,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if opt_in is not None:
        monkeypatch.setenv("OTEL_SEMCONV_STABILITY_OPT_IN", opt_in)
    instrumented()

    invoke(
        lambda event: {"statusCode": 200, "body": "200 ok"},
        event,
        headers=INVOKED,
        request_id="the-request",
    )

    attributes = collector.root.attributes
    is_http = attributes["faas.trigger"] == "http"
    assert is_http is bool(stable)
    assert attributes | OF_CONTEXT | stable == attributes
    if opt_in is not None and "http/dup" in opt_in:
        assert attributes | old == attributes
    else:
        assert OLD.isdisjoint(attributes)
    if event is BARE or event is ITEMS:
        assert "url.query" not in attributes
    if event is BARE:
        assert "user_agent.original" not in attributes
    if not is_http:
        assert not [name for name in attributes if name.startswith(("http.", "url."))]


# From manual, test_lambda_handles_multiple_consumers, _invalid_event_source, _list_event;
# From mocks, s3, sns, sqs and dynamo_db
@pytest.mark.parametrize(
    ("event", "kind", "trigger"),
    [
        ({"Records": [{"eventSource": "aws:sqs"}]}, "CONSUMER", "pubsub"),
        ({"Records": [{"EventSource": "aws:sns"}]}, "CONSUMER", "pubsub"),
        ({"Records": [{"eventSource": "aws:s3"}]}, "SERVER", "datasource"),
        ({"Records": [{"eventSource": "aws:dynamodb"}]}, "SERVER", "datasource"),
        ({"Records": [{"eventSource": "invalid_source"}]}, "SERVER", "other"),
        ([{"message": "test"}], "SERVER", "other"),
    ],
)
def test_events_that_say_little(
    event: Any,
    kind: str,
    trigger: str,
    instrumented: Callable[..., None],
    invoke: Invoker,
    collector: Collector,
) -> None:
    instrumented()

    invoke(lambda event: None, event, headers=INVOKED, request_id="the-request")

    root = collector.root
    assert (root.name, root.kind) == ("test-function", kind)
    expected = {**OF_CONTEXT, "faas.trigger": trigger}
    assert root.attributes | expected == root.attributes


# From manual, test_lambda_handles_handler_exception, and the one with an event of API Gateway's
@pytest.mark.parametrize("event", [None, {"requestContext": {"http": {"method": "GET"}}}])
def test_an_exception_fails_the_span_and_the_invocation(
    event: Any, instrumented: Callable[..., None], invoke: Invoker, collector: Collector
) -> None:
    instrumented()

    def handler(event: Any, context: Any) -> None:
        raise RuntimeError("500 internal server error")

    with pytest.raises(InvocationError, match="500 internal server error"):
        _ = invoke(handler, event).value

    assert collector.root.status == "ERROR"
    assert [name for name, _ in collector.root.events] == ["exception"]


# From manual, test_lambda_handles_should_do_nothing_..., ..._should_warn_when_handler_...; mocks:
# test_slash_delimited_handler_path: the observer sees the handler, whatever its name is.
@pytest.mark.parametrize("name", [None, "tests/mocks/app.handler", "tests.mocks.app.handler"])
def test_the_variable_of_the_handler_does_not_matter(
    name: str | None,
    instrumented: Callable[..., None],
    invoke: Invoker,
    collector: Collector,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.delenv("ORIG_HANDLER", raising=False)
    if name is None:
        monkeypatch.delenv("_HANDLER", raising=False)
    else:
        monkeypatch.setenv("_HANDLER", name)
    instrumented()
    assert not collector.spans

    invoke(lambda event: None, {})

    assert len(collector.spans) == 1
    assert not caplog.records


# From manual, test_uninstrument
def test_uninstrument_ends_it_and_instrument_begins_it_again(
    instrumented: Callable[..., None],
    invoke: Invoker,
    collector: Collector,
    caplog: pytest.LogCaptureFixture,
) -> None:
    instrumented()
    instrumented()  # it says so, and makes no second span
    invoke(lambda event: None, HTTP_API)
    assert len(collector.spans) == 1
    assert ["already instrumented" in each.getMessage() for each in caplog.records] == [True]

    LambdaRuntimeInstrumentor().uninstrument()
    invoke(lambda event: None, HTTP_API)
    assert len(collector.spans) == 1

    instrumented()
    invoke(lambda event: None, HTTP_API)
    assert len(collector.spans) == 2


# From manual, test_no_op_tracer_provider
def test_a_provider_that_does_nothing_is_silent(
    instrumented: Callable[..., None],
    invoke: Invoker,
    collector: Collector,
    caplog: pytest.LogCaptureFixture,
) -> None:
    instrumented(tracer_provider=NoOpTracerProvider())

    assert invoke(lambda event: "answer", HTTP_API).value == "answer"

    assert not collector.spans
    assert not caplog.records


# From manual, test_load_entry_point
def test_the_entry_point() -> None:
    (found,) = entry_points(group="opentelemetry_instrumentor", name="lambda-runtime")
    assert found.load() is LambdaRuntimeInstrumentor


def _fails(timeout_millis: float = 0) -> bool:
    raise OSError("the exporter is gone")


# From util, TestFlush; test_flush.py has test_lambda_no_error_with_invalid_flush_timeout of manual
@pytest.mark.parametrize("failing", [None, "tracer", "meter"])
@pytest.mark.parametrize("missing", [None, "tracer", "meter"])
def test_both_providers_are_flushed_whatever_the_other_does(
    missing: str | None,
    failing: str | None,
    instrumented: Callable[..., None],
    invoke: Invoker,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OTEL_INSTRUMENTATION_AWS_LAMBDA_FLUSH_TIMEOUT", "1000")
    flushed: dict[str, float] = {}

    def note(name: str) -> Callable[[float], bool]:
        def force_flush(timeout_millis: float = 0) -> bool:
            flushed[name] = timeout_millis
            return True

        return force_flush

    traces: Any = TracerProvider(shutdown_on_exit=False)
    metrics: Any = MeterProvider(shutdown_on_exit=False)
    traces.force_flush = _fails if failing == "tracer" else note("tracer")
    metrics.force_flush = _fails if failing == "meter" else note("meter")
    if missing == "tracer":
        traces = NoOpTracerProvider()
    if missing == "meter":
        metrics = NoOpMeterProvider()
    instrumented(tracer_provider=traces, meter_provider=metrics)

    assert invoke(lambda event: "answer", {}).value == "answer"

    expected = {"tracer", "meter"} - {missing, failing}
    assert {name: flushed[name] for name in expected} == dict.fromkeys(expected, 1000)
    warnings = [each.getMessage() for each in caplog.records if each.levelno >= logging.WARNING]
    is_told = failing is not None and failing != missing
    assert [("the exporter is gone" in each) for each in warnings] == [True] * is_told
