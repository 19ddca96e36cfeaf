"""Values for events that tests build: valid in form, and the same in every run."""

# ruff: noqa: SLF001 - a model's state is private to its users, not to the modules that make it

from __future__ import annotations

from ._codec import dumps
from ._model import Model
from ._writer import plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

REGION = "eu-west-1"
ACCOUNT = "123456789012"
SECONDS = 1_700_000_000
"""The time of every sample: 2023-11-14T22:13:20Z."""
MILLISECONDS = SECONDS * 1000
CLF = "14/Nov/2023:22:13:20 +0000"
ISO = "2023-11-14T22:13:20Z"
ISO_MILLISECONDS = "2023-11-14T22:13:20.000Z"
PRINCIPAL = "AIDACKCEVSQ6C2EXAMPLE"

_JSON = (dict, list, int, float, bool, type(None))


def arn(service: str, resource: str, region: str = REGION, account: str = ACCOUNT) -> str:
    """Return an ARN in the ``aws`` partition."""
    return f"arn:aws:{service}:{region}:{account}:{resource}"


def uuid(number: int, text: str = "") -> str:
    """Return a UUID (version 4 in form) that follows from a number and a text."""
    from hashlib import md5
    from uuid import UUID

    digest = md5(f"{number}:{text}".encode(), usedforsecurity=False).digest()
    return str(UUID(bytes=digest, version=4))


def sequence_number(number: int) -> str:
    """Return a stream's sequence number, of the length of real ones, that grows with a number."""
    return str(49590338271490256608559692538361571095921575989136588898 + number)


def md5_hex(text: str) -> str:
    """Return a text's MD5 digest as SQS and others write it."""
    from hashlib import md5

    return md5(text.encode(), usedforsecurity=False).hexdigest()


def text_of(payload: Any) -> str:
    """Return the text of a payload: a str as it is, bytes as UTF-8, all else as JSON."""
    if isinstance(payload, str):
        return payload
    return payload.decode() if isinstance(payload, bytes) else dumps(payload).decode()


def bytes_of(payload: Any) -> bytes:
    """Return the bytes of a payload: bytes as they are, a str as UTF-8, all else as JSON."""
    return payload if isinstance(payload, bytes) else text_of(payload).encode()


def types_of(*payloads: Iterable[Any]) -> tuple[Any, ...] | None:
    """Return the type arguments of an event that was built of payloads.

    Args:
        payloads: For each type variable, the payloads of that type.

    Returns:
        The class of the payloads of each variable, or None where they are JSON values, or of
        several classes; None if that is so for all.
    """
    kinds: list[Any] = []
    for group in payloads:
        found = {_type_of(payload) for payload in group}
        kinds.append(found.pop() if len(found) == 1 else None)
    return tuple(kinds) if any(kinds) else None


def _type_of(payload: Any) -> Any:
    kind: Any = type(payload)
    if kind in _JSON:
        return None
    args = getattr(payload, "_args", None) if isinstance(payload, Model) else None
    return kind[args] if args else kind


def read(model: Any, value: Any, args: tuple[Any, ...] | None = None) -> Any:
    """Make a model of a JSON value that may hold models and payloads."""
    return model._read(plain(value), args)


def in_window(event: Any, source: str, state: Mapping[str, Any] | None, final: bool) -> Any:
    """Return a stream's event with what tumbling windows add.

    Args:
        event: The event.
        source: The stream's ARN.
        state: The state that the window's previous invocation returned.
        final: True in the window's last invocation.
    """
    window = {
        "window": {"start": "2023-11-14T22:10:00Z", "end": "2023-11-14T22:15:00Z"},
        "state": dict(state or {}),
        "shardId": "shardId-000000000000",
        "eventSourceARN": source,
        "isFinalInvokeForWindow": final,
        "isWindowTerminatedEarly": False,
    }
    return read(type(event), plain(event) | window, event._args)


def lists(query: Mapping[str, str | Sequence[str]] | None) -> dict[str, list[str]]:
    """Return the values of a query by name, one or several given, as lists."""
    return {
        name: [items] if isinstance(items, str) else [*items]
        for name, items in (query or {}).items()
    }


def body_of(body: Any) -> tuple[str | None, bool]:
    """Return a request's body as an event has it, and whether that is base64."""
    if body is None:
        return None, False
    if isinstance(body, bytes):
        from ._bytes import to_base64

        return to_base64(body), True
    return text_of(body), False


def http_v2(
    method: str,
    path: str,
    route_key: str,
    host: str,
    headers: Mapping[str, str] | None,
    query: Mapping[str, str | Sequence[str]] | None,
    cookies: Mapping[str, str] | None,
    body: Any,
) -> dict[str, Any]:
    """Return a request in format 2.0, which HTTP APIs and function URLs share."""
    from urllib.parse import urlencode

    several = lists(query)
    text, is_base64 = body_of(body)
    prefix = host.partition(".")[0]
    value: dict[str, Any] = {
        "version": "2.0",
        "routeKey": route_key,
        "rawPath": path,
        "rawQueryString": urlencode(several, doseq=True),
    }
    if cookies:
        value["cookies"] = [f"{name}={item}" for name, item in cookies.items()]
    sent = {name.lower(): item for name, item in (headers or {}).items()}
    value["headers"] = {"host": host, **sent}
    if several:
        value["queryStringParameters"] = {n: ",".join(items) for n, items in several.items()}
    value["requestContext"] = {
        "accountId": ACCOUNT,
        "apiId": prefix,
        "domainName": host,
        "domainPrefix": prefix,
        "http": {
            "method": method,
            "path": path,
            "protocol": "HTTP/1.1",
            "sourceIp": "203.0.113.7",
            "userAgent": "test",
        },
        "requestId": uuid(0, path),
        "routeKey": route_key,
        "stage": "$default",
        "time": CLF,
        "timeEpoch": MILLISECONDS,
    }
    if text is not None:
        value["body"] = text
    value["isBase64Encoded"] = is_base64
    return value
