"""The conditions of policies.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

import operator
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network
from typing import Any, cast

from lambda_emulator._http_request import HTTPRequest

from .wildcards import wildcard

_Test = Callable[[str, str], bool]  # of the request's value, and one of the policy's
_IF_EXISTS = "IfExists"
_SETS = ("ForAllValues:", "ForAnyValue:")


class PolicyError(ValueError):
    """A policy is malformed; the message says how."""


Values = Mapping[str, str | None]
"""The values of keys of conditions, by the keys in small letters; None if a request has none."""


def known_values(request: HTTPRequest) -> Values:
    """Return the values of the keys that this machine knows.

    Args:
        request: The request to decide on.
    """
    now = time.time()
    return {
        "aws:currenttime": datetime.fromtimestamp(now, UTC).isoformat(),
        "aws:epochtime": str(now),
        "aws:referer": request.headers.get("Referer"),
        "aws:securetransport": "true",  # as on AWS, whose APIs have no plain HTTP
        "aws:sourceip": request.source_ip,
        "aws:useragent": request.user_agent,
    }


def is_met(condition: object, values: Values) -> bool:
    """Return whether a condition is met.

    Args:
        condition: Values by keys, by operators; None for no condition.
        values: The values that are known. Conditions on other keys count as met.

    Raises:
        PolicyError: The condition is malformed, or has an operator that there is not.
    """
    if condition is None:
        return True
    if not isinstance(condition, dict):
        raise PolicyError("a statement's Condition is not an object")
    for name, table in cast("dict[str, Any]", condition).items():
        if not isinstance(table, dict):
            raise PolicyError(f"{name} of a Condition is not an object")
        for key, wanted in cast("dict[str, Any]", table).items():
            known = key.lower() in values
            if known and not _holds(name, values[key.lower()], _texts(wanted)):
                return False
    return True


def _holds(name: str, value: str | None, wanted: list[str]) -> bool:
    name = next((name.removeprefix(each) for each in _SETS if name.startswith(each)), name)
    if name == "Null":
        return (value is None) is ("true" in wanted)
    may_lack = name.endswith(_IF_EXISTS)
    name = name.removesuffix(_IF_EXISTS)
    if name not in _OPERATORS:
        raise PolicyError(f"a Condition has the operator {name!r}, which there is not")
    test, is_negated = _OPERATORS[name]
    if value is None:
        return may_lack or is_negated
    try:
        return any(test(value, each) for each in wanted) is not is_negated
    except ValueError as error:
        raise PolicyError(f"{name} of a Condition has a malformed value: {error}") from error


def _texts(value: object) -> list[str]:
    listed = cast("list[object]", value if isinstance(value, list) else [value])
    return [str(each).lower() if isinstance(each, bool) else str(each) for each in listed]


def _is_address(value: str, network: str) -> bool:
    return ip_address(value) in ip_network(network, strict=False)


def _moment(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _compared(convert: Callable[[str], float], compare: Callable[[Any, Any], bool]) -> _Test:
    return lambda value, wanted: compare(convert(value), convert(wanted))


def _ignoring_case(value: str, wanted: str) -> bool:
    return value.lower() == wanted.lower()


def _is_like(value: str, pattern: str) -> bool:
    return wildcard(pattern, cased=True).fullmatch(value) is not None


_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "LessThan": operator.lt,
    "LessThanEquals": operator.le,
    "GreaterThan": operator.gt,
    "GreaterThanEquals": operator.ge,
}
# Tests, and whether none of the policy's values may pass it.
_OPERATORS: Mapping[str, tuple[_Test, bool]] = {
    "ArnEquals": (_is_like, False),
    "ArnLike": (_is_like, False),
    "ArnNotEquals": (_is_like, True),
    "ArnNotLike": (_is_like, True),
    "Bool": (_ignoring_case, False),
    "DateEquals": (_compared(_moment, operator.eq), False),
    "DateNotEquals": (_compared(_moment, operator.eq), True),
    "IpAddress": (_is_address, False),
    "NotIpAddress": (_is_address, True),
    "NumericEquals": (_compared(float, operator.eq), False),
    "NumericNotEquals": (_compared(float, operator.eq), True),
    "StringEquals": (operator.eq, False),
    "StringEqualsIgnoreCase": (_ignoring_case, False),
    "StringLike": (_is_like, False),
    "StringNotEquals": (operator.eq, True),
    "StringNotEqualsIgnoreCase": (_ignoring_case, True),
    "StringNotLike": (_is_like, True),
    **{f"Date{name}": (_compared(_moment, test), False) for name, test in _COMPARISONS.items()},
    **{f"Numeric{name}": (_compared(float, test), False) for name, test in _COMPARISONS.items()},
}
