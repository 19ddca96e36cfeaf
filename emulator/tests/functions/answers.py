"""A function over HTTP that answers with the JSON of the query's ``answer``."""

from typing import Any

from lambda_runtime import run


def handler(event: dict[str, Any]) -> bytes:
    answer: str = event["queryStringParameters"]["answer"]
    return answer.encode()


if __name__ == "__main__":
    run(handler)
