"""Records and dead letters that go to AWS's services, which moto plays."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lambda_emulator import Emulator, EventInvokeConfig, configure

from .conftest import until

if TYPE_CHECKING:
    from collections.abc import Callable

    Service = Callable[[str], Any]

ACTIONS = Path(__file__).parent / "functions" / "own_loop.py"
ACCOUNT = "123456789012"


def invoke(emulator: Emulator, event: object) -> str:
    answer = emulator.client().invoke(
        FunctionName="actions", Payload=json.dumps(event), InvocationType="Event"
    )
    request_id: str = answer["ResponseMetadata"]["RequestId"]
    return request_id


def serve(**how: Any) -> Emulator:
    given: Any = {"retry_delay": 0.01, "max_retries": 0, **how}
    config = EventInvokeConfig(**given)
    return Emulator([configure(ACTIONS, "actions", event_invoke=config, timeout=20)])


def make_queue(sqs: Any, name: str) -> tuple[str, str]:
    """Return the URL and the ARN of a new queue."""
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return url, attributes["Attributes"]["QueueArn"]


def receive(sqs: Any, url: str) -> dict[str, Any]:
    def look() -> Any:
        return sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"]).get("Messages")

    [message] = until(look)
    return dict(message)


def test_a_record_goes_to_a_queue(service: Service) -> None:
    sqs = service("sqs")
    url, arn = make_queue(sqs, "done")
    with serve(on_success=arn) as emulator:
        request_id = invoke(emulator, {"echo": 1})
        record = json.loads(receive(sqs, url)["Body"])
    assert record["requestContext"]["requestId"] == request_id
    assert (record["requestContext"]["condition"], record["responsePayload"]) == ("Success", 1)


def test_a_record_goes_to_a_topic(service: Service) -> None:
    sns, sqs = service("sns"), service("sqs")
    url, arn = make_queue(sqs, "subscribed")
    topic = sns.create_topic(Name="failures")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    with serve(on_failure=topic) as emulator:
        invoke(emulator, {"fail": "no"})
        record = json.loads(json.loads(receive(sqs, url)["Body"])["Message"])
    assert record["requestContext"]["condition"] == "RetriesExhausted"
    assert record["responsePayload"]["errorMessage"] == "no"


@pytest.mark.parametrize(
    ("event", "result"), [({"echo": 1}, "Success"), ({"fail": "no"}, "Failure")]
)
def test_a_record_goes_to_an_event_bus(
    service: Service, event: dict[str, Any], result: str
) -> None:
    events, sqs = service("events"), service("sqs")
    url, arn = make_queue(sqs, f"routed-{result}")
    bus = events.create_event_bus(Name=f"bus-{result}")["EventBusArn"]
    pattern = json.dumps({"source": ["lambda"]})
    events.put_rule(Name="all", EventBusName=f"bus-{result}", EventPattern=pattern)
    targets = [{"Id": "queue", "Arn": arn}]
    events.put_targets(Rule="all", EventBusName=f"bus-{result}", Targets=targets)
    with serve(on_success=bus, on_failure=bus) as emulator:
        invoke(emulator, event)
        received = json.loads(receive(sqs, url)["Body"])
    assert received["detail-type"] == f"Lambda Function Invocation Result - {result}"
    assert received["detail"]["requestPayload"] == event
    assert received["resources"][1].endswith(":function:actions:$LATEST")


def test_a_record_goes_to_a_bucket(service: Service) -> None:
    s3 = service("s3")
    s3.create_bucket(Bucket="records")
    with serve(on_failure="arn:aws:s3:::records") as emulator:
        invoke(emulator, {"fail": "no"})
        [found] = until(lambda: s3.list_objects_v2(Bucket="records").get("Contents"))
    assert found["Key"].startswith("aws/lambda/async/actions/")
    record = json.load(s3.get_object(Bucket="records", Key=found["Key"])["Body"])
    assert record["responsePayload"]["errorMessage"] == "no"


def test_an_event_goes_to_a_dead_letter_queue(service: Service, tmp_path: Path) -> None:
    sqs = service("sqs")
    url, arn = make_queue(sqs, "dead")
    path = tmp_path / "failed.jsonl"
    event = {"fail": f"no\x00\ud800 {'ü' * 2000}"}
    with serve(dead_letter_queue=arn, on_failure=str(path), max_retries=1) as emulator:
        request_id = invoke(emulator, event)
        message = receive(sqs, url)
    assert json.loads(message["Body"]) == event
    attributes = {
        name: (each["DataType"], each["StringValue"])
        for name, each in message["MessageAttributes"].items()
    }
    error = attributes.pop("ErrorMessage")
    assert attributes == {"RequestID": ("String", request_id), "ErrorCode": ("Number", "200")}
    assert error[1].startswith("no ü")
    assert 1000 < len(error[1].encode()) <= 1024
    assert json.loads(path.read_text())["requestContext"]["approximateInvokeCount"] == 2


def test_a_dead_letter_topic(service: Service) -> None:
    sns, sqs = service("sns"), service("sqs")
    url, arn = make_queue(sqs, "of-the-topic")
    topic = sns.create_topic(Name="dead")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    with serve(dead_letter_queue=topic) as emulator:
        request_id = invoke(emulator, {"leave": 3})
        message = json.loads(receive(sqs, url)["Body"])
    assert json.loads(message["Message"]) == {"leave": 3}
    assert message["MessageAttributes"]["RequestID"]["Value"] == request_id
    assert "exit status 3" in message["MessageAttributes"]["ErrorMessage"]["Value"]


def test_a_success_is_no_dead_letter(service: Service, tmp_path: Path) -> None:
    sqs = service("sqs")
    url, arn = make_queue(sqs, "empty")
    path = tmp_path / "done.jsonl"
    with serve(dead_letter_queue=arn, on_success=str(path)) as emulator:
        invoke(emulator, {"echo": 1})
        until(path.exists)
    assert "Messages" not in sqs.receive_message(QueueUrl=url)


def test_what_a_destination_does_not_take_is_lost(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    missing = f"arn:aws:sqs:us-east-1:{ACCOUNT}:missing"
    with serve(on_failure=missing) as emulator:
        invoke(emulator, {"fail": "no"})
        until(lambda: missing in caplog.text)
        assert emulator.client().invoke(FunctionName="actions")["StatusCode"] == 200
    assert "NonExistentQueue" in caplog.text


def test_a_function_by_its_arn(tmp_path: Path) -> None:
    path = tmp_path / "failed.jsonl"
    arn = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:second"
    first = EventInvokeConfig(on_success=arn)
    second = EventInvokeConfig(on_failure=str(path), max_retries=0)
    functions = [
        configure(ACTIONS, "actions", event_invoke=first),
        configure(ACTIONS, "second", event_invoke=second),
    ]
    with Emulator(functions) as emulator:
        invoke(emulator, {"echo": 1})
        until(path.exists)
        record = json.loads(until(path.read_text))
    assert record["requestPayload"]["responsePayload"] == 1


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ({"on_failure": "arn:aws:ec2:us-east-1:1:x"}, "is not a destination"),
        ({"on_success": "arn:nonsense"}, "is not a destination"),
        ({"dead_letter_queue": "failed.jsonl"}, "is not a dead-letter queue"),
        ({"dead_letter_queue": "arn:aws:s3:::records"}, "is not a dead-letter queue"),
        ({"dead_letter_queue": "arn:aws:sqs:us-east-1:123456789012:a.fifo"}, "is FIFO"),
        ({"on_success": "arn:aws:sns:us-east-1:123456789012:a.fifo"}, "is FIFO"),
        ({"on_failure": "function:missing"}, "There is no function 'missing'"),
    ],
)
def test_destinations_that_are_not(how: dict[str, str], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        serve(**how)
