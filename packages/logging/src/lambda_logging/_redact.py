"""Leaves secrets out of values, by the names of their keys."""

from __future__ import annotations

from ._plain import plain
from ._small_json import to_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

SECRETS = frozenset(
    (
        "access_token",
        "accesstoken",
        "api_key",
        "apikey",
        "authorization",
        "authorizationtoken",
        "challengeanswer",
        "client_secret",
        "clientsecret",
        "cookie",
        "cookies",
        "id_token",
        "identitysource",
        "idtoken",
        "inputs3url",
        "outputtoken",
        "passwd",
        "password",
        "private_key",
        "privatechallengeparameters",
        "privatekey",
        "proxy-authorization",
        "rawquerystring",
        "refresh_token",
        "refreshtoken",
        "secret",
        "secretaccesskey",
        "session_token",
        "sessiontoken",
        "set-cookie",
        "token",
        "x-amz-security-token",
        "x-api-key",
        "x-auth-token",
    )
)
"""Common names of secrets in the events of AWS and of others, in lower case."""

REDACTED = "[redacted]"
"""The text in place of a secret."""

_MAX_DEPTH = 200
_OPENINGS = frozenset("{[ \t\r\n")


def redact(value: Any, keys: Iterable[str] = SECRETS) -> Any:
    """Return a value without the secrets in it.

    Args:
        value: Dicts, lists and tuples of any values; it is never changed. A string that is JSON,
            such as the body of a request or of a message, is searched too.
        keys: The names of the keys whose values are replaced, in any case.

    Returns:
        The value itself if it holds none of the keys; otherwise a copy of the parts that lead to
        them. Values nested more than 200 levels deep are replaced as a whole.
    """
    names = keys if isinstance(keys, frozenset) else frozenset(key.lower() for key in keys)
    return _redact(value, names, 0)


def without_secrets(value: object, keys: frozenset[str]) -> object:
    """Return a value, or its plain copy without the secrets if it holds any.

    Args:
        value: Any value; its ``str()`` may show more than its JSON does.
        keys: The names of the keys whose values are replaced, in lower case.
    """
    whole = plain(value)
    clean = redact(whole, keys)
    return value if clean is whole else clean


def _redact(value: Any, keys: frozenset[str], depth: int) -> Any:
    if isinstance(value, dict):
        return _redact_dict(value, keys, depth) if depth < _MAX_DEPTH else REDACTED
    if isinstance(value, (list, tuple)):
        if depth >= _MAX_DEPTH:
            return REDACTED
        items = [_redact(item, keys, depth + 1) for item in value]
        if all(new is old for new, old in zip(items, value, strict=True)):
            return value
        return items if isinstance(value, list) else tuple(items)
    if isinstance(value, str) and value[:1] in _OPENINGS:
        return _redact_json(value, keys, depth)
    return value


def _redact_dict(value: dict[Any, Any], keys: frozenset[str], depth: int) -> dict[Any, Any]:
    copy: dict[Any, Any] | None = None
    for key, item in value.items():
        if isinstance(key, str) and key.lower() in keys:
            new: Any = REDACTED
        else:
            new = _redact(item, keys, depth + 1)
        if new is not item:
            if copy is None:
                copy = dict(value)
            copy[key] = new
    return value if copy is None else copy


def _redact_json(text: str, keys: frozenset[str], depth: int) -> str:
    from ujson import loads

    try:
        value = loads(text)
    except (ValueError, RecursionError):
        return text  # it is not JSON
    clean = _redact(value, keys, depth + 1)
    if clean is value:
        return text
    return to_json(plain(clean)).decode()
