"""Events: what it costs to read one, against what aws-lambda-powertools has for that.

The peers are its data classes, which wrap the dict that a runtime decoded, and its parser, which
has a pydantic model of each event. Models of lambda-events read a part of an event when it is first
looked at, so *every field* says what that puts off.
"""

from __future__ import annotations

import json
import re
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from _group import Group
from _rounds import Calls, Programs
from aws_lambda_powertools.utilities import data_classes
from aws_lambda_powertools.utilities.parser import models

from lambda_events import APIGatewayProxyEvent, KinesisEvent, SQSEvent, dumps, loads, structure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ORDER = {"id": 17, "customer": "Ada", "lines": [{"article": "a-1", "count": 2}]}
EVENTS: dict[str, tuple[Any, Any, Any, Any]] = {
    "SQS, 10 records": (
        SQSEvent.build([ORDER] * 10),
        SQSEvent,
        data_classes.SQSEvent,
        models.SqsModel,
    ),
    "Kinesis, 100 records": (
        KinesisEvent.build([ORDER] * 100),
        KinesisEvent,
        data_classes.KinesisStreamEvent,
        models.KinesisDataStreamModel,
    ),
    "REST API": (
        APIGatewayProxyEvent.build(
            "POST",
            "/orders",
            headers={"Accept": "*/*", "Content-Type": "application/json", "User-Agent": "curl"},
            query={"page": ["1", "2"]},
            body=ORDER,
        ),
        APIGatewayProxyEvent,
        data_classes.APIGatewayProxyEvent,
        models.APIGatewayProxyEventModel,
    ),
}
_IMPORTS = {
    "ours": (
        "import sys; from lambda_events import SQSEvent, loads\n"
        "for record in loads(sys.stdin.buffer.read(), SQSEvent).records:\n"
        "    record.message_id, record.body"
    ),
    "data classes": (
        "import json, sys; from aws_lambda_powertools.utilities.data_classes import SQSEvent\n"
        "for record in SQSEvent(json.load(sys.stdin)).records:\n"
        "    record.message_id, record.body"
    ),
    "the parser": (
        "import sys; from aws_lambda_powertools.utilities.parser.models import SqsModel\n"
        "for record in SqsModel.model_validate_json(sys.stdin.buffer.read()).Records:\n"
        "    record.messageId, record.body"
    ),
}


class Look:
    """Looks at every field of an event that has one, under each library's own names for them.

    The libraries treat most fields alike, as text, numbers and dicts; pydantic also makes datetimes
    of times and bytes of Kinesis' data.
    """

    def __init__(self, convert: Callable[[str], str]) -> None:
        """Look at fields whose names follow from the keys in JSON."""

        def fields(keys: str) -> Callable[[Any], object]:
            # As a program that is written out, in which Python reads attributes quickly.
            source = ", ".join([f"part.{convert(key)}" for key in keys.split()])
            found: Callable[[Any], object] = eval(f"lambda part: ({source})")
            return found

        self.records = attrgetter(convert("Records") if convert is str else "records")
        self.message = fields(
            "messageId receiptHandle body messageAttributes md5OfBody eventSource eventSourceARN"
            " awsRegion"
        )
        self.message_attributes = fields(
            "ApproximateReceiveCount SentTimestamp SenderId ApproximateFirstReceiveTimestamp"
        )
        self.record = fields(
            "eventID eventName eventSource eventSourceARN eventVersion invokeIdentityArn awsRegion"
        )
        self.stream = fields(
            "data approximateArrivalTimestamp partitionKey sequenceNumber kinesisSchemaVersion"
        )
        self.request = fields(
            "resource path httpMethod headers multiValueHeaders queryStringParameters"
            " multiValueQueryStringParameters pathParameters stageVariables body isBase64Encoded"
        )
        self.context = attrgetter(convert("requestContext"))
        self.request_context = fields(
            "accountId apiId httpMethod path protocol requestId requestTime requestTimeEpoch"
            " resourceId resourcePath stage"
        )
        self.identity = fields("sourceIp userAgent accessKey accountId caller user userArn")

    def __call__(self, event: Any, what: str) -> None:
        """Look at an event."""
        if what.startswith("SQS"):
            for record in self.records(event):
                self.message(record)
                self.message_attributes(record.attributes)
        elif what.startswith("Kinesis"):
            for record in self.records(event):
                self.record(record)
                self.stream(record.kinesis)
        else:
            self.request(event)
            context = self.context(event)
            self.request_context(context)
            self.identity(context.identity)


def _snake(key: str) -> str:
    return re.sub(r"(?<=[a-z\d])(?=[A-Z])", "_", key).lower()


def _calls(what: str) -> Iterator[Calls]:
    """Yield what is compared for an event."""
    built, model, data_class, parser = EVENTS[what]
    raw = dumps(built)
    value = json.loads(raw)
    ours, theirs = Look(_snake), Look(str)
    yield Calls(
        f"decode, against the parser: {what}, JSON",
        lambda: loads(raw, model),
        lambda: parser.model_validate_json(raw),
    )
    yield Calls(
        f"decode, against the parser: {what}, dict",
        lambda: structure(value, model),
        lambda: parser.model_validate(value),
    )
    yield Calls(
        f"every field, against the parser: {what}, JSON",
        lambda: ours(loads(raw, model), what),
        lambda: theirs(parser.model_validate_json(raw), what),
    )
    yield Calls(
        f"every field, against the parser: {what}, dict",
        lambda: ours(structure(value, model), what),
        lambda: theirs(parser.model_validate(value), what),
    )
    yield Calls(
        f"every field, against data classes: {what}, dict",
        lambda: ours(structure(value, model), what),
        lambda: ours(data_class(value), what),
    )


GROUP = Group(
    title="Events",
    measurements=[
        *(
            Programs(
                f"import, and decode one message, against {peer}",
                _IMPORTS["ours"],
                _IMPORTS[peer],
                stdin=dumps(SQSEvent.build([ORDER])),
            )
            for peer in ("data classes", "the parser")
        ),
        *(calls for what in EVENTS for calls in _calls(what)),
    ],
    ours="lambda-events",
    peer="powertools",
    distributions=("lambda-events", "aws-lambda-powertools", "pydantic"),
    pairs=21,
)
