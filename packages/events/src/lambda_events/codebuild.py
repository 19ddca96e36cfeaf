"""AWS CodeBuild, through EventBridge.

https://docs.aws.amazon.com/codebuild/latest/userguide/sample-build-notifications-ref.html
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


class CodeBuildArtifact(Model):
    """The artifact of a build.

    https://docs.aws.amazon.com/codebuild/latest/APIReference/API_BuildArtifacts.html

    Attributes:
        location: The ARN of the S3 object.
        md5sum: The MD5 digest, hexadecimal.
        sha256sum: The SHA-256 digest, hexadecimal.
    """

    location: str | None = None
    md5sum: str | None = None
    sha256sum: str | None = None


class CodeBuildEnvironmentVariable(Model):
    """An environment variable of a build.

    https://docs.aws.amazon.com/codebuild/latest/APIReference/API_EnvironmentVariable.html

    Attributes:
        name: The name.
        type: ``PLAINTEXT``, ``PARAMETER_STORE`` or ``SECRETS_MANAGER``.
        value: The value, or the name of the parameter or the secret.
    """

    name: str
    type: str | None = None
    value: str = field(secret=True)


class CodeBuildEnvironment(Model, case="kebab"):
    """The environment of a build.

    https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ProjectEnvironment.html

    Attributes:
        image: The image.
        image_pull_credentials_type: ``CODEBUILD`` or ``SERVICE_ROLE``.
        privileged_mode: True for a privileged container, as builds of Docker images need.
        compute_type: The size, such as ``BUILD_GENERAL1_SMALL``.
        type: The kind, such as ``LINUX_CONTAINER``.
        certificate: The S3 object of the project's certificate.
        environment_variables: The environment variables.
    """

    image: str
    image_pull_credentials_type: str | None = None
    privileged_mode: bool | None = None
    compute_type: str
    type: str
    certificate: str | None = None
    environment_variables: list[CodeBuildEnvironmentVariable] = EMPTY


class CodeBuildSource(Model):
    """The source of a build.

    https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ProjectSource.html

    Attributes:
        type: The repository's kind: ``CODECOMMIT``, ``CODEPIPELINE``, ``GITHUB``, ``S3`` and
            others.
        location: The location in the repository, such as a URL.
        buildspec: The build's commands, or the name of the file that has them.
        auth: The authorization for the source.
    """

    type: str
    location: str | None = None
    buildspec: str | None = None
    auth: dict[str, Any] = field(default=EMPTY, secret=True)


class CodeBuildLogs(Model, case="kebab"):
    """The location of a build's log.

    https://docs.aws.amazon.com/codebuild/latest/APIReference/API_LogsLocation.html

    Attributes:
        group_name: The log group.
        stream_name: The log stream.
        deep_link: The log in the console.
    """

    group_name: str | None = None
    stream_name: str | None = None
    deep_link: str | None = None


class CodeBuildPhase(Model, case="kebab"):
    """A phase of a build.

    https://docs.aws.amazon.com/codebuild/latest/APIReference/API_BuildPhase.html

    Attributes:
        phase_type: ``SUBMITTED``, ``QUEUED``, ``PROVISIONING``, ``DOWNLOAD_SOURCE``, ``INSTALL``,
            ``PRE_BUILD``, ``BUILD``, ``POST_BUILD``, ``UPLOAD_ARTIFACTS``, ``FINALIZING`` or
            ``COMPLETED``.
        phase_status: The phase's result: ``SUCCEEDED``, ``FAILED``, ``FAULT``, ``TIMED_OUT`` or
            ``STOPPED``; None while it runs.
        phase_context: Details of how it ended, each a text ``code: message``.
        start_time: The start of the phase, such as ``Sep 1, 2017 4:12:29 PM``.
        end_time: The end of the phase, in the same form.
        duration_in_seconds: The duration of the phase, in seconds.
    """

    phase_type: str
    phase_status: str | None = None
    phase_context: list[str] = EMPTY
    start_time: str | None = None
    end_time: str | None = None
    duration_in_seconds: float | None = None

    @property
    def start_time_utc(self) -> datetime | None:
        """`start_time` as an aware datetime."""
        from ._time import from_text

        return from_text(self.start_time)

    @property
    def end_time_utc(self) -> datetime | None:
        """`end_time` as an aware datetime."""
        from ._time import from_text

        return from_text(self.end_time)


class CodeBuildInformation(Model, case="kebab"):
    """Details of a build.

    https://docs.aws.amazon.com/codebuild/latest/userguide/sample-build-notifications-ref.html

    Attributes:
        artifact: The output artifact; None if the build has none, or none yet.
        environment: The image and the machine of the build.
        timeout_in_minutes: The longest time that it may take, in minutes.
        queued_timeout_in_minutes: The longest time that it may wait, in minutes.
        build_complete: True if the build has ended.
        build_number: The number in the project.
        initiator: The entity that started the build: a user, or ``codepipeline/`` and a pipeline's
            name.
        build_start_time: The start of the build, such as ``Sep 1, 2017 4:12:29 PM``.
        source: The build's source.
        source_version: The version of the source that was asked for.
        cache: The build's cache.
        network_interface: The network interface of a build in a VPC.
        vpc_config: The VPC of a build.
        file_system_locations: The file systems of a build.
        logs: The location of the build's log.
        phases: The phases so far.
    """

    artifact: CodeBuildArtifact | None = None
    environment: CodeBuildEnvironment
    timeout_in_minutes: float | None = None
    queued_timeout_in_minutes: float | None = None
    build_complete: bool
    build_number: float | None = None
    initiator: str
    build_start_time: str
    source: CodeBuildSource
    source_version: str | None = None
    cache: dict[str, Any] = EMPTY
    network_interface: dict[str, Any] = EMPTY
    vpc_config: dict[str, Any] = EMPTY
    file_system_locations: list[dict[str, Any]] = EMPTY
    logs: CodeBuildLogs = EMPTY
    phases: list[CodeBuildPhase] = EMPTY

    @property
    def build_start_time_utc(self) -> datetime | None:
        """`build_start_time` as an aware datetime."""
        from ._time import from_text

        return from_text(self.build_start_time)


class CodeBuildStateChangeDetail(Model, case="kebab"):
    """A build, and its status.

    https://docs.aws.amazon.com/codebuild/latest/userguide/sample-build-notifications-ref.html

    Attributes:
        build_status: ``IN_PROGRESS``, ``SUCCEEDED``, ``FAILED`` or ``STOPPED``.
        project_name: The project.
        build_id: The build's ARN.
        additional_information: The build's details: its source, environment, phases and logs.
        current_phase: The phase that it is in.
        current_phase_context: Details of the phase.
        version: This object's form.
    """

    build_status: str
    project_name: str
    build_id: ARN
    additional_information: CodeBuildInformation
    current_phase: str
    current_phase_context: str
    version: str | None = None


class CodeBuildPhaseChangeDetail(Model, case="kebab"):
    """A build, and the phase that it completed.

    https://docs.aws.amazon.com/codebuild/latest/userguide/sample-build-notifications-ref.html

    Attributes:
        completed_phase: The phase, as in `CodeBuildPhase`.
        completed_phase_status: The result of the phase.
        completed_phase_context: Details of how it ended.
        completed_phase_start: The start of the phase, such as ``Sep 1, 2017 4:12:29 PM``.
        completed_phase_end: The end of the phase, in the same form.
        completed_phase_duration_seconds: The duration of the phase, in seconds.
        project_name: The project.
        build_id: The build's ARN.
        additional_information: The build's details: its source, environment, phases and logs.
        version: This object's form.
    """

    completed_phase: str
    completed_phase_status: str | None = None
    completed_phase_context: str | None = None
    completed_phase_start: str | None = None
    completed_phase_end: str | None = None
    completed_phase_duration_seconds: float | None = None
    project_name: str
    build_id: ARN
    additional_information: CodeBuildInformation
    version: str | None = None

    @property
    def completed_phase_start_utc(self) -> datetime | None:
        """`completed_phase_start` as an aware datetime."""
        from ._time import from_text

        return from_text(self.completed_phase_start)

    @property
    def completed_phase_end_utc(self) -> datetime | None:
        """`completed_phase_end` as an aware datetime."""
        from ._time import from_text

        return from_text(self.completed_phase_end)


class CodeBuildStateChangeEvent(
    ServiceEvent[CodeBuildStateChangeDetail],
    expects={"source": "aws.codebuild", "detail-type": "CodeBuild Build State Change"},
):
    """A build began or ended.

    https://docs.aws.amazon.com/codebuild/latest/userguide/sample-build-notifications-ref.html
    """


class CodeBuildPhaseChangeEvent(
    ServiceEvent[CodeBuildPhaseChangeDetail],
    expects={"source": "aws.codebuild", "detail-type": "CodeBuild Build Phase Change"},
):
    """A build completed a phase.

    https://docs.aws.amazon.com/codebuild/latest/userguide/sample-build-notifications-ref.html
    """


DETECT: Signatures = {
    "CodeBuildStateChangeEvent": {
        "detail-type": "CodeBuild Build State Change",
        "source": "aws.codebuild",
        "detail": dict,
        "detail/project-name": str,
    },
    "CodeBuildPhaseChangeEvent": {
        "detail-type": "CodeBuild Build Phase Change",
        "source": "aws.codebuild",
        "detail": dict,
        "detail/project-name": str,
    },
}
