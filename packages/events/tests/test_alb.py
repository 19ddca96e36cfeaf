"""Application Load Balancers."""

from __future__ import annotations

import pytest

from lambda_events import (
    ALBTargetGroupRequest,
    ALBTargetGroupResponse,
    EventDecodeError,
    detect,
    structure,
    unstructure,
)


def test_the_query_comes_encoded_and_is_read_decoded() -> None:
    event = ALBTargetGroupRequest.build(query={"a b": ["c&d", "é"]}, multi_value=True)
    assert event.multi_value_query_string_parameters == {"a+b": ["c%26d", "%C3%A9"]}
    assert event.query == {"a b": ["c&d", "é"]}
    assert event.multi_value


def test_a_target_group_sends_one_form_of_headers() -> None:
    event = ALBTargetGroupRequest.build("POST", "/a", headers={"Cookie": "x=1; y=2"}, body=b"\xff")
    assert not event.multi_value
    assert event.headers["COOKIE"] == "x=1; y=2"
    assert event.cookies == {"x": "1", "y": "2"}
    assert event.body_bytes == b"\xff"
    assert event.request_context.elb.target_group_arn.service == "elasticloadbalancing"
    assert "multiValueHeaders" not in unstructure(event)
    assert detect(unstructure(event)) == "ALBTargetGroupRequest"
    several = ALBTargetGroupRequest.build(headers={"Cookie": "x=1"}, multi_value=True)
    assert several.cookies == {"x": "1"}
    assert "headers" not in unstructure(several)
    assert detect(unstructure(several)) == "ALBTargetGroupRequest"


def test_a_health_check_has_next_to_nothing() -> None:
    event = structure(
        {
            "requestContext": {"elb": {"targetGroupArn": "arn"}},
            "httpMethod": "GET",
            "path": "/",
            "queryStringParameters": None,
            "headers": {"user-agent": "ELB-HealthChecker/2.0"},
            "body": None,
            "isBase64Encoded": False,
        },
        ALBTargetGroupRequest,
    )
    assert event.query == {}
    assert event.cookies == {}
    assert event.json() is None


def test_a_rest_api_is_no_load_balancer() -> None:
    with pytest.raises(EventDecodeError, match=r"requestContext\.elb"):
        structure({"httpMethod": "GET", "path": "/", "requestContext": {}}, ALBTargetGroupRequest)


def test_responses() -> None:
    assert unstructure(ALBTargetGroupResponse.of({"a": 1}, status_code=404)) == {
        "statusCode": 404,
        "statusDescription": "404 Not Found",
        "headers": {"content-type": "application/json"},
        "body": '{"a":1}',
        "isBase64Encoded": False,
    }
    several = ALBTargetGroupResponse.of("a", headers={"x": "1"}, multi_value=True)
    assert several.multi_value_headers == {"x": ["1"]}
    assert "headers" not in unstructure(several)
    assert ALBTargetGroupResponse.of(status_code=599).status_description == "599"
