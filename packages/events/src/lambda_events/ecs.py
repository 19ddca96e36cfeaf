"""Amazon ECS, through EventBridge.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_cwe_events.html
"""

from __future__ import annotations

from ._field import EMPTY, field
from ._model import Model
from .eventbridge import ServiceEvent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from ._arn import ARN
    from ._detect import Signatures


class ECSAttribute(Model):
    """An attribute of a container instance or a task.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Attribute.html

    Attributes:
        name: The name.
        value: The value; None if it has none.
        target_type: ``container-instance``.
        target_id: The id or ARN of the target.
    """

    name: str
    value: str | None = None
    target_type: str | None = None
    target_id: str | None = None


class ECSAttachment(Model):
    """An attachment of a container instance or a task, such as a network interface.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Attachment.html

    Attributes:
        id: The attachment's id.
        type: The attachment's kind, such as ``eni``, ``AmazonElasticBlockStorage`` or ``Service
            Connect``.
        status: ``PRECREATED``, ``CREATED``, ``ATTACHING``, ``ATTACHED``, ``DETACHING``,
            ``DETACHED``, ``DELETED`` or ``FAILED``.
        details: Details, each with ``name`` and ``value``.
    """

    id: str
    type: str
    status: str
    details: list[dict[str, str]] = EMPTY

    @property
    def detail_values(self) -> dict[str, str | None]:
        """`details` by name."""
        return {item["name"]: item.get("value") for item in self.details if "name" in item}


class ECSResource(Model):
    """The amount of a resource that a container instance has.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Resource.html

    Attributes:
        name: ``CPU``, ``MEMORY``, ``PORTS``, ``PORTS_UDP`` or a resource of one's own.
        type: ``INTEGER``, ``DOUBLE``, ``LONG`` or ``STRINGSET``.
        integer_value: The amount for ``INTEGER``: CPU in 1024ths of a core, memory in MiB.
        long_value: The amount for ``LONG``.
        double_value: The amount for ``DOUBLE``.
        string_set_value: The values for ``STRINGSET``, such as ports.
    """

    name: str
    type: str
    integer_value: int | None = None
    long_value: int | None = None
    double_value: float | None = None
    string_set_value: list[str] = EMPTY


class ECSVersionInfo(Model):
    """The software of a container instance.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_VersionInfo.html

    Attributes:
        agent_hash: The commit of the container agent.
        agent_version: The version of the container agent.
        docker_version: The version of Docker.
    """

    agent_hash: str | None = None
    agent_version: str | None = None
    docker_version: str | None = None


class ECSContainerInstanceDetail(Model):
    """A container instance as it is now.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerInstance.html

    Attributes:
        agent_connected: True if the container agent is connected to ECS.
        agent_update_status: The state of the agent's last update.
        attachments: The attachments, such as network interfaces.
        attributes: The attributes.
        capacity_provider_name: The capacity provider.
        cluster_arn: The cluster.
        container_instance_arn: The ARN.
        ec2_instance_id: The EC2 instance.
        pending_tasks_count: The number of tasks in the state ``PENDING``.
        running_tasks_count: The number of tasks in the state ``RUNNING``.
        registered_resources: The resources that it has.
        remaining_resources: The resources that are free.
        status: ``REGISTERING``, ``REGISTRATION_FAILED``, ``ACTIVE``, ``INACTIVE``,
            ``DEREGISTERING`` or ``DRAINING``.
        status_reason: Details of the status.
        version: A number that grows from event to event of this instance.
        version_info: The software.
        registered_at: The time of registration, ISO 8601.
        updated_at: The time of the last change, ISO 8601.
        account_type: The account's type.
    """

    agent_connected: bool
    agent_update_status: str | None = None
    attachments: list[ECSAttachment] = EMPTY
    attributes: list[ECSAttribute] = EMPTY
    capacity_provider_name: str | None = None
    cluster_arn: ARN
    container_instance_arn: ARN
    ec2_instance_id: str | None = None
    pending_tasks_count: int | None = None
    running_tasks_count: int | None = None
    registered_resources: list[ECSResource] = EMPTY
    remaining_resources: list[ECSResource] = EMPTY
    status: str
    status_reason: str | None = None
    version: int
    version_info: ECSVersionInfo = EMPTY
    registered_at: str | None = None
    updated_at: str | None = None
    account_type: str | None = None

    @property
    def registered_at_utc(self) -> datetime | None:
        """`registered_at` as an aware datetime."""
        from ._time import from_text

        return from_text(self.registered_at)

    @property
    def updated_at_utc(self) -> datetime | None:
        """`updated_at` as an aware datetime."""
        from ._time import from_text

        return from_text(self.updated_at)


class ECSContainerInstanceStateChangeEvent(
    ServiceEvent[ECSContainerInstanceDetail],
    expects={"source": "aws.ecs", "detail-type": "ECS Container Instance State Change"},
):
    """A container instance changed: its agent, its resources or its status.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_container_instance_events.html
    """


class ECSNetworkInterface(Model):
    """A network interface of a container.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_NetworkInterface.html

    Attributes:
        attachment_id: The attachment's id.
        ipv6_address: The private IPv6 address.
        private_ipv4_address: The private IPv4 address.
    """

    attachment_id: str | None = None
    ipv6_address: str | None = None
    private_ipv4_address: str | None = None


class ECSContainer(Model):
    """A container of a task.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Container.html

    Attributes:
        container_arn: The ARN.
        task_arn: The task.
        name: The name.
        image: The image.
        image_digest: The image's digest.
        runtime_id: The container's id in its runtime.
        last_status: The last known status.
        exit_code: The exit code; None until it ends.
        reason: Details of how it ended.
        health_status: ``HEALTHY``, ``UNHEALTHY`` or ``UNKNOWN``.
        network_bindings: The ports of the host that it has.
        network_interfaces: The network interfaces.
        managed_agents: The agents in it.
        cpu: The CPU in 1024ths of a core, as text.
        memory: The hard limit of memory in MiB, as text.
        memory_reservation: The soft limit of memory in MiB, as text.
        gpu_ids: The GPUs that it has.
    """

    container_arn: ARN
    task_arn: ARN | None = None
    name: str
    image: str | None = None
    image_digest: str | None = None
    runtime_id: str | None = None
    last_status: str
    exit_code: int | None = None
    reason: str | None = None
    health_status: str | None = None
    network_bindings: list[dict[str, Any]] = EMPTY
    network_interfaces: list[ECSNetworkInterface] = EMPTY
    managed_agents: list[dict[str, Any]] = EMPTY
    cpu: str | None = None
    memory: str | None = None
    memory_reservation: str | None = None
    gpu_ids: list[str] = EMPTY


class ECSKeyValue(Model):
    """An environment variable.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_KeyValuePair.html

    Attributes:
        name: The name.
        value: The value.
    """

    name: str
    value: str | None = field(default=None, secret=True)


class ECSContainerOverride(Model):
    """The overrides of one container of this task.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerOverride.html

    Attributes:
        name: The container's name.
        command: The command.
        environment: The environment variables.
        environment_files: Files of environment variables.
        cpu: The CPU in 1024ths of a core.
        memory: The hard limit of memory in MiB.
        memory_reservation: The soft limit of memory in MiB.
        resource_requirements: The GPUs and accelerators of the container.
    """

    name: str | None = None
    command: list[str] = EMPTY
    environment: list[ECSKeyValue] = EMPTY
    environment_files: list[dict[str, str]] = EMPTY
    cpu: int | None = None
    memory: int | None = None
    memory_reservation: int | None = None
    resource_requirements: list[dict[str, str]] = EMPTY


class ECSTaskOverride(Model):
    """The overrides of this task.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskOverride.html

    Attributes:
        container_overrides: The overrides of each container.
        inference_accelerator_overrides: The overrides of Elastic Inference accelerators.
        cpu: The CPU in 1024ths of a core, or as ``1 vCPU``.
        memory: The memory in MiB, or as ``1 GB``.
        execution_role_arn: The role that starts it.
        task_role_arn: The role that its containers may take.
        ephemeral_storage: ``sizeInGiB``, on Fargate.
    """

    container_overrides: list[ECSContainerOverride] = EMPTY
    inference_accelerator_overrides: list[dict[str, str]] = EMPTY
    cpu: str | None = None
    memory: str | None = None
    execution_role_arn: ARN | None = None
    task_role_arn: ARN | None = None
    ephemeral_storage: dict[str, int] = EMPTY


class ECSTaskDetail(Model):
    """A task as it is now.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Task.html

    Attributes:
        task_arn: The ARN.
        task_definition_arn: The definition.
        cluster_arn: The cluster.
        container_instance_arn: The instance that it runs on; None on Fargate.
        capacity_provider_name: The capacity provider.
        availability_zone: The availability zone.
        launch_type: ``EC2``, ``FARGATE`` or ``EXTERNAL``.
        platform_version: The version of Fargate.
        platform_family: The operating system, on Fargate.
        group: ``family:NAME`` of its definition, or ``service:NAME``.
        started_by: The starter of the task, such as the id of a deployment.
        desired_status: The status that it is to have.
        last_status: The last status that it had.
        health_status: ``HEALTHY``, ``UNHEALTHY`` or ``UNKNOWN``.
        connectivity: ``CONNECTED`` or ``DISCONNECTED``.
        stop_code: The reason for the stop as a code, such as ``EssentialContainerExited``.
        stopped_reason: The reason for the stop, in words.
        cpu: The CPU in 1024ths of a core, as text.
        memory: The memory in MiB, as text.
        ephemeral_storage: ``sizeInGiB``, on Fargate.
        enable_execute_command: True if ECS Exec is enabled.
        attachments: The attachments, such as network interfaces.
        attributes: The attributes.
        containers: The containers.
        overrides: The settings that override the task definition's.
        version: A number that grows from event to event of this task.
        created_at: The time of creation, ISO 8601.
        connectivity_at: The time of the last connection, ISO 8601.
        pull_started_at: The start of the image pull, ISO 8601.
        pull_stopped_at: The end of the image pull, ISO 8601.
        started_at: The time at which the task reached ``RUNNING``, ISO 8601.
        updated_at: The time of the last change, ISO 8601.
        stopping_at: The time of the request to stop, ISO 8601.
        execution_stopped_at: The time at which the containers ended, ISO 8601.
        stopped_at: The time at which the task reached ``STOPPED``, ISO 8601.
    """

    task_arn: ARN
    task_definition_arn: ARN
    cluster_arn: ARN
    container_instance_arn: ARN | None = None
    capacity_provider_name: str | None = None
    availability_zone: str | None = None
    launch_type: str | None = None
    platform_version: str | None = None
    platform_family: str | None = None
    group: str | None = None
    started_by: str | None = None
    desired_status: str
    last_status: str
    health_status: str | None = None
    connectivity: str | None = None
    stop_code: str | None = None
    stopped_reason: str | None = None
    cpu: str | None = None
    memory: str | None = None
    ephemeral_storage: dict[str, int] = EMPTY
    enable_execute_command: bool | None = None
    attachments: list[ECSAttachment] = EMPTY
    attributes: list[ECSAttribute] = EMPTY
    containers: list[ECSContainer] = EMPTY
    overrides: ECSTaskOverride = EMPTY
    version: int
    created_at: str
    connectivity_at: str | None = None
    pull_started_at: str | None = None
    pull_stopped_at: str | None = None
    started_at: str | None = None
    updated_at: str | None = None
    stopping_at: str | None = None
    execution_stopped_at: str | None = None
    stopped_at: str | None = None

    @property
    def created_at_utc(self) -> datetime | None:
        """`created_at` as an aware datetime."""
        from ._time import from_text

        return from_text(self.created_at)

    @property
    def connectivity_at_utc(self) -> datetime | None:
        """`connectivity_at` as an aware datetime."""
        from ._time import from_text

        return from_text(self.connectivity_at)

    @property
    def pull_started_at_utc(self) -> datetime | None:
        """`pull_started_at` as an aware datetime."""
        from ._time import from_text

        return from_text(self.pull_started_at)

    @property
    def pull_stopped_at_utc(self) -> datetime | None:
        """`pull_stopped_at` as an aware datetime."""
        from ._time import from_text

        return from_text(self.pull_stopped_at)

    @property
    def started_at_utc(self) -> datetime | None:
        """`started_at` as an aware datetime."""
        from ._time import from_text

        return from_text(self.started_at)

    @property
    def updated_at_utc(self) -> datetime | None:
        """`updated_at` as an aware datetime."""
        from ._time import from_text

        return from_text(self.updated_at)

    @property
    def stopping_at_utc(self) -> datetime | None:
        """`stopping_at` as an aware datetime."""
        from ._time import from_text

        return from_text(self.stopping_at)

    @property
    def execution_stopped_at_utc(self) -> datetime | None:
        """`execution_stopped_at` as an aware datetime."""
        from ._time import from_text

        return from_text(self.execution_stopped_at)

    @property
    def stopped_at_utc(self) -> datetime | None:
        """`stopped_at` as an aware datetime."""
        from ._time import from_text

        return from_text(self.stopped_at)


class ECSTaskStateChangeEvent(
    ServiceEvent[ECSTaskDetail],
    expects={"source": "aws.ecs", "detail-type": "ECS Task State Change"},
):
    """A task, or one of its containers, came into another state.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html
    """


DETECT: Signatures = {
    "ECSContainerInstanceStateChangeEvent": {
        "detail-type": "ECS Container Instance State Change",
        "source": "aws.ecs",
        "detail": dict,
        "detail/containerInstanceArn": str,
    },
    "ECSTaskStateChangeEvent": {
        "detail-type": "ECS Task State Change",
        "source": "aws.ecs",
        "detail": dict,
        "detail/taskArn": str,
    },
}
