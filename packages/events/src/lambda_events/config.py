"""AWS Config: custom rules.

https://docs.aws.amazon.com/config/latest/developerguide/evaluate-config_develop-rules_example-events.html
"""

from __future__ import annotations

from ._field import EMPTY, field
from ._model import Model

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from ._arn import ARN
    from ._detect import Signatures


class ConfigItem(Model):
    """A resource's configuration, or the summary of one that is too big for a notification.

    https://docs.aws.amazon.com/config/latest/APIReference/API_ConfigurationItem.html

    Attributes:
        configuration_item_version: This object's form.
        configuration_item_capture_time: The time of the recording, ISO 8601.
        configuration_item_status: ``OK``, ``ResourceDiscovered``, ``ResourceDeleted`` and others.
        configuration_state_id: The number of this state, which grows.
        configuration_state_md5_hash: The MD5 digest of this state; not used today.
        change_type: ``CREATE``, ``UPDATE`` or ``DELETE``; in summaries only.
        resource_type: The type, such as ``AWS::EC2::Instance``.
        resource_id: The id.
        resource_name: The name, if it has one.
        resource_creation_time: The time of the resource's creation, ISO 8601.
        arn: The resource.
        aws_account_id: The account's twelve digits.
        aws_region: The region.
        availability_zone: The zone, or ``Not Applicable``.
        configuration: The configuration; None for a deleted resource.
        supplementary_configuration: Further configuration that Config recorded, by name.
        tags: The tags by name.
        related_events: Ids of CloudTrail events.
        relationships: The resources that this one has to do with.
    """

    configuration_item_version: str | None = None
    configuration_item_capture_time: str
    configuration_item_status: str
    configuration_state_id: int | None = None
    configuration_state_md5_hash: str | None = None
    change_type: str | None = None
    resource_type: str
    resource_id: str
    resource_name: str | None = None
    resource_creation_time: str | None = None
    arn: ARN = field("ARN")
    aws_account_id: str
    aws_region: str
    availability_zone: str | None = None
    configuration: Any = None
    supplementary_configuration: dict[str, Any] = EMPTY
    tags: dict[str, str] = EMPTY
    related_events: list[str] = EMPTY
    relationships: list[dict[str, Any]] = EMPTY

    @property
    def configuration_item_capture_time_utc(self) -> datetime | None:
        """`configuration_item_capture_time` as an aware datetime."""
        from ._time import from_text

        return from_text(self.configuration_item_capture_time)

    @property
    def resource_creation_time_utc(self) -> datetime | None:
        """`resource_creation_time` as an aware datetime."""
        from ._time import from_text

        return from_text(self.resource_creation_time)


class ConfigInvokingEvent(Model):
    """The input of a rule.

    https://docs.aws.amazon.com/config/latest/developerguide/evaluate-config_develop-rules_example-events.html

    Attributes:
        message_type: ``ConfigurationItemChangeNotification``,
            ``OversizedConfigurationItemChangeNotification``, ``ScheduledNotification`` or
            ``ConfigurationSnapshotDeliveryCompleted``.
        record_version: This object's form.
        notification_creation_time: The time of the notification, ISO 8601.
        aws_account_id: The account's twelve digits, for a schedule.
        configuration_item: The resource that changed.
        configuration_item_diff: The changes of the configuration.
        configuration_item_summary: The resource that changed, if it is too big; ask Config for it.
        config_snapshot_id: The snapshot's id.
        s3_bucket: The bucket of the snapshot.
        s3_object_key: The snapshot's key there.
    """

    message_type: str
    record_version: str | None = None
    notification_creation_time: str | None = None
    aws_account_id: str | None = None
    configuration_item: ConfigItem | None = None
    configuration_item_diff: dict[str, Any] | None = None
    configuration_item_summary: ConfigItem | None = None
    config_snapshot_id: str | None = None
    s3_bucket: str | None = None
    s3_object_key: str | None = None

    @property
    def notification_creation_time_utc(self) -> datetime | None:
        """`notification_creation_time` as an aware datetime."""
        from ._time import from_text

        return from_text(self.notification_creation_time)


class ConfigEvent(Model, expects={"configRuleName": str, "invokingEvent": str}):
    """A rule is to evaluate resources.

    https://docs.aws.amazon.com/config/latest/developerguide/evaluate-config_develop-rules_example-events.html

    Attributes:
        version: This object's form, ``1.0``.
        invoking_event: The configuration item or schedule that invoked the rule, as JSON text.
        rule_parameters: The rule's parameters, as JSON text of an object; None if it has none.
        result_token: The token to pass to ``PutEvaluations``.
        event_left_scope: True if the resource left the rule's scope.
        execution_role_arn: Config's role.
        config_rule_arn: The rule.
        config_rule_name: The rule's name.
        config_rule_id: The rule's id.
        account_id: The account's twelve digits.
        evaluation_mode: ``DETECTIVE`` or ``PROACTIVE``.
    """

    version: str
    invoking_event: str
    rule_parameters: str | None = None
    result_token: str = field(secret=True)
    event_left_scope: bool
    execution_role_arn: ARN | None = None
    config_rule_arn: ARN
    config_rule_name: str
    config_rule_id: str
    account_id: str
    evaluation_mode: str | None = None

    @property
    def invoking_event_decoded(self) -> ConfigInvokingEvent:
        """The parsed `invokingEvent`: the input of the rule.

        Raises:
            EventDecodeError: `invoking_event` is not a JSON object.
        """
        from ._payload import decode_text

        found: ConfigInvokingEvent = decode_text(
            self.invoking_event, ConfigInvokingEvent, "ConfigEvent", "invokingEvent"
        )
        return found

    @property
    def rule_parameters_decoded(self) -> dict[str, Any]:
        """The rule's parameters by name.

        Raises:
            EventDecodeError: `rule_parameters` is not JSON.
        """
        from ._payload import decode_text

        text = self.rule_parameters or None
        return decode_text(text, None, "ConfigEvent", "ruleParameters") or {}


DETECT: Signatures = {"ConfigEvent": {"configRuleName": str, "invokingEvent": str}}
