"""``uv run benchmarks/events_decoding.py``: an event's price, beside powertools', pair by pair.

The peers are what aws-lambda-powertools has for events: data classes, which wrap the dict that a
runtime decoded, and a parser, which has a pydantic model of each event. All take turns in short
rounds, so that all see the same weather; the ratio is the median over the rounds.

*Import* is a whole program that decodes one message of a queue and looks at it, less an empty one,
in elapsed time; all else is processor time. *Decode* is all that has to happen before a handler can
look at an event. Models of lambda-events read a part of an event when it is first looked at, so
*every field* says what that puts off.
"""

from __future__ import annotations

import argparse
import json
import platform
import re
import statistics
import subprocess
import sys
import time
from importlib.metadata import version
from operator import attrgetter
from timeit import timeit
from typing import TYPE_CHECKING, Any

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
IMPORTS = {
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
    "parser": (
        "import sys; from aws_lambda_powertools.utilities.parser.models import SqsModel\n"
        "for record in SqsModel.model_validate_json(sys.stdin.buffer.read()).Records:\n"
        "    record.messageId, record.body"
    ),
}


class Look:
    """Looks at every field of an event that has one, under each library's own names for them.

    What the libraries make of a field differs little: text, numbers and dicts, but that pydantic
    also makes datetimes of times and bytes of Kinesis' data.
    """

    def __init__(self, convert: Callable[[str], str]) -> None:
        """Look at fields whose names follow from the keys in JSON."""

        def fields(keys: str) -> Callable[[Any], object]:
            return attrgetter(*map(convert, keys.split()))

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


def comparisons(what: str) -> Iterator[tuple[str, Callable[[], Any], Callable[[], Any]]]:
    """Yield what is compared for an event: its name, ours and the peer."""
    built, model, data_class, parser = EVENTS[what]
    raw = dumps(built)
    value = json.loads(raw)
    ours, theirs = Look(_snake), Look(str)
    yield (
        f"decode, beside the parser: {what}, JSON",
        lambda: loads(raw, model),
        lambda: parser.model_validate_json(raw),
    )
    yield (
        f"decode, beside the parser: {what}, dict",
        lambda: structure(value, model),
        lambda: parser.model_validate(value),
    )
    yield (
        f"every field, beside the parser: {what}, dict",
        lambda: ours(structure(value, model), what),
        lambda: theirs(parser.model_validate(value), what),
    )
    yield (
        f"every field, beside data classes: {what}, dict",
        lambda: ours(structure(value, model), what),
        lambda: ours(data_class(value), what),
    )


def microseconds(call: Callable[[], object], calls: int) -> float:
    """Return the price of one call in processor time, garbage collection aside."""
    return timeit(call, timer=time.process_time, number=calls) / calls * 1e6


def milliseconds(code: str, stdin: bytes) -> float:
    """Return the time of a whole program."""
    start = time.perf_counter_ns()
    subprocess.run([sys.executable, "-c", code], check=True, input=stdin)
    return (time.perf_counter_ns() - start) / 1e6


def row(name: str, pairs: list[tuple[float, float]], unit: str, goal: float) -> str:
    """Return a row of the table."""
    low, middle, high = statistics.quantiles([a / b for a, b in pairs], n=4)
    ours, theirs = (statistics.median(side) for side in zip(*pairs, strict=True))
    return (
        f"| {name} | {ours:.1f} {unit} | {theirs:.1f} {unit} | **{middle:.2f}** "
        f"| {low:.2f} to {high:.2f} | {goal} |"
    )


def imports(rounds: int) -> Iterator[str]:
    """Yield the rows of whole programs."""
    stdin = dumps(SQSEvent.build([ORDER]))
    for code in IMPORTS.values():  # compiles byte code and warms the caches
        milliseconds(code, stdin)
    over_bare: dict[str, list[float]] = {name: [] for name in IMPORTS}
    for _ in range(rounds):
        bare = milliseconds("pass", stdin)
        for name, code in IMPORTS.items():
            over_bare[name].append(milliseconds(code, stdin) - bare)
    for peer, goal in (("data classes", 1), ("parser", 0.5)):
        pairs = [*zip(over_bare["ours"], over_bare[peer], strict=True)]
        yield row(f"import, and decode one message, beside {peer}", pairs, "ms", goal)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="events_decoding.py", description=__doc__)
    parser.add_argument("--rounds", type=int, default=21, help="rounds of each row (21)")
    parser.add_argument(
        "--seconds", type=float, default=0.05, help="time for a peer's round (0.05)"
    )
    options = parser.parse_args()
    print(
        f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}, "
        f"lambda-events {version('lambda-events')}, "
        f"aws-lambda-powertools {version('aws-lambda-powertools')}, "
        f"pydantic {version('pydantic')}, {options.rounds} rounds\n\n"
        "| what | lambda-events | peer | ratio | middle half of the ratios | at most |\n"
        "|---|---|---|---|---|---|"
    )
    for line in imports(options.rounds):
        print(line, flush=True)
    for what in EVENTS:
        for name, ours, theirs in comparisons(what):
            microseconds(ours, 10)  # generates the code that reads the models
            calls = int(options.seconds * 1e6 / microseconds(theirs, 10)) + 1
            pairs = [
                (microseconds(ours, calls), microseconds(theirs, calls))
                for _ in range(options.rounds)
            ]
            print(row(name, pairs, "us", 1), flush=True)


if __name__ == "__main__":
    main()
