"""The event of an invocation, as Lambda takes it."""

import json
from typing import NoReturn

MAX_EVENT_SIZE = 6 * 1024 * 1024
"""The most bytes that an event may have.

https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""


class EventError(ValueError):
    """An event that is not JSON."""


def to_event(payload: bytes) -> bytes:
    """Make an event of what a caller has sent.

    Args:
        payload: JSON text in UTF-8, or nothing at all.

    Returns:
        The event: the same bytes, and an empty object for nothing.

    Raises:
        EventError: The payload is not JSON; the message says where.
    """
    if not payload:
        return b"{}"
    try:
        _DECODER.decode(payload.decode())
    except (ValueError, RecursionError) as error:
        raise EventError(str(error)) from error
    return payload


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"JSON has no {name}")


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)
