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
