"""Streams that are polled for a function: Kinesis and DynamoDB as moto plays them."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from typing import TYPE_CHECKING, Any

from lambda_emulator._sources.window import TumblingWindow

from .conftest import until
from .sources import source, watched

if TYPE_CHECKING:
    from collections.abc import Callable

    from .sources import Watched

    Service = Callable[[str], Any]

ACCOUNT = "us-east-1:123456789012"


def make_stream(kinesis: Any, name: str, *data: str, shards: int = 1) -> str:
    kinesis.create_stream(StreamName=name, ShardCount=shards)
    put(kinesis, name, *data)
    return f"arn:aws:kinesis:{ACCOUNT}:stream/{name}"


def put(kinesis: Any, name: str, *data: str) -> None:
    for each in data:
        kinesis.put_record(StreamName=name, Data=each.encode(), PartitionKey=each)


def read(event: dict[str, Any]) -> list[str]:
    return [base64.b64decode(each["kinesis"]["data"]).decode() for each in event["Records"]]


async def batches(emulator: Watched, count: int, of: str) -> list[list[str]]:
    return [read(await emulator.event(of)) for _ in range(count)]


def receive(sqs: Any, url: str) -> dict[str, Any]:
    [message] = until(lambda: sqs.receive_message(QueueUrl=url).get("Messages"))
    record: dict[str, Any] = json.loads(message["Body"])
    return record


def test_a_stream_of_kinesis(service: Service) -> None:
    kinesis = service("kinesis")
    form = make_stream(kinesis, "form", '{"a": 1}')
    filtered = make_stream(kinesis, "filtered", '{"a": 1}', '{"a": 2}', "plain", "x")
    filters = (json.dumps({"data": {"a": [2]}}), json.dumps({"partitionKey": ["x"]}))
    sized = make_stream(kinesis, "sized", *"abcde")
    latest = make_stream(kinesis, "latest", "old")
    stamped = make_stream(kinesis, "stamped", "old")
    window = make_stream(kinesis, "gathered", "1", "2")
    split = make_stream(kinesis, "split", "parent")

    async def scenario() -> None:
        async with watched(
            source("kinesis", form),
            source("kinesis", "filtered", filters=filters),
            source("kinesis", f"{sized}/consumer/one:1", batch_size=2),
            source("kinesis", latest, starting_position="LATEST"),
            source(
                "kinesis",
                stamped,
                starting_position="AT_TIMESTAMP",
                starting_timestamp=time.time(),
            ),
            source("kinesis", window, batch_size=3, window=20),
            source("kinesis", split),
        ) as emulator:
            [record] = (await emulator.event("stream/form"))["Records"]
            data = record.pop("kinesis")
            assert record == {
                "eventSource": "aws:kinesis",
                "eventVersion": "1.0",
                "eventID": f"shardId-000000000000:{data['sequenceNumber']}",
                "eventName": "aws:kinesis:record",
                "invokeIdentityArn": "arn:aws:iam::123456789012:role/lambda-role",
                "awsRegion": "us-east-1",
                "eventSourceARN": form,
            }
            assert abs(data.pop("approximateArrivalTimestamp") - time.time()) < 60
            assert data.pop("sequenceNumber")
            encoded = base64.b64encode(b'{"a": 1}').decode()
            assert data == {
                "kinesisSchemaVersion": "1.0",
                "partitionKey": '{"a": 1}',
                "data": encoded,
            }
            assert await batches(emulator, 1, filtered) == [['{"a": 2}', "x"]]
            assert await batches(emulator, 3, sized) == [["a", "b"], ["c", "d"], ["e"]]
            mapping = emulator.server.sources.mappings[3]
            await emulator.until(lambda: mapping.status.lag is not None)
            put(kinesis, "latest", "new")
            assert await batches(emulator, 1, latest) == [["new"]]
            put(kinesis, "stamped", "new")
            assert await batches(emulator, 1, stamped) == [["new"]]
            put(kinesis, "gathered", "3")
            assert await batches(emulator, 1, window) == [["1", "2", "3"]]
            # The children of a shard come after all of it.
            assert await batches(emulator, 1, split) == [["parent"]]
            half = str(2**127)
            shard = "shardId-000000000000"
            kinesis.split_shard(StreamName="split", ShardToSplit=shard, NewStartingHashKey=half)
            put(kinesis, "split", "child")
            assert await batches(emulator, 1, split) == [["child"]]
            statuses = emulator.server.sources.describe()["sources"]
            assert [each["error"] for each in statuses] == [""] * 7
            assert (statuses[1]["received"], statuses[1]["filtered"]) == (4, 2)
            assert emulator.messages == []

    asyncio.run(scenario())


def test_batches_that_fail(service: Service) -> None:
    kinesis, sqs, s3 = service("kinesis"), service("sqs"), service("s3")
    failures = sqs.create_queue(QueueName="stream-failures")["QueueUrl"]
    to_queue = f"arn:aws:sqs:{ACCOUNT}:stream-failures"
    aged_out = sqs.create_queue(QueueName="stream-aged")["QueueUrl"]
    s3.create_bucket(Bucket="stream-failures")
    retried = make_stream(kinesis, "retried", "raise", "b")
    halved = make_stream(kinesis, "halved", "a", "b", "raise", "d")
    partial = make_stream(kinesis, "partial", "a", "b", "bad", "d")
    aged = make_stream(kinesis, "aged", "old")
    lanes = make_stream(kinesis, "lanes", *"abcdefgh")
    partial_options = {"partial_failures": True, "bisect": True, "max_retries": 1}

    async def scenario() -> None:
        async with watched(
            source("kinesis", retried, max_retries=2, on_failure=to_queue),
            source("kinesis", halved, max_retries=0, bisect=True),
            source(
                "kinesis", partial, **partial_options, on_failure="arn:aws:s3:::stream-failures"
            ),
            source(
                "kinesis", aged, max_record_age=0, on_failure=f"arn:aws:sqs:{ACCOUNT}:stream-aged"
            ),
            source("kinesis", lanes, batch_size=2, parallelization=4),
        ) as emulator:
            assert await batches(emulator, 3, retried) == [["raise", "b"]] * 3
            assert await batches(emulator, 5, halved) == [
                ["a", "b", "raise", "d"],
                ["a", "b"],
                ["raise", "d"],
                ["raise"],
                ["d"],
            ]
            assert await batches(emulator, 2, partial) == [["a", "b", "bad", "d"], ["bad", "d"]]
            found: list[str] = []
            while len(found) < 8:
                [batch] = await batches(emulator, 1, lanes)
                assert len(batch) <= 2
                found += batch
            assert sorted(found) == [*"abcdefgh"]
            mappings = emulator.server.sources.mappings
            await emulator.until(lambda: mappings[2].status.discarded == 2)
            assert [each.status.discarded for each in mappings] == [2, 1, 2, 1, 0]
            record = await asyncio.to_thread(receive, sqs, failures)
            old = await asyncio.to_thread(receive, sqs, aged_out)
            listed = await asyncio.to_thread(
                until, lambda: s3.list_objects_v2(Bucket="stream-failures").get("Contents")
            )
        context = record.pop("requestContext")
        assert context.pop("requestId")
        assert context == {
            "functionArn": f"arn:aws:lambda:{ACCOUNT}:function:events",
            "condition": "RetryAttemptsExhausted",
            "approximateInvokeCount": 3,
        }
        assert record.pop("timestamp").endswith("Z")
        info = record.pop("KinesisBatchInfo")
        assert info.pop("approximateArrivalOfFirstRecord").endswith("Z")
        assert info.pop("approximateArrivalOfLastRecord").endswith("Z")
        assert info == {
            "shardId": "shardId-000000000000",
            "startSequenceNumber": "1",
            "endSequenceNumber": "2",
            "batchSize": 2,
            "streamArn": retried,
        }
        assert record == {
            "version": "1.0",
            "responseContext": {
                "statusCode": 200,
                "executedVersion": "$LATEST",
                "functionError": "Unhandled",
            },
        }
        assert old["requestContext"]["condition"] == "RecordAgeExceeded"
        assert old["requestContext"]["approximateInvokeCount"] == 0
        [item] = listed
        assert "/shardId-000000000000/" in item["Key"]
        body = json.load(s3.get_object(Bucket="stream-failures", Key=item["Key"])["Body"])
        assert read(json.loads(body["payload"])) == ["bad", "d"]

    asyncio.run(scenario())


def test_a_stream_of_dynamodb(service: Service) -> None:
    dynamodb = service("dynamodb")

    def make_table(name: str) -> str:
        answer = dynamodb.create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        )
        return str(answer["TableDescription"]["LatestStreamArn"])

    arn = make_table("orders")
    make_table("people")
    first = {"id": {"S": "1"}, "n": {"N": "1.50"}, "b": {"B": b"\x00"}, "s": {"SS": ["x"]}}
    dynamodb.put_item(TableName="orders", Item=first)
    dynamodb.put_item(TableName="people", Item={"id": {"S": "ann"}})
    dynamodb.delete_item(TableName="people", Key={"id": {"S": "ann"}})
    removed = json.dumps({"eventName": ["REMOVE"], "dynamodb": {"Keys": {"id": {"S": ["ann"]}}}})

    async def scenario() -> None:
        async with watched(
            source("dynamodb", arn), source("dynamodb", "people", filters=(removed,))
        ) as emulator:
            [record] = (await emulator.event(arn))["Records"]
            change = record["dynamodb"]
            assert change["NewImage"] == {**first, "b": {"B": "AA=="}}
            assert change["StreamViewType"] == "NEW_AND_OLD_IMAGES"
            assert isinstance(change["ApproximateCreationDateTime"], int)
            assert record["eventSource"] == "aws:dynamodb"
            assert (record["eventName"], record["eventSourceARN"]) == ("INSERT", arn)
            status = emulator.server.sources.mappings[1].status
            await emulator.until(lambda: status.batches)
            assert (status.received, status.filtered) == (2, 1)
            # New records arrive, too.
            dynamodb.update_item(
                TableName="orders",
                Key={"id": {"S": "1"}},
                UpdateExpression="SET n = :n",
                ExpressionAttributeValues={":n": {"N": "2"}},
            )
            [record] = (await emulator.event(arn))["Records"]
            assert record["eventName"] == "MODIFY"
            assert record["dynamodb"]["OldImage"]["n"] == {"N": "1.50"}

    asyncio.run(scenario())


def test_a_tumbling_window(service: Service) -> None:
    kinesis = service("kinesis")
    arn = make_stream(kinesis, "tumbling", *"abc")

    async def scenario() -> None:
        described = source("kinesis", arn, batch_size=2, tumbling_window=1)
        async with watched(described) as emulator:
            events = [await emulator.event("tumbling")]
            while (
                not events[-1]["isFinalInvokeForWindow"]
                or sum(len(each["Records"]) for each in events) < 3
            ):
                events.append(await emulator.event("tumbling"))
        assert {each["eventSourceARN"] for each in events} == {arn}
        assert {each["shardId"] for each in events} == {"shardId-000000000000"}
        assert not any(each["isWindowTerminatedEarly"] for each in events)
        count = 0
        for each in events:
            assert each["state"] == ({"count": count} if count else {})
            count = 0 if each["isFinalInvokeForWindow"] else count + len(each["Records"])
            assert each["window"]["start"] < each["window"]["end"]
        assert events[-1]["Records"] == []

    asyncio.run(scenario())


def test_a_state_that_is_too_large_ends_its_window() -> None:
    window = TumblingWindow("shard", "arn", 60, 1_600_000_030.5)
    assert window.event([])["window"] == {
        "start": "2020-09-13T12:27:00Z",
        "end": "2020-09-13T12:28:00Z",
    }
    for payload in (b"null", b'"text"', b'{"state": 5}', b"{", b"{}"):
        window.keep_state(payload)
        assert window.event([])["state"] == {}
    window.keep_state(json.dumps({"state": {"a": "x" * (1 << 20)}}).encode())
    assert window.ends_early
    assert window.event([], final=True)["isWindowTerminatedEarly"] is True
