"""AWS CodePipeline: state changes, through EventBridge.

https://docs.aws.amazon.com/codepipeline/latest/userguide/detect-state-changes-cloudwatch-events.html
"""

from __future__ import annotations

from ._field import EMPTY
from ._model import Model
from .eventbridge import ServiceEvent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from ._detect import Signatures


class CodePipelineExecutionTrigger(Model, case="kebab"):
    """The trigger of an execution.

    https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_ExecutionTrigger.html

    Attributes:
        trigger_type: The kind of the trigger, such as ``StartPipelineExecution`` or ``Webhook``.
        trigger_detail: The trigger itself, such as the ARN of a user.
    """

    trigger_type: str
    trigger_detail: str | None = None


class CodePipelineExecutionStateChangeDetail(Model, case="kebab"):
    """An execution of a pipeline, and its state.

    https://docs.aws.amazon.com/codepipeline/latest/userguide/detect-state-changes-cloudwatch-events.html

    Attributes:
        pipeline: The pipeline's name.
        version: The pipeline's version; the number comes as 2.0, too, or as text.
        execution_id: The execution.
        start_time: The start of the execution, ISO 8601.
        execution_trigger: The trigger that started the execution.
        state: ``STARTED``, ``SUCCEEDED``, ``RESUMED``, ``FAILED``, ``STOPPING``, ``STOPPED``,
            ``CANCELED`` or ``SUPERSEDED``.
        pipeline_execution_attempt: The number of attempts, this one included.
    """

    pipeline: str
    version: str | float
    execution_id: str
    start_time: str | None = None
    execution_trigger: CodePipelineExecutionTrigger | None = None
    state: str
    pipeline_execution_attempt: float | None = None

    @property
    def start_time_utc(self) -> datetime | None:
        """`start_time` as an aware datetime."""
        from ._time import from_text

        return from_text(self.start_time)


class CodePipelineStageStateChangeDetail(CodePipelineExecutionStateChangeDetail):
    """A stage of an execution, and its state.

    https://docs.aws.amazon.com/codepipeline/latest/userguide/detect-state-changes-cloudwatch-events.html

    Attributes:
        stage: The stage's name.
    """

    stage: str


class CodePipelineActionType(Model):
    """The type of an action.

    https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_ActionTypeId.html

    Attributes:
        owner: ``AWS``, ``ThirdParty`` or ``Custom``.
        category: ``Source``, ``Build``, ``Deploy``, ``Test``, ``Invoke``, ``Approval`` or
            ``Compute``.
        provider: The service that performs the action, such as ``CodeDeploy``.
        version: The version of the action's type, a number or text.
    """

    owner: str
    category: str
    provider: str
    version: str | float


class CodePipelineS3Location(Model):
    """An S3 object.

    https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_S3Location.html

    Attributes:
        bucket: The bucket.
        key: The key.
    """

    bucket: str
    key: str


class CodePipelineActionArtifact(Model):
    """An input or output artifact of an action.

    https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_ArtifactDetail.html

    Attributes:
        name: The artifact's name.
        s3location: The artifact's bucket and key.
    """

    name: str
    s3location: CodePipelineS3Location | None = None


class CodePipelineExecutionResult(Model, case="kebab"):
    """The result of an action, as its provider reports it.

    https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_ActionExecutionResult.html

    Attributes:
        external_execution_id: The action's id there.
        external_execution_url: The action's page there.
        external_execution_summary: The summary of the external provider.
        error_code: The error, if it failed.
    """

    external_execution_id: str | None = None
    external_execution_url: str | None = None
    external_execution_summary: str | None = None
    error_code: str | None = None


class CodePipelineActionStateChangeDetail(CodePipelineStageStateChangeDetail):
    """An action of an execution, and its state.

    https://docs.aws.amazon.com/codepipeline/latest/userguide/detect-state-changes-cloudwatch-events.html

    Attributes:
        action: The action's name.
        action_execution_id: The action's run.
        region: The action's region.
        type: The action's category, owner and provider.
        input_artifacts: The input artifacts.
        output_artifacts: The output artifacts.
        execution_result: The result of the external provider.
    """

    action: str
    action_execution_id: str | None = None
    region: str | None = None
    type: CodePipelineActionType
    input_artifacts: list[CodePipelineActionArtifact] = EMPTY
    output_artifacts: list[CodePipelineActionArtifact] = EMPTY
    execution_result: CodePipelineExecutionResult | None = None


class CodePipelineExecutionStateChangeEvent(
    ServiceEvent[CodePipelineExecutionStateChangeDetail],
    expects={
        "source": "aws.codepipeline",
        "detail-type": "CodePipeline Pipeline Execution State Change",
    },
):
    """An execution of a pipeline came into another state.

    https://docs.aws.amazon.com/codepipeline/latest/userguide/detect-state-changes-cloudwatch-events.html
    """


class CodePipelineStageStateChangeEvent(
    ServiceEvent[CodePipelineStageStateChangeDetail],
    expects={
        "source": "aws.codepipeline",
        "detail-type": "CodePipeline Stage Execution State Change",
    },
):
    """A stage of an execution came into another state.

    https://docs.aws.amazon.com/codepipeline/latest/userguide/detect-state-changes-cloudwatch-events.html
    """


class CodePipelineActionStateChangeEvent(
    ServiceEvent[CodePipelineActionStateChangeDetail],
    expects={
        "source": "aws.codepipeline",
        "detail-type": "CodePipeline Action Execution State Change",
    },
):
    """An action of an execution came into another state.

    https://docs.aws.amazon.com/codepipeline/latest/userguide/detect-state-changes-cloudwatch-events.html
    """


DETECT: Signatures = {
    "CodePipelineExecutionStateChangeEvent": {
        "detail-type": "CodePipeline Pipeline Execution State Change",
        "source": "aws.codepipeline",
        "detail": dict,
        "detail/pipeline": str,
    },
    "CodePipelineStageStateChangeEvent": {
        "detail-type": "CodePipeline Stage Execution State Change",
        "source": "aws.codepipeline",
        "detail": dict,
        "detail/pipeline": str,
    },
    "CodePipelineActionStateChangeEvent": {
        "detail-type": "CodePipeline Action Execution State Change",
        "source": "aws.codepipeline",
        "detail": dict,
        "detail/pipeline": str,
    },
}
