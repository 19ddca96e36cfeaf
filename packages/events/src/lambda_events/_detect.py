"""Finding out which model an unknown event has.

Every module of a service may have a table ``DETECT``: for each model, what its events look like, as
conditions by path (see `lambda_events._codec.look`). A condition is

- a constant that the value equals, or a tuple of such constants,
- a JSON type (`dict`, `list`, `str`, `int`) that the value has,
- ``PRESENT`` or ``ABSENT`` for the key, whatever its value,
- a function of the value that says yes or no.

All conditions of a model must hold. Of several models, the one with the most conditions wins.
"""

from __future__ import annotations

import sys

from ._field import ABSENT, look

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    Signatures = Mapping[str, Mapping[str, Any]]
    """Conditions by path, by a model's name. A name may stand for several tables: ``Name#2``."""

PRESENT: Any = ...
"""The condition that a key is there, even if it is null."""

_tables: list[Signatures] = []


def detect(value: Any) -> str | None:
    """Name the model of an unknown event.

    Args:
        value: The event, as `json.loads` gives it.

    Returns:
        The name of a class of this package, ``getattr(lambda_events, name)``; None if the value is
        none of its events, or could be several.
    """
    return best(value, _tables or _load())


def tables_of(models: Iterable[type]) -> list[Signatures]:
    """Return the tables of some models only, without loading the others."""
    wanted = {model.__name__: model.__module__ for model in models}
    return [
        {
            name: conditions
            for name, conditions in getattr(sys.modules[module], "DETECT", {}).items()
            if name.partition("#")[0] in wanted
        }
        for module in {*wanted.values()}
    ]


def best(value: Any, tables: Iterable[Signatures]) -> str | None:
    """Name the model with the most conditions of those that tables describe and a value fulfils."""
    found, most, tie = None, 0, False
    for table in tables:
        for name, conditions in table.items():
            if len(conditions) < most or not _holds(value, conditions):
                continue
            model = name.partition("#")[0]
            tie = len(conditions) == most and model != found
            found, most = model, len(conditions)
    return None if tie else found


def _load() -> list[Signatures]:
    from ._names import HOME

    for module in sorted(set(HOME.values())):
        if not module.startswith("_"):
            table = getattr(
                __import__(f"{__package__}.{module}", fromlist=("DETECT",)), "DETECT", None
            )
            if table:
                _tables.append(table)
    return _tables


def _holds(value: Any, conditions: Mapping[str, Any]) -> bool:
    for path, condition in conditions.items():
        found = look(value, path) if path else value
        if condition is PRESENT:
            holds = found is not ABSENT
        elif condition is ABSENT:
            holds = found is ABSENT
        elif isinstance(condition, type):
            holds = type(found) is condition
        elif isinstance(condition, tuple):
            holds = type(found) in {str, int} and found in condition
        elif callable(condition):
            holds = found is not ABSENT and bool(condition(found))
        else:
            holds = found == condition and found is not ABSENT
        if not holds:
            return False
    return True
