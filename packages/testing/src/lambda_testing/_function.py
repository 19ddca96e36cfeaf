"""The function that an execution environment runs, and the variables of its process."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """The configuration of a function.

    Attributes:
        name: The function's name.
        version: The version that runs.
        region: The AWS region that it pretends to be in.
        account: The AWS account that it pretends to be in, 12 digits.
        memory_mb: The memory size in MB; nothing enforces it.
        timeout: The time limit of an invocation, in seconds. Only the deadline comes from it.
        handler: The handler's name, which extensions get. The code that runs is up to the process.
        max_concurrency: The number of invocations that its process may work on at a time, on Lambda
            Managed Instances; None for a function of the other kind, which works on one.
        snap_start: True if its process is restored from a snapshot taken after its start.
    """

    name: str = "test-function"
    version: str = "$LATEST"
    region: str = "us-east-1"
    account: str = "123456789012"
    memory_mb: int = 128
    timeout: float = 30.0
    handler: str = ""
    max_concurrency: int | None = None
    snap_start: bool = False

    def __post_init__(self) -> None:
        """Check the concurrency.

        Raises:
            ValueError: It is not positive, or is combined with SnapStart.
        """
        if self.max_concurrency is not None and self.max_concurrency < 1:
            raise ValueError(f"max_concurrency must be at least 1, not {self.max_concurrency}")
        if self.max_concurrency is not None and self.snap_start:
            raise ValueError("Managed Instances have no SnapStart: set only one of the two")

    @property
    def arn(self) -> str:
        """The ARN that the function is invoked by, without a qualifier."""
        return f"arn:aws:lambda:{self.region}:{self.account}:function:{self.name}"

    def environment(self, runtime_api: str) -> dict[str, str]:
        """Return the variables that Lambda sets for the function's process.

        ``_HANDLER``, ``LAMBDA_TASK_ROOT`` and credentials are left to the caller. Each call names
        another log stream, as each execution environment has its own; with SnapStart, there are
        no names of logs.
        https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html

        Args:
            runtime_api: ``host:port`` of the Runtime API.

        Returns:
            Values by variable name.
        """
        initialization = "on-demand"
        more: dict[str, str] = {}
        if self.max_concurrency is not None:
            initialization = "lambda-managed-instances"
            more["AWS_LAMBDA_MAX_CONCURRENCY"] = str(self.max_concurrency)
        if self.snap_start:
            initialization = "snap-start"
        else:  # environments of one snapshot have one environment, but logs of their own
            day = datetime.now(UTC).strftime("%Y/%m/%d")
            more["AWS_LAMBDA_LOG_GROUP_NAME"] = f"/aws/lambda/{self.name}"
            more["AWS_LAMBDA_LOG_STREAM_NAME"] = f"{day}/[{self.version}]{uuid.uuid4().hex}"
        return {
            "AWS_DEFAULT_REGION": self.region,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(self.memory_mb),
            "AWS_LAMBDA_FUNCTION_NAME": self.name,
            "AWS_LAMBDA_FUNCTION_VERSION": self.version,
            "AWS_LAMBDA_INITIALIZATION_TYPE": initialization,
            "AWS_LAMBDA_RUNTIME_API": runtime_api,
            "AWS_REGION": self.region,
            "TZ": ":UTC",
            **more,
        }
