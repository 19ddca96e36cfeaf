"""Cognito: the event goes in and comes out."""

from __future__ import annotations

from typing import Any

import pytest

import lambda_events
from lambda_events import (
    CognitoCreateAuthChallengeEvent,
    CognitoCustomEmailSenderEvent,
    CognitoCustomMessageEvent,
    CognitoDefineAuthChallengeEvent,
    CognitoInboundFederationEvent,
    CognitoPreSignUpEvent,
    CognitoPreTokenGenerationEvent,
    CognitoPreTokenGenerationV2Event,
    CognitoPreTokenGenerationV3Event,
    CognitoSyncEvent,
    CognitoTriggerEvent,
    CognitoUserMigrationEvent,
    CognitoVerifyAuthChallengeEvent,
    EventDecodeError,
    detect,
    structure,
    unstructure,
)

TRIGGERS = [
    name
    for name in dir(lambda_events)
    if name.startswith("Cognito")
    and issubclass(getattr(lambda_events, name), CognitoTriggerEvent)
    and name != "CognitoTriggerEvent"
]
# The fields that tell the type apart where the user pool's triggers differ in more than their
# source.
PARTS: dict[str, dict[str, Any]] = {
    "CognitoPreTokenGenerationV2Event": {"scopes": ["openid"]},
    "CognitoPreTokenGenerationV3Event": {"scopes": ["openid"]},
}


def test_there_is_a_model_for_every_trigger() -> None:
    assert len(TRIGGERS) == 15


@pytest.mark.parametrize("name", TRIGGERS)
def test_a_trigger_is_built_and_recognised(name: str) -> None:
    event = getattr(lambda_events, name).build({"email": "a@b.c"}, request=PARTS.get(name))
    value = unstructure(event)
    assert detect(value) == name
    assert structure(value, type(event)) == event
    assert value["request"]["userAttributes"] == {"email": "a@b.c"}
    assert value["response"] == {}


def test_the_response_is_written_into_the_event() -> None:
    event = CognitoPreSignUpEvent.build(request={"validationData": None, "new": 1})
    before = unstructure(event)
    assert event.request.validation_data == {}
    assert event.response.auto_confirm_user is None
    event.response.auto_confirm_user = True
    event.response.auto_verify_email = False
    response = {"autoConfirmUser": True, "autoVerifyEmail": False}
    assert unstructure(event) == {**before, "response": response}


def test_a_missing_response_is_made() -> None:
    value = unstructure(CognitoPreSignUpEvent.build())
    del value["response"]
    event = structure(value, CognitoPreSignUpEvent)
    assert unstructure(event) == value
    event.response.auto_confirm_user = True
    assert unstructure(event)["response"] == {"autoConfirmUser": True}


def test_challenges() -> None:
    session = [{"challengeName": "SRP_A", "challengeResult": True, "challengeMetadata": None}]
    define = CognitoDefineAuthChallengeEvent.build(request={"session": session})
    assert define.request.session[0].challenge_metadata is None
    define.response.challenge_name = "CUSTOM_CHALLENGE"
    define.response.issue_tokens = False
    assert unstructure(define)["response"] == {
        "challengeName": "CUSTOM_CHALLENGE",
        "issueTokens": False,
    }
    create = CognitoCreateAuthChallengeEvent.build(request={"challengeName": "CUSTOM_CHALLENGE"})
    create.response.private_challenge_parameters["answer"] = "hush"
    assert unstructure(create)["response"] == {"privateChallengeParameters": {"answer": "hush"}}
    assert "hush" not in repr(create)
    verify = CognitoVerifyAuthChallengeEvent.build(
        request={"privateChallengeParameters": {"answer": "hush"}, "challengeAnswer": "hush"}
    )
    parameters = verify.request.private_challenge_parameters
    verify.response.answer_correct = parameters["answer"] == verify.request.challenge_answer
    assert unstructure(verify)["response"] == {"answerCorrect": True}
    assert "hush" not in repr(verify)


def test_claims_of_the_id_token() -> None:
    event = CognitoPreTokenGenerationEvent.build(request={"groupConfiguration": None})
    assert event.request.group_configuration.groups_to_override == []
    details = event.response.claims_override_details
    details.claims_to_add_or_override["a"] = "b"
    details.group_override_details.groups_to_override.append("g")
    assert unstructure(event)["response"] == {
        "claimsOverrideDetails": {
            "claimsToAddOrOverride": {"a": "b"},
            "groupOverrideDetails": {"groupsToOverride": ["g"]},
        }
    }


@pytest.mark.parametrize(
    "model", [CognitoPreTokenGenerationV2Event, CognitoPreTokenGenerationV3Event]
)
def test_claims_and_scopes_of_both_tokens(model: type[CognitoPreTokenGenerationV2Event]) -> None:
    event = model.build(request={"scopes": ["openid"]})
    assert event.request.scopes == ["openid"]
    details = event.response.claims_and_scope_override_details
    details.access_token_generation.scopes_to_add.append("orders/read")
    details.access_token_generation.claims_to_add_or_override["roles"] = ["a", 1, True]
    details.id_token_generation.claims_to_suppress.append("email")
    assert unstructure(event)["response"] == {
        "claimsAndScopeOverrideDetails": {
            "idTokenGeneration": {"claimsToSuppress": ["email"]},
            "accessTokenGeneration": {
                "claimsToAddOrOverride": {"roles": ["a", 1, True]},
                "scopesToAdd": ["orders/read"],
            },
        }
    }


def test_a_password_and_a_code_are_hidden() -> None:
    migration = CognitoUserMigrationEvent.build(request={"password": "hush"})
    assert migration.request.password == "hush"
    assert "hush" not in repr(migration)
    migration.response.user_attributes = {"email": "a@b.c"}
    migration.response.enable_sms_mfa = True
    assert unstructure(migration)["response"] == {
        "userAttributes": {"email": "a@b.c"},
        "enableSMSMFA": True,
    }
    sender = CognitoCustomEmailSenderEvent.build(request={"type": "t", "code": "/w=="})
    assert sender.request.code_bytes == b"\xff"
    assert "/w==" not in repr(sender)
    sender.request.code = "a"
    with pytest.raises(EventDecodeError, match="base64"):
        _ = sender.request.code_bytes
    federation = CognitoInboundFederationEvent.build(
        request={"attributes": {"tokenResponse": {"access_token": "hush"}}}
    )
    assert "hush" not in repr(federation)


def test_a_message() -> None:
    event = CognitoCustomMessageEvent.build(request={"codeParameter": "{####}"})
    event.response.email_subject = "Hello"
    event.response.email_message = f"Your code is {event.request.code_parameter}"
    assert unstructure(event)["response"] == {
        "emailMessage": "Your code is {####}",
        "emailSubject": "Hello",
    }


def test_a_synchronization_is_changed() -> None:
    value = {
        "datasetName": "d",
        "datasetRecords": {"k": {"oldValue": "a", "newValue": "b", "op": "replace"}},
        "eventType": "SyncTrigger",
        "identityId": "i",
        "identityPoolId": "p",
        "region": "eu-west-1",
        "version": 2,
    }
    event = structure(value, CognitoSyncEvent)
    event.dataset_records["k"].new_value = "c"
    assert unstructure(event)["datasetRecords"]["k"]["newValue"] == "c"


def test_what_is_no_trigger_says_so() -> None:
    with pytest.raises(EventDecodeError, match="triggerSource"):
        structure({"request": {}}, CognitoPreSignUpEvent)
    assert detect({"userPoolId": "p", "triggerSource": "New_Thing", "request": {}}) is None
