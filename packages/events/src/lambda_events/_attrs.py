"""The attrs view of a model, made on first use."""

from __future__ import annotations

import attrs

from ._field import EMPTY, REQUIRED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_known: dict[type, Any] = {}


def attributes(model: Any) -> Any:
    """Return attrs' own description of a model's fields.

    Args:
        model: The class.

    Returns:
        The class's fields as `attrs.fields` returns them, with the key in JSON as each ``alias``.
    """
    if model not in _known:
        make: Any = attrs.field
        described: dict[str, Any] = {}
        wires = []
        for item in model._fields.values():
            default = attrs.NOTHING if item.default is REQUIRED else item.default
            if item.default is EMPTY:
                default = attrs.Factory(list if item.annotation.startswith("list") else dict)
            described[item.name] = make(
                default=default,
                kw_only=True,
                repr=not item.secret,
                type=item.annotation,  # as text, as attrs has it for annotations that are text
            )
            wires.append(item.wire)
        described["extra"] = attrs.field(factory=dict, kw_only=True, type=dict)
        twin: Any = attrs.make_class(model.__name__, described, slots=True)
        known = twin.__attrs_attrs__
        # Only now: the twin's constructor could not have an argument called detail-type.
        _known[model] = type(known)(
            item.evolve(alias=wire) for item, wire in zip(known, [*wires, "extra"], strict=True)
        )
    return _known[model]
