"""The expressions by which integrations map parameters of requests and responses.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-parameter-mapping.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/request-response-data-mappings.html
"""

import json
import re
from typing import NamedTuple

from multidict import CIMultiDict

from lambda_emulator._sources.transform import find_path

from .call import Call, Grant

_EXPRESSION = r"(?:request|response|context|stageVariables)(?:\.[\w$\[\]'.-]*\w[\]']*)"
_NOT_IN_A_VALUE = re.compile(r"[\0\r\n]")
_EMBEDDED = re.compile(rf"\$\{{({_EXPRESSION})\}}|\$({_EXPRESSION})")


class Answered(NamedTuple):
    """The response of an integration.

    Attributes:
        status: The status.
        headers: The headers.
        body: The body.
    """

    status: int
    headers: CIMultiDict[str]
    body: bytes


class Expressions:
    """The values of expressions, for a request and its response."""

    def __init__(self, call: Call, grant: Grant | None, answered: Answered | None = None) -> None:
        """Evaluate expressions.

        Args:
            call: The request.
            grant: The grant of the authorizer, or None.
            answered: The response, or None before there is one.
        """
        self._call = call
        self._grant = grant
        self._answered = answered

    def value(self, expression: str) -> str | None:
        """Return the value of an expression, or None if it has none.

        Args:
            expression: Of a REST API, a text in quotes or ``method.request.header.x``; of an HTTP
                API, any text with parts such as ``$request.header.x``.
        """
        if self._call.api.kind == "rest":
            if expression[:1] == "'":
                return expression[1:-1]
            return self._part(expression.removeprefix("method.").removeprefix("integration."))
        whole = _EMBEDDED.fullmatch(expression)
        if whole is not None:
            return self._part(whole[1] or whole[2])
        return _EMBEDDED.sub(lambda match: self._part(match[1] or match[2]) or "", expression)

    def _part(self, name: str) -> str | None:
        place, _, rest = name.partition(".")
        part, _, key = rest.partition(".")
        if place == "response" and self._answered is not None:
            if part == "header":
                return ",".join(self._answered.headers.getall(key, [])) or None
            return _of_body(self._answered.body, key) if part == "body" else None
        if rest == "path":
            return self._call.path if place == "request" else self._call.source(name)
        if place == "request" and part == "body":
            return _of_body(self._call.request.body, key)
        if place == "context" and part == "authorizer":
            values = {} if self._grant is None else self._grant.version_1() or {}
            found = find_path(values, f"$.{key}")
            return None if found is None else str(found)
        return self._call.source(name)


def change_header(
    headers: CIMultiDict[str], name: str, value: str | None, verb: str = "overwrite"
) -> None:
    """Change a header.

    Args:
        headers: The headers.
        name: The name.
        value: The value; None, or what no header can have, changes nothing.
        verb: ``overwrite``, ``append`` or ``remove``.
    """
    if verb == "remove":
        headers.popall(name, None)
    elif value is not None and _NOT_IN_A_VALUE.search(value) is None:
        before = [*headers.getall(name, ())] if verb == "append" else []
        headers[name] = ",".join([*before, value])


def _of_body(body: bytes, path: str) -> str | None:
    """Return a body, or the part of it to which a path leads, as text."""
    if not path:
        return body.decode(errors="replace")
    try:
        found = find_path(json.loads(body), f"$.{path}")
    except (ValueError, RecursionError):
        return None
    return found if found is None or isinstance(found, str) else json.dumps(found)
