"""Amazon Cognito: user pools, what is in a user's tokens.

https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-pre-token-generation.html
"""

from __future__ import annotations

from ._cognito import CognitoTriggerEvent, source, unknown_source
from ._field import ABSENT, EMPTY
from ._model import Model

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ._detect import Signatures


class CognitoGroupConfiguration(Model):
    """The groups of a user, as they are or as the token is to have them.

    Attributes:
        groups_to_override: The groups' names.
        iam_roles_to_override: The ARNs of the groups' roles.
        preferred_role: The ARN of the preferred role.
    """

    groups_to_override: list[str] = EMPTY
    iam_roles_to_override: list[str] = EMPTY
    preferred_role: str | None = None


class CognitoPreTokenGenerationRequest(Model):
    """The groups and roles of a user who gets tokens.

    Attributes:
        user_attributes: The user's attributes.
        group_configuration: The user's groups.
        client_metadata: More data from the client.
    """

    user_attributes: dict[str, str] = EMPTY
    group_configuration: CognitoGroupConfiguration = EMPTY
    client_metadata: dict[str, str] = EMPTY


class CognitoClaimsOverrideDetails(Model):
    """Changes of the id token.

    Attributes:
        claims_to_add_or_override: Claims by name.
        claims_to_suppress: Claims to leave out.
        group_override_details: The user's groups.
    """

    claims_to_add_or_override: dict[str, str] = EMPTY
    claims_to_suppress: list[str] = EMPTY
    group_override_details: CognitoGroupConfiguration = EMPTY


class CognitoPreTokenGenerationResponse(Model):
    """Changes of the tokens.

    Attributes:
        claims_override_details: Changes of the id token.
    """

    claims_override_details: CognitoClaimsOverrideDetails = EMPTY


class CognitoPreTokenGenerationEvent(CognitoTriggerEvent):
    """A user gets tokens; version 1, which can change the id token.

    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-pre-token-generation.html

    Attributes:
        request: The user who gets tokens.
        response: Changes; fill in what should change:
            ``event.response.claims_override_details.claims_to_add_or_override["k"] = "v"``.
    """

    request: CognitoPreTokenGenerationRequest
    response: CognitoPreTokenGenerationResponse = EMPTY

    _sample = ("1", "TokenGeneration_Authentication")


class CognitoPreTokenGenerationV2Request(CognitoPreTokenGenerationRequest):
    """The groups and roles of a user who gets tokens.

    Attributes:
        user_attributes: The user's attributes.
        group_configuration: The user's groups.
        client_metadata: More data from the client.
        scopes: The scopes of the access token.
    """

    scopes: list[str] = EMPTY


class CognitoIdTokenGeneration(Model):
    """Changes of the id token.

    Attributes:
        claims_to_add_or_override: Claims by name; any JSON.
        claims_to_suppress: Claims to leave out.
    """

    claims_to_add_or_override: dict[str, Any] = EMPTY
    claims_to_suppress: list[str] = EMPTY


class CognitoAccessTokenGeneration(CognitoIdTokenGeneration):
    """Changes of the access token.

    Attributes:
        claims_to_add_or_override: Claims by name; any JSON.
        claims_to_suppress: Claims to leave out.
        scopes_to_add: Scopes to add.
        scopes_to_suppress: Scopes to leave out.
    """

    scopes_to_add: list[str] = EMPTY
    scopes_to_suppress: list[str] = EMPTY


class CognitoClaimsAndScopeOverrideDetails(Model):
    """Changes of both tokens.

    Attributes:
        id_token_generation: Changes of the id token.
        access_token_generation: Changes of the access token.
        group_override_details: The user's groups.
    """

    id_token_generation: CognitoIdTokenGeneration = EMPTY
    access_token_generation: CognitoAccessTokenGeneration = EMPTY
    group_override_details: CognitoGroupConfiguration = EMPTY


class CognitoPreTokenGenerationV2Response(Model):
    """Changes of the tokens.

    Attributes:
        claims_and_scope_override_details: Changes of both tokens.
    """

    claims_and_scope_override_details: CognitoClaimsAndScopeOverrideDetails = EMPTY


class CognitoPreTokenGenerationV2Event(CognitoTriggerEvent):
    """A user gets tokens; version 2, which can change the access token, too.

    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-pre-token-generation.html

    Attributes:
        request: The user who gets tokens.
        response: Changes; fill in what should change.
    """

    request: CognitoPreTokenGenerationV2Request
    response: CognitoPreTokenGenerationV2Response = EMPTY

    _sample = ("2", "TokenGeneration_Authentication")


class CognitoPreTokenGenerationV3Event(CognitoPreTokenGenerationV2Event):
    """A user, or a machine, gets tokens; version 3, otherwise like version 2.

    A machine (``TokenGeneration_ClientCredentials``) has no attributes and no groups, and gets an
    access token only.

    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-pre-token-generation.html
    """

    _sample = ("3", "TokenGeneration_ClientCredentials")


_TOKEN = source("TokenGeneration_", "PreTokenGen")

DETECT: Signatures = {
    "CognitoPreTokenGenerationEvent": {
        "userPoolId": str,
        "triggerSource": _TOKEN,
        "request/scopes": ABSENT,
    },
    "CognitoPreTokenGenerationEvent#2": {
        "userPoolId": str,
        "triggerSource": unknown_source,
        "request/groupConfiguration": dict,
        "request/scopes": ABSENT,
    },
    "CognitoPreTokenGenerationV2Event": {
        "userPoolId": str,
        "triggerSource": _TOKEN,
        "request/scopes": list,
    },
    "CognitoPreTokenGenerationV2Event#2": {
        "userPoolId": str,
        "triggerSource": unknown_source,
        "request/groupConfiguration": dict,
        "request/scopes": list,
    },
    "CognitoPreTokenGenerationV2Event#3": {
        "userPoolId": str,
        "triggerSource": _TOKEN,
        "request": dict,
        "version": "2",
    },
    "CognitoPreTokenGenerationV3Event": {
        "userPoolId": str,
        "triggerSource": _TOKEN,
        "request": dict,
        "version": "3",
    },
    "CognitoPreTokenGenerationV3Event#2": {
        "userPoolId": str,
        "triggerSource": "TokenGeneration_ClientCredentials",
        "request": dict,
        "version": str,
    },
}
