"""An answer that is streamed word by word, as server-sent events."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from lambda_runtime import Context, HttpPrelude, run


async def think(question: str) -> AsyncIterator[str]:
    """Yield the words of an answer; replace it by your model."""
    for word in ("You", "asked", f"{question!r}.", "Good", "question!"):
        await asyncio.sleep(0.05)
        yield word


async def handler(event: dict[str, Any], context: Context) -> AsyncIterator[HttpPrelude | str]:
    """Answer a request to the function's URL."""
    question = event.get("queryStringParameters", {}).get("question")
    if question is None:
        yield HttpPrelude(400, {"content-type": "text/plain"})
        yield "Add ?question=... to the address.\n"
        return
    yield HttpPrelude(headers={"content-type": "text/event-stream", "cache-control": "no-store"})
    async for word in think(question):
        yield f"data: {json.dumps(word)}\n\n"


if __name__ == "__main__":
    run(handler)
