"""The same for a function that has loaded aiohttp, as most async ones do."""

import aiohttp  # noqa: F401 (loading it is the point)


async def handler(event: dict[str, str], context: object) -> dict[str, str]:
    return {"message": f"Hello {event.get('name', 'World')}!"}
