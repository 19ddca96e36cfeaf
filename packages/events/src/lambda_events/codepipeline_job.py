"""AWS CodePipeline: actions that are functions.

https://docs.aws.amazon.com/codepipeline/latest/userguide/actions-invoke-lambda-function.html
"""

from __future__ import annotations

from ._field import EMPTY, field
from ._model import Model, guard

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Self

    from ._detect import Signatures


class CodePipelineJobConfiguration(Model, case="pascal"):
    """The configuration of the action.

    https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-Lambda.html

    Attributes:
        function_name: The function.
        user_parameters: The user parameters of the action's configuration, any text; None if there
            are none.
    """

    function_name: str
    user_parameters: str | None = None


class CodePipelineActionConfiguration(Model):
    """The action.

    https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_ActionConfiguration.html

    Attributes:
        configuration: The action's configuration, by name.
    """

    configuration: CodePipelineJobConfiguration


class CodePipelineJobS3Location(Model):
    """An S3 object.

    https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_S3ArtifactLocation.html

    Attributes:
        bucket_name: The bucket.
        object_key: The key, as S3's API takes it.
    """

    bucket_name: str
    object_key: str


class CodePipelineArtifactLocation(Model):
    """The location to read an artifact from, or write it to.

    https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_ArtifactLocation.html

    Attributes:
        type: ``S3``.
        s3_location: The object.
    """

    type: str
    s3_location: CodePipelineJobS3Location


class CodePipelineArtifact(Model):
    """An input or output artifact of the function.

    https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_Artifact.html

    Attributes:
        name: The artifact's name.
        revision: The revision, such as a commit; None if it is not known.
        location: The S3 object that holds the artifact, or is to hold it.
    """

    name: str
    revision: str | None = None
    location: CodePipelineArtifactLocation


class CodePipelineArtifactCredentials(Model):
    """Credentials that may read and write the artifacts.

    https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_AWSSessionCredentials.html

    Attributes:
        access_key_id: The access key's id.
        secret_access_key: The secret.
        session_token: The session's token.
    """

    access_key_id: str = field(secret=True)
    secret_access_key: str = field(secret=True)
    session_token: str = field(secret=True)

    @property
    def client_arguments(self) -> dict[str, str]:
        """The credentials as boto3 takes them: ``boto3.client("s3", **client_arguments)``."""
        return {
            "aws_access_key_id": self.access_key_id,
            "aws_secret_access_key": self.secret_access_key,
            "aws_session_token": self.session_token,
        }


class CodePipelineEncryptionKey(Model):
    """The key that encrypts the artifacts.

    https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_EncryptionKey.html

    Attributes:
        id: The key's ARN, id or alias.
        type: ``KMS``.
    """

    id: str
    type: str


class CodePipelineJobData(Model):
    """The data of a job.

    https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_JobData.html

    Attributes:
        action_configuration: The action.
        input_artifacts: The input artifacts.
        output_artifacts: The artifacts that the function must produce.
        artifact_credentials: Credentials for both.
        continuation_token: The token of the function's previous answer, when it asked to be called
            again.
        encryption_key: The key that encrypts the artifacts; None for S3's own.
    """

    action_configuration: CodePipelineActionConfiguration
    input_artifacts: list[CodePipelineArtifact] = EMPTY
    output_artifacts: list[CodePipelineArtifact] = EMPTY
    artifact_credentials: CodePipelineArtifactCredentials
    continuation_token: str | None = field(default=None, secret=True)
    encryption_key: CodePipelineEncryptionKey | None = None


class CodePipelineJob(Model):
    """A job.

    https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_Job.html

    Attributes:
        id: The job's id, for ``PutJobSuccessResult`` and ``PutJobFailureResult``.
        account_id: The account's twelve digits.
        data: The job's details.
    """

    id: str
    account_id: str
    data: CodePipelineJobData


class CodePipelineJobEvent(Model, expects={"CodePipeline.job": dict}):
    """A pipeline came to an action that is a function.

    The pipeline waits until the function calls ``PutJobSuccessResult`` or ``PutJobFailureResult``.

    https://docs.aws.amazon.com/codepipeline/latest/userguide/actions-invoke-lambda-function.html

    Attributes:
        job: The job.
    """

    job: CodePipelineJob = field("CodePipeline.job")

    @property
    def user_parameters(self) -> str | None:
        """The user parameters of the action, any text; None without them."""
        return self.job.data.action_configuration.configuration.user_parameters

    @property
    def user_parameters_decoded(self) -> Any:
        """`user_parameters` as JSON; None if there are none.

        Raises:
            EventDecodeError: They are not JSON.
        """
        from ._payload import decode_text

        return decode_text(
            self.user_parameters, None, "CodePipelineJobConfiguration", "UserParameters"
        )

    def input_artifact(self, name: str) -> CodePipelineArtifact | None:
        """Find what the function takes by name; None if there is no such artifact.

        Raises:
            EventDecodeError: The artifacts are not a list of artifacts.
        """
        return _input_artifacts(self).get(name)

    def output_artifact(self, name: str) -> CodePipelineArtifact | None:
        """Find what the function has to make by name; None if there is no such artifact.

        Raises:
            EventDecodeError: The artifacts are not a list of artifacts.
        """
        return _output_artifacts(self).get(name)

    @classmethod
    def build(
        cls,
        user_parameters: Any = None,
        *,
        input_artifacts: tuple[str, ...] = ("SourceArtifact",),
        output_artifacts: tuple[str, ...] = (),
        continuation_token: str | None = None,
    ) -> Self:
        """Build an event for a test.

        Args:
            user_parameters: The user parameters: a string as it is, anything else as JSON.
            input_artifacts: The names of the artifacts that it takes.
            output_artifacts: The names of the artifacts that it makes.
            continuation_token: The token of the function's previous answer, when it asked to be
                called again.

        Returns:
            An event like those of CodePipeline.
        """
        from . import _samples as samples

        configuration = {"FunctionName": "my-function"}
        if user_parameters is not None:
            configuration["UserParameters"] = samples.text_of(user_parameters)
        data: dict[str, Any] = {"actionConfiguration": {"configuration": configuration}}
        for key, names in (
            ("inputArtifacts", input_artifacts),
            ("outputArtifacts", output_artifacts),
        ):
            data[key] = [
                {
                    "name": name,
                    "revision": None,
                    "location": {
                        "type": "S3",
                        "s3Location": {
                            "bucketName": f"codepipeline-{samples.REGION}-1234567890",
                            "objectKey": f"my-pipeline/{name}/aBcDeFg",
                        },
                    },
                }
                for name in names
            ]
        data["artifactCredentials"] = {
            "accessKeyId": "ASIAIOSFODNN7EXAMPLE",
            "secretAccessKey": "secret",
            "sessionToken": "token",
        }
        if continuation_token is not None:
            data["continuationToken"] = continuation_token
        job = {"id": samples.uuid(0, "job"), "accountId": samples.ACCOUNT, "data": data}
        event: Self = samples.read(cls, {"CodePipeline.job": job})
        return event


@guard("CodePipeline.job.data.inputArtifacts")
def _input_artifacts(event: CodePipelineJobEvent) -> dict[str, CodePipelineArtifact]:
    return {item.name: item for item in event.job.data.input_artifacts}


@guard("CodePipeline.job.data.outputArtifacts")
def _output_artifacts(event: CodePipelineJobEvent) -> dict[str, CodePipelineArtifact]:
    return {item.name: item for item in event.job.data.output_artifacts}


DETECT: Signatures = {"CodePipelineJobEvent": {"CodePipeline.job": dict}}
