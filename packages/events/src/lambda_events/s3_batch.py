"""Amazon S3 Batch Operations.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-invoke-lambda.html
"""

from __future__ import annotations

from ._field import EMPTY
from ._model import Model

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Self

    from ._arn import ARN
    from ._detect import Signatures


class S3BatchJob(Model):
    """A job.

    Attributes:
        id: The job's id.
        user_arguments: The arguments that the job was created with; schema 2.0 only.
    """

    id: str
    user_arguments: dict[str, str] = EMPTY


class S3BatchResult(Model):
    """The result of a task; `S3BatchTask` makes them.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-invoke-lambda.html

    Attributes:
        task_id: The task's id.
        result_code: ``Succeeded``, ``TemporaryFailure`` (S3 tries it again) or
            ``PermanentFailure``.
        result_string: A text for the job's report.
    """

    task_id: str
    result_code: str = "Succeeded"
    result_string: str | None = None


class S3BatchTask(Model):
    """An object to work on.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-invoke-lambda.html

    Attributes:
        task_id: The task's id, which the response names it by.
        s3_key: The object's key as S3 sends it, percent-encoded; `decoded_key` is the one to call
            S3 with.
        s3_version_id: The object's version, if the job's manifest names it.
        s3_bucket_arn: The bucket; schema 1.0 only.
        s3_bucket: The bucket's name; schema 2.0 only.
    """

    task_id: str
    s3_key: str
    s3_version_id: str | None = None
    s3_bucket_arn: ARN | None = None
    s3_bucket: str | None = None

    @property
    def decoded_key(self) -> str:
        """The key as S3's API takes it."""
        from urllib.parse import unquote_plus

        return unquote_plus(self.s3_key)

    @property
    def bucket_name(self) -> str | None:
        """The bucket's name, in both schemas."""
        if self.s3_bucket is None and isinstance(self.s3_bucket_arn, str):
            return self.s3_bucket_arn.rpartition(":")[2]
        return self.s3_bucket

    def succeeded(self, text: str = "") -> S3BatchResult:
        """Say that the task is done.

        Args:
            text: A text for the job's report.
        """
        return S3BatchResult(task_id=self.task_id, result_code="Succeeded", result_string=text)

    def retry(self, text: str = "") -> S3BatchResult:
        """Say that S3 is to try the task again.

        Args:
            text: The reason, for the job's report if this is the last attempt.
        """
        return S3BatchResult(
            task_id=self.task_id, result_code="TemporaryFailure", result_string=text
        )

    def failed(self, text: str = "") -> S3BatchResult:
        """Say that the task failed for good.

        Args:
            text: The reason, for the job's report.
        """
        return S3BatchResult(
            task_id=self.task_id, result_code="PermanentFailure", result_string=text
        )


class S3BatchEvent(Model, expects={"tasks": list, "invocationId": str}):
    """Tasks of a job.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-invoke-lambda.html

    Attributes:
        invocation_schema_version: This object's form, ``1.0`` or ``2.0``.
        invocation_id: The invocation's id.
        job: The job.
        tasks: The tasks; S3 sends one at a time.
    """

    invocation_schema_version: str
    invocation_id: str
    job: S3BatchJob
    tasks: list[S3BatchTask]

    @property
    def task(self) -> S3BatchTask:
        """The first task, which is the only one today."""
        return self.tasks[0]

    @classmethod
    def build(
        cls,
        keys: Sequence[str] = ("my key",),
        *,
        bucket: str = "my-bucket",
        user_arguments: Mapping[str, str] | None = None,
    ) -> Self:
        """Build an event in schema 2.0 for a test.

        Args:
            keys: The objects' keys, as S3's API takes them; the event has them encoded.
            bucket: The bucket's name.
            user_arguments: The job's arguments.

        Returns:
            An event like those of S3.
        """
        from urllib.parse import quote_plus

        from . import _samples as samples
        from ._data import base64_of

        tasks = [
            {
                "taskId": base64_of(f"task {number}"),
                "s3Key": quote_plus(key, safe="/"),
                "s3VersionId": None,
                "s3Bucket": bucket,
            }
            for number, key in enumerate(keys)
        ]
        value = {
            "invocationSchemaVersion": "2.0",
            "invocationId": base64_of(f"invocation of {bucket}"),
            "job": {"id": samples.uuid(0, bucket), "userArguments": dict(user_arguments or {})},
            "tasks": tasks,
        }
        event: Self = samples.read(cls, value)
        return event


class S3BatchResponse(Model):
    """The response of a function that works on tasks.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-invoke-lambda.html

    Attributes:
        invocation_schema_version: The event's.
        treat_missing_keys_as: The result of tasks that `results` leaves out.
        invocation_id: The event's.
        results: The result of each task.
    """

    invocation_schema_version: str
    treat_missing_keys_as: str = "PermanentFailure"
    invocation_id: str
    results: list[S3BatchResult] = EMPTY

    @classmethod
    def of(
        cls,
        event: S3BatchEvent,
        results: Iterable[S3BatchResult],
        *,
        treat_missing_keys_as: str = "PermanentFailure",
    ) -> Self:
        """Make the response to an event.

        Args:
            event: The event.
            results: The result of each task.
            treat_missing_keys_as: The result of tasks that ``results`` leaves out.
        """
        return cls(
            invocation_schema_version=event.invocation_schema_version,
            treat_missing_keys_as=treat_missing_keys_as,
            invocation_id=event.invocation_id,
            results=[*results],
        )


DETECT: Signatures = {
    "S3BatchEvent": {"invocationSchemaVersion": str, "invocationId": str, "tasks": list}
}
