"""Event patterns, against what EventBridge's documentation says of each operator."""

from typing import Any

import pytest

from lambda_emulator._sources.pattern import PatternError, compile_pattern

EVENT: dict[str, Any] = {
    "source": "aws.ec2",
    "count": 5,
    "ratio": 0.5,
    "on": True,
    "none": None,
    "empty": "",
    "address": "10.0.0.7",
    "address6": "2001:db8::1",
    "path": "dir/lib/a*b.PNG",
    "tags": ["red", "green"],
    "nothing": [],
    "detail": {"state": "running", "items": [{"id": 1, "ok": True}, {"id": 2, "ok": False}]},
    "$or": 1,
}


@pytest.mark.parametrize(
    "pattern",
    [
        {},
        {"source": ["aws.s3", "aws.ec2"]},
        {"count": [5]},
        {"count": [5.0]},
        {"on": [True]},
        {"none": [None]},
        {"empty": [""]},
        {"tags": ["green"]},
        {"tags": [{"anything-but": "red"}]},
        {"detail": {"state": ["running"], "items": {"id": [2]}}},
        {"detail": {"items": {"id": [1], "ok": [True]}}},
        {"source": [{"prefix": "aws."}]},
        {"source": [{"prefix": {"equals-ignore-case": "AWS."}}]},
        {"path": [{"suffix": ".PNG"}]},
        {"path": [{"suffix": {"equals-ignore-case": ".png"}}]},
        {"path": [{"wildcard": "dir/*/a*"}]},
        {"path": [{"wildcard": "*/a\\*b*"}]},
        {"source": [{"equals-ignore-case": "AWS.ec2"}]},
        {"source": [{"anything-but": "aws.s3"}]},
        {"source": [{"anything-but": ["aws.s3", "aws.sqs"]}]},
        {"source": [{"anything-but": {"prefix": "gcp"}}]},
        {"source": [{"anything-but": {"suffix": ["s3", "sqs"]}}]},
        {"source": [{"anything-but": {"equals-ignore-case": ["AWS.S3"]}}]},
        {"source": [{"anything-but": {"wildcard": "*s3*"}}]},
        {"count": [{"anything-but": 6}]},
        {"count": [{"anything-but": [6, "x"]}]},
        {"none": [{"anything-but": "x"}]},
        {"count": [{"numeric": ["=", 5]}]},
        {"count": [{"numeric": [">", 0, "<=", 5]}]},
        {"ratio": [{"numeric": ["<", 1]}]},
        {"address": [{"cidr": "10.0.0.0/24"}]},
        {"address6": [{"cidr": "2001:db8::/32"}]},
        {"count": [{"exists": True}]},
        {"none": [{"exists": True}]},
        {"missing": [{"exists": False}]},
        {"nothing": [{"exists": False}]},
        {"missing": {"deeper": [{"exists": False}]}},
        {"detail": [{"exists": False}]},  # only leaves exist
        {"missing": [{"exists": False}, "x"]},
        {"$or": [{"count": [6]}, {"source": ["aws.ec2"]}]},
        {"count": [5], "detail": {"$or": [{"state": ["stopped"]}, {"items": {"id": [1]}}]}},
        {"$or": [1]},  # a field of this name
    ],
)
def test_matches(pattern: dict[str, Any]) -> None:
    assert compile_pattern(pattern)(EVENT)


@pytest.mark.parametrize(
    "pattern",
    [
        {"source": ["aws.s3"]},
        {"source": ["AWS.EC2"]},
        {"count": ["5"]},
        {"on": [1]},
        {"count": [True]},
        {"none": [""]},
        {"empty": [None]},
        {"missing": [None]},
        {"missing": ["x"], "source": ["aws.ec2"]},
        {"detail": {"items": {"id": [1], "ok": [False]}}},  # not in one element
        {"detail": ["running"]},
        {"source": {"deeper": ["x"]}},
        {"count": [{"prefix": "5"}]},
        {"path": [{"suffix": ".png"}]},
        {"path": [{"wildcard": "*/a\\*c*"}]},
        {"source": [{"anything-but": "aws.ec2"}]},
        {"source": [{"anything-but": {"prefix": ["gcp", "aws"]}}]},
        {"source": [{"anything-but": {"equals-ignore-case": "AWS.EC2"}}]},
        {"source": [{"anything-but": {"wildcard": "*ec*"}}]},
        {"missing": [{"anything-but": "x"}]},
        {"count": [{"numeric": [">", 5]}]},
        {"source": [{"numeric": [">", 5]}]},
        {"on": [{"numeric": ["=", 1]}]},
        {"address": [{"cidr": "10.0.1.0/24"}]},
        {"source": [{"cidr": "10.0.1.0/24"}]},
        {"count": [{"exists": False}]},
        {"detail": [{"exists": True}]},
        {"$or": [{"count": [6]}, {"source": ["aws.s3"]}]},
        {"count": [6], "$or": [{"count": [5]}, {"source": ["aws.ec2"]}]},
    ],
)
def test_does_not_match(pattern: dict[str, Any]) -> None:
    assert not compile_pattern(pattern)(EVENT)


@pytest.mark.parametrize(
    "pattern",
    [
        "{",
        "[]",
        {"a": "x"},
        {"a": 1},
        {"a": []},
        {"a": [["x"]]},
        {"a": [{"prefix": 1}]},
        {"a": [{"prefix": "x", "suffix": "y"}]},
        {"a": [{}]},
        {"a": [{"regex": "x"}]},
        {"a": [{"exists": "yes"}]},
        {"a": [{"numeric": [">"]}]},
        {"a": [{"numeric": []}]},
        {"a": [{"numeric": [">", "x"]}]},
        {"a": [{"numeric": ["!", 1]}]},
        {"a": [{"numeric": [">", 1, ">", 2]}]},
        {"a": [{"numeric": ["<", 1, "=", 2]}]},
        {"a": [{"cidr": "10.0.0.0/40"}]},
        {"a": [{"wildcard": "a**b"}]},
        {"a": [{"wildcard": "a\\b"}]},
        {"a": [{"anything-but": []}]},
        {"a": [{"anything-but": None}]},
        {"a": [{"anything-but": {"numeric": ["=", 1]}}]},
        {"a": [{"anything-but": {}}]},
        {"b": {"a": [{"cidr": 5}]}},
    ],
)
def test_is_refused(pattern: Any) -> None:
    with pytest.raises(PatternError):
        compile_pattern(pattern)
