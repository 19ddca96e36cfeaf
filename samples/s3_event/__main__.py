"""Note which objects have come into a bucket."""

from lambda_events import S3Event
from lambda_runtime import Context, run


def handler(event: S3Event, context: Context) -> list[dict[str, object]]:
    """Answer one notification.

    Args:
        event: The notification, most often of one object.
        context: The invocation: its request id, its function and the time that is left.

    Returns:
        The objects. S3 takes no answer: this is for whoever invokes the function by hand.
    """
    print(f"{context.function_name} got {len(event.records)} records")
    return [
        {
            "bucket": record.bucket_name,
            "key": record.object_key,  # decoded; a function of yours would read the object
            "size": record.s3.object.size,
        }
        for record in event.records
        if record.event_name.startswith("ObjectCreated:")
    ]


if __name__ == "__main__":
    run(handler)
