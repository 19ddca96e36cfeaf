"""CloudWatch alarms, straight and through SNS."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lambda_events import (
    CloudWatchAlarmEvent,
    CloudWatchAlarmSNSPayload,
    EventDecodeError,
    SNSEvent,
    SNSNotification,
    SQSEvent,
    loads,
    structure,
    unstructure,
)

HANDMADE = Path(__file__).parent / "handmade"
STATE = {"value": "ALARM", "reason": "r", "timestamp": "2024-02-17T11:53:08.431+0000"}


def alarm(**state: Any) -> CloudWatchAlarmEvent:
    value = {
        "source": "aws.cloudwatch",
        "alarmArn": "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:a",
        "accountId": "123456789012",
        "time": "2024-02-17T11:53:08.431+0000",
        "region": "eu-west-1",
        "alarmData": {"alarmName": "a", "state": {**STATE, **state}},
    }
    return structure(value, CloudWatchAlarmEvent)


def payload(name: str) -> str:
    return (HANDMADE / f"CloudWatchAlarmSNSPayload{name}.json").read_text()


def test_the_reason_is_json_in_text() -> None:
    event = alarm(reasonData='{"threshold": 10.0}')
    assert event.alarm_data.state.reason_data_decoded == {"threshold": 10.0}
    assert alarm().alarm_data.state.reason_data_decoded is None
    with pytest.raises(EventDecodeError, match="CloudWatchAlarmState: reasonData"):
        _ = alarm(reasonData="Threshold").alarm_data.state.reason_data_decoded


def test_times_have_an_offset_without_a_colon() -> None:
    event = alarm()
    assert str(event.time_utc) == "2024-02-17 11:53:08.431000+00:00"
    assert str(event.alarm_data.state.timestamp_utc) == "2024-02-17 11:53:08.431000+00:00"


def test_what_is_absent_is_empty() -> None:
    data = alarm().alarm_data
    assert data.configuration.metrics == []
    assert data.previous_state.value is None


def test_the_account_has_two_names() -> None:
    value = unstructure(alarm())
    value["account"] = value.pop("accountId")
    assert structure(value, CloudWatchAlarmEvent).account_id == "123456789012"


def test_an_alarm_comes_through_a_topic_and_a_queue() -> None:
    text = payload("")
    (record,) = structure(
        unstructure(SNSEvent.build([text])), SNSEvent[CloudWatchAlarmSNSPayload]
    ).records
    trigger = record.payload.trigger
    assert trigger is not None
    assert trigger.dimensions[0].value == "shop"
    assert str(record.payload.state_change_time_utc) == "2026-01-02 03:04:05.678000+00:00"

    body = json.dumps(unstructure(SNSNotification.build(text)))
    queued = structure(
        unstructure(SQSEvent.build([body])), SQSEvent[SNSNotification[CloudWatchAlarmSNSPayload]]
    )
    assert queued.records[0].payload.payload == record.payload


def test_an_expression_has_metrics_and_a_composite_alarm_a_rule() -> None:
    expression = loads(payload("-metrics"), CloudWatchAlarmSNSPayload).trigger
    assert expression is not None
    assert expression.metric_name is None
    assert [metric["Id"] for metric in expression.metrics] == ["rate", "errors"]
    composite = loads(payload("-composite"), CloudWatchAlarmSNSPayload)
    assert composite.trigger is None
    assert composite.alarm_rule == "ALARM(one) OR ALARM(two)"
    assert composite.triggering_children[0]["State"]["Value"] == "ALARM"
