"""Why an event is not of the type that it should be of: every place, and what is there.

cattrs collects its errors in groups that are nested as the value is, with a note about the place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._annotation import is_literal, is_union
from ._scalars import Mismatch

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cattrs import Converter

_MAX_FAULTS = 10
_MAX_CHARACTERS = 200
_MAX_VALUE_CHARACTERS = 40
_NAMES = {
    "IntegerKey": "int",
    "NoneType": "None",
    "bytes": "bytes (base64)",
    "date": "date (ISO 8601)",
    "datetime": "datetime (ISO 8601)",
    "time": "time (ISO 8601)",
}


def explain(error: Exception, value: Any, annotation: Any, converter: Converter) -> str:
    """Return what is wrong with a value, in one line.

    Args:
        error: What the converter raised.
        value: The JSON value.
        annotation: The type that it should be of.
        converter: What raised the error.

    Returns:
        The faults, such as ``items[2].price: expected float, found str ('abc')``, the first ten.
    """
    by_alias = getattr(converter, "use_alias", False)
    try:
        faults = list(_faults(error, value, annotation, "", by_alias=by_alias))
    except RecursionError:
        return "it is nested too deeply"
    shown = [_shortened(fault, _MAX_CHARACTERS) for fault in faults[:_MAX_FAULTS]]
    if len(faults) > len(shown):
        shown.append(f"and {len(faults) - len(shown)} more")
    return "; ".join(shown)


def _faults(error: Any, value: Any, annotation: Any, path: str, *, by_alias: bool) -> Iterator[str]:
    """Yield what is wrong with a value that is at a path in the event."""
    if not hasattr(error, "group_exceptions"):
        yield _at(path, _expectation(error, value, annotation))
        return
    placed, of_the_whole = error.group_exceptions()
    for inner, note in placed:
        if hasattr(note, "name"):
            key = _key(error.cl, note.name) if by_alias else note.name
            if isinstance(inner, KeyError) and isinstance(value, dict) and key not in value:
                yield _at(_join(path, key), "missing")
                continue
        else:
            key = note.index
            if note.startswith("Structuring mapping key"):
                yield _at(_join(path, key), f"as a key, {_expectation(inner, key, note.type)}")
                continue
        yield from _faults(inner, _item(value, key), note.type, _join(path, key), by_alias=by_alias)
    for inner in of_the_whole:
        if hasattr(inner, "group_exceptions"):
            yield from _faults(inner, value, annotation, path, by_alias=by_alias)
        else:  # what a class itself says about its fields
            yield _at(path, _reason(inner))


def _expectation(error: Exception, value: Any, annotation: Any) -> str:
    text = f"expected {name(annotation)}, found {_found(value)}"
    return text if isinstance(error, Mismatch) else f"{text}: {_reason(error)}"


def _reason(error: Exception) -> str:
    # The validators of attrs have more arguments, for programs.
    first = error.args[0] if error.args and isinstance(error.args[0], str) else str(error)
    return first if type(error) in (TypeError, ValueError) else f"{type(error).__name__}: {first}"


def name(annotation: Any) -> str:
    """Return what to call a type in front of the sender of an event.

    Args:
        annotation: Any type.
    """
    if is_union(annotation):
        return " | ".join(map(name, annotation.__args__))
    if is_literal(annotation):
        return _one_of(annotation.__args__)
    if hasattr(annotation, "__members__"):
        return _one_of(member.value for member in annotation)
    if hasattr(annotation, "__origin__"):
        return name(annotation.__origin__)
    known = getattr(annotation, "__name__", None) or str(annotation)
    return _NAMES.get(known, known)


def _one_of(values: Iterable[Any]) -> str:
    plain = (getattr(value, "value", value) for value in values)
    return f"one of {_shortened(', '.join(map(repr, plain)), _MAX_CHARACTERS // 2)}"


def _found(value: Any) -> str:
    if value is None:
        return "None"
    kind = "float" if isinstance(value, float) else type(value).__name__
    if isinstance(value, (dict, list)):
        return kind
    return f"{kind} ({_shortened(repr(value), _MAX_VALUE_CHARACTERS)})"


def _key(kind: Any, attribute: str) -> str:
    """Return the key that an attribute has in JSON."""
    for field in getattr(kind, "__attrs_attrs__", ()):
        if field.name == attribute:
            return str(field.alias)
    return attribute


def _item(value: Any, key: Any) -> Any:
    try:
        return value[key]
    except (KeyError, IndexError, TypeError):
        return value  # a converter of the user's looks elsewhere


def _join(path: str, key: Any) -> str:
    if isinstance(key, str) and key.isidentifier():
        return f"{path}.{key}" if path else key
    return f"{path}[{_shortened(repr(key), _MAX_VALUE_CHARACTERS)}]"


def _at(path: str, fault: str) -> str:
    return f"{path}: {fault}" if path else fault


def _shortened(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 3]}..."
