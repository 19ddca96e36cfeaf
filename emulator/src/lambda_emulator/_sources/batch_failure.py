"""Records of batches that are given up, for the destination of an event source mapping.

https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
"""

import json
import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from lambda_emulator import _platform
from lambda_emulator._blocking import in_thread
from lambda_emulator._destination import Destination, send_record
from lambda_emulator._invocation import EmulatedInvocation

from .mapping import EventSourceMapping
from .record import Record

_LOG = logging.getLogger(__name__)
_INFO_NAMES = {"kinesis": "KinesisBatchInfo", "dynamodb": "DDBStreamBatchInfo"}


async def send_failure(
    destination: Destination,
    mapping: EventSourceMapping,
    shard: str,
    records: Sequence[Record],
    condition: str,
    attempts: int,
    invocation: EmulatedInvocation | None,
) -> None:
    """Send a record of a batch that is given up; one that is not taken is lost, and logged.

    Args:
        destination: The destination.
        mapping: The source and the function.
        shard: The id of the shard.
        records: The records of the batch.
        condition: The reason that Lambda gives up the batch.
        attempts: The number of invocations of the function with it.
        invocation: The last of these invocations, or None.
    """
    function = mapping.service.function
    record: dict[str, Any] = {
        "requestContext": {
            "requestId": "" if invocation is None else invocation.request_id,
            "functionArn": function.arn,
            "condition": condition,
            "approximateInvokeCount": attempts,
        },
        "version": "1.0",
        "timestamp": _platform.now(),
        _INFO_NAMES[mapping.source.kind]: {
            "shardId": shard,
            "startSequenceNumber": records[0].item_id,
            "endSequenceNumber": records[-1].item_id,
            "approximateArrivalOfFirstRecord": _iso(records[0].arrival),
            "approximateArrivalOfLastRecord": _iso(records[-1].arrival),
            "batchSize": len(records),
            "streamArn": records[0].event["eventSourceARN"],
        },
    }
    if invocation is not None:
        record["responseContext"] = {"statusCode": 200, "executedVersion": function.version}
        if invocation.is_error:
            record["responseContext"]["functionError"] = "Unhandled"
    if destination.service == "s3":  # the only destination that gets the records themselves
        record["payload"] = json.dumps({"Records": [each.event for each in records]})
    folder = f"aws/lambda/{mapping.uuid}/{shard}"
    try:
        await in_thread(send_record, destination, record, folder=folder)
    except Exception as error:  # noqa: BLE001 (of boto3, or of the file system)
        _LOG.error("Nothing could be sent to %s: %s", destination.target, error)


def _iso(moment: float) -> str:
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z"
