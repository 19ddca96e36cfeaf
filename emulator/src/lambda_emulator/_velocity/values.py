"""The values of mapping templates, and the methods of Java that they have."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

LARGEST = 10 * 1024 * 1024
"""The most characters of a text."""
_MOST_VALUES = 200_000  # within one that is written


class TemplateError(ValueError):
    """A template cannot be understood or evaluated; the message says why."""


class JsonObject(dict[str, Any]):
    """An object of JSON, which a template writes as JSON."""


class JsonArray(list[Any]):
    """An array of JSON, which a template writes as JSON."""


def from_json(text: str) -> Any:
    """Return the value of JSON.

    Args:
        text: The JSON.

    Raises:
        TemplateError: It is not JSON.
    """
    try:
        return _own(json.loads(text))
    except (ValueError, RecursionError) as error:
        raise TemplateError(f"it is not JSON: {error}") from error


def to_json(value: Any) -> str:
    """Return a value as JSON without spaces.

    Args:
        value: The value.
    """
    try:
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    except (TypeError, ValueError) as error:
        raise TemplateError(f"a value cannot be JSON: {error}") from error


def to_text(value: Any) -> str:
    """Return a value as a template writes it.

    Args:
        value: The value.
    """
    if isinstance(value, str):
        return value
    _weigh(value, _MOST_VALUES)
    return _text(value)


def _weigh(value: Any, left: int) -> int:
    """Count the values within a value; raise TemplateError if they are more than are left."""
    if left < 0:
        raise TemplateError("a value is too large")
    within = value.values() if isinstance(value, Mapping) else value
    if isinstance(value, Mapping | list):
        for each in within:
            left = _weigh(each, left - 1)
    return left


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping) and not isinstance(value, JsonObject):
        pairs = (f"{key}={_text(each)}" for key, each in value.items())
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, list) and not isinstance(value, JsonArray):
        return f"[{', '.join(map(_text, value))}]"
    return "" if callable(value) else to_json(value)


def checked(text: str) -> str:
    """Return a text that is not too long.

    Args:
        text: The text.

    Raises:
        TemplateError: It is too long.
    """
    if len(text) > LARGEST:
        raise TemplateError(f"a text has more than {LARGEST} characters")
    return text


def call(value: Any, name: str, arguments: list[Any]) -> Any:
    """Return the result of a method; None if there is no value.

    Args:
        value: The value that has the method.
        name: The name of the method.
        arguments: The arguments.

    Raises:
        TemplateError: The method is not known, or the arguments do not fit.
    """
    if value is None:
        return None
    own = value.get(name) if isinstance(value, Mapping) else None
    kind = str if isinstance(value, str) else list if isinstance(value, list) else dict
    method = own if callable(own) else _METHODS[kind].get(name) or _METHODS[object].get(name)
    if method is None:
        raise TemplateError(f"{name}() is not evaluated")
    try:
        result = method(*arguments) if callable(own) else method(value, *arguments)
    except TemplateError:
        raise
    except (TypeError, ValueError, LookupError, AttributeError, re.error) as error:
        raise TemplateError(f"{name}() fails: {error}") from error
    return checked(result) if isinstance(result, str) else result


def _own(value: Any) -> Any:
    if isinstance(value, dict):
        return JsonObject((key, _own(each)) for key, each in value.items())
    return JsonArray(map(_own, value)) if isinstance(value, list) else value


def _put(table: dict[str, Any], key: str, value: Any) -> Any:
    before = table.get(key)
    table[key] = value
    return before


def _replaced(text: str, pattern: str, by: str) -> str:
    return re.sub(pattern, re.sub(r"\$(\d)", r"\\g<\1>", by.replace("\\", r"\\")), text)


_METHODS: dict[Any, dict[str, Callable[..., Any]]] = {
    object: {
        "equals": lambda value, other: value == other,
        "toString": to_text,
    },
    str: {
        "contains": lambda text, other: other in text,
        "endsWith": str.endswith,
        "equalsIgnoreCase": lambda text, other: text.lower() == other.lower(),
        "indexOf": str.find,
        "isEmpty": lambda text: not text,
        "length": len,
        "matches": lambda text, pattern: re.fullmatch(pattern, text) is not None,
        "replace": str.replace,
        "replaceAll": _replaced,
        "split": lambda text, pattern: re.split(pattern, text),
        "startsWith": str.startswith,
        "substring": lambda text, first, last=None: text[first:last],
        "toLowerCase": str.lower,
        "toUpperCase": str.upper,
        "trim": str.strip,
    },
    list: {
        "add": lambda items, value: items.append(value) is None,
        "contains": lambda items, value: value in items,
        "get": lambda items, index: items[index],
        "isEmpty": lambda items: not items,
        "size": len,
    },
    dict: {
        "containsKey": lambda table, key: key in table,
        "get": lambda table, key: table.get(key),
        "isEmpty": lambda table: not table,
        "keySet": list,
        "put": _put,
        "size": len,
        "values": lambda table: [*table.values()],
    },
}
