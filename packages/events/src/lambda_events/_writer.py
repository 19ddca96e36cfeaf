"""The way back: from a model, as it is now, to the JSON object that it stands for."""

# ruff: noqa: SLF001 - a model's state is private to its users, not to the modules that make it

from __future__ import annotations

import sys

from ._field import UNREAD, converter_of, is_foreign, is_model

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_SCALARS = frozenset((str, int, float, bool, type(None)))
_MANY = 10_000  # containers, after which a value is looked at that may hold itself


def write(model: Any, converter: Any = None) -> Any:
    """Return the JSON value that a model stands for.

    Args:
        model: The model.
        converter: The converter for objects that are not models: the one that decoded the model. By
            default this package's.

    Returns:
        A JSON object of its own that shares nothing with the model: the keys that the model was
        read from in their order, then those that were added. A key that was absent stays absent
        as long as its attribute is None or empty; a null stays null.
    """
    cls = type(model)
    if converter is None and model._args is not None:
        converter = converter_of(model._args)
    has_payloads = cls._has_payloads or cls._has_types
    raw: dict[str, Any] = model._raw
    wires, extra = cls._wires, model._extra
    out: dict[str, Any] = {}
    for key, before in raw.items():
        item = wires.get(key)
        if item is not None and key == item.also and item.wire in raw:
            out[key] = plain(before)  # both spellings: the attribute is the other one
            continue
        if item is None:
            if extra is None:
                out[key] = plain(before, converter)
            elif key in extra:
                out[key] = plain(extra[key], converter)
            continue
        value = getattr(model, item.slot)
        if value is UNREAD:
            out[key] = plain(before, converter)
            continue
        if has_payloads and (item.kind is not None or (model._args and item.holds_payload)):
            out[key] = _payload(model, item.name, before, value, converter)
            continue
        if type(value) in _SCALARS:
            out[key] = value
            continue
        value = plain(value, converter)
        out[key] = None if before is None and value in ({}, []) else value
    for item in cls._fields.values():
        key = item.wire
        if key not in raw and item.also not in raw:
            value = getattr(model, item.slot)
            if value is None or value is UNREAD:
                continue
            value = plain(value, converter)
            if value not in ({}, []):
                out[key] = value
    if extra is not None:
        for key, value in extra.items():
            if key not in raw:
                out[key] = plain(value, converter)
    return out.get("", []) if "" in wires else out


def _payload(model: Any, name: str, before: Any, value: Any, converter: Any) -> Any:
    """Write a payload; an unchanged one is what was read, with what the user's class leaves out."""
    again = getattr(type(model)._read(model._raw, model._args), name)
    return plain(before if again == value else value, converter)


def plain(value: Any, converter: Any = None) -> Any:
    """Return a value in JSON's own types, as a copy.

    Args:
        value: JSON, with models, bytes (as base64) and what the converter knows in it.
        converter: The converter for objects that are not models; by default this package's.

    Returns:
        Dicts, lists, strings, numbers, booleans and None. However deep it is nested, this does not
        run out of stack.

    Raises:
        RecursionError: Objects in it hold each other, or are nested too deeply.
        TypeError: Something in it has no form in JSON.
        ValueError: A list or a dict in it holds itself.
    """
    if type(value) in _SCALARS:
        return value
    if type(value) is not dict and type(value) is not list:
        return _plain_object(value, converter)
    root = value.copy()
    pending = [root]
    limit = _MANY
    for node in pending:
        if len(pending) > limit:
            from ._cycles import check_for_cycles

            check_for_cycles(value)
            limit = sys.maxsize
        for key, item in node.items() if type(node) is dict else enumerate(node):
            kind = type(item)
            if kind is dict or kind is list:
                node[key] = item.copy()
                pending.append(node[key])
            elif kind not in _SCALARS:
                node[key] = _plain_object(item, converter)
    return root


def _plain_object(value: Any, converter: Any) -> Any:
    if is_model(type(value)):
        return write(value, converter)
    # Subclasses of JSON's own types, and containers that it writes as arrays.
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, (int, float)):
        return int(value) if isinstance(value, int) else float(value)
    if isinstance(value, (list, tuple, set, frozenset)):
        return plain(list(value), converter)
    if isinstance(value, dict):
        return plain(dict(value), converter)
    items = getattr(value, "__json_object__", None)
    if items is not None:
        return plain(items(), converter)
    made = _unstructured(value, converter)
    if type(made) is type(value):
        raise TypeError(f"{value!r} is not JSON, and of no class that attrs or cattrs knows")
    return plain(made, converter)


def _unstructured(value: Any, converter: Any) -> Any:
    if converter is None and is_foreign(type(value)):
        from ._foreign import unstructure

        return unstructure(value)
    from ._cycles import check_for_cycles

    check_for_cycles(value)
    if converter is None:
        from ._converter import converter as default

        converter = default()
    made = converter.unstructure(value)
    if type(made) is type(value):  # our own rules, where the user's has none
        from ._converter import converter as default

        made = default().unstructure(value)
    return made


def show(model: Any) -> str:
    """Return the ``repr`` of a model: what is there, without secrets.

    Args:
        model: The model.
    """
    cls = type(model)
    shown = []
    for item in cls._fields.values():
        value = getattr(model, item.name)
        absent = item.wire not in model._raw and item.also not in model._raw
        if value is None or (absent and plain(value) in ({}, [])):
            continue
        shown.append(f"{item.name}={'<hidden>' if item.secret else repr(value)}")
    if model.extra:
        shown.append(f"extra={{{', '.join([f'{key!r}: ...' for key in model.extra])}}}")
    return f"{cls.__name__}({', '.join(shown)})"
