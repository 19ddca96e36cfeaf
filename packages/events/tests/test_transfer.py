"""Transfer Family."""

from __future__ import annotations

import json

from lambda_events import (
    TransferFamilyAuthorizerEvent,
    TransferFamilyAuthorizerResponse,
    detect,
    unstructure,
)

ROLE = "arn:aws:iam::123456789012:role/transfer"


def test_a_password_is_hidden() -> None:
    event = TransferFamilyAuthorizerEvent.build("jane", "hush", protocol="FTPS")
    assert (event.username, event.password, event.protocol) == ("jane", "hush", "FTPS")
    assert "hush" not in repr(event)
    assert detect(unstructure(event)) == "TransferFamilyAuthorizerEvent"


def test_a_user_by_path() -> None:
    response = TransferFamilyAuthorizerResponse.of(
        ROLE, home="/bucket/jane", public_keys=["ssh-rsa A"], posix=(0, 1)
    )
    assert unstructure(response) == {
        "Role": ROLE,
        "HomeDirectoryType": "PATH",
        "HomeDirectory": "/bucket/jane",
        "PublicKeys": ["ssh-rsa A"],
        "PosixProfile": {"Uid": 0, "Gid": 1},
    }


def test_logical_directories_and_policies_are_json_text() -> None:
    policy = {"Version": "2012-10-17", "Statement": []}
    response = TransferFamilyAuthorizerResponse.of(
        ROLE, home={"/": "/bucket/${Transfer:UserName}"}, policy=policy
    )
    assert response.home_directory_type == "LOGICAL"
    assert json.loads(response.home_directory_details or "") == [
        {"Entry": "/", "Target": "/bucket/${Transfer:UserName}"}
    ]
    assert json.loads(response.policy or "") == policy
    assert TransferFamilyAuthorizerResponse.of(ROLE, policy="{}").policy == "{}"


def test_who_is_refused_gets_nothing() -> None:
    assert unstructure(TransferFamilyAuthorizerResponse()) == {}
