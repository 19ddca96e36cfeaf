"""The handlers of ``hello``, as ``async def``."""


async def handler(event: dict[str, str], context: object) -> dict[str, str]:
    return {"message": f"Hello {event.get('name', 'World')}!"}
