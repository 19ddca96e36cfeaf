"""A function behind APIs: it answers with its events, authorizes, and serves WebSockets."""

import json
import os
import time
from pathlib import Path
from typing import Any

from lambda_runtime import run

asked: list[str] = []


def handler(event: dict[str, Any]) -> Any:
    if event.get("type") in ("REQUEST", "TOKEN"):
        return authorize(event)
    if "connectionId" in event["requestContext"]:
        return serve_socket(event)
    headers = {name.lower(): value for name, value in event["headers"].items()}
    if headers.get("x-do") == "sleep":
        time.sleep(60)
    own = {"Content-Type": "application/json", "Access-Control-Allow-Origin": "function"}
    return {"statusCode": 200, "headers": own, "body": json.dumps(event)}


def authorize(event: dict[str, Any]) -> Any:
    """Answer as the token says: how it begins is what is done."""
    source = event.get("identitySource")
    token = source[0] if isinstance(source, list) else source
    if token is None:
        headers = {name.lower(): value for name, value in event.get("headers", {}).items()}
        query = event.get("queryStringParameters") or {}
        told = event.get("authorizationToken") or headers.get("authorization")
        token = told or query.get("token", "")
    asked.append(token)
    kind, _, rest = token.partition(" ")
    if kind == "unauthorized":
        raise PermissionError("Unauthorized")
    if kind == "fail":
        raise ValueError("no")
    if kind == "raw":
        return json.loads(rest)
    context = {"asked": len(asked), "admin": True, "event": json.dumps(event), "none": None}
    if kind in ("yes", "no"):
        return {"isAuthorized": kind == "yes", "context": context}
    arn = event.get("methodArn") or event["routeArn"]
    statements = [{"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": rest or arn}]
    if kind == "deny":
        statements.append({"Effect": "Deny", "Action": "*", "Resource": arn})
    policy = {"Version": "2012-10-17", "Statement": statements}
    return {"principalId": "someone", "policyDocument": policy, "context": context}


def serve_socket(event: dict[str, Any]) -> Any:
    context = event["requestContext"]
    if context["eventType"] == "CONNECT":
        query = event.get("queryStringParameters") or {}
        own = {"Sec-WebSocket-Protocol": "chat"} if "protocol" in query else {}
        return {"statusCode": int(query.get("status", "200")), "headers": own}
    if context["eventType"] == "DISCONNECT":
        with Path(os.environ["ENDS"]).open("a", encoding="utf-8") as file:
            file.write(json.dumps(event) + "\n")
        return {"statusCode": 200}
    if event["body"] == "fail":
        raise ValueError("no")
    if event["body"] == "malformed":
        return None
    return {"statusCode": 200, "body": json.dumps(event)}


if __name__ == "__main__":
    run(handler)
