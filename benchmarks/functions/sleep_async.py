"""The same for an event loop."""

import asyncio


async def handler(event: dict[str, float], context: object) -> dict[str, str]:
    await asyncio.sleep(event["seconds"])
    return {"message": "Hello World!"}
