"""The handler of ``sdk``, as an ``async def``."""

import asyncio
from typing import Any

import boto3

s3: Any = boto3.client(
    "s3", region_name="us-east-1", aws_access_key_id="none", aws_secret_access_key="none"
)


async def handler(event: dict[str, float], context: object) -> dict[str, str]:
    url = s3.generate_presigned_url("get_object", Params={"Bucket": "books", "Key": "1.txt"})
    await asyncio.sleep(event["seconds"])
    return {"url": url}
