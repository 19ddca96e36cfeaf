from typing import Any


def handler(event: dict[str, Any], context: Any) -> bool:
    return bool(event["full"])


def watch(event: dict[str, Any], context: Any) -> str:
    return str(event["source"])
