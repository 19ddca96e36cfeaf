"""Problems of a value: each place, the expected type and the value found.

A hook that structures a container notes the problems of its items and goes on, but only until there
are enough: the time and the memory that a wrong event costs are those of a right one, and a few
sentences more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._scalars import Mismatch
from .errors import MAX_PLACES, EventDecodeError, sentence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_ENOUGH = MAX_PLACES + 1  # one more, to know that there are more
_MAX_CHARACTERS = 200
_MAX_VALUE_CHARACTERS = 40
_MAX_PATH_CHARACTERS = 120
_NAMES = {
    "NoneType": "None",
    "bytes": "bytes (base64)",
    "date": "date (ISO 8601)",
    "datetime": "datetime (ISO 8601)",
    "time": "time (ISO 8601)",
}
UNIONS = frozenset(("UnionType", "Union", "_UnionGenericAlias"))


class Problem:
    """One place that is wrong.

    Attributes:
        steps: The way to the place, outermost step first: ``(step, (step, None))``. A step is a
            key, an index, or a path in words.
        expected: The expected value, in words; empty if the class itself complains.
        found: The value found, in words; ``nothing`` for a key that is missing.
        reason: A further explanation.
    """

    __slots__ = ("expected", "found", "reason", "steps")

    def __init__(self, expected: str, found: str, reason: str = "", steps: Any = None) -> None:
        self.steps = steps
        self.expected = expected
        self.found = found
        self.reason = reason

    def at(self, step: Any) -> Problem:
        """Return the same problem, seen from one step further out."""
        return Problem(self.expected, self.found, self.reason, (step, self.steps))

    @property
    def path(self) -> str:
        """The way to the place, as people write it."""
        return path_of(self.steps)

    def __str__(self) -> str:
        return f"{self.path}: missing" if self.found == "nothing" else self.sentence

    @property
    def sentence(self) -> str:
        """The same, in the words of `EventDecodeError`."""
        return _shortened(
            sentence(self.path, self.expected, self.found, self.reason), _MAX_CHARACTERS
        )


class Problems(ValueError):
    """The problems of a value; `full` ones need no more of them.

    Attributes:
        found: The problems.
    """

    def __init__(self, found: list[Problem]) -> None:
        super().__init__()
        self.found = found

    @property
    def full(self) -> bool:
        """True if there is one more problem than an error lists."""
        return len(self.found) >= _ENOUGH

    def __str__(self) -> str:
        return "; ".join(places(self.found))


def noted(
    problems: Problems | None, step: Any, error: Exception, value: Any, annotation: Any
) -> Problems:
    """Add what is wrong with a part of a value.

    Args:
        problems: The problems found so far.
        step: The part's key or index.
        error: The error that a hook raised for the part.
        value: The part.
        annotation: The type that it should be of.

    Returns:
        All problems that are known now.

    Raises:
        RecursionError: The value is nested too deeply to go on.
        MemoryError: There is no memory to go on.
    """
    if isinstance(error, (MemoryError, RecursionError)):
        raise error
    if problems is None:
        problems = Problems([])
    for problem in _problems_of(error, value, annotation):
        problems.found.append(problem.at(step))
        if problems.full:
            break
    return problems


def missing(problems: Problems | None, key: str, annotation: Any) -> Problems:
    """Add that a key is missing whose value should be of a type; see `noted`."""
    if problems is None:
        problems = Problems([])
    problems.found.append(Problem(name(annotation), "nothing", steps=(key, None)))
    return problems


def refused(error: Exception) -> Problems:
    """Return the problem that a class itself finds, when each of its fields is right."""
    if isinstance(error, (MemoryError, RecursionError)):
        raise error
    if isinstance(error, Problems):
        return error
    return Problems([Problem("", "", reason(error))])


def of_key(error: Exception, key: Any, annotation: Any) -> Problems:
    """Return the problem of a mapping's key."""
    if isinstance(error, (MemoryError, RecursionError)):
        raise error
    because = "" if isinstance(error, Mismatch) else f": {reason(error)}"
    told = f"as a key, expected {name(annotation)}, found {found(key)}{because}"
    return Problems([Problem("", "", told)])


def decode_error(
    error: Exception, value: Any, annotation: Any, model: str, path: str
) -> EventDecodeError:
    """Return the error that describes the problems to a caller.

    Args:
        error: The error that a hook raised for the value.
        value: The JSON value.
        annotation: The type that it should be of.
        model: The name of that type, or of what the value is a part of.
        path: The path of the value in the event.
    """
    if isinstance(error, RecursionError):
        steps = (Path(path), None) if path else None
        problem = Problem("", "", "it is nested too deeply", steps)
        return _made(model, name(annotation), "more", [problem])
    all_of_them = []
    for problem in _problems_of(error, value, annotation):
        all_of_them.append(problem.at(Path(path)) if path else problem)
        if len(all_of_them) >= _ENOUGH:
            break
    first = all_of_them[0]
    expected = first.expected or name(annotation)
    because = first.found or first.reason
    return _made(model, expected, because, all_of_them)


def moved(error: EventDecodeError, path: str) -> EventDecodeError:
    """Return the error of a part, with the places as they are in the whole."""
    problems = [problem.at(Path(path)) for problem in error.problems]
    return _made(error.model, error.expected, error.found, problems)


def _made(model: str, expected: str, found: str, problems: list[Problem]) -> EventDecodeError:
    told = [problem.sentence for problem in problems[:MAX_PLACES]]
    told += ["and more"] if len(problems) > MAX_PLACES else []
    made = EventDecodeError(model, problems[0].path, expected, found, told)
    made.problems = tuple(problems)
    return made


def places_of(error: EventDecodeError) -> str:
    """Return all places that are wrong, in one line, without the name of the type."""
    return "; ".join(places([*error.problems]) if error.problems else error.told)


def places(problems: list[Problem]) -> list[str]:
    """Return problems in words, as many as an error lists."""
    told = [str(problem) for problem in problems[:MAX_PLACES]]
    return told if len(problems) <= MAX_PLACES else [*told, "and more"]


class Path(str):
    """A step that is a path in words already."""

    __slots__ = ()


def path_of(steps: Any) -> str:
    """Return steps as people write a path: ``items[2].price``; a long one without its middle."""
    words = []
    while steps is not None:
        step, steps = steps
        words.append(_words_of(step))
    path = "".join(words).removeprefix(".")
    half = _MAX_PATH_CHARACTERS // 2
    return path if len(path) <= 2 * half else f"{path[:half]}...{path[-half:]}"


def _words_of(step: Any) -> str:
    if isinstance(step, Path):
        return f".{step}" if step and not step.startswith("[") else step
    if not isinstance(step, str):
        return f"[{step!r}]"
    if step.isidentifier():
        return f".{_shortened(step, _MAX_VALUE_CHARACTERS)}"
    return f"[{_shortened(repr(step[:_MAX_VALUE_CHARACTERS]), _MAX_VALUE_CHARACTERS)}]"


def _problems_of(error: Exception, value: Any, annotation: Any) -> Iterable[Problem]:
    if isinstance(error, Problems):
        return error.found
    if isinstance(error, EventDecodeError):  # of a model, or of another library's class
        if error.problems:
            return [*error.problems]
        steps = (Path(error.path), None) if error.path else None
        return [Problem(error.expected, error.found, steps=steps)]
    if isinstance(error, Mismatch):
        return [Problem(name(annotation), found(value), str(error))]
    if hasattr(error, "group_exceptions"):  # of cattrs, for a hook or a converter of the user's
        return _grouped(error, value, annotation)
    return [Problem(name(annotation), found(value), reason(error))]


def _grouped(error: Any, value: Any, annotation: Any) -> Iterator[Problem]:
    """Yield the problems of cattrs' groups, which are nested as the value is."""
    placed, of_the_whole = error.group_exceptions()
    for inner, note in placed:
        if hasattr(note, "name"):
            key = key_of(error.cl, note.name)
            if key not in value and note.name in value:
                key = note.name
            if isinstance(inner, KeyError) and isinstance(value, dict) and key not in value:
                yield Problem(name(note.type), "nothing", steps=(key, None))
                continue
        else:
            key = note.index
            if note.startswith("Structuring mapping key"):
                for problem in of_key(inner, key, note.type).found:
                    yield problem.at(key)
                continue
        for problem in _problems_of(inner, _item(value, key), note.type):
            yield problem.at(key)
    for inner in of_the_whole:
        if hasattr(inner, "group_exceptions"):
            yield from _grouped(inner, value, annotation)
        else:
            yield Problem("", "", reason(inner))


def key_of(kind: Any, attribute: str) -> str:
    """Return the key that an attribute has in JSON."""
    for field in getattr(kind, "__attrs_attrs__", ()):
        if field.name == attribute:
            return str(field.alias)
    return attribute


def _item(value: Any, key: Any) -> Any:
    try:
        return value[key]
    except (KeyError, IndexError, TypeError):
        return value  # a hook of the user's looks elsewhere


def reason(error: Exception) -> str:
    """Return what an exception says."""
    # The validators of attrs have more arguments, for programs.
    first = error.args[0] if error.args and isinstance(error.args[0], str) else str(error)
    first = _shortened(first, _MAX_CHARACTERS)
    return first if type(error) in (TypeError, ValueError) else f"{type(error).__name__}: {first}"


def name(annotation: Any) -> str:
    """Return what to call a type in front of the sender of an event."""
    kind = type(annotation).__name__
    if kind in UNIONS:
        return " | ".join(map(name, annotation.__args__))
    if kind == "_LiteralGenericAlias":
        return _one_of(annotation.__args__)
    if hasattr(annotation, "__members__"):
        return _one_of(member.value for member in annotation)
    if hasattr(annotation, "__origin__"):
        return name(annotation.__origin__)
    known = getattr(annotation, "__name__", None) or str(annotation)
    return _NAMES.get(known, known)


def _one_of(values: Iterable[Any]) -> str:
    plain = (getattr(value, "value", value) for value in values)
    return f"one of {_shortened(', '.join(map(repr, plain)), _MAX_CHARACTERS // 2)}"


def found(value: Any) -> str:
    """Return the words for a value that was found."""
    if value is None:
        return "None"
    kind = "float" if isinstance(value, float) else type(value).__name__
    if isinstance(value, (dict, list)):
        return kind
    return f"{kind} ({_shortened(_start_of(value), _MAX_VALUE_CHARACTERS)})"


def _start_of(value: Any) -> str:
    """Return the beginning of a value's repr: a string may be as long as an event."""
    try:
        return repr(
            value[: 2 * _MAX_VALUE_CHARACTERS] if isinstance(value, (str, bytes)) else value
        )
    except ValueError as error:  # an integer of more digits than Python writes
        return str(error)


def _shortened(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 3]}..."
