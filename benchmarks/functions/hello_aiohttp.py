"""The same over aiohttp, which a program has to ask for."""

from lambda_runtime import run


async def handler(event: dict[str, str], context: object) -> dict[str, str]:
    return {"message": f"Hello {event.get('name', 'World')}!"}


if __name__ == "__main__":
    run(handler, transport="aiohttp")
