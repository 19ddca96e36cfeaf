"""Greet whoever the event names; the words of the greeting are looked up at the same time."""

import asyncio

from lambda_runtime import Context, run

GREETINGS = {"de": "Hallo", "en": "Hello", "fr": "Bonjour"}


async def find_greeting(language: str) -> str:
    """Look up how to greet; a function of yours would ask a database."""
    return GREETINGS.get(language, GREETINGS["en"])


async def find_name(name: str) -> str:
    """Look up what to call a person; a function of yours would ask a web service."""
    return name.strip()


async def handler(event: dict[str, str], context: Context) -> dict[str, str]:
    """Answer one invocation.

    Args:
        event: Such as ``{"name": "Ada", "language": "fr"}``.
        context: The invocation: its request id, its function and the time that is left.

    Returns:
        Such as ``{"message": "Bonjour Ada!"}``.
    """
    print(f"{context.function_name} got {sorted(event)}")
    greeting, name = await asyncio.gather(
        find_greeting(event.get("language", "en")), find_name(event.get("name", "World"))
    )
    return {"message": f"{greeting} {name}!"}


if __name__ == "__main__":
    run(handler)
