"""Function URLs."""

from __future__ import annotations

from lambda_events import (
    LambdaFunctionURLEvent,
    LambdaFunctionURLResponse,
    detect,
    unstructure,
)


def test_a_request_without_authorization() -> None:
    event = LambdaFunctionURLEvent.build(
        "POST", "/a", query={"q": ["1", "2,3"]}, cookies={"x": "1"}, body={"a": 1}
    )
    assert event.request_context.account_id == "anonymous"
    assert event.request_context.authorizer is None
    assert event.query_string_parameters == {"q": "1,2,3"}
    assert event.query == {"q": ["1", "2,3"]}
    assert event.cookie_values == {"x": "1"}
    assert event.json() == {"a": 1}
    assert event.path_parameters == {}
    assert detect(unstructure(event)) == "LambdaFunctionURLEvent"


def test_a_signed_request() -> None:
    arn = "arn:aws:iam::123456789012:user/jane"
    event = LambdaFunctionURLEvent.build(user_arn=arn)
    authorizer = event.request_context.authorizer
    assert authorizer is not None
    assert authorizer.iam is not None
    assert authorizer.iam.user_arn.resource_id == "jane"
    assert authorizer.iam.access_key not in repr(event)


def test_a_response() -> None:
    response = LambdaFunctionURLResponse.of(b"\x00", status_code=201, cookies=["a=1; Secure"])
    assert unstructure(response) == {
        "statusCode": 201,
        "headers": {},
        "cookies": ["a=1; Secure"],
        "body": "AA==",
        "isBase64Encoded": True,
    }
    assert "a=1" not in repr(response)
