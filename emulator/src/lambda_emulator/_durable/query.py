"""The parameters of requests for executions and their history."""

from contextlib import suppress
from datetime import UTC, datetime

from aiohttp import web

from lambda_emulator import _aws_error as aws_error

from .executions import STATUSES

_MAX_ITEMS = 1000


def flag(request: web.Request, name: str, *, default: bool = False) -> bool:
    """Return whether a parameter is true.

    Args:
        request: The request.
        name: The parameter.
        default: Is returned if it is missing.
    """
    value = request.query.get(name)
    return default if value is None else value.lower() == "true"


def marker(request: web.Request) -> str | None:
    """Return where a page begins, or None for the first one.

    Args:
        request: The request.

    Raises:
        Refusal: No page ended there.
    """
    marker = request.query.get("Marker") or None
    if marker is not None and not (marker.isascii() and marker.isdecimal()):
        raise aws_error.invalid_parameter(f"Invalid Marker: {marker}")
    return marker


def statuses(request: web.Request) -> list[str]:
    """Return the statuses of which an execution must have one; none for any.

    Args:
        request: The request.

    Raises:
        Refusal: There is no such status.
    """
    wanted = request.query.getall("Statuses", [])
    for each in wanted:
        if each not in STATUSES:
            limit = f"satisfy enum value set: [{', '.join(STATUSES)}]"
            raise aws_error.invalid("statuses", each, limit)
    return wanted


def max_items(request: web.Request) -> int | None:
    """Return how many items are asked for at most, or None for as many as by default.

    Args:
        request: The request.

    Raises:
        Refusal: It is not a number, or too large a one.
    """
    text = request.query.get("MaxItems", "0")
    if not text.isdecimal() or int(text) > _MAX_ITEMS:
        limit = f"have value less than or equal to {_MAX_ITEMS}"
        raise aws_error.invalid("maxItems", text, limit)
    return int(text) or None


def time(request: web.Request, name: str) -> datetime | None:
    """Return a time of the query, in ISO 8601 or in seconds, or None.

    Args:
        request: The request.
        name: The parameter.

    Raises:
        Refusal: It is not a time.
    """
    text = request.query.get(name)
    if text is None:
        return None
    with suppress(ValueError, OverflowError):
        return datetime.fromtimestamp(float(text), UTC)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise aws_error.invalid_parameter(f"{name} is not a time: {text!r}") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
