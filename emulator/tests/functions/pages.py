"""A function over HTTP: answers with the event, or with what the query asks for."""

import json
from typing import Any
from urllib.parse import parse_qs

from lambda_runtime import run


def _of_a_map(event: dict[str, Any]) -> str:
    """Return the answer that a format without a raw query has; only function URLs have one."""
    values = event.get("multiValueQueryStringParameters") or {}
    answer: str = values.get("answer", [""])[0]
    return answer


def handler(event: dict[str, Any]) -> Any:
    query = event.get("rawQueryString") or ""
    wanted = parse_qs(query).get("answer") or [_of_a_map(event)]
    if wanted[0]:
        return json.loads(wanted[0])
    if query == "fail":
        raise ValueError("no")
    return {"statusCode": 200, "body": json.dumps(event)}


if __name__ == "__main__":
    run(handler)
