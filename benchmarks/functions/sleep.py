"""A handler that waits, as for a database."""

import time


def handler(event: dict[str, float], context: object) -> dict[str, str]:
    time.sleep(event["seconds"])
    return {"message": "Hello World!"}
