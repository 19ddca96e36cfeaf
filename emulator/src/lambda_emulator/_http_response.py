"""Responses of functions as HTTP responses, by the rules of the services that call them."""

import base64
import json
from collections.abc import Mapping
from typing import Any, cast

from aiohttp import web
from multidict import CIMultiDict

from ._config import HTTPFormat

_NOT_PASSED_ON = frozenset({"connection", "keep-alive", "transfer-encoding", "upgrade"})
_REMAPPED = frozenset({"content-length", "date", "server"})


class BadResponse(ValueError):
    """The response of a function is not an HTTP response."""


def to_response(payload: bytes, http_format: HTTPFormat) -> web.Response:
    """Return the HTTP response that a function's response stands for.

    Args:
        payload: The function's response.
        http_format: The rules that count: with ``v2``, any JSON value is a response.

    Returns:
        The response.

    Raises:
        BadResponse: It does not stand for one.
    """
    try:
        value = json.loads(payload)
    except ValueError as error:
        raise BadResponse(f"the response is not JSON: {error}") from error
    if isinstance(value, dict) and "statusCode" in value:
        return _described(cast("dict[str, Any]", value))
    if http_format != "v2":
        raise BadResponse("the response is not an object with a statusCode")
    text = value if isinstance(value, str) else _compact(value)
    return web.Response(body=text.encode(), content_type="application/json")


def error_response(http_format: HTTPFormat) -> web.Response:
    """Return the response for a function that failed.

    Args:
        http_format: The rules that count.
    """
    if http_format == "alb":
        html = (
            "<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>"
        )
        return web.Response(status=502, text=html, content_type="text/html")
    if http_format == "v1":
        return web.json_response({"message": "Internal server error"}, status=502)
    body = b"Internal Server Error"
    return web.Response(status=502, body=body, content_type="application/json")


def read_prelude(prelude: bytes) -> tuple[int, CIMultiDict[str]]:
    """Read the JSON that a streamed HTTP response begins with.

    Args:
        prelude: The JSON, without the eight NULs after it.

    Returns:
        The status and the headers.

    Raises:
        BadResponse: It is not a prelude.
    """
    try:
        value = json.loads(prelude) if prelude else {}
    except ValueError as error:
        raise BadResponse(f"the prelude is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise BadResponse("the prelude is not a JSON object")
    described = cast("dict[str, Any]", value)
    return _status(described), _headers(described)


def _described(value: dict[str, Any]) -> web.Response:
    body = value.get("body")
    if body is None:
        data = b""
    elif value.get("isBase64Encoded"):
        try:
            data = base64.b64decode(body, validate=True)
        except (ValueError, TypeError) as error:
            raise BadResponse(f"the body is not base64: {error}") from error
    else:
        data = (body if isinstance(body, str) else _compact(body)).encode()
    return web.Response(status=_status(value), headers=_headers(value), body=data)


def _status(value: Mapping[str, Any]) -> int:
    try:
        status = int(value.get("statusCode", 200))
    except (TypeError, ValueError) as error:
        raise BadResponse(f"the statusCode is not a number: {error}") from error
    if not 100 <= status < 600:
        raise BadResponse(f"there is no status {status}")
    return status


def _headers(value: Mapping[str, Any]) -> CIMultiDict[str]:
    """Return the headers and cookies, but for those that are the server's own."""
    headers: CIMultiDict[str] = CIMultiDict()
    try:
        for name, several in (value.get("multiValueHeaders") or {}).items():
            for one in several:
                _add(headers, name, one)
        for name, one in (value.get("headers") or {}).items():
            if name not in headers:
                _add(headers, name, one)
        for cookie in value.get("cookies") or ():
            headers.add("Set-Cookie", str(cookie))
    except (AttributeError, TypeError) as error:
        raise BadResponse(f"the headers are not strings by name: {error}") from error
    headers.setdefault("Content-Type", "application/json")
    return headers


def _add(headers: CIMultiDict[str], name: str, value: object) -> None:
    lowered = name.lower()
    if lowered in _NOT_PASSED_ON:
        return
    prefix = "x-amzn-remapped-" if lowered in _REMAPPED else ""
    text = str(value)
    if "\r" in text or "\n" in text or not name:
        raise BadResponse(f"no header {name!r} can have the value {text!r}")
    headers.add(f"{prefix}{name}", text)


def _compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
