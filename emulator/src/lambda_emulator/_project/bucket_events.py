"""Rules that wait in vain for events of a bucket: without a setting it sends EventBridge none.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-event-notifications-eventbridge.html
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from lambda_emulator._project.stack import Resource, Stack
from lambda_emulator._project.template_file import text_of

_BUCKET = "AWS::S3::Bucket"
_OF_CDK = "Custom::S3BucketNotifications"


def warn_of_silent_buckets(stack: Stack) -> None:
    """Warn of rules for events of the project's buckets that send none.

    Args:
        stack: The stack of the rules.
    """
    for rule in stack.of_kind("AWS::Events::Rule"):
        wanted = set(_buckets(rule.get("EventPattern")))
        for name in sorted(wanted and wanted & _silent(stack)):
            rule.warn(
                f"On AWS it gets no events of the bucket {name}, which sends EventBridge none: give"
                " the bucket an EventBridgeConfiguration.",
                "EventPattern",
            )


def _buckets(pattern: Any) -> Iterator[str]:
    """Yield the names of the buckets that a pattern is for."""
    if isinstance(pattern, str):
        try:
            pattern = json.loads(pattern)
        except ValueError:
            return
    if "aws.s3" not in (_walk(pattern, "source") or ()):
        return
    for names in (_walk(pattern, "detail", "bucket", "name"), _walk(pattern, "resources")):
        for each in names if isinstance(names, list) else ():
            if isinstance(each, str):
                yield each.removeprefix("arn:aws:s3:::")


def _silent(stack: Stack) -> set[str]:
    buckets = stack.of_project(_BUCKET)
    told = {each.text("BucketName") for each in stack.of_project(_OF_CDK) if _sends(each)}
    return {each.name for each in buckets if not _sends(each)} - told


def _sends(resource: Resource) -> bool:
    key = "EventBridgeConfiguration"
    configuration = resource.table("NotificationConfiguration").get(key)
    if not isinstance(configuration, Mapping):
        return False
    return text_of(configuration.get("EventBridgeEnabled", "true")) == "true"


def _walk(value: Any, *keys: str) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value
