"""The handlers of ``stream``, as ``async def``."""

import asyncio
import os
from collections.abc import AsyncIterator


async def handler(event: dict[str, int], context: object) -> AsyncIterator[bytes]:
    chunk = b"x" * event["size"]
    for _ in range(event["chunks"]):
        yield chunk


async def gated(event: dict[str, int], context: object) -> AsyncIterator[bytes]:
    """Yield each chunk when the benchmark lets it go."""
    chunk = b"x" * event["size"]
    reader, writer = await asyncio.open_connection("127.0.0.1", int(os.environ["GATE"]))
    for _ in range(event["chunks"]):
        writer.write(b"?")
        await reader.readexactly(1)
        yield chunk
    writer.close()
    await writer.wait_closed()
