"""The way back: from a model, as it is now, to the JSON object that it stands for."""

# ruff: noqa: SLF001 - a model's state is private to its users, not to the modules that make it

from __future__ import annotations

from ._model import UNREAD, Model

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_SCALARS = frozenset((str, int, float, bool, type(None)))
_PAYLOADS = frozenset(("T", "K", "V", "T | None", "K | None", "V | None"))


def write(model: Model) -> Any:
    """Return the JSON value that a model stands for.

    Args:
        model: The model.

    Returns:
        A JSON object of its own that shares nothing with the model: the keys that the model was
        read from in their order, then those that were added. A key that was absent stays absent
        as long as its attribute is None or empty; a null stays null.
    """
    cls = type(model)
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
                out[key] = plain(before)
            elif key in extra:
                out[key] = plain(extra[key])
            continue
        value = getattr(model, item.slot)
        if value is UNREAD:
            out[key] = plain(before)
            continue
        if model._args is not None and item.annotation in _PAYLOADS:
            out[key] = _payload(model, item.name, before, value)
            continue
        value = plain(value)
        out[key] = None if before is None and value in ({}, []) else value
    for item in cls._fields.values():
        key = item.wire
        if key not in raw and item.also not in raw:
            value = getattr(model, item.slot)
            value = None if value is UNREAD else plain(value)
            if value not in (None, {}, []):
                out[key] = value
    if extra is not None:
        for key, value in extra.items():
            if key not in raw:
                out[key] = plain(value)
    return out.get("", []) if "" in wires else out


def _payload(model: Model, name: str, before: Any, value: Any) -> Any:
    """Write a payload: unchanged, it is what was read, with all that the user's class leaves out."""
    again = getattr(type(model)._read(model._raw, model._args), name)
    return plain(before) if again == value else plain(value)


def plain(value: Any) -> Any:
    """Return a value in JSON's own types, as a copy.

    Args:
        value: JSON, with models, bytes (as base64) and what the converter knows in it.

    Returns:
        Dicts, lists, strings, numbers, booleans and None. However deep it is nested, this does not
        run out of stack.

    Raises:
        TypeError: Something in it has no form in JSON.
    """
    if type(value) in _SCALARS:
        return value
    if type(value) is not dict and type(value) is not list:
        return _plain_object(value)
    root = value.copy()
    pending = [root]
    for node in pending:
        for key, item in node.items() if type(node) is dict else enumerate(node):
            kind = type(item)
            if kind is dict or kind is list:
                node[key] = item.copy()
                pending.append(node[key])
            elif kind not in _SCALARS:
                node[key] = _plain_object(item)
    return root


def _plain_object(value: Any) -> Any:
    if isinstance(value, Model):
        return write(value)
    # Subclasses of JSON's own types, and containers that it writes as arrays.
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, (int, float)):
        return int(value) if isinstance(value, int) else float(value)
    if isinstance(value, (list, tuple, set, frozenset)):
        return plain(list(value))
    if isinstance(value, dict):
        return plain(dict(value))
    items = getattr(value, "__json_object__", None)
    if items is not None:
        return plain(items())
    from ._converter import converter

    made = converter().unstructure(value)
    if type(made) is type(value):
        raise TypeError(f"{value!r} is no JSON, and of no class that attrs or cattrs knows")
    return plain(made)


def show(model: Model) -> str:
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
