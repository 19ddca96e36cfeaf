"""Responses of a function, and what a caller gets: one row for each kind of response."""

from __future__ import annotations

import json
from typing import Any

from .fidelity_table import ABSENT, Answered, Row, Section, row

_FAILED: dict[str, tuple[str, dict[str, object]]] = {
    "url": ("url-tests", {"status": 502, "body": "Internal Server Error"}),
    "v2": ("dotnet", {"status": 500, "body": '{"message": "Internal Server Error"}'}),
    "v1": ("dotnet", {"status": 502, "body": '{"message": "Internal server error"}'}),
    "alb": ("alb-page", {"status": 502, "headers.Content-Type": "text/html"}),
}
_Cell = tuple[str, dict[str, object]]


def _json(value: object) -> Answered:
    return Answered(json.dumps(value).encode())


def _row(
    name: str, value: Any, cells: dict[str, _Cell | str | None], said: str | None = None
) -> Row:
    """Return a row.

    A cell that is a text, or None, is a failure with that source; ``said`` is in its log line.
    """
    given = value if isinstance(value, Answered) else _json(value)
    all_cells: dict[str, _Cell] = {}
    for front_end, cell in cells.items():
        if isinstance(cell, tuple):
            all_cells[front_end] = cell
        else:
            known = _FAILED[front_end.partition("-")[0]][1]
            log = {"log": said} if said else {}
            all_cells[front_end] = (cell or "", {**known, **log})
    return Row(name, given, all_cells)


def _fails(name: str, value: Any, said: str, *sources: str) -> Row:
    """Return a row about what no front end takes."""
    names = ("url", "v2", "v1", "alb")
    cells: dict[str, _Cell | str | None] = {}
    cells.update(zip(names, (*sources, "", "", "", ""), strict=False))
    return _row(name, value, cells, said)


def _same(name: str, value: Any, expected: dict[str, object], *sources: str) -> Row:
    """Return a row about what every front end does alike."""
    names = ("url", "v2", "v1", "alb")
    padded = (*sources, "", "", "", "")
    return _row(name, value, {each: (padded[n], expected) for n, each in enumerate(names)})


def _ok(body: str = "", **more: object) -> dict[str, object]:
    headers = {f"headers.{key.replace('_', '-')}": value for key, value in more.items()}
    return {"status": 200, "body": body, **headers}


_TYPE = {"headers": {"Content-Type": "text/plain"}}
WHOLE = Section(
    "Responses as a whole",
    [
        _row(
            "answer-object",
            {"a": [1, "ü"]},
            {
                "url": ("url-tests", _ok('{"a":[1,"ü"]}', Content_Type="application/json")),
                "v2": ("dotnet", _ok('{"a": [1, "\\u00fc"]}', Content_Type="application/json")),
                "v1": "rest-tests",
                "alb": "alb-least",
            },
        ),
        _row(
            "answer-text",
            "hello",
            {
                "url": ("url-tests", _ok("hello", Content_Type="application/json")),
                "v2": ("dotnet", _ok("hello", Content_Type="application/json")),
                "v1": "rest-tests",
                "alb": "",
            },
        ),
        _row(
            "answer-number",
            3,
            {
                "url": ("url-tests", _ok("3")),
                "v2": ("dotnet", _ok("3")),
                "v1": "rest-tests",
                "alb": "",
            },
        ),
        _row(
            "answer-list",
            ["hello", 3, True],
            {
                "url": ("url-tests", _ok('["hello",3,true]')),
                "v2": ("dotnet", _ok('["hello", 3, true]')),
                "v1": "",
                "alb": "",
            },
        ),
        _row(
            "answer-null",
            None,
            {"url": ("", _ok("null")), "v2": ("", _ok("null")), "v1": "", "alb": ""},
        ),
        _row(
            "answer-not-json",
            Answered(b'{"name": "Ada", "age":'),
            {
                "url": "",
                "v2": ("dotnet", _ok('{"name": "Ada", "age":', Content_Type="application/json")),
                "v1": "dotnet",
                "alb": "",
            },
        ),
        _row(
            "answer-without-status",
            {"headers": {"x-own": "1"}},
            {
                "url": ("dotnet", _ok('{"headers":{"x-own":"1"}}', x_own=ABSENT)),
                "v2": ("dotnet", _ok('{"headers": {"x-own": "1"}}', x_own=ABSENT)),
                "v1": ("rest-tests", _ok("", x_own="1")),
                "alb": "",
            },
            "statusCode is missing",
        ),
        _row(
            "answer-empty-object",
            {},
            {
                "url": ("url-tests", _ok("{}")),
                "v2": ("dotnet", _ok("{}")),
                "v1": ("rest-tests", _ok("")),
                "alb": "",
            },
            "statusCode is missing",
        ),
        _row(
            "answer-unknown-field",
            {"statusCode": 200, "wrongValue": "value"},
            {
                "url": ("", _ok()),
                "v2": ("v2-fields", _ok()),
                "v1": "rest-tests",
                "alb": ("", _ok()),
            },
            "wrongValue",
        ),
        _fails(
            "answer-nested-too-deep",
            Answered(b'{"statusCode": 200, "body": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
            "nested too deep",
        ),
        _row(
            "answer-nan",
            Answered(b'{"statusCode": 200, "body": NaN}'),
            {
                "url": "",
                "v2": ("dotnet", _ok('{"statusCode": 200, "body": NaN}')),
                "v1": "",
                "alb": "",
            },
            "not JSON",
        ),
        _row(
            "answer-number-too-large",
            Answered(b'{"statusCode": 200, "body": {"a": 1e999}}'),
            {"url": "", "v2": "", "v1": "", "alb": ""},
            "body",
        ),
        _row(
            "answer-of-2-mib",
            {"statusCode": 200, "body": "a" * (2 << 20)},
            {
                "url": ("lambda-quotas", {"status": 200}),
                "v2": ("lambda-quotas", {"status": 200}),
                "v1": ("lambda-quotas", {"status": 200}),
                "alb": "alb-guide",
            },
            "more than 1048576 bytes",
        ),
        _same(
            "answer-type",
            {"statusCode": 200, "body": "x", "headers": {"content-type": "text/html"}},
            _ok("x", Content_Type="text/html"),
            "url-tests",
            "dotnet",
            "dotnet",
            "alb-guide",
        ),
        _row(
            "answer-without-type",
            {"statusCode": 200, "body": "x"},
            {
                "url": ("url-tests", _ok("x", Content_Type="application/json")),
                "v2": ("dotnet", _ok("x", Content_Type="text/plain; charset=utf-8")),
                "v1": ("dotnet", _ok("x", Content_Type="application/json")),
                "alb": ("alb-type", _ok("x", Content_Type="application/octet-stream")),
            },
        ),
    ],
)


def _status(name: str, value: object, *sources: str) -> Row:
    return _fails(name, {"statusCode": value}, "statusCode is", *sources)


STATUS = Section(
    "statusCode",
    [
        _row(
            "status-text",
            {"statusCode": "201"},
            {
                "url": ("url-tests", {"status": 201}),
                "v2": ("", {"status": 201}),
                "v1": ("rest-tests", {"status": 201}),
                "alb": "",
            },
            "statusCode is",
        ),
        _status("status-word", "test", "", "", "rest-tests"),
        _status("status-empty", ""),
        _status("status-text-with-a-space", " 200"),
        _status("status-text-of-a-fraction", "200.0"),
        _status("status-fraction", 200.5, "", "dotnet"),
        _status("status-whole-fraction", 200.0),
        _status("status-true", True),
        _status("status-null", None),
        _status("status-list", [200]),
        _status("status-object", {}),
        _status("status-negative", -200),
        _status("status-0", 0, "", "", "dotnet"),
        _status("status-99", 99),
        _status("status-100", 100),
        _status("status-101", 101),
        _status("status-199", 199),
        _status("status-600", 600),
        _status("status-large", 10**30),
        _same("status-599", {"statusCode": 599}, {"status": 599}),
        _same("status-299", {"statusCode": 299}, {"status": 299}),
        _same(
            "status-204-with-a-body",
            {"statusCode": 204, "body": "x"},
            {"status": 204, "body": "", "headers.Content-Type": ABSENT},
        ),
        _same(
            "status-304-with-a-body",
            {"statusCode": 304, "body": "x"},
            {"status": 304, "body": "", "headers.Content-Type": ABSENT},
        ),
        _row(
            "status-description",
            {"statusCode": 200, "statusDescription": "200 Fine"},
            {
                "url": ("", {"status": 200, "reason": "OK"}),
                "v2": ("", {"status": 200, "reason": "OK"}),
                "v1": "rest-tests",
                "alb": ("alb-guide", {"status": 200, "reason": "Fine"}),
            },
            "statusDescription",
        ),
        _row(
            "status-description-null",
            {"statusCode": 200, "statusDescription": None},
            {
                "url": ("", {"status": 200}),
                "v2": ("", {"status": 200}),
                "v1": "rest-tests",
                "alb": "alb-null",
            },
            "statusDescription",
        ),
    ],
)


def _with(headers: object, **more: object) -> dict[str, object]:
    return {"statusCode": 200, "headers": headers, **more}


def _bad_header(name: str, headers: object, said: str, *sources: str) -> Row:
    return _fails(name, _with(headers), said, *sources)


HEADERS = Section(
    "headers, multiValueHeaders and cookies",
    [
        _row(
            "headers-number",
            _with({"x-own": 3}),
            {
                "url": ("", _ok(x_own="3")),
                "v2": ("", _ok(x_own="3")),
                "v1": ("", _ok(x_own="3")),
                "alb": "alb-number",
            },
            "x-own",
        ),
        _row(
            "headers-boolean",
            _with({"x-own": True}),
            {
                "url": ("", _ok(x_own="true")),
                "v2": ("", _ok(x_own="true")),
                "v1": ("rest-tests", _ok(x_own="true")),
                "alb": "alb-boolean",
            },
            "x-own",
        ),
        _row(
            "headers-value-null",
            _with({"x-own": None}),
            {
                "url": ("", _ok(x_own=ABSENT)),
                "v2": ("", _ok(x_own=ABSENT)),
                "v1": ("", _ok(x_own=ABSENT)),
                "alb": "alb-null",
            },
            "x-own",
        ),
        _row(
            "headers-null",
            _with(None),
            {
                "url": ("", _ok()),
                "v2": ("", _ok()),
                "v1": ("rest-tests", _ok()),
                "alb": "alb-null",
            },
            "headers is null",
        ),
        _bad_header("headers-list", ["a"], "headers is a list"),
        _bad_header("headers-text", "a", "headers is"),
        _bad_header("headers-of-a-list", {"x-own": ["a"]}, "x-own", "", "v2-failed", "rest-tests"),
        _bad_header("headers-of-an-object", {"x-own": {"a": 1}}, "x-own", "", "", "rest-tests"),
        _bad_header("headers-line-feed", {"x-own": "a\nb"}, "x-own"),
        _bad_header("headers-carriage-return", {"x-own": "a\rb"}, "x-own"),
        _bad_header("headers-nul", {"x-own": "a\0b"}, "x-own"),
        _bad_header("headers-escape", {"x-own": "a\x1bb"}, "x-own"),
        _bad_header("headers-surrogate", {"x-own": "\ud800"}, "x-own"),
        _bad_header("headers-name-empty", {"": "a"}, "name"),
        _bad_header("headers-name-with-a-space", {"x own": "a"}, "x own"),
        _bad_header("headers-name-with-a-colon", {"x:own": "a"}, "x:own"),
        _bad_header("headers-name-with-a-line-feed", {"x\nown": "a"}, "name"),
        _bad_header("headers-name-of-a-surrogate", {"\ud800": "a"}, "name"),
        _bad_header("headers-name-with-an-umlaut", {"ü": "a"}, "name"),
        _same("headers-tab", _with({"x-own": "a\tb"}), _ok(x_own="a\tb")),
        _same("headers-utf-8", _with({"x-own": "λ"}), _ok(x_own="λ")),
        _same("headers-empty", _with({"x-own": ""}), _ok(x_own="")),
        _row(
            "headers-length",
            _with({"Content-Length": "99"}, body="x"),
            {
                "url": (
                    "url-guide",
                    {"body": "x", "headers.x-amzn-remapped-content-length": "99"},
                ),
                "v2": ("", {"body": "x", "headers.Content-Length": "1"}),
                "v1": ("v1-guide", {"body": "x", "headers.x-amzn-remapped-content-length": "99"}),
                "alb": ("", {"body": "x", "headers.Content-Length": "1"}),
            },
        ),
        _row(
            "headers-of-the-connection",
            _with({"Connection": "upgrade", "Transfer-Encoding": "chunked", "Upgrade": "x"}),
            {
                "url": ("", {"status": 200, "headers.Upgrade": ABSENT}),
                "v2": ("", {"status": 200, "headers.Upgrade": ABSENT}),
                "v1": (
                    "v1-guide",
                    {"status": 200, "headers.x-amzn-remapped-connection": "upgrade"},
                ),
                "alb": ("", {"status": 200, "headers.Upgrade": ABSENT}),
            },
        ),
        _row(
            "headers-server",
            _with({"Server": "mine"}),
            {
                "url": ("", _ok(x_amzn_remapped_server="mine")),
                "v2": ("", _ok(Server="mine")),
                "v1": ("v1-guide", _ok(x_amzn_remapped_server="mine")),
                "alb": ("", _ok(Server="mine")),
            },
        ),
        _row(
            "multi-value",
            {"statusCode": 200, "multiValueHeaders": {"x-own": ["1", "2"]}},
            {
                "url": ("url-guide", _ok(x_own=ABSENT)),
                "v2": ("v2-guide", _ok(x_own=ABSENT)),
                "v1": ("rest-tests", _ok(x_own=["1", "2"])),
                "alb": ("alb-guide", _ok(x_own=ABSENT)),
                "alb-multi-value": ("alb-guide", _ok(x_own=["1", "2"])),
            },
        ),
        _row(
            "multi-value-and-single",
            {"statusCode": 200, "multiValueHeaders": {"X-Own": ["1"]}, "headers": {"x-own": "2"}},
            {
                "url": ("url-guide", _ok(x_own=["2"])),
                "v2": ("v2-guide", _ok(x_own=["2"])),
                "v1": ("rest-tests", _ok(x_own=["1"])),
                "alb": ("alb-guide", _ok(x_own=["2"])),
                "alb-multi-value": "alb-multi",
            },
            "headers",
        ),
        _row(
            "multi-value-text",
            {"statusCode": 200, "multiValueHeaders": {"x-own": "1"}},
            {
                "url": ("url-guide", _ok(x_own=ABSENT)),
                "v2": ("v2-guide", _ok(x_own=ABSENT)),
                "v1": "rest-tests",
                "alb": ("alb-guide", _ok(x_own=ABSENT)),
                "alb-multi-value": "",
            },
            "x-own",
        ),
        _row(
            "multi-value-null",
            {"statusCode": 200, "multiValueHeaders": None},
            {
                "url": ("url-guide", _ok()),
                "v2": ("v2-guide", _ok()),
                "v1": ("", _ok()),
                "alb": ("", _ok()),
                "alb-multi-value": "alb-null",
            },
            "multiValueHeaders",
        ),
        _row(
            "cookies",
            {"statusCode": 200, "cookies": ["a=1; HttpOnly", "b=2"]},
            {
                "url": ("url-guide", _ok(Set_Cookie=["a=1; HttpOnly", "b=2"])),
                "v2": ("v2-guide", _ok(Set_Cookie=["a=1; HttpOnly", "b=2"])),
                "v1": "v1-cookies",
                "alb": ("", _ok(Set_Cookie=ABSENT)),
            },
            "cookies",
        ),
        _row(
            "cookies-text",
            {"statusCode": 200, "cookies": "a=1"},
            {"url": "", "v2": "", "v1": "v1-cookies", "alb": ("", _ok(Set_Cookie=ABSENT))},
            "cookies",
        ),
        _row(
            "cookies-object",
            {"statusCode": 200, "cookies": {"a": "1"}},
            {"url": "", "v2": "", "v1": "v1-cookies", "alb": ("", _ok(Set_Cookie=ABSENT))},
            "cookies",
        ),
        _row(
            "cookies-of-a-list",
            {"statusCode": 200, "cookies": [["a=1"]]},
            {"url": "", "v2": "", "v1": "v1-cookies", "alb": ("", _ok(Set_Cookie=ABSENT))},
            "cookies",
        ),
        _row(
            "cookies-line-end",
            {"statusCode": 200, "cookies": ["a=1\r\nx: y"]},
            {"url": "", "v2": "", "v1": "v1-cookies", "alb": ("", _ok(Set_Cookie=ABSENT))},
            "cookies",
        ),
        _row(
            "cookies-and-a-header",
            _with({"Set-Cookie": "a=1"}, cookies=["b=2"]),
            {
                "url": ("", _ok(Set_Cookie=["a=1", "b=2"])),
                "v2": ("", _ok(Set_Cookie=["a=1", "b=2"])),
                "v1": "v1-cookies",
                "alb": ("", _ok(Set_Cookie=["a=1"])),
            },
            "cookies",
        ),
    ],
)


def _of_body(value: object, **more: object) -> dict[str, object]:
    return {"statusCode": 200, "body": value, **more}


BODY = Section(
    "body and isBase64Encoded",
    [
        _same("body-absent", {"statusCode": 200}, _ok(), "", "", "rest-tests", "alb-least"),
        _row(
            "body-null",
            _of_body(None),
            {"url": ("", _ok()), "v2": ("", _ok()), "v1": ("", _ok()), "alb": "alb-body"},
            "body is null",
        ),
        _row(
            "body-number",
            _of_body(3),
            {"url": ("", _ok("3")), "v2": ("", _ok("3")), "v1": ("", _ok("3")), "alb": ""},
            "body is 3",
        ),
        _row(
            "body-boolean",
            _of_body(False),
            {
                "url": ("", _ok("false")),
                "v2": ("", _ok("false")),
                "v1": ("", _ok("false")),
                "alb": "",
            },
            "body is false",
        ),
        _row(
            "body-object",
            _of_body({"a": 1}),
            {
                "url": ("", _ok('{"a":1}')),
                "v2": ("", _ok('{"a":1}')),
                "v1": "v1-body",
                "alb": "",
            },
            "body is an object",
        ),
        _row(
            "body-list",
            _of_body([1]),
            {"url": ("", _ok("[1]")), "v2": ("", _ok("[1]")), "v1": "v1-body", "alb": ""},
            "body is a list",
        ),
        _fails("body-surrogate", _of_body("\ud800"), "body has half of a surrogate pair"),
        _same("body-nul", _of_body("a\0b"), _ok("a\0b")),
        _row(
            "base64",
            _of_body("aGk=", isBase64Encoded=True),
            {
                "url": ("url-guide", _ok("hi")),
                "v2": ("v2-guide", _ok("hi")),
                "v1": ("binary", _ok("aGk=")),
                "alb": ("alb-guide", _ok("hi")),
            },
        ),
        _row(
            "base64-invalid",
            _of_body("!", isBase64Encoded=True),
            {"url": "", "v2": "", "v1": ("", _ok("!")), "alb": ""},
            "body is not base64",
        ),
        _row(
            "base64-unpadded",
            _of_body("aGk", isBase64Encoded=True),
            {"url": "", "v2": "", "v1": ("", _ok("aGk")), "alb": ""},
            "body is not base64",
        ),
        _row(
            "base64-of-an-umlaut",
            _of_body("ü", isBase64Encoded=True),
            {"url": "", "v2": "", "v1": ("", _ok("ü")), "alb": ""},
            "body is not base64",
        ),
        _fails("base64-text", _of_body("aGk=", isBase64Encoded="true"), "isBase64Encoded"),
        _fails("base64-number", _of_body("aGk=", isBase64Encoded=1), "isBase64Encoded"),
        _row(
            "base64-null",
            _of_body("aGk=", isBase64Encoded=None),
            {
                "url": ("", _ok("aGk=")),
                "v2": ("", _ok("aGk=")),
                "v1": ("", _ok("aGk=")),
                "alb": "alb-null",
            },
            "isBase64Encoded",
        ),
        _same("base64-false", _of_body("aGk=", isBase64Encoded=False), _ok("aGk=")),
    ],
)
PROBLEMS = Section(
    "Answers of the front end's own",
    [
        row("function-fails", "the function raises an error", **_FAILED),
        row(
            "function-exceeds-its-timeout",
            "the function takes longer than its timeout",
            url=("url-tests", _FAILED["url"][1]),
            v2=("", _FAILED["v2"][1]),
            v1=("", _FAILED["v1"][1]),
            alb=("", _FAILED["alb"][1]),
        ),
        row(
            "front-end-waits-no-longer",
            "the function takes longer than 29 seconds (REST API) or 30 (HTTP API)",
            url=("url-guide", _FAILED["url"][1]),
            v2=("v2-quotas", {"status": 503, "body": '{"message": "Service Unavailable"}'}),
            v1=("v1-quotas", {"status": 504, "body": '{"message": "Endpoint request timed out"}'}),
            alb=("alb-guide", _FAILED["alb"][1]),
        ),
        row(
            "function-is-throttled",
            "all environments of the function are busy",
            url=("url-guide", {"status": 429, "body": '{"Message": "Rate Exceeded."}'}),
            v2=("", {"status": 503, "body": '{"message": "Service Unavailable"}'}),
            v1=("v1-throttled", {"status": 500, "body": '{"message": "Internal server error"}'}),
            alb=("", {"status": 502}),
        ),
    ],
)
ANSWERS = (WHOLE, STATUS, HEADERS, BODY, PROBLEMS)
