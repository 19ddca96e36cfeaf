"""AWS Batch: the containers of jobs.

https://docs.aws.amazon.com/batch/latest/APIReference/API_ContainerDetail.html
"""

from __future__ import annotations

from ._field import EMPTY, field
from ._model import Model

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._arn import ARN


class BatchKeyValue(Model):
    """An environment variable.

    https://docs.aws.amazon.com/batch/latest/APIReference/API_KeyValuePair.html

    Attributes:
        name: The name.
        value: The value.
    """

    name: str
    value: str | None = field(default=None, secret=True)


class BatchSecret(Model):
    """A secret that a container gets.

    https://docs.aws.amazon.com/batch/latest/APIReference/API_Secret.html

    Attributes:
        name: The environment variable, or the option of the log driver, that holds it.
        value_from: The ARN of the secret or the parameter.
    """

    name: str
    value_from: str


class BatchResourceRequirement(Model):
    """The amount of a resource that a container gets.

    https://docs.aws.amazon.com/batch/latest/APIReference/API_ResourceRequirement.html

    Attributes:
        type: ``VCPU``, ``MEMORY`` or ``GPU``.
        value: The amount as text: a number of vCPUs or GPUs, or MiB.
    """

    type: str
    value: str


class BatchVolumeHost(Model):
    """A folder of the host.

    https://docs.aws.amazon.com/batch/latest/APIReference/API_Host.html

    Attributes:
        source_path: The path; None if Docker chooses one.
    """

    source_path: str | None = None


class BatchEFSAuthorization(Model):
    """The authorization of a file system.

    https://docs.aws.amazon.com/batch/latest/APIReference/API_EFSAuthorizationConfig.html

    Attributes:
        access_point_id: The access point.
        iam: ``ENABLED`` if the job's role is used.
    """

    access_point_id: str | None = None
    iam: str | None = None


class BatchEFSVolume(Model):
    """An EFS file system.

    https://docs.aws.amazon.com/batch/latest/APIReference/API_EFSVolumeConfiguration.html

    Attributes:
        file_system_id: The file system.
        root_directory: The folder in it that is mounted.
        transit_encryption: ``ENABLED`` or ``DISABLED``.
        transit_encryption_port: The port of encrypted data.
        authorization_config: The access point and the IAM authorization.
    """

    file_system_id: str
    root_directory: str | None = None
    transit_encryption: str | None = None
    transit_encryption_port: int | None = None
    authorization_config: BatchEFSAuthorization | None = None


class BatchVolume(Model):
    """A volume of a job.

    https://docs.aws.amazon.com/batch/latest/APIReference/API_Volume.html

    Attributes:
        name: The name.
        host: The folder of the host that it is.
        efs_volume_configuration: The file system that it is.
    """

    name: str | None = None
    host: BatchVolumeHost | None = None
    efs_volume_configuration: BatchEFSVolume | None = None


class BatchMountPoint(Model):
    """The mount point of a volume in a container.

    https://docs.aws.amazon.com/batch/latest/APIReference/API_MountPoint.html

    Attributes:
        container_path: The path in the container.
        read_only: True for a mount that is read-only.
        source_volume: The volume's name.
    """

    container_path: str | None = None
    read_only: bool | None = None
    source_volume: str | None = None


class BatchUlimit(Model):
    """A limit of a container's processes.

    https://docs.aws.amazon.com/batch/latest/APIReference/API_Ulimit.html

    Attributes:
        name: The name, such as ``nofile``.
        hard_limit: The hard limit.
        soft_limit: The soft limit.
    """

    name: str
    hard_limit: int
    soft_limit: int


class BatchDevice(Model):
    """A device of the host that a container gets.

    https://docs.aws.amazon.com/batch/latest/APIReference/API_Device.html

    Attributes:
        host_path: The path on the host.
        container_path: The path in the container.
        permissions: ``READ``, ``WRITE``, ``MKNOD``.
    """

    host_path: str
    container_path: str | None = None
    permissions: list[str] = EMPTY


class BatchTmpfs(Model):
    """A file system in memory.

    https://docs.aws.amazon.com/batch/latest/APIReference/API_Tmpfs.html

    Attributes:
        container_path: The path in the container.
        size: The size in MiB.
        mount_options: The options, such as ``noexec``.
    """

    container_path: str
    size: int
    mount_options: list[str] = EMPTY


class BatchLinuxParameters(Model):
    """A container's options of Linux.

    https://docs.aws.amazon.com/batch/latest/APIReference/API_LinuxParameters.html

    Attributes:
        devices: The host's devices that it gets.
        init_process_enabled: True if an init process runs in the container.
        shared_memory_size: The size of ``/dev/shm`` in MiB.
        tmpfs: File systems in memory.
        max_swap: The swap space, in MiB.
        swappiness: The kernel's swappiness for the container, 0 to 100.
    """

    devices: list[BatchDevice] = EMPTY
    init_process_enabled: bool | None = None
    shared_memory_size: int | None = None
    tmpfs: list[BatchTmpfs] = EMPTY
    max_swap: int | None = None
    swappiness: int | None = None


class BatchLogConfiguration(Model):
    """The log configuration of a container.

    https://docs.aws.amazon.com/batch/latest/APIReference/API_LogConfiguration.html

    Attributes:
        log_driver: The log driver, such as ``awslogs``.
        options: The options.
        secret_options: The options that are secrets.
    """

    log_driver: str
    options: dict[str, str] = EMPTY
    secret_options: list[BatchSecret] = EMPTY


class BatchNetworkInterface(Model):
    """A network interface.

    https://docs.aws.amazon.com/batch/latest/APIReference/API_NetworkInterface.html

    Attributes:
        attachment_id: The attachment's id.
        ipv6_address: The private IPv6 address.
        private_ipv4_address: The private IPv4 address.
    """

    attachment_id: str | None = None
    ipv6_address: str | None = None
    private_ipv4_address: str | None = None


class BatchContainer(Model):
    """A job's container: how it was asked for, and how it runs or ran.

    https://docs.aws.amazon.com/batch/latest/APIReference/API_ContainerDetail.html

    Attributes:
        image: The image.
        command: The command.
        vcpus: The vCPUs; newer jobs say it in ``resource_requirements``.
        memory: The memory in MiB; newer jobs say it in ``resource_requirements``.
        resource_requirements: The vCPUs, memory and GPUs of the container.
        job_role_arn: The role that the container may take.
        execution_role_arn: The role that starts it.
        volumes: The job's volumes.
        mount_points: The mount points of the volumes.
        environment: The environment variables.
        secrets: The secrets that it gets.
        user: The user that it runs as.
        privileged: True for a privileged container, which has root's rights on the host.
        readonly_root_filesystem: True if the root file system is read-only.
        ulimits: The limits of its processes.
        linux_parameters: The options of Linux.
        log_configuration: The log driver and its options.
        log_stream_name: The log stream; None until it runs.
        instance_type: The instance type of a multi-node job.
        network_configuration: ``assignPublicIp``, on Fargate.
        network_interfaces: The network interfaces.
        fargate_platform_configuration: ``platformVersion``, on Fargate.
        runtime_platform: ``cpuArchitecture`` and ``operatingSystemFamily``.
        ephemeral_storage: ``sizeInGiB``, on Fargate.
        repository_credentials: ``credentialsParameter``, of a private registry.
        enable_execute_command: True if ECS Exec is enabled.
        container_instance_arn: The instance that it runs on.
        task_arn: The ECS task that it runs as.
        exit_code: The exit code; None until it ends.
        reason: Details of how it ended.
    """

    image: str | None = None
    command: list[str] = EMPTY
    vcpus: int | None = None
    memory: int | None = None
    resource_requirements: list[BatchResourceRequirement] = EMPTY
    job_role_arn: ARN | None = None
    execution_role_arn: ARN | None = None
    volumes: list[BatchVolume] = EMPTY
    mount_points: list[BatchMountPoint] = EMPTY
    environment: list[BatchKeyValue] = EMPTY
    secrets: list[BatchSecret] = EMPTY
    user: str | None = None
    privileged: bool | None = None
    readonly_root_filesystem: bool | None = None
    ulimits: list[BatchUlimit] = EMPTY
    linux_parameters: BatchLinuxParameters = EMPTY
    log_configuration: BatchLogConfiguration | None = None
    log_stream_name: str | None = None
    instance_type: str | None = None
    network_configuration: dict[str, str] = EMPTY
    network_interfaces: list[BatchNetworkInterface] = EMPTY
    fargate_platform_configuration: dict[str, str] = EMPTY
    runtime_platform: dict[str, str] = EMPTY
    ephemeral_storage: dict[str, int] = EMPTY
    repository_credentials: dict[str, str] = EMPTY
    enable_execute_command: bool | None = None
    container_instance_arn: ARN | None = None
    task_arn: ARN | None = None
    exit_code: int | None = None
    reason: str | None = None
