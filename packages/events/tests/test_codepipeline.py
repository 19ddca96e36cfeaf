"""AWS CodePipeline."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from lambda_events import (
    CodePipelineActionStateChangeEvent,
    CodePipelineExecutionStateChangeEvent,
    CodePipelineJobEvent,
    CodePipelineStageStateChangeEvent,
    EventDecodeError,
    detect,
    structure,
    unstructure,
)


@pytest.mark.parametrize("version", [1, 2.0, "1"])
def test_a_version_comes_in_many_forms(version: object) -> None:
    value = {
        "detail-type": "CodePipeline Pipeline Execution State Change",
        "detail": {"pipeline": "p", "version": version, "start-time": "2026-03-04T05:06:05.5Z"},
    }
    event = structure(value, CodePipelineExecutionStateChangeEvent)
    assert event.detail.version == version
    assert event.detail.start_time_utc == datetime(2026, 3, 4, 5, 6, 5, 500000, tzinfo=UTC)
    assert event.detail.execution_trigger is None


def test_an_action_knows_its_stage_and_its_artifacts() -> None:
    detail = {
        "pipeline": "p",
        "stage": "s",
        "action": "a",
        "type": {"owner": "AWS", "category": "Build", "provider": "CodeBuild", "version": 1},
        "input-artifacts": [{"name": "in", "s3location": {"bucket": "b", "key": "k"}}],
        "execution-result": {"error-code": "JobFailed"},
    }
    event = CodePipelineActionStateChangeEvent.build(detail)
    assert (event.detail.stage, event.detail.action) == ("s", "a")
    assert event.detail.type.provider == "CodeBuild"
    location = event.detail.input_artifacts[0].s3location
    assert location is not None
    assert location.key == "k"
    assert event.detail.execution_result is not None
    assert event.detail.execution_result.error_code == "JobFailed"


def test_a_stage_is_no_action() -> None:
    value = {"detail-type": "CodePipeline Action Execution State Change", "detail": {}}
    with pytest.raises(EventDecodeError, match="detail-type"):
        structure(value, CodePipelineStageStateChangeEvent)


def test_a_job_is_built_and_its_artifacts_are_found() -> None:
    event = CodePipelineJobEvent.build(
        {"url": "https://x"}, output_artifacts=("Out",), continuation_token="t"
    )
    assert event.user_parameters == '{"url":"https://x"}'
    assert event.user_parameters_decoded == {"url": "https://x"}
    found = event.input_artifact("SourceArtifact")
    assert found is not None
    assert found.location.s3_location.object_key.endswith("/SourceArtifact/aBcDeFg")
    assert found.revision is None
    assert event.output_artifact("Out") is not None
    assert event.input_artifact("Out") is None
    assert event.job.data.continuation_token == "t"
    assert "continuation_token=<hidden>" in repr(event)
    assert detect(unstructure(event)) == "CodePipelineJobEvent"


def test_parameters_may_be_missing_or_no_json() -> None:
    assert CodePipelineJobEvent.build().user_parameters_decoded is None
    with pytest.raises(EventDecodeError, match="UserParameters"):
        CodePipelineJobEvent.build("a url").user_parameters_decoded  # noqa: B018


def test_credentials_are_secret_and_ready_for_a_client() -> None:
    event = CodePipelineJobEvent.build()
    credentials = event.job.data.artifact_credentials
    assert credentials.client_arguments == {
        "aws_access_key_id": "ASIAIOSFODNN7EXAMPLE",
        "aws_secret_access_key": "secret",
        "aws_session_token": "token",
    }
    for value in credentials.client_arguments.values():
        assert f"'{value}'" not in repr(event)


def test_an_event_without_a_job_is_none() -> None:
    with pytest.raises(EventDecodeError, match=r"CodePipeline\.job"):
        structure({"job": {}}, CodePipelineJobEvent)
