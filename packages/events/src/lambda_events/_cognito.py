"""The base of all Cognito user pool triggers.

A function returns the whole event, with what it wants in ``response``.

https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-working-with-lambda-triggers.html
"""

from __future__ import annotations

from ._model import Model

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, Self

_SOURCES = (
    "CreateAuthChallenge_",
    "CustomEmailSender_",
    "CustomMessage_",
    "CustomSMSSender_",
    "DefineAuthChallenge_",
    "InboundFederation_",
    "PostAuthentication_",
    "PostConfirmation_",
    "PreAuthentication_",
    "PreSignUp_",
    "PreTokenGen",
    "TokenGeneration_",
    "UserMigration_",
    "VerifyAuthChallengeResponse_",
)


class CognitoCallerContext(Model):
    """The caller of Cognito.

    Attributes:
        aws_sdk_version: The version of the caller's SDK, or ``aws-sdk-unknown-unknown``.
        client_id: The app client.
    """

    aws_sdk_version: str | None = None
    client_id: str


class CognitoTriggerEvent(Model, expects={"triggerSource": str, "request": dict}):
    """The fields that all events of a user pool share.

    https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-working-with-lambda-triggers.html

    Attributes:
        version: The version of the trigger's event, ``1`` for most triggers.
        trigger_source: The kind of event, such as ``PreSignUp_SignUp``.
        region: The user pool's region.
        user_pool_id: The user pool.
        user_name: The user; absent where there is none yet.
        caller_context: The client that called Cognito: its SDK and its app client.
    """

    version: str
    trigger_source: str
    region: str
    user_pool_id: str
    user_name: str | None = None
    caller_context: CognitoCallerContext

    _sample = ("1", "")

    @classmethod
    def build(
        cls,
        user_attributes: Mapping[str, str] | None = None,
        *,
        trigger_source: str | None = None,
        user_name: str = "user",
        request: Mapping[str, Any] | None = None,
    ) -> Self:
        """Build an event for a test.

        Args:
            user_attributes: The user's attributes; by default ``sub`` and ``email``.
            trigger_source: The trigger; by default the most usual one of this event.
            user_name: The user.
            request: Further fields of the request, by their keys in JSON.

        Returns:
            An event like those of Cognito, with an empty response.
        """
        from . import _samples as samples

        version, usual = cls._sample
        sub = samples.uuid(0, user_name)
        known = {"sub": sub, "email": f"{user_name}@example.com"}
        if user_attributes is not None:
            known = dict(user_attributes)
        value = {
            "version": version,
            "triggerSource": trigger_source or usual,
            "region": samples.REGION,
            "userPoolId": f"{samples.REGION}_EXAMPLE12",
            "userName": user_name,
            "callerContext": {
                "awsSdkVersion": "aws-sdk-unknown-unknown",
                "clientId": "1example23456789",
            },
            "request": {"userAttributes": known, **(request or {})},
            "response": {},
        }
        event: Self = samples.read(cls, value)
        return event


def source(*prefixes: str) -> Callable[[Any], bool]:
    """Return the condition that a trigger's source begins with one of the prefixes."""
    return lambda value: isinstance(value, str) and value.startswith(prefixes)


def unknown_source(value: Any) -> bool:
    """Return whether a trigger's source does not identify the event's type.

    Such an event is identified by its request, if that is possible.
    """
    return isinstance(value, str) and not value.startswith(_SOURCES)
