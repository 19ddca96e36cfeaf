from typing import Any


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    condition = {"IpAddress": {"aws:SourceIp": ["127.0.0.0/8", "::1/128"]}}
    statement = {
        "Effect": "Allow",
        "Action": "execute-api:Invoke",
        "Resource": event["methodArn"],
        "Condition": condition,
    }
    return {"principalId": "ada", "policyDocument": {"Statement": [statement]}}
