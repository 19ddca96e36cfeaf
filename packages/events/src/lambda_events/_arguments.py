"""Arguments that an event passes to its parts when a user's converter decodes it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Self


class Arguments(tuple[object, ...]):  # noqa: SLOT001 (a tuple of any length has none)
    """The types in an event's brackets, with the converter that decodes them.

    An event that is decoded by a converter of the user's own hands these to its parts, where others
    have a plain tuple.
    """

    converter: Any

    def __new__(cls, types: tuple[Any, ...], converter: Any) -> Self:
        """Put types and a converter together."""
        made = super().__new__(cls, types)
        made.converter = converter
        return made

    def __deepcopy__(self, memo: object) -> Arguments:
        return self

    def __reduce__(self) -> Any:
        return tuple, (tuple(self),)  # a converter cannot be pickled
