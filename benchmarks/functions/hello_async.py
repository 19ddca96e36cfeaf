"""The same for an event loop; aiohttp is not loaded, so the runtime serves it on a stream."""


async def handler(event: dict[str, str], context: object) -> dict[str, str]:
    return {"message": f"Hello {event.get('name', 'World')}!"}
