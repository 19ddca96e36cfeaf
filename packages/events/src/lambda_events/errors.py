"""What can go wrong between a JSON document and a model.

::

    ValueError
    └── EventDecodeError   a value is not what the model, or the type of a payload, says it must be
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_SHOWN = 80


class EventDecodeError(ValueError):
    """A value is not what it must be.

    An event fails to decode only where what tells its type is wrong, such as ``eventSource``. All
    else keeps the value that it came with. A payload fails where its own type says so.

    Attributes:
        model: What was to be decoded, such as ``SQSEvent`` or ``SQSRecord[Order]``.
        path: Where the fault is, from the model's top, such as ``Records[0].eventSource``; empty
            for the whole value.
        expected: What would have been right, in words.
        found: What was there, in words: the JSON type, and the value when it is short.
    """

    def __init__(self, model: str, path: str, expected: str, found: str) -> None:
        """Describe the fault; see the attributes."""
        super().__init__(model, path, expected, found)
        self.model = model
        self.path = path
        self.expected = expected
        self.found = found

    def __str__(self) -> str:
        where = f" at {self.path}" if self.path else ""
        return f"this is no {self.model}:{where} expected {self.expected}, found {self.found}"


def describe(value: Any) -> str:
    """Return the words for a JSON value that an error shows.

    Args:
        value: The value that was found.

    Returns:
        ``null``, ``an object``, ``an array``, or the type and the value, shortened.
    """
    if value is None:
        return "null"
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "an array"
    text = repr(value)
    shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
    return f"{type(value).__name__} {shown}"
