"""Quote an event: its text in, a string out, as queues and topics want a document to be sent."""

from lambda_runtime import Context, run


def handler(event: str, context: Context) -> str:
    """Answer one invocation.

    Args:
        event: The event's text, not decoded, since it is annotated as a string.
        context: The invocation: its request id, its function and the time that is left.

    Returns:
        The same text. As every result but bytes it is sent as JSON, which here means in quotes.
    """
    print(f"{context.function_name} got {len(event)} characters")
    return event.strip()


if __name__ == "__main__":
    run(handler)
