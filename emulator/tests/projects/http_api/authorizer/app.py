"""Accepts one token."""

from typing import Any


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    allowed = event.get("identitySource") == ["secret"]
    return {"isAuthorized": allowed, "context": {"user": "Ada"}}
