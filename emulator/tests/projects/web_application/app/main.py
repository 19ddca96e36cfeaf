import json
from typing import Any


def handler(event: dict[str, Any], stream: Any, context: Any) -> None:
    stream.content_type = "application/vnd.awslambda.http-integration-response"
    prelude = {"statusCode": 200, "headers": {"content-type": "text/html"}}
    stream.write(json.dumps(prelude).encode() + bytes(8))
    for part in ("<h1>Hel", "lo</h1>"):
        stream.write(part.encode())


def About(event: dict[str, Any], context: Any) -> str:  # noqa: N802 (named by the template)
    return "about"


def Contact(event: dict[str, Any], context: Any) -> str:  # noqa: N802 (named by the template)
    return "contact"
