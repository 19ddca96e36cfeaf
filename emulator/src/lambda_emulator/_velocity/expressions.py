"""The expressions of mapping templates: variables, their methods, operators and literals."""

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from .values import LARGEST, TemplateError, call, checked, to_text

_DEEPEST = 30
_MOST_STEPS = 200_000
_LEXEME = re.compile(
    r"""\s*(?:(?P<number>\d+(?:\.\d+)?)|'(?P<plain>[^']*)'|"(?P<filled>[^"]*)"
    |(?P<word>[A-Za-z]\w*)|(?P<sign>\|\||&&|==|!=|<=|>=|[-+!<>()\[\],=])|(?P<variable>(?=\$)))""",
    re.VERBOSE,
)
_NAME = re.compile(r"[A-Za-z_][\w-]*")
_OPENING, _MEMBER = re.compile(r"\$(!?)(\{?)"), re.compile(r"\.(?=[A-Za-z_])|\[")
_CONSTANTS = {"true": True, "false": False, "null": None}
_LEVELS = (("||",), ("&&",), ("==", "!=", "<", ">", "<=", ">="), ("+", "-"))
_OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "-": operator.sub,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}


class Scope:
    """The variables of a template that is evaluated, and the work that was done for it.

    Attributes:
        variables: The variables by their names.
        given: The names of those that the template has not set.
    """

    def __init__(self, variables: dict[str, Any]) -> None:
        """Begin to evaluate a template.

        Args:
            variables: The variables by their names; the template sets more.
        """
        self.variables = variables
        self.given = frozenset(variables)
        self._steps = 0
        self._size = 0

    def step(self, written: int = 0) -> None:
        """Count a step.

        Args:
            written: The number of characters that it writes.

        Raises:
            TemplateError: It is one too many.
        """
        self._steps += 1
        self._size += written
        if self._steps > _MOST_STEPS or self._size > LARGEST:
            raise TemplateError("it takes too many steps, or writes too much")


Value = Callable[[Scope], Any]
"""Evaluates a part of a template."""


class Block(NamedTuple):
    """A part of a template that is written wherever its name stands.

    Attributes:
        body: Writes it.
    """

    body: Value


class Expressions:
    """Reads expressions from a text.

    Attributes:
        text: The text.
        at: The place of what is read next.
    """

    def __init__(self, text: str, depth: int = 0) -> None:
        """Begin to read a text.

        Args:
            text: The text.
            depth: The number of levels that it is within.
        """
        self.text = text
        self.at = 0
        self._depth = depth

    def within(self, text: str) -> Value:
        """Return what writes a text in quotes, which is a template, too.

        Args:
            text: The text.
        """
        raise NotImplementedError

    def deeper(self, levels: int) -> None:
        """Note that what follows is within more levels, or fewer.

        Args:
            levels: The difference.

        Raises:
            TemplateError: There are too many.
        """
        self._depth += levels
        if self._depth > _DEEPEST:
            raise TemplateError("it is nested too deep")

    def reference(self, *, writes: bool = False) -> Value:
        """Return a variable, with its members and the results of its methods.

        Args:
            writes: True to write its value, or its source if it has none.
        """
        start = self.at
        opening = _OPENING.match(self.text, start)
        silent, braced = opening.groups() if opening else ("", "")
        self.at = start + 1 + len(silent) + len(braced)
        names: list[tuple[str, list[Value] | None]] = [(self._name(), None)]
        while match := _MEMBER.match(self.text, self.at):
            self.at = match.end()
            if match[0] == "[":
                names.append(("get", [self.expression()]))
                self.expect("]")
            else:
                name, arguments = self._name(), None
                if self.text.startswith("(", self.at):
                    self.at += 1
                    arguments = self._list(")")
                names.append((name, arguments))
        if braced:
            if not self.text.startswith("}", self.at):
                raise TemplateError("} is missing")
            self.at += 1
        source = "" if silent else self.text[start : self.at]
        (first, _), *steps = names

        def value(scope: Scope) -> Any:
            found = scope.variables.get(first)
            if isinstance(found, Block):
                found = found.body(scope)
            for name, arguments in steps:
                scope.step()
                if arguments is not None:
                    found = call(found, name, [each(scope) for each in arguments])
                else:
                    found = found.get(name) if isinstance(found, Mapping) else None
            return found

        def write(scope: Scope) -> str:
            found = value(scope)
            missing = "" if first in scope.given else source  # what the service knows is empty
            text = missing if found is None else to_text(found)
            scope.step(len(text))
            return text

        return write if writes else value

    def _name(self) -> str:
        match = _NAME.match(self.text, self.at)
        if match is None:
            raise TemplateError("a name is missing")
        self.at = match.end()
        return match[0]

    def expression(self, level: int = 0) -> Value:
        """Return what evaluates an expression.

        Args:
            level: The level of the operators that it may have, from those that bind least.
        """
        if level == len(_LEVELS):
            return self._operand()
        left = self.expression(level + 1)
        while (sign := self._next(_LEVELS[level])) is not None:
            left = _operation(sign, left, self.expression(level + 1))
        return left

    def _operand(self) -> Value:
        match = _LEXEME.match(self.text, self.at)
        if match is None:
            raise TemplateError(f"{self.text[self.at :][:10]!r} is not evaluated")
        self.at = match.end()
        kind = str(match.lastgroup)
        text = match[kind]
        if kind == "variable":
            return self.reference()
        if kind == "filled":
            return self.within(text)
        if kind == "plain":
            return lambda _: text
        if kind == "number":
            number = float(text) if "." in text else int(text)
            return lambda _: number
        if text in _CONSTANTS:
            return lambda _: _CONSTANTS[text]
        self.deeper(1)
        made = self._compound(text)
        self.deeper(-1)
        return made

    def _compound(self, sign: str) -> Value:
        if sign == "!":
            inner = self._operand()
            return lambda scope: not is_true(inner(scope))
        if sign == "(":
            inner = self.expression()
            self.expect(")")
            return inner
        if sign == "[":
            items = self._list("]")
            return lambda scope: [each(scope) for each in items]
        raise TemplateError(f"{sign!r} is not evaluated")

    def _list(self, end: str) -> list[Value]:
        items: list[Value] = []
        while self._next((end,)) is None:
            if items:
                self.expect(",")
            items.append(self.expression())
        return items

    def _next(self, signs: tuple[str, ...]) -> str | None:
        match = _LEXEME.match(self.text, self.at)
        found = match[str(match.lastgroup)] if match else None
        if match is None or match["sign"] is match["word"] or found not in signs:
            return None
        self.at = match.end()
        return found

    def expect(self, sign: str) -> None:
        """Skip a sign or a word.

        Args:
            sign: The sign.

        Raises:
            TemplateError: It is not there.
        """
        if self._next((sign,)) is None:
            raise TemplateError(f"{sign} is missing")


def _operation(sign: str, left: Value, right: Value) -> Value:
    def evaluate(scope: Scope) -> Any:
        one = left(scope)
        if sign in ("&&", "||") and is_true(one) == (sign == "||"):
            return sign == "||"
        two = right(scope)
        if sign in ("&&", "||"):
            return is_true(two)
        if sign in ("==", "!="):
            return (one == two) == (sign == "==")
        if sign == "+" and (isinstance(one, str) or isinstance(two, str)):
            return checked(to_text(one) + to_text(two))
        try:
            return one + two if sign == "+" else _OPERATIONS[sign](one, two)
        except TypeError:
            raise TemplateError(f"{sign} is not between two numbers") from None

    return evaluate


def is_true(value: Any) -> bool:
    """Return whether a value counts as true: all do, but for false and none.

    Args:
        value: The value.
    """
    return value is not None and value is not False
