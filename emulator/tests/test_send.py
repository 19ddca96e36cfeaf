"""Event sources of the command line, and ``lambda-emulator send``."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from lambda_emulator._event_source import SourceError, parse_source
from lambda_emulator._project.description import EventSource, Trigger

from .conftest import Emulator

Run = Callable[..., CompletedProcess[str]]
ARN = "arn:aws:kinesis:eu-west-1:123456789012:stream/clicks"


def test_send(start: Callable[..., Emulator], run_command: Run, tmp_path: Path) -> None:
    emulator = start(
        *("--source", 'schedule=cron(0 3 * * ? *),name=nightly,input={"n": 1}'),
        *("--source", "s3=photos,suffix=.jpg"),
        target="events.py",
    )
    port = ("--port", str(emulator.url.port))
    sent = run_command("send", "schedule://nightly", *port)
    assert (sent.returncode, sent.stdout.split()[0]) == (0, "events")
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"source": "shop"}))
    sent = run_command("send", "events://default", "--event", str(event), "--to", "events", *port)
    assert sent.returncode == 0
    request_id = sent.stdout.split()[1]
    while f"END RequestId: {request_id}" not in emulator.read_log_line():
        pass
    missed = run_command("send", "s3://photos/a.png", *port)
    assert missed.returncode == 1
    assert missed.stderr == "Error: No function gets s3://photos/a.png: name one with --to.\n"


def test_nothing_to_send_to(run_command: Run) -> None:
    sent = run_command("send", "sqs://orders", "--port", "1")
    assert sent.returncode == 1
    assert "No emulator can be reached at 127.0.0.1, port 1" in sent.stderr


def test_sources_with_options() -> None:
    functions = ["first", "second"]
    queue = parse_source("sqs=http://h/1/q,batch-size=5,partial-failures=false", functions)
    assert isinstance(queue, EventSource)
    assert (queue.function, queue.source, queue.batch_size) == ("first", "http://h/1/q", 5)
    assert queue.partial_failures is False
    pattern = '{"data": {"a": [1, 2], "b": ["x"]}}'
    stream = parse_source(
        f"second:kinesis={ARN},filter={pattern},starting-position=latest,max-retries=-1,"
        "bisect=true,parallelization=4,on-failure=arn:aws:sqs:eu-west-1:123456789012:q",
        functions,
    )
    assert isinstance(stream, EventSource)
    assert (stream.function, stream.source, stream.filters) == ("second", ARN, (pattern,))
    assert (stream.starting_position, stream.max_retries) == ("LATEST", -1)
    assert (stream.bisect, stream.parallelization) == (True, 4)
    assert stream.partial_failures is True
    topic = parse_source("kafka=clicks,brokers=one:9092;two:9092", functions)
    assert isinstance(topic, EventSource)
    assert (topic.topics, topic.brokers) == (("clicks",), ("one:9092", "two:9092"))
    schedule = parse_source("schedule=cron(0,30 3 * * ? *),timezone=Europe/Berlin", functions)
    assert isinstance(schedule, Trigger)
    assert (schedule.expression, schedule.timezone) == ("cron(0,30 3 * * ? *)", "Europe/Berlin")
    rule = parse_source('rule={"a": ["x,name=y"]}', functions)
    assert isinstance(rule, Trigger)
    assert (rule.kind, rule.pattern) == ("rule", '{"a": ["x,name=y"]}')
    bucket = parse_source("s3=photos,events=s3:ObjectRemoved:*;s3:ObjectCreated:Put", functions)
    assert isinstance(bucket, Trigger)
    assert bucket.events == ("s3:ObjectRemoved:*", "s3:ObjectCreated:Put")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sqs=http://h/1/q,batch=5", "has no option 'batch': did you mean batch_size?"),
        ("sqs=http://h/1/q,batch-size=0", "'0' cannot be the batch_size of sqs."),
        ("sqs=http://h/1/q,batch-size=x", "'x' cannot be the batch_size of sqs."),
        (f"kinesis={ARN},bisect=maybe", "'maybe' cannot be the bisect of kinesis."),
        (f"kinesis={ARN},starting-position=first", "cannot be the starting_position"),
        (f"kinesis={ARN},filter=[]", "has a wrong filter: An event pattern is a JSON object."),
        ("kafka=clicks", "names no broker"),
        ("schedule=rate(1 second)", "is not a rate"),
        ("rule=[]", "An event pattern is a JSON object."),
        ("dynamodb=", "is not an event source: use dynamodb=ARN."),
    ],
)
def test_sources_that_are_wrong(text: str, words: str) -> None:
    with pytest.raises(SourceError) as caught:
        parse_source(text, ["f"])
    assert words in str(caught.value)
