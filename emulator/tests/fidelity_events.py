"""Requests, and the events that they become: one row for each kind of request."""

from __future__ import annotations

import base64
from typing import Any

from .fidelity_table import ABSENT, Row, Section, Sent, row

_BIG = b"a" * (5 << 20)
_TEXT = (b"Content-Type", b"text/plain")
# {"a": 1} by gzip. Written out, as versions of Python and zlib do not write the same.
_ZIPPED = bytes.fromhex("1f8b08000000000002ffab564a54b25230ac0500978ea1fb08000000")


def _path(name: str, sent: bytes, decoded: str | int, v2: str = "voker", **more: Any) -> Row:
    """Return a row about a path: only HTTP APIs decode it, and not once."""
    text = more.get("text", sent.decode())
    source = more.get("source", "voker")
    proxy = text.strip("/") or None
    parameters = {"pathParameters.proxy": proxy} if proxy else {"pathParameters": None}
    http: dict[str, object] = (
        {"status": decoded}
        if isinstance(decoded, int)
        else {"rawPath": decoded, "requestContext.http.path": decoded, "pathParameters": ABSENT}
    )
    once = more.get("once", decoded)
    return row(
        name,
        Sent(sent),
        url=(source, {"rawPath": text, "requestContext.http.path": once}),
        v2=(v2, http),
        v1=(
            more.get("v1", source),
            {"path": text, **parameters, "requestContext.path": f"/local{text}"},
        ),
        alb=(source, {"path": text}),
    )


PATHS = Section(
    "Paths",
    [
        _path("path-root", b"/", "/", v2="", source=""),
        _path("path-plain", b"/a/b", "/a/b"),
        _path("path-slash", b"/a%2Fb", "/a/b"),
        _path("path-slash-in-lower-case", b"/a%2fb", "/a/b", v2="", source=""),
        _path("path-space", b"/a%20b", "/a b"),
        _path("path-slash-and-space", b"/a%2Fb%20c", "/a/b c"),
        _path("path-plus", b"/a+b%2Bc", "/a+b+c", v2="", source="", v1="rest-tests"),
        _path("path-hash", b"/a%23b", "/a#b"),
        _path("path-question-mark", b"/a%3Fb", "/a", once="/a?b"),
        _path("path-percent", b"/a%25b", 400, once="/a%b"),
        _path("path-percent-and-plus", b"/a%25+b", 400, once="/a%+b", v2="", source=""),
        _path("path-encoded-twice", b"/a%252Fb", "/a/b", once="/a%2Fb"),
        _path("path-question-mark-twice", b"/a%253Fb", "/a?b", once="/a%3Fb"),
        _path("path-percent-twice", b"/a%2525b", "/a%b", once="/a%25b"),
        _path("path-utf-8", b"/%CE%BB", "/λ"),
        _path("path-not-utf-8", b"/a%FFb", "/a\ufffdb", v2="", source=""),
        _path("path-dots", b"/a/../b/./c", "/a/../b/./c", v2="", source=""),
        _path("path-dots-encoded", b"/a/%2E%2E/b", "/a/../b", v2="", source=""),
        _path("path-line-feed", b"/a%0Ab", "/a\nb", v2="", source=""),
        _path("path-semicolon", b"/a;b=c", "/a;b=c", v2="", source=""),
        _path("path-brackets", b"/a[b]{c}", "/a[b]{c}", v2="", source=""),
        row(
            "path-slash-at-the-end",
            Sent(b"/a/b/"),
            url=("", {"rawPath": "/a/b/"}),
            v2=("", {"rawPath": "/a/b/"}),
            v1=("rest-tests", {"path": "/a/b/", "pathParameters": {"proxy": "a/b"}}),
            alb=("", {"path": "/a/b/"}),
        ),
        row(
            "path-slashes",
            Sent(b"//a//b"),
            url=("", {"rawPath": "//a//b"}),
            v2=("", {"rawPath": "//a//b"}),
            v1=("rest-tests", {"path": "/a//b", "requestContext.path": "/local//a//b"}),
            alb=("", {"path": "//a//b"}),
        ),
    ],
)


def _query(
    name: str,
    sent: bytes,
    decoded: dict[str, list[str]],
    raw: dict[str, list[str]] | None = None,
    source: str = "voker",
    alb: str = "voker",
) -> Row:
    """Return a row about a query."""
    text = sent.decode()
    joined = {key: ",".join(values) for key, values in decoded.items()}
    last = {key: values[-1] for key, values in decoded.items()}
    kept = decoded if raw is None else raw
    format_2 = {"rawQueryString": text, "queryStringParameters": joined or ABSENT}
    return row(
        name,
        Sent(b"/?" + sent),
        url=(source, format_2),
        v2=(source, format_2),
        v1=(
            source,
            {
                "queryStringParameters": last or None,
                "multiValueQueryStringParameters": decoded or None,
            },
        ),
        alb=(
            "alb-guide" if alb == "voker" else alb,
            {
                "queryStringParameters": {key: values[-1] for key, values in kept.items()},
                "multiValueQueryStringParameters": ABSENT,
            },
        ),
        alb_multi_value=(
            alb,
            {"multiValueQueryStringParameters": kept, "queryStringParameters": ABSENT},
        ),
    )


QUERIES = Section(
    "Queries",
    [
        _query("query-none", b"", {}, source="", alb=""),
        _query("query-one", b"x=1", {"x": ["1"]}),
        _query("query-several-values", b"x=1&y=2&x=3", {"x": ["1", "3"], "y": ["2"]}),
        _query("query-order", b"b=1&a=2", {"b": ["1"], "a": ["2"]}, source="", alb=""),
        _query("query-empty-value", b"x=", {"x": [""]}),
        _query("query-no-equals-sign", b"x", {"x": [""]}, source="", alb=""),
        _query("query-empty-name", b"=1", {"": ["1"]}, source="", alb=""),
        _query("query-empty-pairs", b"&&x=1&", {"x": ["1"]}, source="", alb=""),
        _query("query-comma", b"x=1,2", {"x": ["1,2"]}, source="", alb=""),
        _query("query-equals-signs", b"x=a=b", {"x": ["a=b"]}, source="", alb=""),
        _query(
            "query-plus",
            b"x=a+b&y=a%2Bb",
            {"x": ["a b"], "y": ["a+b"]},
            {"x": ["a+b"], "y": ["a%2Bb"]},
        ),
        _query(
            "query-encoded",
            b"x=a%26b%3Dc%2F&%CE%BB=%CE%BB",
            {"x": ["a&b=c/"], "λ": ["λ"]},
            {"x": ["a%26b%3Dc%2F"], "%CE%BB": ["%CE%BB"]},
            alb="alb-query",
        ),
        _query("query-encoded-twice", b"x=%2520", {"x": ["%20"]}, {"x": ["%2520"]}, source=""),
        _query("query-semicolon", b"x=1;y=2", {"x": ["1;y=2"]}, source="", alb=""),
        _query("query-brackets", b"x[a]=1", {"x[a]": ["1"]}, source="", alb=""),
        _query("query-no-escape", b"x=%zz", {"x": ["%zz"]}, source="", alb=""),
        _query("query-not-utf-8", b"x=%FF", {"x": ["\ufffd"]}, {"x": ["%FF"]}, source="", alb=""),
        _query("query-question-mark", b"x=a?b", {"x": ["a?b"]}, source="", alb=""),
    ],
)


def _header(
    name: str,
    sent: Sent,
    lowered: str,
    values: list[str] | None,
    sources: tuple[str, str, str, str] = ("", "", "", ""),
    as_sent: str | None = None,
) -> Row:
    """Return a row about a header, by its name in lower case and in a REST API."""
    url, v2, v1, alb = sources
    named = as_sent or lowered
    if values is None:
        gone: dict[str, object] = {f"headers.{lowered}": ABSENT}
        return row(
            name,
            sent,
            url=(url, gone),
            v2=(v2, gone),
            v1=(v1, {f"headers.{named}": ABSENT}),
            alb=(alb, gone),
        )
    return row(
        name,
        sent,
        url=(url, {f"headers.{lowered}": ",".join(values)}),
        v2=(v2, {f"headers.{lowered}": ",".join(values)}),
        v1=(v1, {f"headers.{named}": values[-1], f"multiValueHeaders.{named}": values}),
        alb=(alb, {f"headers.{lowered}": values[-1], "multiValueHeaders": ABSENT}),
        alb_multi_value=(alb, {f"multiValueHeaders.{lowered}": values, "headers": ABSENT}),
    )


def _with(*headers: tuple[bytes, bytes], **more: Any) -> Sent:
    return Sent(headers=headers, **more)


_TRACE = "1-[0-9a-f]{8}-[0-9a-f]{24}"
_LONG = b"x" * 10_000
_LONGER = b"x" * 11_000
_TOO_LONG = b"x" * 17_000
_FULL = tuple((b"X-%d" % number, b"x" * 15_000) for number in range(5))
HEADERS = Section(
    "Headers",
    [
        _header(
            "header-case",
            _with((b"X-OwN", b"VaLuE")),
            "x-own",
            ["VaLuE"],
            ("url-guide", "v2-guide", "rest-tests", "alb-guide"),
            "X-OwN",
        ),
        _header(
            "header-several",
            _with((b"x-own", b"first"), (b"X-Own", b"second")),
            "x-own",
            ["first", "second"],
            ("voker", "voker", "voker", "alb-guide"),
        ),
        _header("header-comma", _with((b"x-own", b"a, b")), "x-own", ["a, b"]),
        _header("header-empty", _with((b"x-own", b"")), "x-own", [""]),
        _header("header-spaces", _with((b"x-own", b"  a b  ")), "x-own", ["a b"]),
        _header("header-quotes", _with((b"x-own", b'"a\\b"')), "x-own", ['"a\\b"']),
        _header("header-utf-8", _with((b"x-own", "λ".encode())), "x-own", ["λ"]),
        _header("header-latin-1", _with((b"x-own", b"\xe9")), "x-own", ["é"]),
        _header("header-underscore", _with((b"x_own", b"1")), "x_own", ["1"]),
        _header(
            "header-user-agent",
            _with((b"user-agent", b"me")),
            "user-agent",
            ["me"],
            ("voker", "voker", "voker", "voker"),
            "User-Agent",
        ),
        _header(
            "header-authorization",
            _with((b"authorization", b"Bearer x")),
            "authorization",
            ["Bearer x"],
            ("", "", "rest-tests", ""),
            "Authorization",
        ),
        _header(
            "header-connection",
            _with((b"Connection", b"keep-alive")),
            "connection",
            None,
            ("", "", "rest-tests", ""),
            "Connection",
        ),
        _header("header-te", _with((b"TE", b"trailers")), "te", None, as_sent="TE"),
        row(
            "header-content-length",
            Sent(method=b"POST", headers=(_TEXT,), body=b"hello"),
            url=("voker", {"headers.content-length": "5"}),
            v2=("voker", {"headers.content-length": "5"}),
            v1=("rest-tests", {"headers.Content-Length": ABSENT}),
            alb=("voker", {"headers.content-length": "5"}),
        ),
        row(
            "header-forwarded",
            Sent(),
            url=(
                "voker",
                {"headers.x-forwarded-for": "127.0.0.1", "headers.x-forwarded-proto": "http"},
            ),
            v2=(
                "voker",
                {"headers.x-forwarded-for": "127.0.0.1", "headers.x-forwarded-proto": "http"},
            ),
            v1=(
                "voker",
                {"headers.X-Forwarded-For": "127.0.0.1", "headers.X-Forwarded-Proto": "http"},
            ),
            alb=(
                "voker",
                {"headers.x-forwarded-for": "127.0.0.1", "headers.x-forwarded-proto": "http"},
            ),
        ),
        row(
            "header-forwarded-before",
            _with((b"X-Forwarded-For", b"10.0.0.1"), (b"X-Forwarded-Proto", b"https")),
            url=(
                "",
                {
                    "headers.x-forwarded-for": "10.0.0.1, 127.0.0.1",
                    "headers.x-forwarded-proto": "http",
                    "requestContext.http.sourceIp": "127.0.0.1",
                },
            ),
            v2=(
                "",
                {
                    "headers.x-forwarded-for": "10.0.0.1, 127.0.0.1",
                    "headers.x-forwarded-proto": "http",
                    "requestContext.http.sourceIp": "127.0.0.1",
                },
            ),
            v1=(
                "rest-tests",
                {
                    "headers.X-Forwarded-For": "10.0.0.1, 127.0.0.1",
                    "headers.X-Forwarded-Proto": "http",
                    "requestContext.identity.sourceIp": "127.0.0.1",
                },
            ),
            alb=(
                "alb-guide",
                {
                    "headers.x-forwarded-for": "10.0.0.1, 127.0.0.1",
                    "headers.x-forwarded-proto": "http",
                },
            ),
        ),
        row(
            "header-forwarded-by-31",
            _with((b"X-Forwarded-For", b", ".join([b"10.0.0.1"] * 31))),
            url=("", {"requestContext.http.sourceIp": "127.0.0.1"}),
            v2=("", {"requestContext.http.sourceIp": "127.0.0.1"}),
            v1=("", {"requestContext.identity.sourceIp": "127.0.0.1"}),
            alb=("alb-errors", {"status": 463}),
        ),
        row(
            "header-trace",
            _with((b"X-Amzn-Trace-Id", b"Root=1-5759e988-bd862e3fe1be46a994272793")),
            url=("", {"headers.x-amzn-trace-id": "Root=1-5759e988-bd862e3fe1be46a994272793"}),
            v2=("", {"headers.x-amzn-trace-id": "Root=1-5759e988-bd862e3fe1be46a994272793"}),
            v1=("", {"headers.X-Amzn-Trace-Id": "Root=1-5759e988-bd862e3fe1be46a994272793"}),
            alb=("alb-tracing", {"headers.x-amzn-trace-id": f"re:Self={_TRACE};Root={_TRACE}"}),
        ),
        row(
            "header-trace-of-another-balancer",
            _with((b"X-Amzn-Trace-Id", b"Self=1-1-a;Root=1-2-b;CalledFrom=app")),
            url=("", {"headers.x-amzn-trace-id": "Self=1-1-a;Root=1-2-b;CalledFrom=app"}),
            v2=("", {"headers.x-amzn-trace-id": "Self=1-1-a;Root=1-2-b;CalledFrom=app"}),
            v1=("", {"headers.X-Amzn-Trace-Id": "Self=1-1-a;Root=1-2-b;CalledFrom=app"}),
            alb=(
                "alb-tracing",
                {"headers.x-amzn-trace-id": f"re:Self={_TRACE};Root=1-2-b;CalledFrom=app"},
            ),
        ),
        row(
            "header-trace-not-ascii",
            _with((b"X-Amzn-Trace-Id", b"\xff")),
            url=("", {"headers.x-amzn-trace-id": "ÿ"}),
            v2=("", {"headers.x-amzn-trace-id": "ÿ"}),
            v1=("", {"headers.X-Amzn-Trace-Id": "ÿ"}),
            alb=("", {"headers.x-amzn-trace-id": f"re:Self={_TRACE};ÿ"}),
        ),
        _header(
            "header-of-10000-bytes",
            _with((b"x-own", _LONG)),
            "x-own",
            [_LONG.decode()],
            ("lambda-quotas", "v2-quotas", "v1-quotas", "alb-errors"),
        ),
        row(
            "header-of-11000-bytes",
            _with((b"x-own", _LONGER)),
            url=("lambda-quotas", {"headers.x-own": _LONGER.decode()}),
            v2=("v2-quotas", {"status": 431}),
            v1=("v1-quotas", {"status": 431}),
            alb=("alb-errors", {"headers.x-own": _LONGER.decode()}),
        ),
        row(
            "header-of-17000-bytes",
            _with((b"x-own", _TOO_LONG)),
            url=("lambda-quotas", {"headers.x-own": _TOO_LONG.decode()}),
            v2=("v2-quotas", {"status": 431}),
            v1=("v1-quotas", {"status": 431}),
            alb=("alb-errors", {"status": 400}),
        ),
        row(
            "headers-of-75000-bytes",
            _with(*_FULL),
            url=("lambda-quotas", {"headers.x-4": "x" * 15_000}),
            v2=("v2-quotas", {"status": 431}),
            v1=("v1-quotas", {"status": 431}),
            alb=("alb-errors", {"status": 400}),
        ),
        row(
            "target-of-9000-bytes",
            Sent(b"/?x=" + b"x" * 9000),
            url=("lambda-quotas", {"queryStringParameters.x": "x" * 9000}),
            v2=("v2-quotas", {"queryStringParameters.x": "x" * 9000}),
            v1=("", {"queryStringParameters.x": "x" * 9000}),
            alb=("alb-errors", {"queryStringParameters.x": "x" * 9000}),
        ),
        row(
            "target-of-17000-bytes",
            Sent(b"/" + b"x" * 17000),
            url=("lambda-quotas", {"rawPath": "/" + "x" * 17000}),
            v2=("v2-quotas", {"status": 431}),
            v1=("", {"status": 431}),
            alb=("alb-errors", {"status": 400}),
        ),
    ],
)


def _cookies(
    name: str,
    sent: Sent,
    cookies: list[str],
    header: str,
    sources: tuple[str, str, str, str] = ("", "", "", ""),
) -> Row:
    """Return a row about cookies, by the last header with some."""
    url, v2, v1, alb = sources
    return row(
        name,
        sent,
        url=(
            url,
            {"cookies": cookies or ABSENT, "headers.cookie": "; ".join(cookies) or ABSENT},
        ),
        v2=(v2, {"cookies": cookies or ABSENT, "headers.cookie": ABSENT}),
        v1=(v1, {"headers.Cookie": header, "cookies": ABSENT}),
        alb=(alb, {"headers.cookie": header, "cookies": ABSENT}),
    )


COOKIES = Section(
    "Cookies",
    [
        _cookies(
            "cookie-one",
            _with((b"Cookie", b"a=1")),
            ["a=1"],
            "a=1",
            ("cookies", "v2-guide", "", "alb-guide"),
        ),
        _cookies(
            "cookie-two",
            _with((b"Cookie", b"a=1; b=2")),
            ["a=1", "b=2"],
            "a=1; b=2",
            ("voker", "voker", "voker", "alb-guide"),
        ),
        _cookies(
            "cookie-two-headers",
            _with((b"Cookie", b"a=1"), (b"Cookie", b"b=2")),
            ["a=1", "b=2"],
            "b=2",
        ),
        _cookies("cookie-semicolon-at-the-end", _with((b"Cookie", b"a=1;")), ["a=1"], "a=1;"),
        _cookies(
            "cookie-semicolons", _with((b"Cookie", b"; ;a=1;;b=2")), ["a=1", "b=2"], "; ;a=1;;b=2"
        ),
        _cookies("cookie-empty", _with((b"Cookie", b"")), [], ""),
        _cookies("cookie-equals-sign", _with((b"Cookie", b"a=b=c")), ["a=b=c"], "a=b=c"),
        _cookies("cookie-comma", _with((b"Cookie", b"a=1,2")), ["a=1,2"], "a=1,2"),
    ],
)


def _body(
    name: str,
    body: bytes,
    content_type: bytes | None,
    sources: tuple[str, str, str, str],
    *,
    text: bool,
    encoding: bytes | None = None,
    rest: str | None = None,
    chunked: bool = False,
) -> Row:
    """Return a row about a body: whether it is text in an event, other than a REST API's."""
    headers = [(b"Content-Type", content_type)] if content_type else []
    headers += [(b"Content-Encoding", encoding)] if encoding else []
    there: dict[str, object] = (
        {"body": body.decode(), "isBase64Encoded": False}
        if text
        else {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}
    )
    replaced = body.decode(errors="replace")
    url, v2, v1, alb = sources
    return row(
        name,
        Sent(method=b"POST", headers=tuple(headers), body=body, chunked=chunked),
        url=(url, there),
        v2=(v2, there),
        v1=(v1, {"body": replaced, "isBase64Encoded": False}),
        alb=(alb, there),
    )


_UNKNOWN = ("", "", "", "")
_RECORDED = ("voker", "voker", "voker", "voker")
_KNOWN = ("", "types", "binary", "alb-guide")
_JSON = b'{"a": "\xce\xbb"}'
_NO_BODY: dict[str, object] = {"body": ABSENT, "isBase64Encoded": False}
_NONE: dict[str, tuple[str, dict[str, object]]] = {
    "url": ("url-tests", _NO_BODY),
    "v2": ("", _NO_BODY),
    "v1": ("rest-tests", {"body": None, "isBase64Encoded": False}),
    "alb": ("alb-guide", {"body": "", "isBase64Encoded": False}),
}
BODIES = Section(
    "Bodies",
    [
        Row("body-none", Sent(), _NONE),
        Row("body-empty", Sent(method=b"POST", headers=(_TEXT,), body=b""), _NONE),
        _body("body-text", b"hi", b"text/plain", ("url-tests", *_KNOWN[1:]), text=True),
        _body("body-text-in-upper-case", b"hi", b"TEXT/PLAIN; x=y", _UNKNOWN, text=True),
        _body("body-html", b"<p>", b"text/html; charset=utf-8", _KNOWN, text=True),
        _body("body-json", _JSON, b"application/json", _RECORDED, text=True),
        _body("body-json-charset", _JSON, b"application/json; charset=utf-8", _KNOWN, text=True),
        _body("body-xml", b"<a/>", b"application/xml", _KNOWN, text=True),
        _body("body-javascript", b"1", b"application/javascript", _KNOWN, text=True),
        _body("body-other-json", _JSON, b"application/vnd.api+json", _KNOWN, text=False),
        _body("body-svg", b"<svg/>", b"image/svg+xml", _KNOWN, text=False),
        _body(
            "body-form",
            b"a=1&b=%C3%BC",
            b"application/x-www-form-urlencoded",
            ("form", "types", "binary", "alb-guide"),
            text=False,
        ),
        _body(
            "body-multipart",
            b"--x--",
            b"multipart/form-data; boundary=x",
            ("url-tests", "types", "binary", "alb-guide"),
            text=False,
        ),
        _body("body-untyped", b"hi", None, ("", "types", "binary", "alb-guide"), text=False),
        _body("body-octets", b"\0\xff\x80", b"application/octet-stream", _KNOWN, text=False),
        _body("body-image", b"\x89PNG", b"image/png", _KNOWN, text=False),
        _body("body-text-not-utf-8", b"\xff", b"text/plain", _UNKNOWN, text=False),
        _body(
            "body-gzip",
            _ZIPPED,
            b"application/json",
            ("", "", "", "alb-guide"),
            text=False,
            encoding=b"gzip",
        ),
        _body(
            "body-deflate",
            b"x\x9cKL\x04\x00\x01\x25\x00\xc3",
            b"text/plain",
            ("", "", "", "alb-guide"),
            text=False,
            encoding=b"deflate",
        ),
        _body(
            "body-brotli",
            b"\x8b\x00\x80a\x03",
            b"text/plain",
            ("", "", "", "alb-guide"),
            text=False,
            encoding=b"br",
        ),
        _body(
            "body-zstd",
            b"\x28\xb5\x2f\xfd\x20\x01\x09\x00\x00a",
            b"text/plain",
            ("", "", "", "alb-guide"),
            text=False,
            encoding=b"zstd",
        ),
        _body("body-chunked", b"hello", b"text/plain", _UNKNOWN, text=True, chunked=True),
        row(
            "body-of-2-mib",
            Sent(method=b"POST", headers=(_TEXT,), body=b"a" * (2 << 20)),
            url=("lambda-quotas", {"body": "a" * (2 << 20)}),
            v2=("v2-quotas", {"body": "a" * (2 << 20)}),
            v1=("v1-quotas", {"body": "a" * (2 << 20)}),
            alb=("alb-guide", {"status": 413}),
        ),
        row(
            "body-of-5-mib-in-base64",
            Sent(method=b"POST", body=_BIG),
            url=("lambda-quotas", {"status": 413}),
            v2=("lambda-quotas", {"status": 413}),
            v1=("lambda-quotas", {"body": _BIG.decode()}),
            alb=("alb-guide", {"status": 413}),
        ),
        row(
            "body-of-7-mib",
            Sent(method=b"POST", headers=(_TEXT,), body=b"a" * (7 << 20)),
            url=("lambda-quotas", {"status": 413}),
            v2=("dotnet", {"status": 413, "message": "Request Entity Too Large"}),
            v1=("dotnet", {"status": 413, "message": "Request Too Long"}),
            alb=("alb-guide", {"status": 413}),
        ),
    ],
)


def _method(method: bytes, **more: Any) -> Row:
    name = method.decode()
    source = more.get("source", "")
    format_2: dict[str, object] = {"requestContext.http.method": name}
    return row(
        f"method-{name.lower()}",
        Sent(method=method),
        url=(source, format_2),
        v2=(source, format_2),
        v1=(source, {"httpMethod": name, "requestContext.httpMethod": name}),
        alb=(source, {"httpMethod": name}),
    )


_DOMAIN = "execute-api.us-east-1.amazonaws.com"
_TIME = r"re:\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000"
_UUID = r"re:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_GATEWAY_ID = "re:[A-Za-z0-9+/]{15}="
CONTEXT = Section(
    "Methods and context",
    [
        *map(_method, (b"GET", b"POST", b"PUT", b"PATCH", b"DELETE", b"OPTIONS", b"PURGE")),
        row(
            "context",
            Sent(),
            url=(
                "voker",
                {
                    "version": "2.0",
                    "routeKey": "$default",
                    "requestContext.accountId": "anonymous",
                    "requestContext.apiId": "url",
                    "requestContext.domainName": "url.lambda-url.us-east-1.on.aws",
                    "requestContext.domainPrefix": "url",
                    "requestContext.routeKey": "$default",
                    "requestContext.stage": "$default",
                    "requestContext.http.protocol": "HTTP/1.1",
                    "requestContext.http.sourceIp": "127.0.0.1",
                    "requestContext.requestId": _UUID,
                    "requestContext.time": _TIME,
                },
            ),
            v2=(
                "voker",
                {
                    "version": "2.0",
                    "routeKey": "$default",
                    "requestContext.accountId": "123456789012",
                    "requestContext.apiId": "v2",
                    "requestContext.domainName": f"v2.{_DOMAIN}",
                    "requestContext.domainPrefix": "v2",
                    "requestContext.routeKey": "$default",
                    "requestContext.stage": "$default",
                    "requestContext.http.protocol": "HTTP/1.1",
                    "requestContext.http.sourceIp": "127.0.0.1",
                    "requestContext.requestId": _GATEWAY_ID,
                    "requestContext.time": _TIME,
                },
            ),
            v1=(
                "rest-tests",
                {
                    "version": ABSENT,
                    "resource": "/",
                    "stageVariables": None,
                    "requestContext.accountId": "123456789012",
                    "requestContext.apiId": "v1",
                    "requestContext.domainName": f"v1.{_DOMAIN}",
                    "requestContext.extendedRequestId": _GATEWAY_ID,
                    "requestContext.identity.cognitoIdentityId": None,
                    "requestContext.identity.sourceIp": "127.0.0.1",
                    "requestContext.path": "/local/",
                    "requestContext.protocol": "HTTP/1.1",
                    "requestContext.requestId": _UUID,
                    "requestContext.requestTime": _TIME,
                    "requestContext.resourcePath": "/",
                    "requestContext.stage": "local",
                },
            ),
            alb=(
                "alb-guide",
                {
                    "version": ABSENT,
                    "requestContext.elb.targetGroupArn": (
                        "arn:aws:elasticloadbalancing:us-east-1:123456789012:"
                        "targetgroup/alb/0123456789abcdef"
                    ),
                },
            ),
        ),
        row(
            "user-agent-missing",
            Sent(),
            url=("", {"requestContext.http.userAgent": None, "headers.user-agent": ABSENT}),
            v2=("", {"requestContext.http.userAgent": None, "headers.user-agent": ABSENT}),
            v1=("", {"requestContext.identity.userAgent": None, "headers.User-Agent": ABSENT}),
            alb=("", {"headers.user-agent": ABSENT}),
        ),
    ],
)
EVENTS = (PATHS, QUERIES, HEADERS, COOKIES, BODIES, CONTEXT)
