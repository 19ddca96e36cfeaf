"""Responses of functions as HTTP responses, by the rules of the front ends."""

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NoReturn, cast

from aiohttp import web
from multidict import CIMultiDict

from ._front_end import Answer, FrontEnd, Problem
from ._http_request import CONNECTION_HEADERS, matches, media_type_of

_STATUSES = range(200, 600)
_WITHOUT_BODY = frozenset({204, 304})
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_NOT_IN_A_VALUE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_SHOWN = 80  # characters of a value in a message


class BadResponse(ValueError):
    """The response of a function is not an HTTP response; the message says which field is not."""


def to_response(
    payload: bytes, front_end: FrontEnd, accept: str | None, binary_types: Iterable[str]
) -> web.Response:
    """Return the HTTP response that a function's response stands for.

    Args:
        payload: The function's response.
        front_end: The front end.
        accept: The ``Accept`` header of the request, or None.
        binary_types: Media types that a REST API treats as binary.

    Returns:
        The response.

    Raises:
        BadResponse: It does not stand for one.
    """
    if front_end.max_response is not None and len(payload) > front_end.max_response:
        raise BadResponse(f"it has more than {front_end.max_response} bytes")
    try:
        value = json.loads(payload, parse_constant=_refuse_constant)
    except RecursionError:
        raise BadResponse("it is nested too deep") from None
    except ValueError as error:
        if front_end.takes_raw_text:
            return web.Response(body=payload, headers={"Content-Type": front_end.inferred_type})
        raise BadResponse(f"it is not JSON: {error}") from error
    if front_end.infers and not (isinstance(value, dict) and "statusCode" in value):
        return _inferred(value, payload, front_end)
    described = _object(value, front_end)
    status = _status(described, front_end)
    headers = _headers(described, front_end)
    binary = front_end.text_types is not None or matches(
        media_type_of((accept or "").partition(",")[0]), binary_types
    )
    body = _body(described, front_end, decode=binary)
    if status in _WITHOUT_BODY:
        body = b""
    else:
        headers.setdefault("Content-Type", front_end.default_type)
    reason = _reason(described, front_end)
    return web.Response(status=status, reason=reason, headers=headers, body=body)


def problem_response(problem: Problem, front_end: FrontEnd) -> web.Response:
    """Return a front end's own answer.

    Args:
        problem: The reason that the function gave no response.
        front_end: The front end.
    """
    return answer_response(front_end.answer(problem))


def answer_response(answer: Answer) -> web.Response:
    """Return an answer as an HTTP response.

    Args:
        answer: The answer.
    """
    headers = {"Content-Type": answer.content_type}
    if answer.error_type is not None:
        headers["x-amzn-ErrorType"] = answer.error_type
    return web.Response(status=answer.status, body=answer.body.encode(), headers=headers)


def read_prelude(prelude: bytes, front_end: FrontEnd) -> tuple[int, CIMultiDict[str]]:
    """Read the JSON that a streamed HTTP response begins with.

    Args:
        prelude: The JSON, without the eight NULs after it.
        front_end: The front end.

    Returns:
        The status and the headers.

    Raises:
        BadResponse: It is not a prelude.
    """
    try:
        value = json.loads(prelude, parse_constant=_refuse_constant) if prelude else {}
    except RecursionError:
        raise BadResponse("its prelude is nested too deep") from None
    except ValueError as error:
        raise BadResponse(f"its prelude is not JSON: {error}") from error
    front_end = front_end._replace(fields=front_end.fields | front_end.prelude_fields)
    described = _object(value, front_end)
    status = _status({"statusCode": 200, **described}, front_end)
    headers = _headers(described, front_end)
    if status not in _WITHOUT_BODY:
        headers.setdefault("Content-Type", front_end.default_type)
    return status, headers


def _object(value: object, front_end: FrontEnd) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise BadResponse(f"it is {_shown(value)}, not an object with a statusCode")
    described = cast("dict[str, Any]", value)
    for name in described:
        if name in front_end.refused_fields or (
            front_end.refuses_other_fields and name not in front_end.fields
        ):
            raise BadResponse(f"{_shown(name)} is not one of its fields")
    return described


def _inferred(value: object, payload: bytes, front_end: FrontEnd) -> web.Response:
    if isinstance(value, str):
        body = _encoded(value, "it")
    else:
        body = payload if front_end.takes_raw_text else _compact(value, "it")
    return web.Response(body=body, headers={"Content-Type": front_end.inferred_type})


def _status(described: Mapping[str, Any], front_end: FrontEnd) -> int:
    if "statusCode" not in described:
        if front_end.default_status is None:
            raise BadResponse("statusCode is missing")
        return front_end.default_status
    value = described["statusCode"]
    status = value
    if front_end.coerces and isinstance(value, str) and re.fullmatch("[0-9]{3}", value):
        status = int(value)
    if type(status) is not int or status not in _STATUSES:
        raise BadResponse(f"statusCode is {_shown(value)}, not a number from 200 to 599")
    return status


def _reason(described: Mapping[str, Any], front_end: FrontEnd) -> str | None:
    """Return the words after the status, of the one front end where a function chooses them."""
    if "statusDescription" not in described or "statusDescription" not in front_end.fields:
        return None
    return _value(described["statusDescription"], "statusDescription", front_end).partition(" ")[2]


def _headers(described: Mapping[str, Any], front_end: FrontEnd) -> CIMultiDict[str]:
    """Return the headers and cookies, except those that are the server's own."""
    headers: CIMultiDict[str] = CIMultiDict()
    for name, values in _entries(described, "multiValueHeaders", front_end):
        if not isinstance(values, list):
            field = f"multiValueHeaders[{_shown(name)}]"
            raise BadResponse(f"{field} is {_shown(values)}, not a list")
        for value in cast("list[object]", values):
            _add(headers, name, value, "multiValueHeaders", front_end)
    several = set(map(str.lower, headers))
    for name, value in _entries(described, "headers", front_end):
        if name.lower() not in several:
            _add(headers, name, value, "headers", front_end)
    cookies = described.get("cookies") if "cookies" in front_end.fields else None
    if cookies is not None and not isinstance(cookies, list):
        raise BadResponse(f"cookies is {_shown(cookies)}, not a list")
    for index, cookie in enumerate(cast("list[object]", cookies or [])):
        headers.add("Set-Cookie", _value(cookie, f"cookies[{index}]", front_end))
    return headers


def _entries(
    described: Mapping[str, Any], field: str, front_end: FrontEnd
) -> Iterator[tuple[str, object]]:
    if field not in front_end.fields or field not in described:
        return
    value = described[field]
    if value is None and front_end.coerces:
        return
    if not isinstance(value, dict):
        raise BadResponse(f"{field} is {_shown(value)}, not an object")
    for name, one in cast("dict[str, object]", value).items():
        if not _TOKEN.fullmatch(name):
            raise BadResponse(f"{field} has {_shown(name)}, which cannot be a header's name")
        yield name, one


def _add(
    headers: CIMultiDict[str], name: str, value: object, field: str, front_end: FrontEnd
) -> None:
    if value is None and front_end.coerces:
        return
    text = _value(value, f"{field}[{_shown(name)}]", front_end)
    lowered = name.lower()
    if lowered in front_end.remapped:
        headers.add(f"x-amzn-remapped-{name}", text)
    elif lowered not in CONNECTION_HEADERS and lowered != "content-length":
        headers.add(name, text)


def _value(value: object, field: str, front_end: FrontEnd) -> str:
    if front_end.coerces and isinstance(value, (bool, int, float)):
        return json.dumps(value)
    if not isinstance(value, str):
        raise BadResponse(f"{field} is {_shown(value)}, not a string")
    if _NOT_IN_A_VALUE.search(value):
        raise BadResponse(f"{field} is {_shown(value)}, with a character that a header cannot have")
    _encoded(value, field)
    return value


def _body(described: Mapping[str, Any], front_end: FrontEnd, *, decode: bool) -> bytes:
    is_base64 = described.get("isBase64Encoded", False)
    if is_base64 is None and front_end.coerces:
        is_base64 = False
    if not isinstance(is_base64, bool):
        raise BadResponse(f"isBase64Encoded is {_shown(is_base64)}, not a boolean")
    body = described.get("body", "")
    if body is None and front_end.coerces:
        body = ""
    elif not isinstance(body, str):
        if front_end.json_body or (front_end.coerces and not isinstance(body, (dict, list))):
            return _compact(body, "body")
        raise BadResponse(f"body is {_shown(body)}, not a string")
    if not (is_base64 and decode):
        return _encoded(body, "body")
    try:
        return base64.b64decode(body, validate=True)
    except ValueError as error:
        raise BadResponse(f"body is not base64, as isBase64Encoded says: {error}") from error


def _encoded(text: str, field: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise BadResponse(f"{field} has half of a surrogate pair") from error


def _compact(value: object, field: str) -> bytes:
    try:
        text = json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    except RecursionError:
        raise BadResponse(f"{field} is nested too deep") from None
    except ValueError as error:  # a number such as 1e999
        raise BadResponse(f"{field} is not JSON: {error}") from error
    return _encoded(text, field)


def _shown(value: object) -> str:
    """Return a value for a message: one line of ASCII, and not a long one."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    text = json.dumps(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"JSON has no {name}")


def set_headers(
    headers: CIMultiDict[str], added: CIMultiDict[str], *, repeats_cors: bool = False
) -> None:
    """Set the headers that a front end adds to a response.

    Args:
        headers: The headers of the response.
        added: The headers to add; they override others, but ``Vary`` has the values of both.
        repeats_cors: True if headers of CORS are sent besides those that the function gives.
    """
    for name, value in added.items():
        lowered = name.lower()
        if lowered == "vary":
            _add_vary(headers, value)
        elif repeats_cors and lowered.startswith("access-control-"):
            headers.add(name, value)
        else:
            headers[name] = value


def _add_vary(headers: CIMultiDict[str], value: str) -> None:
    varies = {
        each.strip().lower() for text in headers.getall("Vary", []) for each in text.split(",")
    }
    if not {"*", value.lower()} & varies:
        headers.add("Vary", value)
