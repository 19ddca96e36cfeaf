"""Amazon Cognito: user pools, signing up and in.

Other triggers are in `lambda_events.cognito_challenge` (authentication by one's own challenges),
`lambda_events.cognito_message` (messages to users) and `lambda_events.cognito_token` (tokens),
identity pools in `lambda_events.cognito_sync`.

https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-working-with-lambda-triggers.html
"""

from __future__ import annotations

from ._cognito import CognitoTriggerEvent, source, unknown_source
from ._field import ABSENT, EMPTY, field
from ._model import Model

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ._detect import Signatures


class CognitoEmptyResponse(Model):
    """The response of triggers that only look on: empty."""


class CognitoPreSignUpRequest(Model):
    """A user to be.

    Attributes:
        user_attributes: The user's attributes.
        validation_data: The client's validation data, by name. Cognito does not store it.
        client_metadata: More data from the client.
    """

    user_attributes: dict[str, str] = EMPTY
    validation_data: dict[str, str] = EMPTY
    client_metadata: dict[str, str] = EMPTY


class CognitoPreSignUpResponse(Model):
    """The response that decides about the user.

    Attributes:
        auto_confirm_user: Confirm the user.
        auto_verify_email: Take the email address as verified.
        auto_verify_phone: Take the telephone number as verified.
    """

    auto_confirm_user: bool | None = None
    auto_verify_email: bool | None = None
    auto_verify_phone: bool | None = None


class CognitoPreSignUpEvent(CognitoTriggerEvent):
    """A user signs up, or is made; raise an exception to refuse it.

    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-pre-sign-up.html

    Attributes:
        request: The user.
        response: The settings of the new user.
    """

    request: CognitoPreSignUpRequest
    response: CognitoPreSignUpResponse = EMPTY

    _sample = ("1", "PreSignUp_SignUp")


class CognitoPostConfirmationRequest(Model):
    """A confirmed user.

    Attributes:
        user_attributes: The user's attributes.
        client_metadata: More data from the client.
    """

    user_attributes: dict[str, str] = EMPTY
    client_metadata: dict[str, str] = EMPTY


class CognitoPostConfirmationEvent(CognitoTriggerEvent):
    """A user confirmed the account, or a new password.

    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-post-confirmation.html

    Attributes:
        request: The user.
        response: Empty.
    """

    request: CognitoPostConfirmationRequest
    response: CognitoEmptyResponse = EMPTY

    _sample = ("1", "PostConfirmation_ConfirmSignUp")


class CognitoPreAuthenticationRequest(Model):
    """A user who wants to sign in.

    Attributes:
        user_attributes: The user's attributes.
        validation_data: The client's validation data, by name. Cognito does not store it.
        user_not_found: True if the user does not exist, for an app client that hides this from
            callers.
    """

    user_attributes: dict[str, str] = EMPTY
    validation_data: dict[str, str] = EMPTY
    user_not_found: bool | None = None


class CognitoPreAuthenticationEvent(CognitoTriggerEvent):
    """A user wants to sign in; raise an exception to refuse it.

    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-pre-authentication.html

    Attributes:
        request: The user.
        response: Empty.
    """

    request: CognitoPreAuthenticationRequest
    response: CognitoEmptyResponse = EMPTY

    _sample = ("1", "PreAuthentication_Authentication")


class CognitoPostAuthenticationRequest(Model):
    """A user who signed in.

    Attributes:
        user_attributes: The user's attributes.
        new_device_used: True if the user signed in from a new device, in a user pool that remembers
            devices.
        client_metadata: More data from the client.
    """

    user_attributes: dict[str, str] = EMPTY
    new_device_used: bool | None = None
    client_metadata: dict[str, str] = EMPTY


class CognitoPostAuthenticationEvent(CognitoTriggerEvent):
    """A user signed in.

    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-post-authentication.html

    Attributes:
        request: The user.
        response: Empty.
    """

    request: CognitoPostAuthenticationRequest
    response: CognitoEmptyResponse = EMPTY

    _sample = ("1", "PostAuthentication_Authentication")


class CognitoUserMigrationRequest(Model):
    """A user that the pool does not know.

    Attributes:
        password: The password; absent if the user forgot it.
        user_name: The user, in old events.
        user_attributes: The user's attributes, in old events.
        validation_data: The client's validation data, by name. Cognito does not store it.
        client_metadata: More data from the client.
    """

    password: str | None = field(default=None, secret=True)
    user_name: str | None = None
    user_attributes: dict[str, str] = EMPTY
    validation_data: dict[str, str] = EMPTY
    client_metadata: dict[str, str] = EMPTY


class CognitoUserMigrationResponse(Model):
    """The user as the pool is to know it.

    Attributes:
        user_attributes: The user's attributes; without them the user is not made.
        final_user_status: ``CONFIRMED`` to keep the password; by default the user resets it.
        message_action: ``SUPPRESS`` for no welcome message.
        desired_delivery_mediums: The media of the welcome message: ``EMAIL``, ``SMS``.
        force_alias_creation: Take the email address or telephone number from another user.
        enable_sms_mfa: Ask the user for codes by SMS.
    """

    user_attributes: dict[str, str] = EMPTY
    final_user_status: str | None = None
    message_action: str | None = None
    desired_delivery_mediums: list[str] = EMPTY
    force_alias_creation: bool | None = None
    enable_sms_mfa: bool | None = field("enableSMSMFA", default=None)


class CognitoUserMigrationEvent(CognitoTriggerEvent):
    """A user signs in, or forgot the password, that the pool does not know.

    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-migrate-user.html

    Attributes:
        request: The password and the data of the user who signs in.
        response: The user as the pool is to know it.
    """

    request: CognitoUserMigrationRequest
    response: CognitoUserMigrationResponse = EMPTY

    _sample = ("1", "UserMigration_Authentication")


class CognitoInboundFederationAttributes(Model):
    """The claims of an identity provider about a user.

    Attributes:
        token_response: The provider's tokens, of OpenID Connect and social providers.
        id_token: The claims of the id token, of the same.
        user_info: The claims of the provider's userInfo endpoint.
        saml_response: The assertion's attributes, of SAML providers.
    """

    token_response: dict[str, Any] = field(default=EMPTY, secret=True)
    id_token: dict[str, Any] = EMPTY
    user_info: dict[str, Any] = EMPTY
    saml_response: dict[str, Any] = EMPTY


class CognitoInboundFederationRequest(Model):
    """A user of an identity provider.

    Attributes:
        provider_name: The provider's name in the pool.
        provider_type: ``OIDC``, ``SAML``, ``Facebook``, ``Google``, ``SignInWithApple`` or
            ``LoginWithAmazon``.
        attributes: The attributes from the provider.
    """

    provider_name: str
    provider_type: str
    attributes: CognitoInboundFederationAttributes = EMPTY


class CognitoInboundFederationResponse(Model):
    """The user as the pool is to know it.

    Attributes:
        user_attributes_to_map: All attributes to keep; empty for all as they are.
    """

    user_attributes_to_map: dict[str, Any] = EMPTY


class CognitoInboundFederationEvent(CognitoTriggerEvent):
    """A user signed in at an identity provider.

    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-inbound-federation.html

    Attributes:
        request: The attributes from the provider.
        response: The user as the pool is to know it.
    """

    request: CognitoInboundFederationRequest
    response: CognitoInboundFederationResponse = EMPTY

    _sample = ("1", "InboundFederation_ExternalProvider")


DETECT: Signatures = {
    "CognitoPreSignUpEvent": {"userPoolId": str, "triggerSource": source("PreSignUp_")},
    "CognitoPreSignUpEvent#2": {
        "userPoolId": str,
        "triggerSource": unknown_source,
        "response/autoConfirmUser": bool,
    },
    "CognitoPostConfirmationEvent": {
        "userPoolId": str,
        "triggerSource": source("PostConfirmation_"),
    },
    "CognitoPreAuthenticationEvent": {
        "userPoolId": str,
        "triggerSource": source("PreAuthentication_"),
    },
    "CognitoPreAuthenticationEvent#2": {
        "userPoolId": str,
        "triggerSource": unknown_source,
        "request/validationData": dict,
        "request/clientMetadata": ABSENT,
    },
    "CognitoPostAuthenticationEvent": {
        "userPoolId": str,
        "triggerSource": source("PostAuthentication_"),
    },
    "CognitoPostAuthenticationEvent#2": {
        "userPoolId": str,
        "triggerSource": unknown_source,
        "request/newDeviceUsed": bool,
    },
    "CognitoUserMigrationEvent": {"userPoolId": str, "triggerSource": source("UserMigration_")},
    "CognitoUserMigrationEvent#2": {
        "userPoolId": str,
        "triggerSource": unknown_source,
        "request/password": str,
    },
    "CognitoInboundFederationEvent": {
        "userPoolId": str,
        "triggerSource": source("InboundFederation_"),
    },
}
