"""The handler of ``echo``, as an ``async def``."""

from typing import Any


async def handler(event: Any, context: object) -> Any:
    return event
