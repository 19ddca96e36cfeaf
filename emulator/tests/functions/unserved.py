"""A handler, in a file that does not run it."""


def handler(event: object, context: object) -> object:
    """Return the event."""
    return event
