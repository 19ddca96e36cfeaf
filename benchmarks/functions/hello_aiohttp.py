"""The same for a function that has loaded aiohttp, as most async ones do."""

import aiohttp


async def handler(event: dict[str, str], context: object) -> dict[str, str]:
    assert aiohttp.ClientSession
    return {"message": f"Hello {event.get('name', 'World')}!"}
