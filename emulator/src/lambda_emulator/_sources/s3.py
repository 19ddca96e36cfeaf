"""Notifications of buckets of S3: their events, and which of them a function gets.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
"""

import hashlib
import time
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import quote_plus, unquote_plus

from lambda_emulator._project.description import Trigger

_DETAIL_TYPES = {"ObjectCreated": "Object Created", "ObjectRemoved": "Object Deleted"}
_REASONS = {
    "Put": "PutObject",
    "Post": "POST Object",
    "Copy": "CopyObject",
    "CompleteMultipartUpload": "CompleteMultipartUpload",
    "Delete": "DeleteObject",
    "DeleteMarkerCreated": "DeleteObject",
}


def make_notification(bucket: str, key: str, name: str, region: str) -> dict[str, Any]:
    """Return the notification of what was done to an object.

    Args:
        bucket: The name of the bucket.
        key: The key of the object, not encoded.
        name: The kind of event, such as ``ObjectCreated:Put``.
        region: The region of the bucket.
    """
    item: dict[str, Any] = {"key": quote_plus(key, safe="/-_.*"), "sequencer": _sequencer()}
    if name.startswith("ObjectCreated"):
        item |= {"size": 1024, "eTag": hashlib.md5(key.encode()).hexdigest()}  # noqa: S324
    record = {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": region,
        "eventTime": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z",
        "eventName": name,
        "userIdentity": {"principalId": "AWS:AIDAEXAMPLE"},
        "requestParameters": {"sourceIPAddress": "127.0.0.1"},
        "responseElements": {
            "x-amz-request-id": uuid.uuid4().hex[:16].upper(),
            "x-amz-id-2": uuid.uuid4().hex,
        },
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "lambda-emulator",
            "bucket": {
                "name": bucket,
                "ownerIdentity": {"principalId": "A3EXAMPLE"},
                "arn": f"arn:aws:s3:::{bucket}",
            },
            "object": item,
        },
    }
    return {"Records": [record]}


def is_notified(trigger: Trigger, record: Mapping[str, Any]) -> bool:
    """Return whether a function gets a record of a notification.

    Args:
        trigger: The bucket and the function.
        record: The record.
    """
    key = unquote_plus(record["s3"]["object"]["key"])
    name = record["eventName"].removeprefix("s3:")
    return (
        trigger.bucket in {record["s3"]["bucket"]["name"], record["s3"]["bucket"].get("arn")}
        and any(fnmatchcase(name, each.removeprefix("s3:")) for each in trigger.events)
        and key.startswith(trigger.prefix)
        and key.endswith(trigger.suffix)
    )


def to_bus_event(record: Mapping[str, Any], account: str) -> dict[str, Any] | None:
    """Return a record of a notification as EventBridge has it; None if it has no such event.

    Args:
        record: The record.
        account: The id of the account.
    """
    kind, _, reason = record["eventName"].removeprefix("s3:").partition(":")
    if kind not in _DETAIL_TYPES:
        return None
    bucket, item = record["s3"]["bucket"], record["s3"]["object"]
    fields = {"key": unquote_plus(item["key"]), "sequencer": item.get("sequencer", "")}
    if kind == "ObjectCreated":
        fields |= {"size": item.get("size", 0), "etag": item.get("eTag", "")}
    detail: dict[str, Any] = {
        "version": "0",
        "bucket": {"name": bucket["name"]},
        "object": fields,
        "request-id": record.get("responseElements", {}).get("x-amz-request-id", ""),
        "requester": account,
        "source-ip-address": record.get("requestParameters", {}).get("sourceIPAddress", ""),
        "reason": _REASONS.get(reason, reason),
    }
    if kind == "ObjectRemoved":
        is_marker = reason == "DeleteMarkerCreated"
        detail["deletion-type"] = "Delete Marker Created" if is_marker else "Permanently Deleted"
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": _DETAIL_TYPES[kind],
        "source": "aws.s3",
        "account": account,
        "time": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "region": record.get("awsRegion", ""),
        "resources": [f"arn:aws:s3:::{bucket['name']}"],
        "detail": detail,
    }


def _sequencer() -> str:
    return f"{time.time_ns():018X}"
