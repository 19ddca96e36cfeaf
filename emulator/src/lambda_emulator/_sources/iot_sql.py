"""The SQL of rules of AWS IoT, as far as the emulator understands it.

https://docs.aws.amazon.com/iot/latest/developerguide/iot-sql-reference.html
"""

import json
import operator
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

MISSING: Any = ...
"""A value that a message does not have, which SQL calls undefined."""
_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<text>'(?:[^']|'')*')|\"(?P<quoted>[^\"]+)\""
    r"|(?P<name>[A-Za-z_$][\w$]*)|(?P<sign><>|!=|<=|>=|[=<>()*,.+/%-]))"
)
_WORDS = frozenset({"SELECT", "AS", "FROM", "WHERE", "AND", "OR", "NOT", "TRUE", "FALSE", "NULL"})
_END = "end"


class SqlError(ValueError):
    """A statement is not understood; the message says why."""


class Message(NamedTuple):
    """A message of MQTT.

    Attributes:
        topic: The topic that it is published to.
        payload: The payload: the value that JSON stands for, and anything else in base64.
    """

    topic: str
    payload: Any


Expression = Callable[[Message], Any]
"""Returns a value of a message."""


@dataclass(frozen=True)
class Path:
    """An attribute of a message; without names, all of it.

    Attributes:
        names: The names that lead there.
    """

    names: tuple[str, ...]

    def __call__(self, message: Message) -> Any:
        value = message.payload
        for name in self.names:
            value = value.get(name, MISSING) if isinstance(value, Mapping) else MISSING
        return value


class Statement(NamedTuple):
    """A statement.

    Attributes:
        topic_filter: The topics, with ``+`` for one level and ``#`` for all that follow.
        items: The names and values that it selects; without a name, all attributes of a value.
        condition: The condition that a message must meet, or None.
    """

    topic_filter: str
    items: tuple[tuple[str, Expression], ...]
    condition: Expression | None


def parse(text: str) -> Statement:
    """Return a statement.

    Args:
        text: Such as ``SELECT * FROM 'sensors/+/state' WHERE celsius > 30``.

    Raises:
        SqlError: The emulator does not understand it.
    """
    return _Parser(text).statement()


class _Parser:
    """Reads a statement from left to right."""

    def __init__(self, text: str) -> None:
        self._tokens: list[tuple[str, str]] = []
        position, end = 0, len(text.rstrip())
        while position < end:
            match = _TOKEN.match(text, position)
            if match is None:
                raise SqlError(f"{text[position:].strip()[:20]!r} is not understood")
            kind = str(match.lastgroup)
            found = match[kind]
            word = found.upper() if kind in ("name", "sign") else ""
            is_word = word in _WORDS or kind == "sign"
            self._tokens.append((word if is_word else kind, found))
            position = match.end()
        self._tokens.append((_END, "the end"))

    def statement(self) -> Statement:
        self._expect("SELECT")
        items = [self._item()]
        while self._takes(","):
            items.append(self._item())
        self._expect("FROM")
        topic_filter = self._literal("text")
        condition = self._any() if self._takes("WHERE") else None
        self._expect(_END)
        return Statement(topic_filter, tuple(items), condition)

    def _item(self) -> tuple[str, Expression]:
        if self._takes("*"):
            return "", Path(())
        value = self._sum()
        if self._takes("AS"):
            return self._name(), value
        if not isinstance(value, Path):
            raise SqlError("a value that is not an attribute has no name: write AS NAME after it")
        if self._takes("."):
            self._expect("*")
            return "", value
        return value.names[-1], value

    def _any(self) -> Expression:
        parts = [self._all()]
        while self._takes("OR"):
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else lambda m: any(each(m) is True for each in parts)

    def _all(self) -> Expression:
        parts = [self._negation()]
        while self._takes("AND"):
            parts.append(self._negation())
        return parts[0] if len(parts) == 1 else lambda m: all(each(m) is True for each in parts)

    def _negation(self) -> Expression:
        if not self._takes("NOT"):
            return self._comparison()
        negated = self._negation()
        return lambda message: negated(message) is False

    def _comparison(self) -> Expression:
        left = self._sum()
        sign = self._tokens[0][0]
        return self._applied(left, self._sum) if sign in _COMPARISONS else left

    def _sum(self) -> Expression:
        value = self._product()
        while self._tokens[0][0] in ("+", "-"):
            value = self._applied(value, self._product)
        return value

    def _product(self) -> Expression:
        value = self._value()
        while self._tokens[0][0] in ("*", "/", "%"):
            value = self._applied(value, self._value)
        return value

    def _applied(self, left: Expression, operand: Callable[[], Expression]) -> Expression:
        function = _OPERATORS[self._tokens.pop(0)[0]]
        return _call(function, (left, operand()))

    def _value(self) -> Expression:
        kind, text = self._tokens[0]
        if self._takes("("):
            value = self._any()
            self._expect(")")
            return value
        if self._takes("-"):
            return _call(operator.neg, (self._value(),))
        if kind in ("number", "text"):
            literal: Any = self._literal(kind)
            return lambda _message: literal
        if kind in _CONSTANTS:
            del self._tokens[0]
            return lambda _message: _CONSTANTS[kind]
        if kind == "name" and self._tokens[1][0] == "(":
            return self._function(text.lower())
        names = [self._name()]
        while self._tokens[0][0] == "." and self._tokens[1][0] != "*":
            del self._tokens[0]
            names.append(self._name())
        return Path(tuple(names))

    def _function(self, name: str) -> Expression:
        shown = f"{self._name()}()"
        self._expect("(")
        arguments: list[Expression] = []
        while not self._takes(")"):
            if arguments:
                self._expect(",")
            arguments.append(self._any())
        if name == "topic" and not arguments:
            return lambda message: message.topic
        if name == "topic" and len(arguments) == 1:
            return lambda message: _level(message.topic, arguments[0](message))
        if name == "timestamp" and not arguments:
            return lambda _message: int(time.time() * 1000)
        if name == "isundefined" and len(arguments) == 1:
            return lambda message: arguments[0](message) is MISSING
        function, count = _FUNCTIONS.get(name, (None, 0))
        if function is None or len(arguments) != count:
            raise SqlError(f"{shown} is not a function that the emulator has")
        return _call(function, tuple(arguments))

    def _literal(self, kind: str) -> Any:
        found, text = self._tokens[0]
        if found != kind:
            raise SqlError(f"expected a {kind}, found {text!r}")
        del self._tokens[0]
        return text[1:-1].replace("''", "'") if kind == "text" else json.loads(text)

    def _name(self) -> str:
        kind, text = self._tokens.pop(0)
        if kind not in ("name", "quoted"):
            raise SqlError(f"expected a name, found {text!r}")
        return text

    def _takes(self, kind: str) -> bool:
        found = self._tokens[0][0] == kind
        if found:
            del self._tokens[0]
        return found

    def _expect(self, kind: str) -> None:
        if self._tokens[0][0] != kind:
            raise SqlError(f"expected {kind}, found {self._tokens[0][1]!r}")
        if kind != _END:
            del self._tokens[0]


def _call(function: Callable[..., Any], arguments: tuple[Expression, ...]) -> Expression:
    def evaluate(message: Message) -> Any:
        values = [each(message) for each in arguments]
        if any(each is MISSING for each in values):
            return MISSING
        try:
            return function(*values)
        except (TypeError, ValueError, ArithmeticError):
            return MISSING

    return evaluate


def _level(topic: str, number: Any) -> Any:
    levels = topic.split("/")
    return levels[number - 1] if isinstance(number, int) and 0 < number <= len(levels) else MISSING


def _equal(left: Any, right: Any) -> bool:
    """Compare as JSON does: true is not 1, and 1.0 is."""
    return isinstance(left, bool) is isinstance(right, bool) and bool(left == right)


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    """Return a comparison that takes texts of numbers for numbers."""

    def compared(left: Any, right: Any) -> bool:
        if isinstance(left, str) is not isinstance(right, str):
            left, right = float(left), float(right)
        return compare(left, right)

    return compared


_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": _equal,
    "<>": lambda left, right: not _equal(left, right),
    "!=": lambda left, right: not _equal(left, right),
    "<": _ordered(operator.lt),
    "<=": _ordered(operator.le),
    ">": _ordered(operator.gt),
    ">=": _ordered(operator.ge),
}
_OPERATORS: Mapping[str, Callable[[Any, Any], Any]] = {
    **_COMPARISONS,
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "%": operator.mod,
}
_CONSTANTS: Mapping[str, Any] = {"TRUE": True, "FALSE": False, "NULL": None}
_FUNCTIONS: Mapping[str, tuple[Callable[..., Any], int]] = {
    "abs": (abs, 1),
    "concat": (lambda left, right: str(left) + str(right), 2),
    "endswith": (str.endswith, 2),
    "isnull": (lambda value: value is None, 1),
    "lower": (str.lower, 1),
    "startswith": (str.startswith, 2),
    "upper": (str.upper, 1),
}
