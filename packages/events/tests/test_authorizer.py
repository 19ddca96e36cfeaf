"""Authorizers of API Gateway: routes and policies."""

from __future__ import annotations

import pytest

from lambda_events import (
    APIGatewayAuthorizerResponse,
    APIGatewayAuthorizerTokenEvent,
    APIGatewayV2AuthorizerIAMResponse,
    APIGatewayV2AuthorizerSimpleResponse,
    IAMPolicyDocument,
    route_arn,
    unstructure,
)

ARN = "arn:aws-cn:execute-api:cn-north-1:123456789012:abcdef1234/prod/GET/orders/1"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ({}, "abcdef1234/prod/*/*"),
        ({"method": "POST", "path": "/orders"}, "abcdef1234/prod/POST/orders"),
        ({"path": "orders/*"}, "abcdef1234/prod/*/orders/*"),
        ({"stage": "*", "path": "/"}, "abcdef1234/*/*/"),
    ],
)
def test_other_routes_of_the_same_api(words: dict[str, str], expected: str) -> None:
    assert route_arn(ARN, **words) == f"arn:aws-cn:execute-api:cn-north-1:123456789012:{expected}"


@pytest.mark.parametrize("model", [APIGatewayAuthorizerResponse, APIGatewayV2AuthorizerIAMResponse])
def test_a_policy_allows_and_denies(model: type[APIGatewayAuthorizerResponse]) -> None:
    response = model.of("me", allow=ARN, deny=[route_arn(ARN, method="DELETE")], context={"n": 1})
    assert unstructure(response) == {
        "principalId": "me",
        "policyDocument": {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Action": ["execute-api:Invoke"], "Resource": [ARN]},
                {
                    "Effect": "Deny",
                    "Action": ["execute-api:Invoke"],
                    "Resource": [route_arn(ARN, method="DELETE")],
                },
            ],
        },
        "context": {"n": 1},
    }


def test_a_policy_is_written_in_a_chain() -> None:
    local = {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}
    policy = IAMPolicyDocument().allow("*", condition=local).deny(["a", "b"], actions="s3:*")
    assert unstructure(policy.statement) == [
        {
            "Effect": "Allow",
            "Action": ["execute-api:Invoke"],
            "Resource": ["*"],
            "Condition": local,
        },
        {"Effect": "Deny", "Action": ["s3:*"], "Resource": ["a", "b"]},
    ]


def test_a_token_and_a_plain_yes() -> None:
    event = APIGatewayAuthorizerTokenEvent.build("Bearer hush", "GET", "/orders")
    assert route_arn(event.method_arn, method="GET", path="orders") == event.method_arn
    assert "hush" not in repr(event)
    answer = APIGatewayV2AuthorizerSimpleResponse(is_authorized=False, context={"why": "x"})
    assert unstructure(answer) == {"isAuthorized": False, "context": {"why": "x"}}
