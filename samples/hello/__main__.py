"""Greet whoever the event names."""

from lambda_runtime import Context, run


def handler(event: dict[str, str], context: Context) -> dict[str, str]:
    """Answer one invocation.

    Args:
        event: Such as ``{"name": "Ada"}``.
        context: The invocation: its request id, its function and the time that is left.

    Returns:
        Such as ``{"message": "Hello Ada!"}``.
    """
    print(f"{context.function_name} got {sorted(event)}")
    return {"message": f"Hello {event.get('name', 'World')}!"}


if __name__ == "__main__":
    run(handler)
