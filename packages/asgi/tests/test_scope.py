"""Requests: the scope that an application gets from the events of each front end."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest

from .conftest import FRONT_ENDS, make_event

if TYPE_CHECKING:
    from collections.abc import Callable

    ScopeOf = Callable[..., dict[str, Any]]

each_front_end = pytest.mark.parametrize("front_end", FRONT_ENDS)


def fields(scope: dict[str, Any], name: bytes) -> list[bytes]:
    return [value for each, value in scope["headers"] if each == name]


@each_front_end
def test_a_request_is_the_same_from_every_front_end(front_end: str, scope_of: ScopeOf) -> None:
    event = make_event(
        front_end,
        "/a/b",
        method="POST",
        query="x=1&y=2",
        headers={"X-Own": "One", "x-forwarded-proto": "http", "x-forwarded-port": "8080"},
        body="hé",
    )
    scope = scope_of(event)
    root = "/prod" if front_end == "rest" else ""
    assert scope["type"] == "http"
    assert scope["asgi"] == {"version": "3.0", "spec_version": "2.5"}
    assert (scope["method"], scope["http_version"], scope["scheme"]) == ("POST", "1.1", "http")
    assert (scope["root_path"], scope["path"]) == (root, f"{root}/a/b")
    assert scope["raw_path"] == f"{root}/a/b".encode()
    assert scope["query_string"] == b"x=1&y=2"
    assert scope["client"] == ("192.0.2.7", 0)
    assert scope["server"] == ("example.com", 8080)
    assert scope["body"] == "hé".encode()
    assert fields(scope, b"x-own") == [b"One"]
    assert fields(scope, b"content-length") == [b"3"]
    assert all(name == name.lower() for name, _ in scope["headers"])
    assert all(type(value) is bytes for field in scope["headers"] for value in field)
    assert scope["aws.event"] == event
    assert scope["aws.context"].aws_request_id
    assert scope["state"] == {}


@pytest.mark.parametrize(
    ("front_end", "given", "path", "raw_path"),
    [
        ("url", "/a%2Fb%20c", "/a/b c", b"/a%2Fb%20c"),
        ("url", "/%CE%BB+d%2B", "/λ+d+", b"/%CE%BB+d%2B"),
        ("url", "/a%252Fb", "/a%2Fb", b"/a%252Fb"),
        ("url", "/a%zz%", "/a%zz%", b"/a%zz%"),
        ("url", "/a%FFb", "/a\ufffdb", b"/a%FFb"),
        ("url", "//a//b/", "//a//b/", b"//a//b/"),
        ("http-api", "/a b/λ?#", "/a b/λ?#", b"/a%20b/%CE%BB%3F%23"),
        ("alb", "/a%2Fb%20c", "/a/b c", b"/a%2Fb%20c"),
        ("rest", "/a%2Fb%20c", "/prod/a/b c", b"/prod/a%2Fb%20c"),
        ("lattice-1", "/a%2Fb?x=1", "/a/b", b"/a%2Fb"),
        ("lattice-2", "/a%2Fb", "/a/b", b"/a%2Fb"),
    ],
)
def test_a_path_is_decoded_once_and_kept_as_it_was_sent(
    front_end: str, given: str, path: str, raw_path: bytes, scope_of: ScopeOf
) -> None:
    scope = scope_of(make_event(front_end, given))
    assert (scope["path"], scope["raw_path"]) == (path, raw_path)


@pytest.mark.parametrize(
    ("front_end", "fields", "query"),
    [
        ("url", {"rawQueryString": "x=a+b&y=a%2Bb&x=1,2&z"}, b"x=a+b&y=a%2Bb&x=1,2&z"),
        ("url", {"rawQueryString": "λ= #"}, b"%CE%BB=%20%23"),
        ("url", {"rawQueryString": None, "queryStringParameters": {"a": "b c"}}, b"a=b+c"),
        (
            "rest",
            {"multiValueQueryStringParameters": {"x": ["a b", "a+b", ""], "λ&": ["=/"]}},
            b"x=a+b&x=a%2Bb&x=&%CE%BB%26=%3D%2F",
        ),
        (
            "rest",
            {"multiValueQueryStringParameters": None, "queryStringParameters": {"a": "1"}},
            b"a=1",
        ),
        ("rest", {"multiValueQueryStringParameters": None, "queryStringParameters": None}, b""),
        ("alb", {"queryStringParameters": {"x": "a%2Bb+c", "%CE%BB": "%2520"}}, None),
        ("alb-multi", {"multiValueQueryStringParameters": {"x": ["1%20", "2"]}}, b"x=1%20&x=2"),
        ("alb", {"queryStringParameters": None}, b""),
        ("alb-multi", {"multiValueQueryStringParameters": None}, b""),
        ("lattice-1", {"raw_path": "/?a=%20&a=2", "query_string_parameters": {"a": "2"}}, None),
        ("lattice-2", {"queryStringParameters": {"a": ["1", "2"]}}, b"a=1&a=2"),
        ("lattice-2", {"queryStringParameters": {"a": "1"}}, b"a=1"),
    ],
)
def test_a_query_has_every_value_encoded_once(
    front_end: str, fields: dict[str, Any], query: bytes | None, scope_of: ScopeOf
) -> None:
    if query is None:
        query = b"x=a%2Bb+c&%CE%BB=%2520" if front_end == "alb" else b"a=%20&a=2"
    event = {**make_event(front_end), **fields}
    assert scope_of(event)["query_string"] == query


@pytest.mark.parametrize(
    ("front_end", "sent", "found"),
    [
        (
            "rest",
            {"multiValueHeaders": {"X-A": ["1", "2"], "B": [], "C": None}, "headers": {"b": "3"}},
            {b"x-a": [b"1", b"2"], b"b": [b"3"]},
        ),
        (
            "rest",
            {"multiValueHeaders": {"Cookie": ["a=1", "b=2; c=3"]}, "headers": {"Cookie": "b=2"}},
            {b"cookie": [b"a=1; b=2; c=3"]},
        ),
        ("rest", {"multiValueHeaders": None, "headers": {"A": "1"}}, {b"a": [b"1"]}),
        ("rest", {"multiValueHeaders": None, "headers": None}, {}),
        (
            "url",
            {"cookies": ["a=1", "b=2"], "headers": {"cookie": "a=1; b=2"}},
            {b"cookie": [b"a=1; b=2"]},
        ),
        ("http-api", {"cookies": ["a=1"], "headers": {}}, {b"cookie": [b"a=1"]}),
        ("http-api", {"cookies": None, "headers": {"cookie": "a"}}, {b"cookie": [b"a"]}),
        ("url", {"headers": {"x": "λ", "n": None, "i": 1}}, {b"x": ["λ".encode()], b"i": [b"1"]}),
        ("alb", {"headers": None}, {}),
        ("alb-multi", {"multiValueHeaders": {"A": ["1", "2"]}}, {b"a": [b"1", b"2"]}),
        ("alb", {"multiValueHeaders": None, "headers": {"A": "1"}}, {b"a": [b"1"]}),
        ("lattice-2", {"headers": {"a": ["1", "2"], "b": "3"}}, {b"a": [b"1", b"2"], b"b": [b"3"]}),
        ("lattice-1", {"headers": {"a": "1, 2"}}, {b"a": [b"1, 2"]}),
    ],
)
def test_headers_have_each_value_and_cookies_are_one(
    front_end: str, sent: dict[str, Any], found: dict[bytes, list[bytes]], scope_of: ScopeOf
) -> None:
    headers = scope_of({**make_event(front_end), **sent})["headers"]
    assert {name: [v for n, v in headers if n == name] for name, _ in headers} == found


@each_front_end
@pytest.mark.parametrize(
    ("body", "is_base64", "found"),
    [
        (None, False, b""),
        ("", False, b""),
        ("", True, b""),
        ("plain\nλ", False, "plain\nλ".encode()),
        (base64.b64encode(bytes(range(256))).decode(), True, bytes(range(256))),
        ("aGk=\n", True, b"hi"),
        ("it is text", True, b"it is text"),  # a flag that is wrong
        ("aGk", True, b"aGk"),
        ("aGk=", None, b"aGk="),
    ],
)
def test_a_body_of_any_kind(
    front_end: str, body: str | None, is_base64: bool | None, found: bytes, scope_of: ScopeOf
) -> None:
    flag = "is_base64_encoded" if front_end == "lattice-1" else "isBase64Encoded"
    event = make_event(front_end, method="POST", headers={"content-length": "999"})
    scope = scope_of({**event, "body": body, flag: is_base64})
    assert scope["body"] == found
    assert fields(scope, b"content-length") == [str(len(found)).encode()]


def test_a_large_body_comes_whole(scope_of: ScopeOf) -> None:
    body = bytes(range(256)) * 16_384
    encoded = base64.b64encode(body).decode()
    event = make_event(method="PUT", body=encoded, isBase64Encoded=True)
    event["headers"]["transfer-encoding"] = "chunked"
    scope = scope_of(event)
    assert scope["body"] == body
    assert fields(scope, b"transfer-encoding") == []


@pytest.mark.parametrize(
    ("headers", "server", "client"),
    [
        ({"host": "a.b:8000"}, ("a.b", 8000), "192.0.2.7"),
        ({"host": "[2001:db8::1]:8000"}, ("2001:db8::1", 8000), "192.0.2.7"),
        ({"host": "[2001:db8::1]"}, ("2001:db8::1", 443), "192.0.2.7"),
        ({"host": "a.b", "x-forwarded-proto": "HTTP, https"}, ("a.b", 80), "192.0.2.7"),
        ({"host": "a.b", "x-forwarded-port": "x"}, ("a.b", 443), "192.0.2.7"),
        ({"x-forwarded-for": "10.0.0.1, 198.51.100.2"}, ("example.com", 443), "198.51.100.2"),
        ({"x-forwarded-for": "198.51.100.2:5000"}, ("example.com", 443), "198.51.100.2"),
        ({"x-forwarded-for": "2001:db8::2"}, ("example.com", 443), "2001:db8::2"),
        ({"x-forwarded-for": "[2001:db8::2]:5000"}, ("example.com", 443), "2001:db8::2"),
    ],
)
def test_addresses_of_both_kinds(
    headers: dict[str, str], server: tuple[str, int], client: str, scope_of: ScopeOf
) -> None:
    scope = scope_of(make_event("alb", headers=headers))
    assert scope["server"] == server
    assert scope["client"][0] == client


def test_a_health_check_of_a_load_balancer(scope_of: ScopeOf) -> None:
    event = {
        "requestContext": {"elb": {"targetGroupArn": "arn"}},
        "httpMethod": "GET",
        "path": "/",
        "queryStringParameters": {},
        "headers": {"user-agent": "ELB-HealthChecker/2.0"},
        "body": "",
        "isBase64Encoded": False,
    }
    scope = scope_of(event)
    assert (scope["client"], scope["server"]) == (None, ("localhost", 443))
    assert (scope["path"], scope["query_string"], scope["scheme"]) == ("/", b"", "https")


@pytest.mark.parametrize(
    ("protocol", "version"),
    [("HTTP/2.0", "2"), ("HTTP/1.0", "1.0"), ("HTTP/3", "3"), (None, "1.1")],
)
def test_the_version_of_http(protocol: str | None, version: str, scope_of: ScopeOf) -> None:
    event = make_event()
    event["requestContext"]["http"]["protocol"] = protocol
    assert scope_of(event)["http_version"] == version


MAPPED = {
    "domainName": "api.example.com",
    "path": "/shop/v1/items/1",
    "stage": "prod",
}


@pytest.mark.parametrize(
    ("front_end", "path", "fields", "base_path", "root", "route"),
    [
        # API Gateway's own domain: the URL has the stage.
        ("rest", "/items", {}, "", "/prod", "/items"),
        ("rest", "/", {}, "", "/prod", "/"),
        ("rest", "/items", {"requestContext": {"path": "/items", "stage": "x"}}, "", "", "/items"),
        ("rest", "/items", {"requestContext": {"path": "/prod/items/"}}, "", "/prod", "/items"),
        ("rest", "/items", {}, "/shop", "/shop", "/items"),
        ("rest", "/shop/items", {}, "shop/", "/prod/shop", "/items"),
        # A custom domain: the mapping is in the path, the stage is not.
        (
            "rest",
            "/shop/v1/items/1",
            {
                "requestContext": MAPPED,
                "resource": "/{proxy+}",
                "pathParameters": {"proxy": "items/1"},
            },
            "",
            "/shop/v1",
            "/items/1",
        ),
        (
            "rest",
            "/shop/v1/items/1",
            {"requestContext": MAPPED, "resource": "/items/{id}", "pathParameters": {"id": "1"}},
            "/shop/v1",
            "/shop/v1",
            "/items/1",
        ),
        (
            "rest",
            "/shop/v1/items/1",
            {"requestContext": MAPPED, "resource": None, "pathParameters": None},
            "",
            "",
            "/shop/v1/items/1",
        ),
        ("http-api", "/items", {}, "", "", "/items"),
        ("http-api", "/shop", {}, "/shop", "/shop", "/"),
        ("http-api", "/shopping", {}, "/shop", "/shop", "/shopping"),
        ("http-api", "/items", {}, "/shop", "/shop", "/items"),  # the mapping is not in the event
        ("url", "/shop/items", {}, "/", "", "/shop/items"),
        ("url", "/a%20shop/items", {}, "/a shop", "/a%20shop", "/items"),
        ("alb", "/shop/items", {}, "/shop", "/shop", "/items"),
    ],
)
def test_where_the_application_is_published(
    front_end: str,
    path: str,
    fields: dict[str, Any],
    base_path: str,
    root: str,
    route: str,
    scope_of: ScopeOf,
) -> None:
    scope = scope_of(make_event(front_end, path, **fields), base_path=base_path)
    assert (scope["root_path"], scope["path"]) == (unquote(root), unquote(root) + route)
    assert scope["raw_path"] == (root + route).encode()


@pytest.mark.parametrize(
    ("domain", "root", "path"),
    [
        ("id.execute-api.eu-west-1.amazonaws.com", "/beta", "/beta/items"),
        ("api.example.com", "", "/items"),
    ],
)
def test_a_stage_of_an_http_api_is_in_the_path(
    domain: str, root: str, path: str, scope_of: ScopeOf
) -> None:
    event = make_event("http-api", "/beta/items")
    event["requestContext"] |= {"stage": "beta", "domainName": domain}
    scope = scope_of(event)
    assert (scope["root_path"], scope["path"]) == (root, path)


def test_an_http_api_with_format_1(scope_of: ScopeOf) -> None:
    event = make_event("rest", "/beta/items", stage="beta", version="1.0")
    event["requestContext"]["path"] = "/beta/items"
    event["requestContext"]["domainName"] = "id.execute-api.eu-west-1.amazonaws.com"
    scope = scope_of(event)
    assert (scope["root_path"], scope["path"]) == ("/beta", "/beta/items")
