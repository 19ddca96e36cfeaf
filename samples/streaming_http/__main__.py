"""Answer HTTP word by word: status, headers and cookies first, then server-sent events."""

import asyncio
import json
from collections.abc import AsyncIterator
from http.cookies import SimpleCookie
from typing import Any

from lambda_runtime import Context, HttpPrelude, run


async def think(question: str) -> AsyncIterator[str]:
    """Yield an answer's words as they come to mind; a function of yours would ask a model."""
    for word in ("You", "asked", f"{question!r}.", "Good", "question!"):
        await asyncio.sleep(0.05)
        yield word


def count_visits(cookies: list[str]) -> int:
    """Return the number of visits that a browser's cookies record."""
    visits = SimpleCookie("; ".join(cookies)).get("visits")
    return int(visits.value) if visits and visits.value.isdecimal() else 0


async def handler(event: dict[str, Any], context: Context) -> AsyncIterator[HttpPrelude | str]:
    """Answer one invocation.

    Args:
        event: An HTTP request, as a Function URL passes it on.
        context: The invocation: its request id, its function and the time that is left.

    Yields:
        The beginning of the response, and then its body, piece by piece.
    """
    question = event.get("queryStringParameters", {}).get("question")
    if question is None:
        yield HttpPrelude(400, {"content-type": "text/plain"})
        yield "Add ?question=... to the address.\n"
        return
    visits = count_visits(event.get("cookies", [])) + 1
    print(f"{context.function_name} got a question, on visit {visits}")
    yield HttpPrelude(
        headers={"content-type": "text/event-stream", "cache-control": "no-store"},
        cookies=[f"visits={visits}; Path=/; Secure; HttpOnly", "theme=dark; Path=/"],
    )
    async for word in think(question):
        yield f"data: {json.dumps(word)}\n\n"


if __name__ == "__main__":
    run(handler)
