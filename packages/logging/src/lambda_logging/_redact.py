"""Values that are nobody's business, left out by the names of their keys."""

from __future__ import annotations

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
        "client_secret",
        "clientsecret",
        "cookie",
        "cookies",
        "id_token",
        "idtoken",
        "passwd",
        "password",
        "private_key",
        "privatekey",
        "proxy-authorization",
        "refresh_token",
        "refreshtoken",
        "secret",
        "secretaccesskey",
        "set-cookie",
        "token",
        "x-amz-security-token",
        "x-api-key",
    )
)
"""Names that secrets usually have in events, in lower case."""

REDACTED = "[redacted]"
"""What is written in the place of a secret."""

_MAX_DEPTH = 200


def redact(value: Any, keys: Iterable[str] = SECRETS) -> Any:
    """Return a value without the secrets in it.

    Args:
        value: Dicts, lists and tuples of any values; it is never changed.
        keys: The names of the keys whose values are replaced, in any case.

    Returns:
        The value itself if it holds none of the keys, and else a copy of the parts that lead to
        them. What is nested more than 200 levels deep is replaced as a whole.
    """
    names = keys if isinstance(keys, frozenset) else frozenset(key.lower() for key in keys)
    return _redact(value, names, 0)


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
