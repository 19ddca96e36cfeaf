"""Serve many invocations at a time, as Lambda Managed Instances do."""

import asyncio
import os

from lambda_runtime import Context, current_context, run

in_flight: set[str] = set()  # one for each process: what all its invocations see


def note(message: str) -> None:
    """Print a line that says whose it is, from any depth, without being passed a context."""
    context = current_context()
    print(f"{context.aws_request_id if context else '-'} {message}")


async def look_up(seconds: float) -> None:
    """Wait; a function of yours would wait for a database or a web service."""
    note(f"waits for {seconds:g} s")
    await asyncio.sleep(seconds)


async def handler(event: dict[str, float], context: Context) -> dict[str, object]:
    """Answer one invocation.

    Args:
        event: Such as ``{"seconds": 0.1}``.
        context: This invocation's own, whatever else is under way.

    Returns:
        The process that answers, and how many invocations it had in flight.
    """
    in_flight.add(context.aws_request_id)
    try:
        count = len(in_flight)
        await look_up(event["seconds"])
        return {"process": os.getpid(), "inFlight": count}
    finally:
        in_flight.remove(context.aws_request_id)


if __name__ == "__main__":
    run(handler)
