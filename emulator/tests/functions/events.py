"""Takes events of all sources, and fails as their data says."""

import base64
import json
from typing import Any

from lambda_runtime import run


def read(record: dict[str, Any]) -> tuple[str, str]:
    if "body" in record:
        return record["messageId"], record["body"]
    if "kinesis" in record:
        data = record["kinesis"]
        return data["sequenceNumber"], base64.b64decode(data["data"]).decode()
    if "dynamodb" in record:
        data = record["dynamodb"]
        return data["SequenceNumber"], data["Keys"]["id"]["S"]
    return "", ""


def handle_topic(event: dict[str, Any]) -> dict[str, Any]:
    failed = [
        {"itemIdentifier": {"partition": partition, "offset": record["offset"]}}
        for partition, records in event["records"].items()
        for record in records
        if b"bad" in base64.b64decode(record.get("value", ""))
    ]
    return {"batchItemFailures": failed}


def handler(event: Any) -> Any:
    if isinstance(event, dict) and isinstance(event.get("records"), dict):
        return handle_topic(event)
    if not isinstance(event, dict) or "Records" not in event:
        return event
    read_records = [read(record) for record in event["Records"]]
    for _, text in read_records:
        if "raise" in text:
            raise ValueError(text)
        if text.startswith("answer:"):
            return json.loads(text.removeprefix("answer:"))
    failed = [{"itemIdentifier": name} for name, text in read_records if "bad" in text]
    state = {**event.get("state", {}), "count": event.get("state", {}).get("count", 0)}
    state["count"] += len(read_records)
    return {"batchItemFailures": failed, "state": state}


if __name__ == "__main__":
    run(handler)
