"""The same for an event loop."""


async def handler(event: dict[str, str], context: object) -> dict[str, str]:
    return {"message": f"Hello {event.get('name', 'World')}!"}
