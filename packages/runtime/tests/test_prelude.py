"""The prelude of a streamed HTTP response: its content, and its bytes on the wire."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, strategies as st

from lambda_runtime import HttpPrelude

DELIMITER = bytes(8)
TEXT = st.text(st.characters(exclude_categories=["Cs"]))


def on_the_wire(prelude: HttpPrelude) -> Any:
    data = bytes(prelude)
    assert data.endswith(DELIMITER)
    return json.loads(data[:-8])


def test_by_default_it_is_a_200_without_headers() -> None:
    assert on_the_wire(HttpPrelude()) == {"statusCode": 200, "headers": {}}


def test_what_is_given_stands_on_the_wire() -> None:
    prelude = HttpPrelude(
        201,
        {"Content-Type": "text/plain"},
        ["a=1; Path=/"],
        multi_value_headers={"Vary": ("Origin", "Accept")},
    )
    assert on_the_wire(prelude) == {
        "statusCode": 201,
        "headers": {"Content-Type": "text/plain"},
        "multiValueHeaders": {"Vary": ["Origin", "Accept"]},
        "cookies": ["a=1; Path=/"],
    }


@pytest.mark.parametrize("name", ["Set-Cookie", "set-cookie", "SET-COOKIE"])
def test_a_cookie_among_the_headers_joins_the_cookies(name: str) -> None:
    prelude = HttpPrelude(headers={name: "b=2, 3", "x": "y"}, cookies=["a=1"])
    assert on_the_wire(prelude) == {
        "statusCode": 200,
        "headers": {"x": "y"},
        "cookies": ["a=1", "b=2, 3"],
    }


@pytest.mark.parametrize(
    "name",
    ["Content-Length", "content-length", "Connection", "Keep-Alive", "Transfer-Encoding", "TE"],
)
def test_headers_about_the_connection_are_left_out(name: str) -> None:
    assert on_the_wire(HttpPrelude(headers={name: "5", "Content-Type": "x/y"}))["headers"] == {
        "Content-Type": "x/y"
    }


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"status_code": 99}, ValueError, "99"),
        ({"status_code": 600}, ValueError, "600"),
        ({"status_code": "200"}, TypeError, "str"),
        ({"cookies": "a=1"}, TypeError, r"cookies=\['a=1'\]"),
    ],
)
def test_what_is_no_prelude_is_refused(
    arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        HttpPrelude(**arguments)


def test_it_keeps_no_hold_of_what_it_was_given() -> None:
    headers, cookies, vary = {"a": "1"}, ["b=2"], ["c"]
    prelude = HttpPrelude(200, headers, cookies, multi_value_headers={"Vary": vary})
    headers["a"], cookies[0], vary[0] = "changed", "changed", "changed"
    assert b"changed" not in bytes(prelude)


def test_its_parts_can_be_changed_until_it_is_sent() -> None:
    prelude = HttpPrelude()
    prelude.status_code = 404
    prelude.headers["x"] = "y"
    prelude.cookies.append("a=1")
    assert on_the_wire(prelude) == {"statusCode": 404, "headers": {"x": "y"}, "cookies": ["a=1"]}


def test_equal_parts_make_equal_preludes() -> None:
    assert HttpPrelude(201, {"a": "1"}) == HttpPrelude(201, {"a": "1"})
    assert HttpPrelude(201) != HttpPrelude(202)
    assert HttpPrelude() != 200
    with pytest.raises(TypeError):
        hash(HttpPrelude())


def test_its_repr_is_what_makes_it() -> None:
    prelude = HttpPrelude(201, {"a": "1"}, ["b=2"], multi_value_headers={"c": ["d"]})
    assert eval(repr(prelude)) == prelude  # that is the claim


@given(
    status=st.integers(100, 599),
    headers=st.dictionaries(st.text("xyz", min_size=1), TEXT),
    cookies=st.lists(TEXT),
)
def test_no_value_can_end_it_before_its_end(
    status: int, headers: dict[str, str], cookies: list[str]
) -> None:
    """Whoever reads the prelude takes all up to the first eight NULs."""
    data = bytes(HttpPrelude(status, headers, cookies))
    assert data.index(b"\0") == len(data) - len(DELIMITER)
    told = on_the_wire(HttpPrelude(status, headers, cookies))
    assert told["headers"] == headers
    assert told.get("cookies", []) == cookies
