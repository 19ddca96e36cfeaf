from typing import Any


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return {"statusCode": 200, "body": "<h1>Hello</h1>", "headers": {"content-type": "text/html"}}


def About(event: dict[str, Any], context: Any) -> str:  # noqa: N802 (named by the template)
    return "about"


def Contact(event: dict[str, Any], context: Any) -> str:  # noqa: N802 (named by the template)
    return "contact"
