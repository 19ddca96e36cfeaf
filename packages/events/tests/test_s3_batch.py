"""S3 Batch Operations: tasks and results."""

from __future__ import annotations

from lambda_events import S3BatchEvent, S3BatchResponse, detect, structure, unstructure


def test_a_built_event_encodes_the_key() -> None:
    event = S3BatchEvent.build(["a b/ü+"], bucket="b", user_arguments={"k": "v"})
    assert event.task.s3_key == "a+b/%C3%BC%2B"
    assert event.task.decoded_key == "a b/ü+"
    assert event.task.bucket_name == "b"
    assert event.job.user_arguments == {"k": "v"}
    assert detect(unstructure(event)) == "S3BatchEvent"


def test_the_older_schema_has_the_buckets_arn() -> None:
    value = unstructure(S3BatchEvent.build(["k"]))
    value["invocationSchemaVersion"] = "1.0"
    value["tasks"][0] = {"taskId": "t", "s3Key": "k", "s3BucketArn": "arn:aws:s3:::old-bucket"}
    event = structure(value, S3BatchEvent)
    assert event.task.bucket_name == "old-bucket"
    assert event.task.s3_version_id is None


def test_the_response_repeats_what_s3_asks_for() -> None:
    event = S3BatchEvent.build(["a", "b", "c"])
    done, later, never = event.tasks
    response = S3BatchResponse.of(
        event,
        [done.succeeded("12 bytes"), later.retry("busy"), never.failed("gone")],
        treat_missing_keys_as="TemporaryFailure",
    )
    assert unstructure(response) == {
        "invocationSchemaVersion": "2.0",
        "treatMissingKeysAs": "TemporaryFailure",
        "invocationId": event.invocation_id,
        "results": [
            {"taskId": done.task_id, "resultCode": "Succeeded", "resultString": "12 bytes"},
            {"taskId": later.task_id, "resultCode": "TemporaryFailure", "resultString": "busy"},
            {"taskId": never.task_id, "resultCode": "PermanentFailure", "resultString": "gone"},
        ],
    }
