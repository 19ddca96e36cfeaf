"""Handlers with decorators of Powertools for AWS Lambda: the same under both runtimes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from .test_differential import pytestmark as on_linux, start, start_both

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("aws_lambda_powertools")
pytestmark = on_linux

PREAMBLE = """
from typing import Any
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.middleware_factory import lambda_handler_decorator
from aws_lambda_powertools.utilities.data_classes import SQSEvent, event_source
from aws_lambda_powertools.utilities.parser import event_parser
from aws_lambda_powertools.utilities.parser.envelopes import SqsEnvelope
from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel

from lambda_runtime import function

logger = Logger(service="orders")
metrics = Metrics(namespace="Orders", service="orders")

class Order(BaseModel):
    id: int

@lambda_handler_decorator
def builds_order(handler, event, context):
    return handler(Order(**event), context)

def name(event):
    inner = event[0] if isinstance(event, list) else event
    return [type(event).__name__, type(inner).__name__]
"""
ORDER = {"id": 1}
RECORD = {
    "messageId": "1",
    "receiptHandle": "a",
    "body": '{"id": 1}',
    "attributes": {
        "ApproximateReceiveCount": "1",
        "SentTimestamp": "1545082649183",
        "SenderId": "A",
        "ApproximateFirstReceiveTimestamp": "1545082649185",
    },
    "messageAttributes": {},
    "md5OfBody": "e4e68fb7bd0e697a0ae8f1bb342846b3",
    "eventSource": "aws:sqs",
    "eventSourceARN": "arn:aws:sqs:us-east-2:123456789012:my-queue",
    "awsRegion": "us-east-2",
}
SQS = {"Records": [RECORD]}

ALONE = "def handler(event: {}, context: LambdaContext): return name(event)"
CASES = {
    "event_parser with a model": ("@event_parser(model=Order)", "Order", ORDER),
    "event_parser by the annotation": ("@event_parser", "Order", ORDER),
    "event_parser with an envelope": (
        "@event_parser(model=Order, envelope=SqsEnvelope)",
        "list[Order]",
        SQS,
    ),
    "event_source": ("@event_source(data_class=SQSEvent)", "SQSEvent", SQS),
    "a decorator by middleware_factory": ("@builds_order", "Order", ORDER),
    "logger and metrics": (
        "@metrics.log_metrics\n@logger.inject_lambda_context",
        "dict[str, Any]",
        ORDER,
    ),
    "logger around a typed function": ("@logger.inject_lambda_context", "Order", ORDER),
}


@pytest.mark.parametrize("case", CASES)
@pytest.mark.filterwarnings("ignore")
def test_a_decorated_handler_gets_the_same_event(case: str, tmp_path: Path) -> None:
    decorators, annotation, event = CASES[case]
    source = f"{PREAMBLE}\n{decorators}\n{ALONE.format(annotation)}"
    (tmp_path / "app.py").write_text(source, encoding="utf-8")
    environment = {"POWERTOOLS_METRICS_NAMESPACE": "Orders", "POWERTOOLS_DEV": "0"}
    with start_both("app.handler", tmp_path, environment) as peers:
        aws, ours = [peer.api.invoke(event) for peer in peers]
    assert (aws.kind, aws.json()) == (ours.kind, ours.json())
    assert aws.kind == "response"


def test_function_on_top_decodes_for_the_decorators(tmp_path: Path) -> None:
    source = f"{PREAMBLE}\n@function\n@logger.inject_lambda_context\n{ALONE.format('Order')}"
    (tmp_path / "app.py").write_text(source, encoding="utf-8")
    with start("lambda_runtime", "app.handler", tmp_path, {}) as ours:
        outcome: Any = ours.api.invoke(ORDER)
    assert outcome.json()[0] == "Order"


ASYNC_PREAMBLE = (
    PREAMBLE
    + """
import asyncio
from aws_lambda_powertools.utilities.validation import validator
from contextlib import asynccontextmanager, contextmanager
from aws_lambda_powertools import Tracer, single_metric
from aws_lambda_powertools.utilities.idempotency import idempotent
from aws_lambda_powertools.utilities.idempotency.persistence.base import BasePersistenceLayer

@lambda_handler_decorator
def noting(handler, event, context):
    result = handler(event, context)
    print("after the call")
    return result

class Provider:
    @contextmanager
    def in_subsegment(self, name):
        print("segment opens")
        try: yield self
        except ValueError: print("segment sees an exception")
        print("segment closes")
    @asynccontextmanager
    async def in_subsegment_async(self, name):
        with self.in_subsegment(name): yield self
    def __getattr__(self, name):
        return lambda *args, **kwargs: None

tracer = Tracer(service="orders", auto_patch=False)
tracer.provider, tracer.disabled = Provider(), False

class Store(BasePersistenceLayer):
    def _get_record(self, idempotency_key): raise NotImplementedError
    def _put_record(self, data_record): pass
    def _update_record(self, data_record): print("stored")
    def _delete_record(self, data_record): print("deleted")
"""
)
# An `async def` behind each decorator, for two events: what the caller gets, and what is logged.
WORKS = {
    "inject_lambda_context": (
        "@logger.inject_lambda_context",
        "logger.info('inside'); return event",
        ORDER,
        ORDER,
        ['"message":"inside"', '"function_request_id":"1"'],
    ),
    "inject_lambda_context with options": (
        "@logger.inject_lambda_context(clear_state=True, log_event=True)",
        "logger.append_keys(k=1); logger.info('inside'); return event",
        ORDER,
        ORDER,
        ['"message":{"id":1}', '"message":"inside"'],
    ),
    "event_source": (
        "@event_source(data_class=SQSEvent)",
        "return type(event).__name__",
        SQS,
        "SQSEvent",
        [],
    ),
    "event_parser": ("@event_parser(model=Order)", "return event.id", ORDER, 1, []),
    "event_parser with an envelope": (
        "@event_parser(model=Order, envelope=SqsEnvelope)",
        "return event[0].id",
        SQS,
        1,
        [],
    ),
    "validator of the event": (
        "@validator(inbound_schema={'type': 'object'})",
        "return event",
        ORDER,
        ORDER,
        [],
    ),
    "several": (
        "@logger.inject_lambda_context\n@event_parser(model=Order)",
        "logger.info('inside'); return event.id",
        ORDER,
        1,
        ['"message":"inside"'],
    ),
    "lambda_handler_decorator": (
        "@noting",
        "print('in the function'); return event",
        ORDER,
        ORDER,
        ["after the call\nin the function\n"],
    ),
    "capture_lambda_handler": (
        "@tracer.capture_lambda_handler",
        "print('in the function'); return event",
        ORDER,
        ORDER,
        ["segment opens\nsegment closes\nin the function\n"],
    ),
    "capture_method inside": (
        "@tracer.capture_method\nasync def inner(): print('in the function')\n",
        "await inner(); return event",
        ORDER,
        ORDER,
        ["segment opens\nin the function\nsegment closes\n"],
    ),
    "single_metric inside": (
        "",
        "with single_metric('M', 'Count', 1, namespace='N'): pass\n    return event",
        ORDER,
        ORDER,
        ['"M":[1.0]'],
    ),
}


def start_async(decorators: str, body: str, start: Any, **environment: str) -> Any:
    source = f"{ASYNC_PREAMBLE}\n{decorators}\nasync def handler(event, context):\n"
    source += f"    await asyncio.sleep(0)\n    {body}\n"
    return start(source, "-W", "ignore", "-m", "lambda_runtime", "app.handler", **environment)


@pytest.mark.parametrize("case", WORKS)
def test_a_decorator_around_an_async_def(case: str, api: Any, start: Any) -> None:
    decorators, body, event, result, log = WORKS[case]
    process = start_async(decorators, body, start)
    for _ in range(2):
        assert api.invoke(event, request_id="1").json() == result
    text = process.kill()
    for part in log:
        assert text.count(part) == 2, text


def test_log_metrics_around_an_async_def_is_one_invocation_late(api: Any, start: Any) -> None:
    process = start_async(
        "@metrics.log_metrics", "metrics.add_metric('M', 'Count', event); return event", start
    )
    for number in (1, 2):
        assert api.invoke(number).json() == number
    text = process.kill()
    assert '"M":[1.0]' in text
    assert '"M":[2.0]' not in text


@pytest.mark.parametrize(
    ("decorators", "error"),
    [
        ("@metrics.log_metrics(raise_on_empty_metrics=True)", "SchemaValidationError"),
        ("@validator(outbound_schema={'type': 'object'})", "SchemaValidationError"),
        ("@idempotent(persistence_store=Store())", "TypeError"),
    ],
    ids=["raise_on_empty_metrics", "outbound_schema", "idempotent"],
)
def test_a_decorator_that_needs_the_result_fails_around_an_async_def(
    decorators: str, error: str, api: Any, start: Any
) -> None:
    start_async(decorators, "metrics.add_metric('M', 'Count', 1); return event", start)
    for _ in range(2):
        assert error in str(api.invoke(ORDER).json())


def test_an_exception_of_an_async_def_is_not_seen_by_decorators(api: Any, start: Any) -> None:
    process = start_async("@tracer.capture_lambda_handler", "raise ValueError('x')", start)
    assert api.invoke(ORDER).json()["errorType"] == "ValueError"
    assert "sees an exception" not in process.kill()
