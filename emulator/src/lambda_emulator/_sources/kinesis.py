"""Polling a data stream of Kinesis.

https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html
"""

import base64
from datetime import UTC, datetime
from typing import Any

from .mapping import EventSourceMapping
from .record import Record
from .stream import Page, Shard, poll_stream


async def poll_kinesis(mapping: EventSourceMapping) -> None:
    """Poll a data stream forever.

    Args:
        mapping: The stream, by its ARN or its name, and the function.
    """
    kinesis = await mapping.clients.get("kinesis", mapping.region)
    arn = mapping.source.source.partition("/consumer/")[0]
    if not arn.startswith("arn:"):
        answer = await mapping.call(kinesis.describe_stream_summary, StreamName=arn)
        arn = answer["StreamDescriptionSummary"]["StreamARN"]
    await poll_stream(mapping, _KinesisStream(mapping, kinesis, arn))


class _KinesisStream:
    def __init__(self, mapping: EventSourceMapping, client: Any, arn: str) -> None:
        self._mapping = mapping
        self._client = client
        self._arn = arn

    async def shards(self) -> list[Shard]:
        found: list[dict[str, Any]] = []
        query = {"StreamARN": self._arn}
        while True:
            answer = await self._mapping.call(self._client.list_shards, **query)
            found += answer["Shards"]
            if not (token := answer.get("NextToken")):
                break
            query = {"NextToken": token}
        return [_shard(each) for each in found]

    async def iterator(self, shard: str, *, after: str | None, newest: bool) -> str:
        source = self._mapping.source
        where: dict[str, Any] = {"ShardIteratorType": "TRIM_HORIZON"}
        if after is not None:
            where = {
                "ShardIteratorType": "AFTER_SEQUENCE_NUMBER",
                "StartingSequenceNumber": after,
            }
        elif newest:
            where = {"ShardIteratorType": "LATEST"}
        elif source.starting_position == "AT_TIMESTAMP":
            moment = datetime.fromtimestamp(source.starting_timestamp or 0.0, UTC)
            where = {"ShardIteratorType": "AT_TIMESTAMP", "Timestamp": moment}
        # Some servers read the ARN, and others only the name.
        stream = {"StreamARN": self._arn, "StreamName": self._arn.rpartition("/")[2]}
        answer = await self._mapping.call(
            self._client.get_shard_iterator, ShardId=shard, **stream, **where
        )
        iterator: str = answer["ShardIterator"]
        return iterator

    async def read(self, shard: str, iterator: str, limit: int) -> Page:
        answer = await self._mapping.call(
            self._client.get_records, ShardIterator=iterator, Limit=limit
        )
        region = self._mapping.region
        behind = answer.get("MillisBehindLatest")
        return Page(
            [to_record(each, shard, self._arn, region) for each in answer["Records"]],
            answer.get("NextShardIterator"),
            None if behind is None else behind / 1000,
        )


def to_record(record: dict[str, Any], shard: str, arn: str, region: str) -> Record:
    """Return a record of Kinesis as a function gets it.

    Args:
        record: As Kinesis returns it.
        shard: The id of its shard.
        arn: The ARN of its stream.
        region: The region of the stream.
    """
    arrival = record["ApproximateArrivalTimestamp"].timestamp()
    number = record["SequenceNumber"]
    event = {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": record["PartitionKey"],
            "sequenceNumber": number,
            "data": base64.b64encode(record["Data"]).decode(),
            "approximateArrivalTimestamp": round(arrival, 3),
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": f"{shard}:{number}",
        "eventName": "aws:kinesis:record",
        "invokeIdentityArn": f"arn:aws:iam::{arn.split(':')[4]}:role/lambda-role",
        "awsRegion": region,
        "eventSourceARN": arn,
    }
    return Record(event, number, record["Data"], arrival, record["PartitionKey"])


def _shard(shard: dict[str, Any]) -> Shard:
    parents = (shard.get("ParentShardId"), shard.get("AdjacentParentShardId"))
    closed = "EndingSequenceNumber" in shard.get("SequenceNumberRange", {})
    return Shard(shard["ShardId"], tuple(each for each in parents if each), closed)
