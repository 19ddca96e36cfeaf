"""The selection of an API's route and stage for a request."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, strategies as st

from lambda_emulator._gateway.route_selection import evaluate
from lambda_emulator._gateway.routes import RouteTable, below_stage
from lambda_emulator._project.description import Api, ApiKind, Place, Route

PLACE = Place(path=Path("template.yaml"))


def an_api(kind: ApiKind, *keys: str, **options: Any) -> Api:
    routes = []
    for key in keys:
        method, _, path = key.rpartition(" ")
        routes.append(Route(method=method, path=path, function="f", place=PLACE))
    return Api(name="api", kind=kind, place=PLACE, routes=tuple(routes), **options)


def matched(api: Api, request: str) -> tuple[str, dict[str, str]] | None:
    method, _, path = request.partition(" ")
    match = RouteTable(api).match(method, path)
    if match is None:
        return None
    return f"{match.route.method} {match.route.path}".strip(), dict(match.parameters)


PETS = (
    "GET /pets/dog/1",
    "GET /pets/dog/{id}",
    "GET /pets/{proxy+}",
    "ANY /{proxy+}",
    "$default",
)
HTTP_CASES: list[tuple[tuple[str, ...], str, tuple[str, dict[str, str]] | None]] = [
    # The example of AWS's guide.
    (PETS, "GET /pets/dog/1", ("GET /pets/dog/1", {})),
    (PETS, "GET /pets/dog/2", ("GET /pets/dog/{id}", {"id": "2"})),
    (PETS, "GET /pets/cat/1", ("GET /pets/{proxy+}", {"proxy": "cat/1"})),
    (PETS, "POST /test/5", ("ANY /{proxy+}", {"proxy": "test/5"})),
    (PETS, "POST /pets/dog/1", ("ANY /{proxy+}", {"proxy": "pets/dog/1"})),
    (PETS, "GET /", ("$default", {})),
    # A method of its own is before ANY, of the same path only.
    (("ANY /a", "GET /a"), "GET /a", ("GET /a", {})),
    (("ANY /a", "GET /a"), "PUT /a", ("ANY /a", {})),
    (("GET /{x}", "ANY /a"), "GET /a", ("ANY /a", {})),
    (("ANY /{x}/{y}", "GET /a/{proxy+}"), "GET /a/b", ("ANY /{x}/{y}", {"x": "a", "y": "b"})),
    # A static part is before a variable, at the first place where two routes differ.
    (("GET /{x}/b", "GET /a/{y}"), "GET /a/b", ("GET /a/{y}", {"y": "b"})),
    (("GET /{proxy+}", "GET /a/{proxy+}"), "GET /a/b/c", ("GET /a/{proxy+}", {"proxy": "b/c"})),
    (("GET /a", "GET /a/"), "GET /a/", ("GET /a/", {})),
    (("GET /a",), "GET /a/", None),
    (("GET /a",), "GET /A", None),
    (("GET /a/{x}",), "GET /a", None),
    (("GET /a/{x}",), "GET /a/", None),
    (("GET /a/{x}",), "GET /a/b/c", None),
    (("GET /a/{proxy+}",), "GET /a", None),
    (("ANY /{proxy+}",), "GET /", None),
    (("GET /",), "GET /", ("GET /", {})),
    (("GET /",), "POST /", None),
    # The percent-encoding is decoded, twice.
    (("GET /a/{x}",), "GET /a/b%2Fc", ("GET /a/{x}", {"x": "b/c"})),
    (("GET /a/{x}",), "GET /a/b%2520c", ("GET /a/{x}", {"x": "b c"})),
    (("GET /caf\u00e9",), "GET /caf%C3%A9", ("GET /caf\u00e9", {})),
    (("POST /{proxy+}",), "POST /a/b/", ("POST /{proxy+}", {"proxy": "a/b/"})),
]
REST_CASES: list[tuple[tuple[str, ...], str, tuple[str, dict[str, str]] | None]] = [
    (("GET /a/{id}", "GET /a/b"), "GET /a/b", ("GET /a/b", {})),
    (("GET /a/{id}", "GET /a/b"), "GET /a/c", ("GET /a/{id}", {"id": "c"})),
    (("GET /a", "ANY /{proxy+}"), "GET /a/b", ("ANY /{proxy+}", {"proxy": "a/b"})),
    # The resource is chosen first: a method that it does not have is not looked for elsewhere.
    (("GET /a", "ANY /{proxy+}"), "POST /a", None),
    (("ANY /a", "GET /a"), "GET /a", ("GET /a", {})),
    (("ANY /a", "GET /a"), "POST /a", ("ANY /a", {})),
    (("GET /{x}/b", "GET /a/{proxy+}"), "GET /a/b", ("GET /a/{proxy+}", {"proxy": "b"})),
    (("GET /{x}/c", "GET /a/b"), "GET /a/c", ("GET /{x}/c", {"x": "a"})),
    (("GET /a",), "GET /a/", ("GET /a", {})),
    (("ANY /{proxy+}",), "GET /", None),
    (("ANY /", "ANY /{proxy+}"), "GET /", ("ANY /", {})),
    # The percent-encoding is left to the function.
    (("GET /a/{x}",), "GET /a/b%2Fc%20d", ("GET /a/{x}", {"x": "b%2Fc%20d"})),
    (("ANY /{proxy+}",), "GET /foo/", ("ANY /{proxy+}", {"proxy": "foo"})),
]


@pytest.mark.parametrize(("keys", "request_line", "expected"), HTTP_CASES)
def test_http_api(keys: tuple[str, ...], request_line: str, expected: Any) -> None:
    assert matched(an_api("http", *keys), request_line) == expected
    assert matched(an_api("http", *reversed(keys)), request_line) == expected


@pytest.mark.parametrize(("keys", "request_line", "expected"), REST_CASES)
def test_rest_api(keys: tuple[str, ...], request_line: str, expected: Any) -> None:
    assert matched(an_api("rest", *keys), request_line) == expected
    assert matched(an_api("rest", *reversed(keys)), request_line) == expected


SEGMENT = st.sampled_from(["a", "b", "{x}", "{y}"])
PATH = st.builds(
    lambda segments, greedy: "/" + "/".join([*segments, *(["{rest+}"] if greedy else [])]),
    st.lists(SEGMENT, max_size=3, unique=True),
    st.booleans(),
)
KEY = st.builds("{} {}".format, st.sampled_from(["GET", "POST", "ANY"]), PATH)
SENT = st.lists(st.sampled_from(["a", "b", "c"]), max_size=4).map(
    lambda parts: f"/{'/'.join(parts)}"
)


@given(st.sampled_from(["http", "rest"]), st.lists(KEY, max_size=6), SENT)
@example("http", ["GET /{x}/a", "ANY /b/{rest+}"], "/b/a")
def test_a_match_fits(kind: ApiKind, keys: list[str], path: str) -> None:
    """Filled in, the path of a route is that of the request; and no fitting route is missed."""
    found = matched(an_api(kind, *keys), f"GET {path}")
    fitting = [key for key in keys if matched(an_api(kind, key), f"GET {path}")]
    if found is None:
        assert not fitting or kind == "rest"
        return
    key, parameters = found
    assert key in fitting
    filled = key.partition(" ")[2]
    for name, value in parameters.items():
        filled = filled.replace(f"{{{name}+}}", value).replace(f"{{{name}}}", value)
    assert filled == path
    if kind == "http" and any("+" not in each for each in fitting):
        assert "+" not in key


@pytest.mark.parametrize(
    ("stage", "base_paths", "path", "below"),
    [
        ("$default", (), "/a", "/a"),
        ("$default", (), "/", "/"),
        ("$default", ("v1",), "/v1/a", "/a"),
        ("$default", ("v1",), "/v10/a", "/v10/a"),
        ("prod", (), "/prod/a", "/a"),
        ("prod", (), "/prod", "/"),
        ("prod", (), "/prod/", "/"),
        ("prod", (), "/product", None),
        ("prod", (), "/a", None),
        ("prod", (), "/Prod/a", None),
        ("prod", ("shop",), "/shop/a", "/a"),
        ("prod", ("shop", "shop/v2"), "/shop/v2/a", "/a"),
        ("prod", ("(none)",), "/a", "/a"),
        ("prod", ("",), "/prod/a", "/a"),
    ],
)
def test_stages(stage: str, base_paths: tuple[str, ...], path: str, below: str | None) -> None:
    assert below_stage(an_api("rest", stage=stage, base_paths=base_paths), path) == below


@pytest.mark.parametrize(
    ("expression", "message", "key"),
    [
        ("$request.body.action", '{"action": "join"}', "join"),
        ("${request.body.action}", '{"action": "join"}', "join"),
        ("$request.body.a.b", '{"a": {"b": "c"}}', "c"),
        ("${request.body.a}/${request.body.b}", '{"a": "x", "b": "y"}', "x/y"),
        ("$request.body.action", '{"action": 5}', "5"),
        ("$request.body.action", '{"action": {"x": 1}}', None),
        ("$request.body.action", '{"other": "join"}', None),
        ("$request.body.action", '["join"]', None),
        ("$request.body.action", "join", None),
    ],
)
def test_route_selection(expression: str, message: str, key: str | None) -> None:
    assert evaluate(expression, message) == key
