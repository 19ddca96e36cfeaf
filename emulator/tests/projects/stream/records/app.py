from typing import Any


def handler(event: dict[str, Any], context: Any) -> int:
    return len(event["Records"])
