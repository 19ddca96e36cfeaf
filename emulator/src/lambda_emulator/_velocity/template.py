"""Mapping templates: a part of the Velocity Template Language, within limits of steps and size.

https://velocity.apache.org/engine/1.7/vtl-reference.html
"""

import re
from collections.abc import Mapping
from typing import Any

from .expressions import Block, Expressions, Scope, Value, is_true
from .values import TemplateError

_PART = re.compile(
    r"(?P<comment>\#\#[^\n]*(?:\n|\Z)|\#\*.*?\*\#)|\#(?:\{(?P<braced>[a-z]+)\}|(?P<word>[a-z]+))"
    r"|(?P<variable>\$!?\{?[A-Za-z_])",
    re.DOTALL,
)
_BLANK = re.compile(r"[ \t]*\n")
_TARGET = re.compile(r"\s*\$!?\{?([A-Za-z_][\w.-]*)\}?")


class Template:
    """A template."""

    def __init__(self, text: str) -> None:
        """Read a template.

        Args:
            text: The template.

        Raises:
            TemplateError: It has what is not understood here.
        """
        self._write = _Parser(text).all()

    def render(self, variables: Mapping[str, Any]) -> str:
        """Return the text that it makes.

        Args:
            variables: The variables by their names.

        Raises:
            TemplateError: It cannot be evaluated.
        """
        try:
            text: str = self._write(Scope({**variables}))
        except RecursionError:
            raise TemplateError("a value is nested too deep") from None
        return text


class _Parser(Expressions):
    def within(self, text: str) -> Value:
        return _Parser(text, self._depth).all()

    def all(self) -> Value:
        made, end = self._block()
        if end:
            raise TemplateError(f"#{end} ends nothing")
        return made

    def _block(self) -> tuple[Value, str]:
        """Return what writes the parts up to a directive that ends them, and the name of that."""
        self.deeper(1)
        parts: list[Value] = []
        end = ""
        while not end and (match := _PART.search(self.text, self.at)):
            parts.append(_written(self.text[self.at : match.start()]))
            self.at = match.end()
            word = match["word"] or match["braced"]
            if match["variable"]:
                self.at = match.start()
                parts.append(self.reference(writes=True))
            elif word in ("end", "else", "elseif"):
                end = word
            elif word:
                parts.append(self._directive(word))
        if not end:
            parts.append(_written(self.text[self.at :]))
            self.at = len(self.text)
        self.deeper(-1)
        return lambda scope: "".join(part(scope) for part in parts), end

    def _directive(self, word: str) -> Value:
        directives = {
            "define": self._define,
            "foreach": self._foreach,
            "if": self._if,
            "set": self._set,
        }
        if word not in directives:
            raise TemplateError(f"#{word} is not evaluated")
        self.expect("(")
        return directives[word]()

    def _body(self) -> tuple[Value, str]:
        """Return a block after a closing parenthesis, without the rest of an empty line."""
        if match := _BLANK.match(self.text, self.at):
            self.at = match.end()
        body, end = self._block()
        if not end:
            raise TemplateError("#end is missing")
        if end == "end" and (match := _BLANK.match(self.text, self.at)):
            self.at = match.end()
        return body, end

    def _set(self) -> Value:
        path = self._path()
        self.expect("=")
        value = self.expression()
        self.expect(")")
        if match := _BLANK.match(self.text, self.at):
            self.at = match.end()
        *way, last = path

        def assign(scope: Scope) -> str:
            holder: Any = scope.variables
            for name in way:
                holder = holder.get(name) if isinstance(holder, dict) else None
            if isinstance(holder, dict):
                holder[last] = value(scope)
            return ""

        return assign

    def _define(self) -> Value:
        [*_, name] = self._path()
        self.expect(")")
        body, _ = self._body()

        def assign(scope: Scope) -> str:
            scope.variables[name] = Block(body)
            return ""

        return assign

    def _path(self) -> list[str]:
        match = _TARGET.match(self.text, self.at)
        if match is None:
            raise TemplateError("#set, #foreach or #define has no variable")
        self.at = match.end()
        return match[1].split(".")

    def _if(self) -> Value:
        branches: list[tuple[Value, Value]] = []
        end = "elseif"
        while end == "elseif":
            if branches:
                self.expect("(")
            condition = self.expression()
            self.expect(")")
            body, end = self._body()
            branches.append((condition, body))
        if end == "else":
            body, end = self._body()
            branches.append((lambda _: True, body))

        def choose(scope: Scope) -> str:
            for condition, body in branches:
                if is_true(condition(scope)):
                    return str(body(scope))
            return ""

        return choose

    def _foreach(self) -> Value:
        name, *more = self._path()
        if more:
            raise TemplateError("#foreach has a member as its variable")
        self.expect("in")
        items = self.expression()
        self.expect(")")
        body, _ = self._body()

        def repeat(scope: Scope) -> str:
            found = items(scope)
            listed = [*found.values()] if isinstance(found, Mapping) else found
            if not isinstance(listed, list):
                return ""
            outer, texts = scope.variables.get("foreach"), []
            for index, item in enumerate([*listed]):
                more = index + 1 < len(listed)
                loop = {"index": index, "count": index + 1, "hasNext": more, "parent": outer}
                scope.variables.update({name: item, "foreach": loop, "velocityCount": index + 1})
                texts.append(body(scope))
            scope.variables["foreach"] = outer
            return "".join(texts)

        return repeat


def _written(text: str) -> Value:
    def write(scope: Scope) -> str:
        scope.step(len(text))
        return text

    return write
