"""Times, ARNs, headers, cookies and queries, DynamoDB's values."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given, strategies as st

from lambda_events import (
    ARN,
    APIGatewayProxyEvent,
    APIGatewayV2HTTPEvent,
    Headers,
    HttpRequest,
    claim_time,
)
from lambda_events._time import from_epoch, from_text
from lambda_events.attribute_value import from_python, item_from_python, item_to_python, to_python
from lambda_events.errors import EventDecodeError

JUNE = datetime(2021, 6, 1, 7, 46, 17, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2021-06-01T07:46:17Z",
        "2021-06-01T07:46:17.000Z",
        "2021-06-01T07:46:17",
        "2021-06-01T07:46:17.000+0000",
        "2021-06-01T09:46:17+02:00",
        "01/Jun/2021:07:46:17 +0000",
        "01/Jun/2021:07:46:17+0000",
        "Jun 1, 2021 7:46:17 AM",
        "Jun 1, 2021, 07:46:17 AM",
        "Jun  1 07:46:17 2021 GMT",
        "Tue Jun 01 07:46:17 UTC 2021",
        "Tue, 1 Jun 2021 09:46:17 +0200",
        "Tue, 1 Jun 2021 07:46:17 GMT",
    ],
)
def test_times_in_all_forms(text: str) -> None:
    assert from_text(text) == JUNE
    assert getattr(from_text(text), "tzinfo", None) is UTC


@pytest.mark.parametrize("claim", [1622533577, "1622533577", "Tue Jun 01 07:46:17 UTC 2021"])
def test_times_of_claims(claim: object) -> None:
    event = APIGatewayProxyEvent.build(authorizer={"claims": {"exp": claim}})
    authorizer = event.request_context.authorizer
    assert authorizer is not None
    assert claim_time(authorizer["claims"]["exp"]) == JUNE
    assert claim_time(None) is claim_time("never") is None


def test_times_since_the_epoch() -> None:
    assert from_epoch(1622533577) == JUNE
    assert from_epoch(1622533577.0) == JUNE
    assert from_epoch("1622533577000", 1000) == JUNE
    assert from_epoch("1622533577000000", 1_000_000) == JUNE
    assert from_epoch(1545084650.987) == datetime(2018, 12, 17, 22, 10, 50, 987000, UTC)


@pytest.mark.parametrize("value", [None, "", "x", [], {}, 10**30, float("nan"), float("inf"), "²"])
def test_what_is_no_time_is_none(value: Any) -> None:
    assert from_text(value) is None
    assert from_epoch(value) is None
    assert from_text("0001-01-01T00:00:00+23:00") is None


def test_arns_know_their_parts() -> None:
    arn = ARN(
        "arn:aws-us-gov:dynamodb:us-gov-west-1:123456789012:table/t/stream/2024-01-01T00:00:00"
    )
    assert (arn.aws_partition, arn.service, arn.region) == (
        "aws-us-gov",
        "dynamodb",
        "us-gov-west-1",
    )
    assert (arn.account_id, arn.resource_type) == ("123456789012", "table")
    assert arn.resource_id == "t/stream/2024-01-01T00:00:00"
    topic = ARN("arn:aws:sns:eu-west-1:123456789012:topic:0a-1b")
    assert (topic.resource_type, topic.resource_id) == ("topic", "0a-1b")
    queue = ARN("arn:aws:sqs:eu-west-1:123456789012:queue")
    assert (queue.resource_type, queue.resource_id, queue.resource) == ("", "queue", "queue")
    assert ARN("nothing").region == ""
    assert queue == str(queue)


def test_headers_do_not_mind_the_case() -> None:
    headers = Headers({"X-One": "1", "x-two": "2"})
    assert headers["x-one"] == headers["X-ONE"] == headers["X-One"] == "1"
    assert "X-Two" in headers
    assert headers.get("none") is None
    headers["X-TWO"] = "3"
    headers["New"] = "4"
    del headers["x-ONE"]
    assert list(headers.items()) == [("x-two", "3"), ("New", "4")]
    assert len(headers) == 2
    assert headers == {"x-two": "3", "New": "4"}
    assert "hush" not in repr(Headers({"Cookie": "hush", "authorization": "hush"}))
    with pytest.raises(KeyError):
        _ = headers["none"]


def test_a_request_has_queries_cookies_and_a_body() -> None:
    one = APIGatewayProxyEvent.build(
        "POST",
        "/a",
        query={"x": ["1", "2"], "y": "3"},
        headers={"Cookie": "a=1; b=2"},
        body={"z": 1},
    )
    two = APIGatewayV2HTTPEvent.build(
        "POST", "/a", query={"x": ["1", "2,3"], "y": ""}, cookies={"a": "1", "b": "2"}, body=b"\xff"
    )
    assert one.query == {"x": ["1", "2"], "y": ["3"]}
    assert one.query_string_parameters == {"x": "2", "y": "3"}
    assert two.query == {"x": ["1", "2,3"], "y": [""]}
    assert one.cookies == two.cookie_values == {"a": "1", "b": "2"}
    assert (one.json(), one.body_bytes, one.body_text) == ({"z": 1}, b'{"z":1}', '{"z":1}')
    assert two.body_bytes == b"\xff"
    with pytest.raises(EventDecodeError, match="body: expected text in UTF-8"):
        _ = two.body_text
    left = APIGatewayV2HTTPEvent.build(headers={"Cookie": "a=1; b=2"})
    assert left.cookie_values == HttpRequest.from_event(left).cookies == {"a": "1", "b": "2"}
    none = APIGatewayV2HTTPEvent.build()
    assert (none.json(), none.body_bytes, none.body_text) == (None, None, None)
    with pytest.raises(EventDecodeError, match="not an APIGatewayProxyEvent: body"):
        APIGatewayProxyEvent.build(body="{").json()


NUMBERS = st.decimals(allow_nan=False, allow_infinity=False)
SCALARS = st.none() | st.booleans() | st.text() | st.binary() | NUMBERS | st.integers()
SETS = (
    st.sets(st.text(), min_size=1)
    | st.sets(st.binary(), min_size=1)
    | st.sets(st.integers(), min_size=1)
)
# Small ones: each value is converted by itself, so that large items cost time and find no more.
VALUES = st.recursive(
    SCALARS | SETS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.text(), VALUES, max_size=3))
def test_items_go_both_ways(item: dict[str, Any]) -> None:
    there = item_from_python(item)
    assert item_to_python(there) == item
    assert item_from_python(item_to_python(there)) == there


@given(st.from_regex(r"-?(0|[1-9][0-9]{0,80})(\.[0-9]{1,80})?", fullmatch=True))
@example("0.0000000")
def test_numbers_keep_all_their_digits(text: str) -> None:
    assert to_python({"N": text}) == Decimal(text)
    again = from_python(to_python({"N": text}))["N"]  # 0E-7 is a way to write the example
    assert Decimal(again).as_tuple() == Decimal(text).as_tuple()


@pytest.mark.parametrize("value", [{}, {"S": "a", "N": "1"}, {"X": 1}, {"N": "x"}, None, {"M": 1}])
def test_what_is_no_attribute_value_says_so(value: Any) -> None:
    with pytest.raises(EventDecodeError, match="not an AttributeValue"):
        to_python(value)


@pytest.mark.parametrize("value", [set(), {1, "a"}, object(), float("nan"), Decimal("Infinity")])
def test_what_a_table_cannot_hold_says_so(value: Any) -> None:
    with pytest.raises(TypeError, match="DynamoDB has no type for"):
        from_python(value)
