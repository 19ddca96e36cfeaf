"""Errors between a JSON document and a typed value.

::

    ValueError
    └── EventDecodeError   a value is not what the model, or the type of a payload, says it must be
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

_SHOWN = 80
MAX_PLACES = 20
"""The number of places that an error names; it ends with ``and more`` if there are others."""


class EventDecodeError(ValueError):
    """A value is not what it must be.

    An event fails to decode only where a field that identifies its type is wrong, such as
    ``eventSource``. Every other field keeps the value that it came with. A payload is checked
    against its type, and so is a value of a class of one's own. The text names every place, the
    first 20 at most.

    Attributes:
        model: The type to decode, such as ``SQSEvent`` or ``SQSRecord[Order]``.
        path: The path of the first problem in the event, such as ``Records[0].eventSource``; empty
            for the whole value.
        expected: The expected value, in words.
        found: The value found, in words: the JSON type, and the value when it is short; ``nothing``
            for a key that is missing.
        told: All places that are wrong, each in words; the last may be ``and more``.
    """

    problems: Any = ()  # the places, for whoever has to say what they are parts of

    def __init__(
        self, model: str, path: str, expected: str, found: str, told: Iterable[str] = ()
    ) -> None:
        """Describe the problem; see the attributes. Without places in words there is this one."""
        told = tuple(told)
        super().__init__(model, path, expected, found, told)
        self.model = model
        self.path = path
        self.expected = expected
        self.found = found
        self.told = told or (sentence(path, expected, found),)

    def __str__(self) -> str:
        article = "an" if _begins_with_a_vowel(self.model) else "a"
        return f"not {article} {self.model}: {'; '.join(self.told)}"


_CONSONANTS = ("one", "unif", "union", "uniq", "unit", "univ", "usa", "use")
"""Beginnings that are written with a vowel and spoken with a consonant: a user, a unit."""


def _begins_with_a_vowel(name: str) -> bool:
    """Return whether a name begins with a vowel when spoken; ``SQSEvent`` is spelt out."""
    if name.lower().startswith(_CONSONANTS):
        return False
    spelt = name[:2].isupper() or (name[:1].isupper() and name[1:2].isdecimal())
    return name[:1] in ("AEFHILMNORSX" if spelt else "AEIOUaeiou")


def sentence(path: str, expected: str, found: str, reason: str = "") -> str:
    """Return the words for a place that is wrong.

    Args:
        path: The path of the problem; empty for the whole value.
        expected: The expected value; empty if there is only a reason.
        found: The value found; ``nothing`` for a key that is missing.
        reason: A further explanation.
    """
    if found == "nothing" and path:
        return f"{path} is missing (expected {expected})"
    text = f"expected {expected}, found {found}" if expected else ""
    text = ": ".join([part for part in (text, reason) if part])
    return f"{path}: {text}" if path else text


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
    try:
        text = repr(value[:_SHOWN] if isinstance(value, (str, bytes)) else value)
    except ValueError:  # an integer of more digits than Python writes
        return f"{type(value).__name__} of many digits"
    shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
    return f"{type(value).__name__} {shown}"


def named(kind: Any, args: tuple[Any, ...] | None = None) -> str:
    """Return the name of a type, with type arguments, for errors."""
    if kind is None:
        return "any type"
    if kind is type(None):
        return "None"
    if type(kind).__name__ in {"UnionType", "Union", "_UnionGenericAlias"}:  # without typing
        return " or ".join([named(arg) for arg in kind.__args__])
    if hasattr(kind, "__metadata__"):  # Annotated
        return named(kind.__origin__)
    args = args or getattr(kind, "__args__", None)
    if str(getattr(kind, "__origin__", "")) == "typing.Literal":
        return f"Literal[{', '.join(map(repr, args or ()))}]"
    name = getattr(getattr(kind, "__origin__", kind), "__name__", None) or repr(kind)
    return f"{name}[{', '.join([named(arg) for arg in args])}]" if args else name
