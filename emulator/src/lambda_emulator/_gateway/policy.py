"""The policies by which authorizers allow and deny.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html
"""

from collections.abc import Iterator, Mapping
from typing import Any, Literal, cast

from .conditions import PolicyError, Values, is_met
from .wildcards import wildcard

Decision = Literal["allowed", "denied", "denied_explicitly"]
_ACTION = "execute-api:Invoke"


def decide(policy: object, arn: str, values: Values) -> Decision:
    """Return what a policy says to a request.

    Args:
        policy: The policy, as JSON.
        arn: The ARN of what is asked for.
        values: The values of keys of conditions; conditions on other keys count as met.

    Raises:
        PolicyError: The policy is malformed.
    """
    decision: Decision = "denied"
    for statement in _statements(policy):
        effect = statement.get("Effect")
        if effect not in ("Allow", "Deny"):
            raise PolicyError("a statement's Effect is not Allow or Deny")
        if (
            _names(statement, "Action", _ACTION, cased=False)
            and _names(statement, "Resource", arn, cased=True)
            and is_met(statement.get("Condition"), values)
        ):
            if effect == "Deny":
                return "denied_explicitly"
            decision = "allowed"
    return decision


def _statements(policy: object) -> Iterator[Mapping[str, Any]]:
    if not isinstance(policy, dict):
        raise PolicyError("policyDocument is not an object")
    value = cast("dict[str, Any]", policy).get("Statement")
    for statement in cast("list[object]", value if isinstance(value, list) else [value]):
        if not isinstance(statement, dict):
            raise PolicyError("a Statement of the policyDocument is not an object")
        yield cast("dict[str, Any]", statement)


def _names(statement: Mapping[str, Any], field: str, value: str, *, cased: bool) -> bool:
    """Return whether a statement is about an action or a resource."""
    excluded = f"Not{field}"
    if field not in statement and excluded in statement:
        return not _names({field: statement[excluded]}, field, value, cased=cased)
    patterns: Any = statement.get(field)
    if isinstance(patterns, str):
        patterns = [patterns]
    if not isinstance(patterns, list) or not patterns:
        raise PolicyError(f"a statement's {field} is not a string or a list of strings")
    listed = cast("list[object]", patterns)
    if not all(isinstance(pattern, str) for pattern in listed):
        raise PolicyError(f"a statement's {field} is not a string or a list of strings")
    return any(wildcard(str(pattern), cased=cased).fullmatch(value) for pattern in listed)
