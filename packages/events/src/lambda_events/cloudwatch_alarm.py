"""Amazon CloudWatch alarms: as a function gets them, and as they come through SNS.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions-Lambda.html
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


class CloudWatchAlarmState(Model):
    """A state of an alarm.

    Attributes:
        value: ``OK``, ``ALARM`` or ``INSUFFICIENT_DATA``.
        reason: The reason for the state, in words.
        reason_data: The reason for the state, as JSON text: data points, or the alarms of a
            composite alarm.
        timestamp: The time of the change to this state, ISO 8601.
        actions_suppressed_by: The reason that a composite alarm's actions are suppressed:
            ``WaitPeriod``, ``ExtensionPeriod`` or ``Alarm``.
        actions_suppressed_reason: The reason for the suppression, in words.
    """

    value: str
    reason: str
    reason_data: str | None = None
    timestamp: str
    actions_suppressed_by: str | None = None
    actions_suppressed_reason: str | None = None

    @property
    def reason_data_decoded(self) -> Any:
        """The JSON value of `reason_data`; None if there is none.

        Raises:
            EventDecodeError: It is not JSON.
        """
        from ._payload import decode_text

        return decode_text(self.reason_data, None, "CloudWatchAlarmState", "reasonData")

    @property
    def timestamp_utc(self) -> datetime | None:
        """`timestamp` as an aware datetime."""
        from ._time import from_text

        return from_text(self.timestamp)


class CloudWatchAlarmMetricIdentity(Model):
    """The metric that an alarm watches.

    Attributes:
        namespace: The namespace, such as ``AWS/Lambda``.
        name: The name.
        dimensions: The dimensions by name.
    """

    namespace: str
    name: str
    dimensions: dict[str, str] = EMPTY


class CloudWatchAlarmMetricStat(Model):
    """A metric's statistic.

    Attributes:
        metric: The metric.
        period: The period in seconds.
        stat: The statistic, such as ``Average`` or ``p90``.
        unit: The unit, such as ``Percent``.
    """

    metric: CloudWatchAlarmMetricIdentity
    period: int
    stat: str
    unit: str | None = None


class CloudWatchAlarmMetric(Model):
    """A metric or an expression of metrics.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataQuery.html

    Attributes:
        id: The id, which expressions name it by.
        metric_stat: The metric; None for an expression.
        expression: The expression; None for a metric.
        label: The name that people gave it.
        period: The period of an expression in seconds.
        account_id: The account whose metric it is.
        return_data: True for the metric whose value the alarm watches.
    """

    id: str
    metric_stat: CloudWatchAlarmMetricStat | None = None
    expression: str | None = None
    label: str | None = None
    period: int | None = None
    account_id: str | None = None
    return_data: bool


class CloudWatchAlarmConfiguration(Model):
    """The metric that an alarm watches.

    Attributes:
        description: The description that people gave it.
        metrics: The metrics; none for a composite alarm.
        alarm_rule: The rule of a composite alarm.
        actions_suppressor: The alarm that keeps the actions of a composite alarm back.
        actions_suppressor_wait_period: The seconds for which the alarm waits for its suppressor
            alarm to go into the state ``ALARM``.
        actions_suppressor_extension_period: The seconds for which suppression lasts after the
            suppressor alarm leaves the state ``ALARM``.
    """

    description: str | None = None
    metrics: list[CloudWatchAlarmMetric] = EMPTY
    alarm_rule: str | None = None
    actions_suppressor: str | None = None
    actions_suppressor_wait_period: int | None = None
    actions_suppressor_extension_period: int | None = None


class CloudWatchAlarmData(Model):
    """An alarm.

    Attributes:
        alarm_name: The name.
        state: The state.
        previous_state: The state before.
        configuration: The metrics that it watches.
    """

    alarm_name: str
    state: CloudWatchAlarmState
    previous_state: CloudWatchAlarmState = EMPTY
    configuration: CloudWatchAlarmConfiguration = EMPTY


class CloudWatchAlarmEvent(Model, expects={"alarmData": dict}):
    """An alarm came to another state.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions-Lambda.html

    Attributes:
        source: ``aws.cloudwatch``.
        alarm_arn: The alarm.
        account_id: The account's twelve digits.
        time: The time of the event, ISO 8601.
        region: The region.
        alarm_data: The alarm.
    """

    source: str
    alarm_arn: ARN
    account_id: str = field("accountId", also="account")
    time: str
    region: str
    alarm_data: CloudWatchAlarmData

    @property
    def time_utc(self) -> datetime | None:
        """`time` as an aware datetime."""
        from ._time import from_text

        return from_text(self.time)


class CloudWatchAlarmSNSDimension(Model):
    """A dimension of a metric.

    Attributes:
        name: The name.
        value: The value.
    """

    name: str
    value: str


class CloudWatchAlarmSNSTrigger(Model, case="pascal"):
    """An alarm's query: one metric, or an expression of `metrics`.

    Attributes:
        metric_name: The metric's name.
        namespace: The namespace.
        statistic_type: ``Statistic`` or ``ExtendedStatistic``.
        statistic: The statistic, such as ``AVERAGE``.
        extended_statistic: The percentile, such as ``p90``.
        unit: The unit, such as ``Percent``.
        dimensions: The metric's dimensions.
        period: The period in seconds.
        evaluation_periods: The number of periods that the alarm evaluates.
        datapoints_to_alarm: The number of data points that must cross the threshold.
        comparison_operator: The comparison with the threshold, such as ``GreaterThanThreshold``.
        threshold: The threshold.
        threshold_metric_id: The id of the expression that is the threshold, for anomalies.
        treat_missing_data: ``breaching``, ``notBreaching``, ``ignore`` or ``missing``; some
            older alarms have ``- TreatMissingData:`` and spaces around it.
        evaluate_low_sample_count_percentile: The same for percentiles of few samples.
        metrics: The metrics and expressions, with PascalCase keys as CloudWatch's API has them.
    """

    metric_name: str | None = None
    namespace: str | None = None
    statistic_type: str | None = None
    statistic: str | None = None
    extended_statistic: str | None = None
    unit: str | None = None
    dimensions: list[CloudWatchAlarmSNSDimension] = EMPTY
    period: int | None = None
    evaluation_periods: int | None = None
    datapoints_to_alarm: int | None = None
    comparison_operator: str | None = None
    threshold: float | None = None
    threshold_metric_id: str | None = None
    treat_missing_data: str | None = None
    evaluate_low_sample_count_percentile: str | None = None
    metrics: list[dict[str, Any]] = EMPTY


class CloudWatchAlarmSNSPayload(
    Model, case="pascal", expects={"AlarmName": str, "NewStateValue": str}
):
    """An alarm as the message of an SNS topic: ``SNSEvent[CloudWatchAlarmSNSPayload]``.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html

    Attributes:
        alarm_name: The name.
        alarm_description: The description that people gave it.
        aws_account_id: The account's twelve digits.
        alarm_configuration_updated_timestamp: The time of the last change of the configuration, ISO
            8601.
        new_state_value: The state: ``OK``, ``ALARM`` or ``INSUFFICIENT_DATA``.
        new_state_reason: The reason for the new state, in words.
        state_change_time: The time of the change to this state, ISO 8601.
        region: The region as people call it, such as ``EU (Ireland)``.
        alarm_arn: The alarm.
        old_state_value: The state before.
        ok_actions: The ARNs of the actions when it comes to ``OK``.
        alarm_actions: The same for ``ALARM``.
        insufficient_data_actions: The same for ``INSUFFICIENT_DATA``.
        trigger: The metrics that it watches; None for a composite alarm.
        alarm_rule: The rule of a composite alarm.
        triggering_children: The alarms behind a composite one, with their states.
    """

    alarm_name: str
    alarm_description: str | None = None
    aws_account_id: str = field("AWSAccountId")
    alarm_configuration_updated_timestamp: str | None = None
    new_state_value: str
    new_state_reason: str
    state_change_time: str
    region: str
    alarm_arn: ARN
    old_state_value: str
    ok_actions: list[str] = field("OKActions", default=EMPTY)
    alarm_actions: list[str] = EMPTY
    insufficient_data_actions: list[str] = EMPTY
    trigger: CloudWatchAlarmSNSTrigger | None = None
    alarm_rule: str | None = None
    triggering_children: list[dict[str, Any]] = EMPTY

    @property
    def state_change_time_utc(self) -> datetime | None:
        """`state_change_time` as an aware datetime."""
        from ._time import from_text

        return from_text(self.state_change_time)


DETECT: Signatures = {
    "CloudWatchAlarmEvent": {"source": "aws.cloudwatch", "alarmData": dict},
    "CloudWatchAlarmSNSPayload": {"AlarmName": str, "NewStateValue": str, "OldStateValue": str},
}
