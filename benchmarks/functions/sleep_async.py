"""The handler of ``sleep``, as an ``async def``."""

import asyncio


async def handler(event: dict[str, float], context: object) -> dict[str, str]:
    await asyncio.sleep(event["seconds"])
    return {"message": "Hello World!"}
