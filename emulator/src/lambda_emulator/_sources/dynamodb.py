"""Polling a stream of DynamoDB.

https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
"""

import asyncio
import base64
import json
from datetime import datetime
from typing import Any

from .mapping import EventSourceMapping
from .record import Record
from .stream import Page, Shard, poll_stream

_PAUSE_SECONDS = 1.0  # until a table may have got a stream


async def poll_dynamodb(mapping: EventSourceMapping) -> None:
    """Poll the stream of a table forever.

    Args:
        mapping: The stream, by its ARN or by the ARN or the name of its table, and the function.
    """
    arn = mapping.source.source
    if "/stream/" not in arn:
        arn = await _stream_of(mapping, arn.rpartition("/")[2])
    client = await mapping.clients.get("dynamodbstreams", mapping.region)
    await poll_stream(mapping, _DynamoDBStream(mapping, client, arn))


async def _stream_of(mapping: EventSourceMapping, table: str) -> str:
    """Wait until a table has a stream; return its ARN."""
    client = await mapping.clients.get("dynamodb", mapping.region)
    while True:
        answer = await mapping.call(client.describe_table, TableName=table)
        if arn := answer["Table"].get("LatestStreamArn"):
            return str(arn)
        mapping.note_unreachable(f"The table {table} has no stream.")
        await asyncio.sleep(_PAUSE_SECONDS)


class _DynamoDBStream:
    def __init__(self, mapping: EventSourceMapping, client: Any, arn: str) -> None:
        self._mapping = mapping
        self._client = client
        self._arn = arn

    async def shards(self) -> list[Shard]:
        found: list[dict[str, Any]] = []
        query = {"StreamArn": self._arn}
        while True:
            answer = await self._mapping.call(self._client.describe_stream, **query)
            description = answer["StreamDescription"]
            found += description["Shards"]
            if not (last := description.get("LastEvaluatedShardId")):
                break
            query["ExclusiveStartShardId"] = last
        return [_shard(each) for each in found]

    async def iterator(self, shard: str, *, after: str | None, newest: bool) -> str:
        where = {"ShardIteratorType": "LATEST" if newest else "TRIM_HORIZON"}
        if after is not None:
            where = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": after}
        answer = await self._mapping.call(
            self._client.get_shard_iterator, StreamArn=self._arn, ShardId=shard, **where
        )
        iterator: str = answer["ShardIterator"]
        return iterator

    async def read(self, shard: str, iterator: str, limit: int) -> Page:
        del shard
        answer = await self._mapping.call(
            self._client.get_records, ShardIterator=iterator, Limit=limit
        )
        records = [to_record(each, self._arn, self._mapping.region) for each in answer["Records"]]
        return Page(records, answer.get("NextShardIterator"), None)


def to_record(record: dict[str, Any], arn: str, region: str) -> Record:
    """Return a record of a stream as a function gets it.

    Args:
        record: As DynamoDB returns it.
        arn: The ARN of the stream.
        region: The region of the stream.
    """
    change: dict[str, Any] = _plain(record["dynamodb"])
    event: dict[str, Any] = {
        "eventID": record["eventID"],
        "eventName": record["eventName"],
        "eventVersion": record.get("eventVersion", "1.1"),
        "eventSource": "aws:dynamodb",
        "awsRegion": record.get("awsRegion") or region,
        "dynamodb": change,
        "eventSourceARN": arn,
    }
    if identity := record.get("userIdentity"):
        event["userIdentity"] = {key[:1].lower() + key[1:]: identity[key] for key in identity}
    created = record["dynamodb"].get("ApproximateCreationDateTime")
    return Record(
        event,
        change["SequenceNumber"],
        arrival=created.timestamp() if created else 0.0,
        key=json.dumps(change.get("Keys"), sort_keys=True),
    )


def _plain(value: Any) -> Any:
    """Return a value as JSON has it: bytes as base64, times as seconds."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | set | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, bytes | bytearray):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime):
        return int(value.timestamp())
    return value


def _shard(shard: dict[str, Any]) -> Shard:
    parent = shard.get("ParentShardId")
    closed = "EndingSequenceNumber" in shard.get("SequenceNumberRange", {})
    return Shard(shard["ShardId"], (parent,) if parent else (), closed)
