"""Event patterns: which events a rule, or a filter of an event source mapping, lets through.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
"""

import itertools
import json
import re
from collections.abc import Callable, Iterable, Mapping
from ipaddress import ip_address, ip_network
from typing import Any

Matcher = Callable[[Any], bool]
"""Returns whether a value is let through."""

_Condition = Callable[[list[Any]], bool]  # of all values that a field has
_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "=": lambda value, limit: value == limit,
    "<": lambda value, limit: value < limit,
    "<=": lambda value, limit: value <= limit,
    ">": lambda value, limit: value > limit,
    ">=": lambda value, limit: value >= limit,
}


class PatternError(ValueError):
    """An event pattern is not valid; the message says why."""


def compile_pattern(pattern: str | Mapping[str, Any]) -> Matcher:
    """Return a function that says whether an event matches a pattern.

    Args:
        pattern: The pattern: JSON, or what that stands for.

    Raises:
        PatternError: It is not valid.
    """
    if isinstance(pattern, str):
        try:
            pattern = json.loads(pattern)
        except ValueError as error:
            raise PatternError(f"The event pattern is not JSON: {error}") from None
    if not isinstance(pattern, Mapping):
        raise PatternError("An event pattern is a JSON object.")
    return _compile_object(pattern)


def _compile_object(pattern: Mapping[str, Any]) -> Matcher:
    fields: list[tuple[str, Matcher]] = []
    choices: list[list[Matcher]] = []
    for name, expected in pattern.items():
        if name == "$or" and _is_choice(expected):
            choices.append([_compile_object(each) for each in expected])
        elif isinstance(expected, Mapping):
            fields.append((name, _compile_object(expected)))
        elif isinstance(expected, list):
            fields.append((name, _compile_values(name, expected)))
        else:
            raise PatternError(f"{name!r} must be an array or an object, not {expected!r}.")

    def matches_one(event: Any) -> bool:
        known = event if isinstance(event, Mapping) else {}
        return all(matches(known.get(name, ...)) for name, matches in fields) and all(
            any(matches(known) for matches in choice) for choice in choices
        )

    def matches(event: Any) -> bool:
        # All fields must match in the same element of an array.
        return any(map(matches_one, _flatten(event) or [{}]))

    return matches


def _is_choice(value: Any) -> bool:
    """Return whether a ``$or`` is the operator; a field may have this name, too."""
    return isinstance(value, list) and len(value) > 1 and all(isinstance(v, Mapping) for v in value)


def _compile_values(name: str, expected: list[Any]) -> Matcher:
    if not expected:
        raise PatternError(f"The array of {name!r} is empty.")
    conditions = [_compile_condition(name, each) for each in expected]

    def matches(value: Any) -> bool:
        values = [each for each in _flatten(value) if not isinstance(each, Mapping)]
        return any(condition(values) for condition in conditions)

    return matches


def _compile_condition(name: str, expected: Any) -> _Condition:
    if isinstance(expected, list):
        raise PatternError(f"The array of {name!r} has an array in it.")
    if not isinstance(expected, Mapping):
        return lambda values: any(_equal(value, expected) for value in values)
    if len(expected) != 1:
        raise PatternError(f"A condition of {name!r} has not exactly one operator: {expected!r}.")
    [(operator, operand)] = expected.items()
    if operator == "exists":
        if not isinstance(operand, bool):
            raise PatternError(f"'exists' of {name!r} must be true or false.")
        return lambda values: bool(values) is operand
    matches = _compile_operator(name, operator, operand)
    return lambda values: any(map(matches, values))


def _compile_operator(name: str, operator: str, operand: Any) -> Matcher:
    match operator, operand:
        case "anything-but", Mapping():
            if len(operand) != 1:
                raise PatternError(f"'anything-but' of {name!r} has not exactly one operator.")
            [(inner, values)] = operand.items()
            if inner not in {"prefix", "suffix", "equals-ignore-case", "wildcard"}:
                raise PatternError(f"'anything-but' of {name!r} cannot have {inner!r}.")
            each = [_compile_operator(name, inner, one) for one in _as_list(name, values)]
            return lambda value: not any(matches(value) for matches in each)
        case "anything-but", _:
            excluded = _as_list(name, operand)
            if any(not isinstance(one, str | int | float) for one in excluded):
                raise PatternError(f"'anything-but' of {name!r} takes strings and numbers.")
            return lambda value: not any(_equal(value, one) for one in excluded)
        case (("prefix" | "suffix"), {"equals-ignore-case": str() as end, **rest}) if not rest:
            return _affix(operator, end, str.casefold)
        case (("prefix" | "suffix"), str()):
            return _affix(operator, operand, str)
        case "equals-ignore-case", str():
            folded = operand.casefold()
            return lambda value: isinstance(value, str) and value.casefold() == folded
        case "wildcard", str():
            expression = _wildcard(name, operand)
            return lambda value: isinstance(value, str) and bool(expression.fullmatch(value))
        case "numeric", list():
            return _compile_numeric(name, operand)
        case "cidr", str():
            return _compile_cidr(name, operand)
        case (("prefix" | "suffix" | "equals-ignore-case" | "wildcard" | "numeric" | "cidr"), _):
            raise PatternError(f"{operator!r} of {name!r} cannot take {operand!r}.")
        case _:
            raise PatternError(f"{name!r} has an unknown operator {operator!r}.")


def _affix(operator: str, end: str, normalize: Callable[[str], str]) -> Matcher:
    test = str.startswith if operator == "prefix" else str.endswith
    wanted = normalize(end)
    return lambda value: isinstance(value, str) and test(normalize(value), wanted)


def _compile_numeric(name: str, operand: list[Any]) -> Matcher:
    operators, limits = operand[::2], operand[1::2]
    wrong = not operand or len(operand) % 2 or len(operand) > 4
    if wrong or not all(_is_number(each) for each in limits):
        raise PatternError(f"'numeric' of {name!r} takes one or two pairs, such as ['>', 0].")
    if unknown := [each for each in operators if each not in _COMPARISONS]:
        raise PatternError(f"'numeric' of {name!r} has no operator {unknown[0]!r}.")
    directions = [each[0] for each in operators]
    if len(directions) > 1 and sorted(directions) != ["<", ">"]:
        raise PatternError(f"'numeric' of {name!r} takes a lower and an upper limit.")
    tests = [(_COMPARISONS[each], limit) for each, limit in zip(operators, limits, strict=True)]
    return lambda value: _is_number(value) and all(test(value, limit) for test, limit in tests)


def _compile_cidr(name: str, operand: str) -> Matcher:
    try:
        network = ip_network(operand, strict=False)
    except ValueError:
        raise PatternError(f"'cidr' of {name!r} is not a block: {operand!r}.") from None

    def matches(value: Any) -> bool:
        try:
            return isinstance(value, str) and ip_address(value) in network
        except ValueError:
            return False

    return matches


def _wildcard(name: str, text: str) -> re.Pattern[str]:
    """Return a regular expression; a backslash makes a ``*`` or a backslash a plain character."""
    parts = re.findall(r"\\[*\\]|\\|\*|[^*\\]+", text)
    if "\\" in parts:
        raise PatternError(f"'wildcard' of {name!r} has a backslash that escapes nothing.")
    if any(pair == ("*", "*") for pair in itertools.pairwise(parts)):
        raise PatternError(f"'wildcard' of {name!r} has two wildcards in a row.")
    expressions = (".*" if part == "*" else re.escape(_unescape(part)) for part in parts)
    return re.compile("".join(expressions), re.DOTALL)


def _unescape(part: str) -> str:
    return part[1] if part.startswith("\\") else part


def _as_list(name: str, value: Any) -> list[Any]:
    if value == []:
        raise PatternError(f"'anything-but' of {name!r} is empty.")
    return value if isinstance(value, list) else [value]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _equal(value: Any, expected: Any) -> bool:
    """Compare as JSON does: true is not 1, and 1.0 is."""
    if _is_number(value) and _is_number(expected):
        return bool(value == expected)
    return type(value) is type(expected) and value == expected


def _flatten(value: Any) -> list[Any]:
    """Return the elements of arrays within arrays, or the value alone; nothing if it is missing."""
    if value is ...:
        return []
    return list(_elements(value)) if isinstance(value, list) else [value]


def _elements(values: Iterable[Any]) -> Iterable[Any]:
    for value in values:
        if isinstance(value, list):
            yield from _elements(value)
        else:
            yield value
