"""A `def` handler that imports asyncio: what awslambdaric costs a function that does."""

import asyncio  # noqa: F401 (loading it is the point)


def handler(event: dict[str, str], context: object) -> dict[str, str]:
    return {"message": f"Hello {event.get('name', 'World')}!"}
