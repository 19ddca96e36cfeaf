"""A handler that returns its event: what a payload costs in and out."""

from typing import Any


def handler(event: Any, context: object) -> Any:
    return event
