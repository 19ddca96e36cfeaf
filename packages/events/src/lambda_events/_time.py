"""Times as AWS writes them, and what they mean: aware datetimes in UTC.

A model keeps a time as it came; next to it is a property of the same name and ``_utc``.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

_TEXT_FORMS = (
    "%d/%b/%Y:%H:%M:%S %z",  # API Gateway, 12/Mar/2020:19:03:58 +0000
    "%d/%b/%Y:%H:%M:%S%z",
    "%b %d, %Y %I:%M:%S %p",  # CodeBuild, Sep 1, 2017 4:12:29 PM
    "%b %d, %Y, %I:%M:%S %p",  # RabbitMQ, Jan 1, 1970, 12:33:41 AM
    "%b %d %H:%M:%S %Y GMT",  # certificates, May 28 12:30:02 2019 GMT
    "%a %b %d %H:%M:%S UTC %Y",  # claims, Tue Jun 01 07:46:17 UTC 2021
    "%a, %d %b %Y %H:%M:%S %z",  # mail, Wed, 7 Oct 2015 12:34:56 -0700
    "%a, %d %b %Y %H:%M:%S GMT",
)


def from_epoch(value: Any, unit: int = 1) -> datetime | None:
    """Read a Unix time.

    Args:
        value: A number, or the text of one.
        unit: The number of units in a second: 1, 1000 or 1000000.

    Returns:
        The time in UTC; None if it is not a number, or beyond the years of a datetime.
    """
    from datetime import UTC, datetime, timedelta

    try:
        number = int(value) if isinstance(value, str) and value.isdecimal() else float(value)
        microseconds = round(number * 1_000_000 / unit) if unit != 1_000_000 else round(number)
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
    except (TypeError, ValueError, OverflowError):
        return None


def from_text(value: Any) -> datetime | None:
    """Read a time in any of the forms that AWS writes: ISO 8601, log format, and older ones.

    Args:
        value: The text; one without an offset is in UTC.

    Returns:
        The time in UTC; None if it is not a time.
    """
    from datetime import UTC, datetime

    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        for form in _TEXT_FORMS:
            try:
                found = datetime.strptime(value, form)  # noqa: DTZ007 - made aware below
                break
            except ValueError:
                continue
        else:
            return None
    try:
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except OverflowError:
        return None


def claim_time(value: Any) -> datetime | None:
    """Read a time among the claims of a token, such as ``exp``, ``iat`` or ``auth_time``.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-integrate-with-cognito.html

    Args:
        value: The claim: a number of seconds, the text of one (HTTP APIs), or a date such as
            ``Tue Jun 01 07:46:17 UTC 2021`` (REST APIs with Cognito).

    Returns:
        The time in UTC; None if it is not a time.
    """
    return from_epoch(value) or from_text(value)
