"""Amazon EC2 Auto Scaling, through EventBridge.

https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-event-reference.html
"""

from __future__ import annotations

from ._field import EMPTY, field
from ._model import Model
from .eventbridge import ServiceEvent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from ._detect import Signatures


class AutoScalingActivityDetails(Model):
    """The location of an instance.

    https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-event-reference.html

    Attributes:
        availability_zone: The availability zone.
        subnet_id: The subnet.
    """

    availability_zone: str | None = field("Availability Zone", default=None)
    subnet_id: str | None = field("Subnet ID", default=None)


class AutoScalingDetail(Model, case="pascal"):
    """Something that happened in an Auto Scaling group; which attributes there are depends on what.

    https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-event-reference.html

    Attributes:
        auto_scaling_group_name: The group.
        ec2_instance_id: The instance; None for an instance refresh.
        origin: The origin of the instance: ``EC2``, ``AutoScalingGroup`` or ``WarmPool``.
        destination: The destination of the instance, one of the same three.
        lifecycle_action_token: The token of a lifecycle action, to complete it with.
        lifecycle_hook_name: The hook of a lifecycle action.
        lifecycle_transition: ``autoscaling:EC2_INSTANCE_LAUNCHING`` or ``..._TERMINATING``.
        notification_metadata: The metadata that the lifecycle hook's configuration adds.
        activity_id: The id of a launch or a termination.
        request_id: The request's id.
        status_code: ``InProgress`` for a success, ``Failed`` otherwise.
        status_message: The reason for a failure.
        description: The description of the activity.
        cause: The reason for the activity, in words.
        start_time: The start of the activity, ISO 8601.
        end_time: The end of the activity, ISO 8601.
        details: The instance's subnet and availability zone.
        instance_refresh_id: The id of an instance refresh.
        checkpoint_percentage: The percentage of instances replaced at a checkpoint of a refresh.
        checkpoint_delay: The seconds for which the refresh waits at the checkpoint.
    """

    auto_scaling_group_name: str
    ec2_instance_id: str | None = field("EC2InstanceId", default=None)
    origin: str | None = None
    destination: str | None = None
    lifecycle_action_token: str | None = field(default=None, secret=True)
    lifecycle_hook_name: str | None = None
    lifecycle_transition: str | None = None
    notification_metadata: str | None = None
    activity_id: str | None = None
    request_id: str | None = None
    status_code: str | None = None
    status_message: str | None = None
    description: str | None = None
    cause: str | None = None
    start_time: str | None = None
    end_time: str | None = None
    details: AutoScalingActivityDetails = EMPTY
    instance_refresh_id: str | None = None
    checkpoint_percentage: str | None = None
    checkpoint_delay: str | None = None

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


class AutoScalingEvent(ServiceEvent[AutoScalingDetail], expects={"source": "aws.autoscaling"}):
    """An instance was launched or terminated, waits for a lifecycle action, or is refreshed.

    https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-event-reference.html

    ``detail_type`` says which: ``EC2 Instance Launch Successful``, ``EC2 Instance-terminate
    Lifecycle Action``, ``EC2 Auto Scaling Instance Refresh Started`` and so on.
    """


DETECT: Signatures = {
    "AutoScalingEvent": {
        "detail-type": str,
        "source": "aws.autoscaling",
        "detail": dict,
        "detail/AutoScalingGroupName": str,
    }
}
