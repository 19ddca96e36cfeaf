"""AWS CodeDeploy: state changes through EventBridge, and lifecycle hooks.

https://docs.aws.amazon.com/codedeploy/latest/userguide/monitoring-cloudwatch-events.html
"""

from __future__ import annotations

from ._model import Model
from .eventbridge import ServiceEvent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._detect import Signatures

_TYPES = (
    "CodeDeploy Deployment State-change Notification",
    "CodeDeploy Instance State-change Notification",
)


class CodeDeployStateChangeDetail(Model):
    """A deployment, and what became of it or of one of its instances.

    https://docs.aws.amazon.com/codedeploy/latest/userguide/monitoring-cloudwatch-events.html

    Attributes:
        region: The region.
        application: The application.
        deployment_group: The deployment group's name.
        instance_group_id: The deployment group's id.
        deployment_id: The deployment.
        instance_id: The instance; None if the event is about the deployment.
        state: ``START``, ``READY``, ``SUCCESS``, ``FAILURE`` or ``STOP``.
    """

    region: str
    application: str
    deployment_group: str
    instance_group_id: str
    deployment_id: str
    instance_id: str | None = None
    state: str


class CodeDeployStateChangeEvent(
    ServiceEvent[CodeDeployStateChangeDetail],
    expects={"source": "aws.codedeploy", "detail-type": _TYPES},
):
    """A deployment, or the deployment to one instance, came into another state.

    https://docs.aws.amazon.com/codedeploy/latest/userguide/monitoring-cloudwatch-events.html
    """


class CodeDeployLifecycleHookEvent(Model, case="pascal"):
    """A deployment waits for the function to say that all is well.

    It goes on when the function calls ``PutLifecycleEventHookExecutionStatus`` with both ids.

    https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html

    Attributes:
        deployment_id: The deployment.
        lifecycle_event_hook_execution_id: The hook's run.
    """

    deployment_id: str
    lifecycle_event_hook_execution_id: str


DETECT: Signatures = {
    "CodeDeployStateChangeEvent": {
        "detail-type": _TYPES,
        "source": "aws.codedeploy",
        "detail": dict,
        "detail/deploymentId": str,
    },
    "CodeDeployLifecycleHookEvent": {"DeploymentId": str, "LifecycleEventHookExecutionId": str},
}
