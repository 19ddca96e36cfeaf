"""AWS Batch: job state changes, through EventBridge.

https://docs.aws.amazon.com/batch/latest/userguide/batch_job_events.html
"""

from __future__ import annotations

from ._field import EMPTY
from ._model import Model
from .eventbridge import ServiceEvent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from ._arn import ARN
    from ._detect import Signatures
    from .batch_container import BatchContainer


class BatchAttempt(Model):
    """A try to run a job.

    https://docs.aws.amazon.com/batch/latest/APIReference/API_AttemptDetail.html

    Attributes:
        container: The container of the try.
        started_at: The start of the attempt, in milliseconds of Unix time.
        stopped_at: The end of the attempt, in milliseconds of Unix time.
        status_reason: Details of how it ended.
        task_properties: The ECS tasks of a job of several containers.
    """

    container: BatchContainer = EMPTY
    started_at: int | None = None
    stopped_at: int | None = None
    status_reason: str | None = None
    task_properties: list[dict[str, Any]] = EMPTY

    @property
    def started_at_utc(self) -> datetime | None:
        """`started_at` as an aware datetime."""
        from ._time import from_epoch

        return from_epoch(self.started_at, 1000)

    @property
    def stopped_at_utc(self) -> datetime | None:
        """`stopped_at` as an aware datetime."""
        from ._time import from_epoch

        return from_epoch(self.stopped_at, 1000)


class BatchEvaluateOnExit(Model):
    """A rule that retries or ends a job by its exit; ``*`` stands for any text.

    https://docs.aws.amazon.com/batch/latest/APIReference/API_EvaluateOnExit.html

    Attributes:
        action: ``RETRY`` or ``EXIT``.
        on_exit_code: The exit codes that it is for.
        on_reason: The reasons that it is for.
        on_status_reason: The status reasons that it is for.
    """

    action: str
    on_exit_code: str | None = None
    on_reason: str | None = None
    on_status_reason: str | None = None


class BatchRetryStrategy(Model):
    """The retry strategy of a job.

    https://docs.aws.amazon.com/batch/latest/APIReference/API_RetryStrategy.html

    Attributes:
        attempts: The number of attempts, 1 to 10.
        evaluate_on_exit: After which exits.
    """

    attempts: int | None = None
    evaluate_on_exit: list[BatchEvaluateOnExit] = EMPTY


class BatchNodeRange(Model):
    """The container of a range of nodes in a multi-node job.

    https://docs.aws.amazon.com/batch/latest/APIReference/API_NodeRangeProperty.html

    Attributes:
        target_nodes: The nodes' numbers, such as ``0:3``.
        container: Their container.
        instance_types: Their instance types.
    """

    target_nodes: str
    container: BatchContainer | None = None
    instance_types: list[str] = EMPTY


class BatchNodeProperties(Model):
    """The nodes of a multi-node job.

    https://docs.aws.amazon.com/batch/latest/APIReference/API_NodeProperties.html

    Attributes:
        num_nodes: The number of nodes.
        main_node: The main node's number.
        node_range_properties: The container properties of each range of nodes.
    """

    num_nodes: int
    main_node: int
    node_range_properties: list[BatchNodeRange] = EMPTY


class BatchJobDependency(Model):
    """A job that has to end first.

    https://docs.aws.amazon.com/batch/latest/APIReference/API_JobDependency.html

    Attributes:
        job_id: The job.
        type: ``N_TO_N`` or ``SEQUENTIAL``, of array jobs.
    """

    job_id: str | None = None
    type: str | None = None


class BatchJobDetail(Model):
    """A job as it is now.

    https://docs.aws.amazon.com/batch/latest/APIReference/API_JobDetail.html

    Attributes:
        job_arn: The job's ARN.
        job_name: The name.
        job_id: The id.
        job_queue: The queue.
        job_definition: The definition.
        status: ``SUBMITTED``, ``PENDING``, ``RUNNABLE``, ``STARTING``, ``RUNNING``, ``SUCCEEDED``
            or ``FAILED``.
        status_reason: Details of the status.
        share_identifier: The share that it counts for.
        scheduling_priority: The priority in its share.
        created_at: The time of creation, in milliseconds of Unix time.
        started_at: The time of the start, in milliseconds of Unix time.
        stopped_at: The time of the end, in milliseconds of Unix time.
        attempts: The attempts until now.
        retry_strategy: The rules for further attempts.
        timeout: ``attemptDurationSeconds``, the longest time of a try.
        depends_on: The jobs that have to end first.
        parameters: The values of the definition's parameters.
        container: The container of a job of one container.
        ecs_properties: The tasks of a job of several containers.
        eks_properties: The pods of a job on EKS.
        eks_attempts: The attempts of a job on EKS until now.
        node_details: The node of a multi-node job that this job is.
        node_properties: The nodes of a multi-node job.
        array_properties: ``size``, ``index`` and ``statusSummary`` of an array job.
        consumable_resource_properties: The consumable resources that it needs.
        platform_capabilities: ``EC2`` or ``FARGATE``.
        propagate_tags: True if Batch copies the job's tags to its ECS task.
        tags: The tags.
        is_cancelled: True if the job was cancelled.
        is_terminated: True if the job was terminated.
    """

    job_arn: ARN | None = None
    job_name: str
    job_id: str
    job_queue: ARN
    job_definition: ARN
    status: str
    status_reason: str | None = None
    share_identifier: str | None = None
    scheduling_priority: int | None = None
    created_at: int
    started_at: int | None = None
    stopped_at: int | None = None
    attempts: list[BatchAttempt] = EMPTY
    retry_strategy: BatchRetryStrategy = EMPTY
    timeout: dict[str, int] = EMPTY
    depends_on: list[BatchJobDependency] = EMPTY
    parameters: dict[str, str] = EMPTY
    container: BatchContainer = EMPTY
    ecs_properties: dict[str, Any] = EMPTY
    eks_properties: dict[str, Any] = EMPTY
    eks_attempts: list[dict[str, Any]] = EMPTY
    node_details: dict[str, Any] = EMPTY
    node_properties: BatchNodeProperties | None = None
    array_properties: dict[str, Any] = EMPTY
    consumable_resource_properties: dict[str, Any] = EMPTY
    platform_capabilities: list[str] = EMPTY
    propagate_tags: bool | None = None
    tags: dict[str, str] = EMPTY
    is_cancelled: bool | None = None
    is_terminated: bool | None = None

    @property
    def created_at_utc(self) -> datetime | None:
        """`created_at` as an aware datetime."""
        from ._time import from_epoch

        return from_epoch(self.created_at, 1000)

    @property
    def started_at_utc(self) -> datetime | None:
        """`started_at` as an aware datetime."""
        from ._time import from_epoch

        return from_epoch(self.started_at, 1000)

    @property
    def stopped_at_utc(self) -> datetime | None:
        """`stopped_at` as an aware datetime."""
        from ._time import from_epoch

        return from_epoch(self.stopped_at, 1000)


class BatchJobStateChangeEvent(
    ServiceEvent[BatchJobDetail],
    expects={"source": "aws.batch", "detail-type": "Batch Job State Change"},
):
    """A job came into another state.

    https://docs.aws.amazon.com/batch/latest/userguide/batch_job_events.html
    """


DETECT: Signatures = {
    "BatchJobStateChangeEvent": {
        "detail-type": "Batch Job State Change",
        "source": "aws.batch",
        "detail": dict,
        "detail/jobId": str,
    }
}
