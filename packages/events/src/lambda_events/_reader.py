"""The code that reads a model from a JSON object, generated when the first object comes.

One function per class, of plain assignments to slots: several times as quick as a loop over the
fields, and as quick as a hand-written one.
"""

# ruff: noqa: SLF001 - a model's state is private to its users, not to the modules that make it

from __future__ import annotations

import sys

from ._field import EMPTY, UNREAD, VARIABLES, is_model, rebound
from ._names import HOME, public

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ._field import Field

_MANY = 3  # optional keys: it takes longer to look for them than to count all that are there
# Classes that wrap a JSON value, by the type of the value.
_VIEWS = {"ARN": "str", "Headers": "dict"}


def reader(model: Any) -> Callable[[dict[str, Any], tuple[Any, ...] | None], Any]:
    """Generate the function that makes a model of a JSON object.

    Args:
        model: The class.

    Returns:
        A function of the JSON object, which the model keeps, and the types of its payloads. It
        never fails, except for a payload, see `lambda_events._payload.part`.
    """
    from ._payload import part, typed_part

    for item in model._fields.values():
        if not item.is_read:
            from ._annotations import read_late

            read_late(item)
    names: dict[str, Any] = {
        "bound": model._bound,
        "model": model,
        "UNREAD": UNREAD,
        "new": object.__new__,
        "part": part,
        "rebound": rebound,
        "typed_part": typed_part,
    }

    needed = {item.wire for item in model._fields.values() if _is_needed(item)}

    def generate(*, is_complete: bool) -> Any:
        get = "raw[{}]" if is_complete else "raw.get({})"
        lines = [
            "def read(raw, args):",
            " self = new(model)",
            " self._raw = raw",
            " self._args = args = rebound(bound, args)" if model._bound else " self._args = args",
            " self._extra = None",
            " try:",
            "  pass",  # not every model has fields
        ]
        optional = [item for item in model._fields.values() if _is_none_if_absent(item, needed)]
        counts = is_complete and len(optional) >= _MANY
        for item in model._fields.values():
            if item.slot != item.name:
                lines.append(f"  self.{item.slot} = UNREAD")
            elif not (counts and item in optional):
                lines.append(f"  self.{item.name} = {_expression(item, _source(item, get), names)}")
        if counts:
            # With no more keys than those that are needed, none of these can be there.
            nones = " = ".join([f"self.{item.name}" for item in optional])
            lines += [f"  if len(raw) == {len(needed)}: {nones} = None", "  else:"]
            for item in optional:
                value = _expression(item, _source(item, get), names)
                lines.append(f"   self.{item.name} = {value}")
        lines += [" except KeyError:", "  return lenient(raw, args)", " return self"]
        exec("\n".join(lines), names)  # noqa: S102 - the names come from our own class bodies
        return names["read"]

    def lenient(raw: dict[str, Any], args: tuple[Any, ...] | None) -> Any:
        names["lenient"] = read = generate(is_complete=False)
        return read(raw, args)

    names["lenient"] = lenient
    for item in model._fields.values():
        if item.slot != item.name:
            _generate_getter(item)
    # Real events have all the keys that they must have, and this is the quicker way to them.
    return generate(is_complete=True)  # type: ignore[no-any-return]


def _generate_getter(item: Field) -> None:
    """Replace the attribute of a part, which goes to its slot by name, by a quicker one."""
    attribute = item.owner.__dict__.get(item.name)
    if not isinstance(attribute, property) or not hasattr(attribute.fget, "is_slow"):
        return  # another model, or a subclass, has done it
    names: dict[str, Any] = {"UNREAD": UNREAD, "part": part_reader(item)}
    part = "part(value, self._args)"
    name, generic, _ = item.annotation.removesuffix(" | None").partition("[")
    found = _known(name, item)
    if is_model(found):  # the usual value needs no more than its reader
        names["found"] = found
        args = "self._args" if generic or found._bound else None
        part = f"found._read(value, {args}) if type(value) is dict else {part}"
    lines = [
        "def get(self):",
        f" value = self.{item.slot}",
        " if value is UNREAD:",
        f"  value = self._raw.get({item.wire!r})",
        f"  if value is None: value = self._raw.get({item.also!r})" if item.also else "",
        f"  self.{item.slot} = value = {part}",
        " return value",
    ]
    exec("\n".join(lines), names)  # noqa: S102 - the names come from our own class bodies
    setattr(item.owner, item.name, attribute.getter(names["get"]))


def _is_needed(item: Field) -> bool:
    """Return True if the key is in each object that AWS sends, and its value is at once read."""
    is_required = item.default is not EMPTY and not item.annotation.endswith("| None")
    return is_required and item.kind is None and item.slot == item.name and item.also is None


def _is_none_if_absent(item: Field, needed: set[str]) -> bool:
    """Return True if an object with no keys but those that are needed has only None to offer."""
    is_optional = not item.holds_payload and item.annotation.endswith("| None")
    return is_optional and item.slot == item.name and not {item.wire, item.also} & needed


def _source(item: Field, get: str) -> str:
    """Return the expression for a field's JSON value."""
    if item.also:
        return f"raw.get({item.wire!r}, raw.get({item.also!r}))"
    return (get if _is_needed(item) else "raw.get({})").format(repr(item.wire))


def _expression(item: Field, source: str, names: dict[str, Any]) -> str:
    """Return the expression for a field's attribute.

    Args:
        item: The field.
        source: The expression for its JSON value.
        names: Gets what the expression names, with a prefix: fields and classes have any name.
    """
    if item.kind is not None:
        names[f"field_{item.name}"] = item
        return f"typed_part({source}, args, model, field_{item.name})"
    annotation = item.annotation.removesuffix(" | None")
    optional = annotation != item.annotation
    if annotation in VARIABLES:
        names[f"field_{item.name}"] = item
        index = VARIABLES[annotation]
        kept = f"(value := {source}) is None or not args" if optional else "not args"
        value = "value" if optional else source
        return f"{value} if {kept} else part({value}, args, {index}, model, field_{item.name})"
    head, _, inner = annotation.partition("[")
    if head == "list":
        return _container("list", source, _items(inner[:-1], item, names), optional)
    if head in {"dict", "Mapping"}:
        inner = inner[:-1].partition(", ")[2]
        if inner.startswith("list["):
            items = _items(inner[5:-1], item, names)
            each = items and f"{items} if type(value) is list else value"
        else:
            each = _each(inner, item, names)
        body = each and f"{{key: {each} for key, value in value.items()}}"
        return _container("dict", source, body, optional)
    # A class that is defined below the one that names it is not known as a part in time.
    if is_model(_look_up(head, item)):
        names[f"part_{item.name}"] = part_reader(item)
        return f"part_{item.name}({source}, args)"
    if head == "ARN":
        return _each(head, item, names).replace("type(value)", f"type(value := {source})", 1)
    return source


def part_reader(item: Field) -> Callable[[Any, tuple[Any, ...] | None], Any]:
    """Return what makes a part of its JSON value and the types of the payloads."""
    annotation = item.annotation.removesuffix(" | None")
    optional = annotation != item.annotation
    name, generic, _ = annotation.partition("[")
    found: Any = None
    is_part = passes_types = False

    def part(value: Any, args: tuple[Any, ...] | None) -> Any:
        if type(value) is not dict:
            if value is not None or optional:
                return value
            value = {}
        nonlocal found, is_part, passes_types
        if found is None:
            found = _look_up(name, item)
            is_part = is_model(found)
            passes_types = is_part and bool(generic or found._bound)
        if is_part:
            return found._read(value, args if passes_types else None)
        return found(value)

    return part


def _container(kind: str, source: str, body: str, optional: bool) -> str:
    """Return the expression for a container, ``body`` making it where its items are not JSON."""
    empty = "value" if optional else f"value if value is not None else {kind}()"
    if not body:
        return source if optional else f"value if (value := {source}) is not None else {kind}()"
    return f"{body} if type(value := {source}) is {kind} and value else {empty}"


def _items(inner: str, item: Field, names: dict[str, Any]) -> str:
    each = _each(inner, item, names)
    return each and f"[{each} for value in value]"


def _each(annotation: str, item: Field, names: dict[str, Any]) -> str:
    """Return the expression for a ``value`` of a model or a view, or nothing for plain JSON."""
    name, bracket, _ = annotation.removesuffix(" | None").partition("[")
    found, named = _look_up(name, item), f"class_{item.name}"
    if is_model(found):
        names[named] = found
        args = "args" if bracket or found._bound else None
        return f"{named}._read(value, {args}) if type(value) is dict else value"
    if name in _VIEWS:
        names[named] = found
        return f"{named}(value) if type(value) is {_VIEWS[name]} else value"
    return ""


def _look_up(name: str, item: Field) -> Any:
    """Find the class that an annotation names, importing no more than its own module."""
    found = _known(name, item)
    return public(name) if found is None and name in HOME else found


def _known(name: str, item: Field) -> Any:
    """Find the class that an annotation names where it is imported already, or return None."""
    found = item.names.get(name)
    return getattr(sys.modules.get(item.owner.__module__), name, None) if found is None else found
