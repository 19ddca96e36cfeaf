"""Changes of pydantic's core schemas, so that a validator stops at enough problems.

https://docs.pydantic.dev/latest/api/pydantic_core_schema/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .errors import MAX_PLACES

if TYPE_CHECKING:
    from collections.abc import Callable

MANY_OF = ("extras_schema", "items_schema", "keys_schema", "values_schema")
_KEPT = frozenset(("cls", "config", "metadata", "serialization"))
_CONTAINERS = frozenset(("dict", "frozenset", "list", "set", "tuple"))
_FIELDS = frozenset(("dataclass-args", "model-fields", "typed-dict"))
_SCALARS = frozenset(("bool", "float", "int", "none", "str"))


def change_schema(
    schema: Any, change: Callable[[dict[str, Any], bool], dict[str, Any]], forbids: bool = False
) -> Any:
    """Return a schema with each of its parts changed, the inner ones first.

    Args:
        schema: A schema of pydantic's, or a part of one.
        change: Called with a part of the schema, and True if the part's class refuses unknown keys.
        forbids: True if the class of this part of the schema refuses unknown keys.
    """
    if isinstance(schema, list):
        return [change_schema(item, change, forbids) for item in schema]
    if isinstance(schema, tuple):
        return tuple([change_schema(item, change, forbids) for item in schema])
    if not isinstance(schema, dict):
        return schema
    if "config" in schema:
        forbids = (schema["config"] or {}).get("extra_fields_behavior") == "forbid"
    made = {
        key: item if key in _KEPT else change_schema(item, change, forbids)
        for key, item in schema.items()
    }
    return change(made, forbids or made.get("extra_behavior") == "forbid")


def stops_early(schema: Any) -> bool:
    """Return True if all that may hold any number of values can stop at its first problem."""
    if isinstance(schema, dict):
        holds_many = any(key in schema for key in MANY_OF)
        return (not holds_many or schema.get("type") in _CONTAINERS) and all(
            stops_early(item) for key, item in schema.items() if key not in _KEPT
        )
    return not isinstance(schema, (list, tuple)) or all(map(stops_early, schema))


def stop_early(made: dict[str, Any], _: bool) -> dict[str, Any]:
    """Let a container stop at its first problem."""
    if made.get("type") in _CONTAINERS:
        made["fail_fast"] = True
    return made


def cut_unknown_keys(made: dict[str, Any], forbids: bool) -> dict[str, Any]:
    """Let an object lose most of the keys that its class refuses."""
    if forbids and made.get("type") in _FIELDS:
        return wrap(made, _without_most_others(made["fields"]))
    return made


def wrap(schema: dict[str, Any], function: Callable[[Any, Any], Any]) -> dict[str, Any]:
    """Return a schema with a function around it: of the value, and of what validates it."""
    guard = {"type": "no-info", "function": function}
    around = {"type": "function-wrap", "function": guard, "schema": schema}
    if "ref" in schema:
        around["ref"] = schema.pop("ref")
    return around


def wrap_choice(choice: Any, function: Callable[[Any, Any], Any]) -> Any:
    schema, *label = choice if isinstance(choice, tuple) else (choice,)
    if schema["type"] in _SCALARS:
        return choice
    around = wrap(schema, function)
    return (around, *label) if label else around


def _without_most_others(fields: Any) -> Callable[[Any, Any], Any]:
    """Return what passes an object on without most of its keys that a class does not know."""
    known = set()
    names = [field["name"] for field in fields] if isinstance(fields, list) else [*fields]
    every = fields if isinstance(fields, list) else fields.values()
    for name, field in zip(names, every, strict=True):
        known.add(name)
        alias = field.get("validation_alias", name)
        paths = [alias] if isinstance(alias, str) else alias
        for path in paths:
            known.add(path if isinstance(path, str) else path[0])

    def cut(value: Any, handler: Callable[[Any], Any]) -> Any:
        if type(value) is dict and len(value) > len(known) + MAX_PLACES:
            others = [key for key in value if key not in known]
            dropped = frozenset(others[MAX_PLACES + 1 :])
            value = {key: item for key, item in value.items() if key not in dropped}
        return handler(value)

    return cut


def has_setting(schema: Any, keys: tuple[str, ...]) -> bool:
    """Return True if one of some settings is on, anywhere in a schema."""
    if isinstance(schema, dict):
        return any(schema.get(key) for key in keys) or any(
            has_setting(item, keys) for key, item in schema.items() if key != "metadata"
        )
    return isinstance(schema, (list, tuple)) and any(has_setting(item, keys) for item in schema)
