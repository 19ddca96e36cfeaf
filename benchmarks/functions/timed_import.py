"""Handlers whose module notes when it is imported: for the phases of a cold start."""

import os
import sys
import time

IMPORTED = time.monotonic()


def handler(event: dict[str, str], context: object) -> dict[str, str]:
    return {"message": f"Hello {event.get('name', 'World')}!"}


async def handler_async(event: dict[str, str], context: object) -> dict[str, str]:
    return handler(event, context)


with open(os.environ["PHASES"], "w", encoding="utf-8") as file:  # noqa: PTH123 (no more imports)
    print(sys.started, IMPORTED, time.monotonic(), file=file)  # type: ignore[attr-defined]
