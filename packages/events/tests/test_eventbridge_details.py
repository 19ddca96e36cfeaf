"""Events of AWS's services that come through EventBridge."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from lambda_events import (
    AutoScalingEvent,
    BatchJobStateChangeEvent,
    CloudTrailEvent,
    CodeBuildPhaseChangeEvent,
    CodeBuildStateChangeEvent,
    CodeCommitEvent,
    CodeDeployLifecycleHookEvent,
    CodeDeployStateChangeEvent,
    ECRImageActionEvent,
    ECRImageScanEvent,
    ECSContainerInstanceStateChangeEvent,
    ECSTaskStateChangeEvent,
    EventBridgeEvent,
    EventDecodeError,
    S3Event,
    S3EventBridgeEvent,
    ScheduledEvent,
    TranscribeJobStateChangeEvent,
    TranslateStateChangeEvent,
    detect,
    loads,
    structure,
    unstructure,
)

HANDMADE = Path(__file__).parent / "handmade"
MODELS: list[tuple[Any, str, str]] = [
    (AutoScalingEvent, "aws.autoscaling", "EC2 Instance Launch Successful"),
    (BatchJobStateChangeEvent, "aws.batch", "Batch Job State Change"),
    (CodeBuildPhaseChangeEvent, "aws.codebuild", "CodeBuild Build Phase Change"),
    (CodeBuildStateChangeEvent, "aws.codebuild", "CodeBuild Build State Change"),
    (
        CodeDeployStateChangeEvent,
        "aws.codedeploy",
        "CodeDeploy Deployment State-change Notification",
    ),
    (ECRImageActionEvent, "aws.ecr", "ECR Image Action"),
    (ECRImageScanEvent, "aws.ecr", "ECR Image Scan"),
    (ECSContainerInstanceStateChangeEvent, "aws.ecs", "ECS Container Instance State Change"),
    (ECSTaskStateChangeEvent, "aws.ecs", "ECS Task State Change"),
    (TranscribeJobStateChangeEvent, "aws.transcribe", "Transcribe Job State Change"),
    (TranslateStateChangeEvent, "aws.translate", "Translate Parallel Data State Change"),
]
DAY = datetime(2026, 3, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("model", "source", "kind"), MODELS, ids=lambda item: getattr(item, "__name__", "")
)
def test_a_detail_is_of_the_event_s_own_type(model: Any, source: str, kind: str) -> None:
    value = {"source": source, "detail-type": kind, "time": "2026-03-04T00:00:00Z", "detail": {}}
    event = structure(value, model)
    assert type(event.detail).__name__.startswith(model.__name__[:3])
    assert event.time_utc == DAY
    assert unstructure(event) == value
    with pytest.raises(EventDecodeError, match=r"source|detail-type"):
        structure({**value, "source": "aws.other", "detail-type": "Other"}, model)


def test_a_built_event_is_one_of_its_model() -> None:
    models: list[Any] = [CodeBuildPhaseChangeEvent, TranslateStateChangeEvent, S3EventBridgeEvent]
    for model in models:
        built = model.build({"name": "x"})
        assert type(built) is model
        assert structure(unstructure(built), model) == built
    assert detect(unstructure(ScheduledEvent.build())) == "ScheduledEvent"
    assert ScheduledEvent.build().source == "aws.events"
    event: EventBridgeEvent[dict[str, int]] = EventBridgeEvent.build({})
    assert (event.source, event.detail_type) == ("my.application", "My Event")
    assert ScheduledEvent.build({}, source="aws.events").source == "aws.events"


def test_a_lifecycle_action_of_auto_scaling() -> None:
    text = (HANDMADE / "AutoScalingEvent-lifecycle.json").read_bytes()
    detail = loads(text, AutoScalingEvent).detail
    assert (detail.origin, detail.destination) == ("WarmPool", "AutoScalingGroup")
    assert "lifecycle_action_token=<hidden>" in repr(detail)
    assert detail.ec2_instance_id == "i-0a1b2c3d4e5f60718"
    assert detail.details.subnet_id is None
    assert detail.start_time_utc is None


def test_an_activity_of_auto_scaling() -> None:
    details = {"Availability Zone": "eu-west-1a", "Subnet ID": "subnet-1"}
    detail = {"Details": details, "StartTime": "2026-03-04T00:00:00Z", "EndTime": "?"}
    value = {"detail-type": "EC2 Instance Launch Successful", "detail": detail}
    event = structure(value, AutoScalingEvent)
    assert event.detail.details.availability_zone == "eu-west-1a"
    assert event.detail.start_time_utc == DAY
    assert event.detail.end_time_utc is None


def test_a_batch_job_counts_milliseconds() -> None:
    text = (HANDMADE / "BatchJobStateChangeEvent-failed.json").read_bytes()
    event = loads(text, BatchJobStateChangeEvent)
    job = event.detail
    assert job.created_at_utc == datetime(2026, 3, 4, 5, 4, 0, 58000, tzinfo=UTC)
    assert job.attempts[0].container.exit_code == 1
    assert job.attempts[0].started_at_utc == job.started_at_utc
    assert job.attempts[0].stopped_at_utc == job.stopped_at_utc
    assert job.job_queue.resource_id == "high"
    assert job.container.environment[0].value == "hush"
    assert "hush" not in repr(event)
    assert job.node_properties is None


def test_a_phase_of_a_build() -> None:
    phases = [
        {"phase-type": "BUILD", "start-time": "Sep 1, 2017 4:12:29 PM", "duration-in-seconds": 36},
        {"phase-type": "COMPLETED"},
    ]
    variable = {"name": "KEY", "type": "PLAINTEXT", "value": "hush"}
    detail = {
        "build-id": "arn:aws:codebuild:eu-west-1:123456789012:build/shop:1",
        "completed-phase-start": "Sep 1, 2017 4:12:29 PM",
        "completed-phase-duration-seconds": 4.0,
        "additional-information": {
            "build-start-time": "Sep 1, 2017 4:12:29 PM",
            "environment": {"environment-variables": [variable]},
            "phases": phases,
        },
    }
    value = {"detail-type": "CodeBuild Build Phase Change", "detail": detail}
    event = structure(value, CodeBuildPhaseChangeEvent)
    began = datetime(2017, 9, 1, 16, 12, 29, tzinfo=UTC)
    more = event.detail.additional_information
    assert event.detail.completed_phase_start_utc == began
    assert event.detail.completed_phase_end_utc is None
    assert more.build_start_time_utc == began
    assert more.phases[0].start_time_utc == began
    assert more.phases[0].duration_in_seconds == 36
    assert more.phases[1].end_time_utc is None
    assert more.artifact is None
    assert "hush" not in repr(event)
    assert event.detail.build_id.resource_id == "shop:1"


def test_a_deployment_has_no_instance() -> None:
    text = (HANDMADE / "CodeDeployStateChangeEvent-deployment.json").read_bytes()
    detail = loads(text, CodeDeployStateChangeEvent).detail
    assert detail.instance_id is None
    assert detail.state == "FAILURE"


def test_a_hook_of_a_deployment() -> None:
    value = {"DeploymentId": "d-1", "LifecycleEventHookExecutionId": "e"}
    event = structure(value, CodeDeployLifecycleHookEvent)
    assert (event.deployment_id, event.lifecycle_event_hook_execution_id) == ("d-1", "e")


def test_a_push_to_a_repository() -> None:
    text = (HANDMADE / "CodeCommitEvent-push.json").read_bytes()
    record = loads(text, CodeCommitEvent).records[0]
    assert record.repository == "shop"
    assert record.event_time_utc == datetime(2026, 3, 4, 5, 6, 7, 475000, tzinfo=UTC)
    assert [item.created for item in record.codecommit.references] == [True, None]
    assert [item.deleted for item in record.codecommit.references] == [None, True]
    with pytest.raises(EventDecodeError, match="eventSource"):
        structure({"Records": [{"eventSource": "aws:s3"}]}, CodeCommitEvent)


def test_findings_of_a_scan_leave_out_what_there_is_none_of() -> None:
    value = {"detail-type": "ECR Image Scan", "detail": {"finding-severity-counts": {"HIGH": 1}}}
    counts = structure(value, ECRImageScanEvent).detail.finding_severity_counts
    assert (counts.critical, counts.high) == (None, 1)


def test_a_task_that_stopped() -> None:
    text = (HANDMADE / "ECSTaskStateChangeEvent-stopped.json").read_bytes()
    event = loads(text, ECSTaskStateChangeEvent)
    task = event.detail
    assert task.attachments[0].detail_values == {
        "subnetId": "subnet-0a1b",
        "privateIPv4Address": "10.0.0.139",
    }
    assert task.stopped_at_utc == task.updated_at_utc
    assert task.stopped_at_utc == datetime(2026, 3, 4, 5, 6, 7, 100000, tzinfo=UTC)
    assert task.containers[0].exit_code == 137
    assert "hush" not in repr(event)


def test_resources_of_a_container_instance() -> None:
    ports = {"name": "PORTS", "type": "STRINGSET", "stringSetValue": ["22"]}
    cpu = {"name": "CPU", "type": "INTEGER", "integerValue": 2048}
    detail = {"registeredResources": [cpu, ports], "updatedAt": "2026-03-04T00:00:00Z"}
    value = {"detail-type": "ECS Container Instance State Change", "detail": detail}
    found = structure(value, ECSContainerInstanceStateChangeEvent).detail
    assert found.registered_resources[0].integer_value == 2048
    assert found.registered_resources[1].string_set_value == ["22"]
    assert found.updated_at_utc == DAY
    assert found.registered_at_utc is None


def test_translate_has_two_kinds_of_events() -> None:
    job = {"jobId": "1", "jobStatus": "COMPLETED"}
    value = {"detail-type": "Translate TextTranslationJob State Change", "detail": job}
    assert structure(value, TranslateStateChangeEvent).detail.job_id == "1"
    data = {"operation": "UpdateParallelData", "latestUpdateAttemptAt": "2026-03-04T00:00:00Z"}
    value = {"detail-type": "Translate Parallel Data State Change", "detail": data}
    assert structure(value, TranslateStateChangeEvent).detail.latest_update_attempt_at_utc == DAY


def test_a_record_of_cloudtrail_is_a_detail() -> None:
    record = {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "AssumedRole",
            "arn": "arn:aws:sts::123456789012:assumed-role/admin/ada",
            "sessionContext": {
                "sessionIssuer": {"type": "Role", "userName": "admin"},
                "attributes": {
                    "creationDate": "2026-03-04T00:00:00Z",
                    "mfaAuthenticated": "false",
                },
            },
        },
        "eventTime": "2026-03-04T00:00:00Z",
        "eventSource": "s3.amazonaws.com",
        "eventName": "PutObject",
        "awsRegion": "eu-west-1",
        "sourceIPAddress": "203.0.113.7",
        "requestParameters": {"bucketName": "b"},
        "responseElements": None,
        "requestID": "r",
        "eventID": "e",
        "resources": [{"type": "AWS::S3::Object", "ARN": "arn:aws:s3:::b/k"}],
        "tlsDetails": {"tlsVersion": "TLSv1.3"},
    }
    value = {"detail-type": "AWS API Call via CloudTrail", "source": "aws.s3", "detail": record}
    event = structure(value, EventBridgeEvent[CloudTrailEvent])
    call = event.detail
    assert call.event_time_utc == DAY
    assert call.source_ip_address == "203.0.113.7"
    assert (call.request_id, call.event_id, call.response_elements) == ("r", "e", None)
    assert call.resources[0].arn == "arn:aws:s3:::b/k"
    session = call.user_identity.session_context
    assert session is not None
    assert session.attributes.creation_date_utc == DAY
    assert session.session_issuer.user_name == "admin"
    assert unstructure(event) == value
    assert detect(value) == "EventBridgeEvent"
    with pytest.raises(EventDecodeError, match="eventName"):
        structure(value, CloudTrailEvent)


def test_times_of_s3_have_their_meaning_beside_them() -> None:
    restored = S3EventBridgeEvent.build({"restore-expiry-time": "2026-03-04T00:00:00Z"})
    assert restored.detail.restore_expiry_time_utc == DAY
    uploaded = unstructure(S3Event.build())
    times = {"requestTime": "2026-03-04T00:00:00.000Z", "replicationTime": "2026-03-04T00:00:00Z"}
    uploaded["Records"][0]["replicationEventData"] = times
    data = structure(uploaded, S3Event).records[0].replication_event_data
    assert data is not None
    assert data.request_time_utc == data.replication_time_utc == DAY


@pytest.mark.parametrize("model", [EventBridgeEvent, ScheduledEvent, CodeBuildPhaseChangeEvent])
def test_an_input_transformer_that_takes_the_envelope_away_is_told(model: Any) -> None:
    with pytest.raises(EventDecodeError, match=r"detail-type is missing \(expected .*\)"):
        structure({"instance": "i-1"}, model)
