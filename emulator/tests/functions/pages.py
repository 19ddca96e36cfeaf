"""A function over HTTP: answers with the event, or with what the query asks for."""

import json
from typing import Any
from urllib.parse import parse_qs

from lambda_runtime import run


def handler(event: dict[str, Any]) -> Any:
    query = event.get("rawQueryString") or ""
    wanted = parse_qs(query).get("answer")
    if wanted:
        return json.loads(wanted[0])
    if query == "fail":
        raise ValueError("no")
    return {"statusCode": 200, "body": json.dumps(event)}


if __name__ == "__main__":
    run(handler)
