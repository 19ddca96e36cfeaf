"""Secrets Manager: the steps of a rotation."""

from __future__ import annotations

import pytest

from lambda_events import EventDecodeError, SecretsManagerRotationEvent, detect, structure

VALUE = {
    "Step": "setSecret",
    "SecretId": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-a1b2c3",
    "ClientRequestToken": "550e8400-e29b-41d4-a716-446655440000",
    "RotationToken": "token-1",
}


def test_the_token_is_hidden() -> None:
    event = structure(VALUE, SecretsManagerRotationEvent)
    assert event.rotation_token == "token-1"
    assert "token-1" not in repr(event)
    assert event.secret_id.resource_id == "db-a1b2c3"
    assert event.step == "setSecret"


def test_a_step_that_is_not_known_yet_is_read() -> None:
    assert structure({**VALUE, "Step": "newStep"}, SecretsManagerRotationEvent).step == "newStep"
    assert detect({**VALUE, "Step": "newStep"}) is None
    with pytest.raises(EventDecodeError, match="SecretId"):
        structure({"Step": "setSecret"}, SecretsManagerRotationEvent)
