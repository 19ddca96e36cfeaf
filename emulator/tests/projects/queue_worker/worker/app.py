from typing import Any


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return {"batchItemFailures": []}


def audit(event: dict[str, Any], context: Any) -> None:
    assert event["requestContext"]
