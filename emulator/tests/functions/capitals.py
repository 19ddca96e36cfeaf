"""A handler in camel case, in a file that does not run it."""


def lambdaHandler(event: object, context: object) -> object:  # noqa: N802 (as people name it)
    """Return the event."""
    return event
