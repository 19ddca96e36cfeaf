"""The same for an event loop."""

from typing import Any


async def handler(event: Any, context: object) -> Any:
    return event
