"""What a model says of a field, beside its annotation."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


class _Missing:
    """The type of `REQUIRED` and `EMPTY`."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name


REQUIRED: Any = _Missing("REQUIRED")
"""No default: a caller of the class has to say."""

EMPTY: Any = _Missing("EMPTY")
"""The default of a container or a model that may be left out: an empty one."""

UNREAD: Any = _Missing("UNREAD")
"""What stands in a slot for a part that nobody has asked for yet."""


class Field:
    """A field of a model.

    Attributes:
        name: The attribute's name.
        wire: The key in JSON; ``""`` stands for the whole value, where that is no object.
        annotation: The annotation's source text.
        owner: The class that declares it, in whose module the annotation's names are looked up.
        default: The default, `REQUIRED` or `EMPTY`.
        secret: Whether ``repr`` hides the value.
        also: Another key that AWS uses for the same thing, or None.
        by_case: Whether the key follows from the name.
        slot: The slot that holds the value: the name itself, or, for a part that is read when it
            is first asked for, the name after an underscore.
        kind: The type of a value that `lambda_events.typed` decodes, where the annotation says more
            than models know of; else None.
        names: What the annotation's names mean, where the module does not say.
        is_read: Whether all of the annotation's names were known when the class was made.
    """

    __slots__ = (
        "also",
        "annotation",
        "by_case",
        "default",
        "is_read",
        "kind",
        "name",
        "names",
        "owner",
        "secret",
        "slot",
        "wire",
    )
    name: str
    slot: str
    annotation: str
    owner: type

    def __init__(
        self, wire: str | None, default: Any, secret: bool, also: str | None = None
    ) -> None:
        self.wire: str = "" if wire is None else wire
        self.by_case = wire is None
        self.default = default
        self.secret = secret
        self.also = also
        self.is_read = True
        self.kind: Any = None
        self.names: Mapping[str, Any] = {}

    @property
    def holds_payload(self) -> bool:
        """Whether the type of the value is the user's to say, and the event's to decode."""
        return self.kind is not None or self.annotation in PAYLOADS


VARIABLES = {"T": 0, "K": 0, "V": 1}
"""The place of a type variable among a model's type arguments."""

PAYLOADS = frozenset(("T", "K", "V", "T | None", "K | None", "V | None"))
"""The annotations of what has the type in the brackets."""


def field(
    wire: str | None = None,
    *,
    default: Any = REQUIRED,
    secret: bool = False,
    also: str | None = None,
) -> Any:
    """Declare what a field's annotation cannot say.

    Args:
        wire: The key in JSON, where the model's ``case`` does not give it.
        default: What the attribute is when a caller of the class does not say; `EMPTY` for an
            empty container or model.
        secret: Hide the value in ``repr``: it is a token, a password or a key.
        also: Another key that AWS uses for the same thing: ``SigningCertURL``.

    Returns:
        The declaration, for the right side of the field's annotation.
    """
    return Field(wire, default, secret, also)
