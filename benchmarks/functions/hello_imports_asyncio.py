"""A `def` handler that imports asyncio: what awslambdaric costs a function that does."""

import asyncio


def handler(event: dict[str, str], context: object) -> dict[str, str]:
    assert asyncio.run
    return {"message": f"Hello {event.get('name', 'World')}!"}
