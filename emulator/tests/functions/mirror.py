"""A function over HTTP that answers with the event, or with the body of the request as it is."""

import base64
import json
import time
import zlib
from typing import Any

from lambda_runtime import run


def handler(event: dict[str, Any]) -> Any:
    headers = event.get("headers") or last_values(event["multiValueHeaders"])
    lowered = {name.lower(): value for name, value in headers.items()}
    asked = lowered.get("x-mirror")
    if asked == "packed-answer":
        packed = event["body"]
        if event["isBase64Encoded"]:
            packed = base64.b64decode(packed)
        return zlib.decompress(base64.b64decode(packed))
    if asked == "fail":
        raise ValueError("no")
    if asked == "sleep":
        time.sleep(60)
    kind = {"Content-Type": ["application/json"]}
    multi = "multiValueHeaders" in event and "headers" not in event
    own = {"multiValueHeaders": kind} if multi else {"headers": last_values(kind)}
    return {"statusCode": 200, **own, "body": json.dumps(event)}


def last_values(values: dict[str, list[str]]) -> dict[str, str]:
    return {name: several[-1] for name, several in values.items()}


if __name__ == "__main__":
    run(handler)
