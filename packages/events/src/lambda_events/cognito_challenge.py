"""Amazon Cognito: user pools, authentication by challenges of one's own.

https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-challenge.html
"""

from __future__ import annotations

from ._cognito import CognitoTriggerEvent, source, unknown_source
from ._field import ABSENT, EMPTY, field
from ._model import Model

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._detect import Signatures


class CognitoChallengeResult(Model):
    """A challenge that the user had, and what came of it.

    Attributes:
        challenge_name: ``CUSTOM_CHALLENGE``, or one of Cognito's, such as ``SRP_A``.
        challenge_result: True if the user passed the challenge.
        challenge_metadata: The challenge's name, as a function set it.
    """

    challenge_name: str
    challenge_result: bool
    challenge_metadata: str | None = None


class CognitoDefineAuthChallengeRequest(Model):
    """The session of a user so far.

    Attributes:
        user_attributes: The user's attributes.
        session: The challenges so far.
        client_metadata: More data from the client.
        user_not_found: True if the user does not exist, for an app client that hides this from
            callers.
    """

    user_attributes: dict[str, str] = EMPTY
    session: list[CognitoChallengeResult] = EMPTY
    client_metadata: dict[str, str] = EMPTY
    user_not_found: bool | None = None


class CognitoDefineAuthChallengeResponse(Model):
    """The response that decides the next step.

    Attributes:
        challenge_name: The next challenge, ``CUSTOM_CHALLENGE`` for one's own.
        issue_tokens: The user is authenticated.
        fail_authentication: The user is not.
    """

    challenge_name: str | None = None
    issue_tokens: bool | None = None
    fail_authentication: bool | None = None


class CognitoDefineAuthChallengeEvent(CognitoTriggerEvent):
    """The next challenge of a user, or none.

    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-define-auth-challenge.html

    Attributes:
        request: The challenges until now, and the user's attributes.
        response: The next step: tokens, a failure, or another challenge.
    """

    request: CognitoDefineAuthChallengeRequest
    response: CognitoDefineAuthChallengeResponse = EMPTY

    _sample = ("1", "DefineAuthChallenge_Authentication")


class CognitoCreateAuthChallengeRequest(Model):
    """A challenge to make.

    Attributes:
        user_attributes: The user's attributes.
        challenge_name: The challenge.
        session: The challenges so far.
        client_metadata: More data from the client.
        user_not_found: True if the user does not exist, for an app client that hides this from
            callers.
    """

    user_attributes: dict[str, str] = EMPTY
    challenge_name: str
    session: list[CognitoChallengeResult] = EMPTY
    client_metadata: dict[str, str] = EMPTY
    user_not_found: bool | None = None


class CognitoCreateAuthChallengeResponse(Model):
    """The challenge.

    Attributes:
        public_challenge_parameters: The parameters that the client gets, to present the challenge.
        private_challenge_parameters: The parameters that verify the answer. The client does not get
            them.
        challenge_metadata: The challenge's name, for later invocations of the session.
    """

    public_challenge_parameters: dict[str, str] = EMPTY
    private_challenge_parameters: dict[str, str] = field(default=EMPTY, secret=True)
    challenge_metadata: str | None = None


class CognitoCreateAuthChallengeEvent(CognitoTriggerEvent):
    """A challenge to make.

    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-create-auth-challenge.html

    Attributes:
        request: The challenge's name, and the session until now.
        response: The challenge.
    """

    request: CognitoCreateAuthChallengeRequest
    response: CognitoCreateAuthChallengeResponse = EMPTY

    _sample = ("1", "CreateAuthChallenge_Authentication")


class CognitoVerifyAuthChallengeRequest(Model):
    """An answer to check.

    Attributes:
        user_attributes: The user's attributes.
        private_challenge_parameters: The parameters that verify the answer, as the function that
            created the challenge set them.
        challenge_answer: The answer.
        client_metadata: More data from the client.
        user_not_found: True if the user does not exist, for an app client that hides this from
            callers.
    """

    user_attributes: dict[str, str] = EMPTY
    private_challenge_parameters: dict[str, str] = field(default=EMPTY, secret=True)
    challenge_answer: str = field(secret=True)
    client_metadata: dict[str, str] = EMPTY
    user_not_found: bool | None = None


class CognitoVerifyAuthChallengeResponse(Model):
    """The verdict on the answer.

    Attributes:
        answer_correct: True if the answer is correct.
    """

    answer_correct: bool | None = None


class CognitoVerifyAuthChallengeEvent(CognitoTriggerEvent):
    """An answer to check.

    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-verify-auth-challenge-response.html

    Attributes:
        request: The answer.
        response: The function's verdict on the answer.
    """

    request: CognitoVerifyAuthChallengeRequest
    response: CognitoVerifyAuthChallengeResponse = EMPTY

    _sample = ("1", "VerifyAuthChallengeResponse_Authentication")


DETECT: Signatures = {
    "CognitoDefineAuthChallengeEvent": {
        "userPoolId": str,
        "triggerSource": source("DefineAuthChallenge_"),
    },
    "CognitoDefineAuthChallengeEvent#2": {
        "userPoolId": str,
        "triggerSource": unknown_source,
        "request/session": list,
        "request/challengeName": ABSENT,
    },
    "CognitoCreateAuthChallengeEvent": {
        "userPoolId": str,
        "triggerSource": source("CreateAuthChallenge_"),
    },
    "CognitoCreateAuthChallengeEvent#2": {
        "userPoolId": str,
        "triggerSource": unknown_source,
        "request/session": list,
        "request/challengeName": str,
    },
    "CognitoVerifyAuthChallengeEvent": {
        "userPoolId": str,
        "triggerSource": source("VerifyAuthChallengeResponse_"),
    },
    "CognitoVerifyAuthChallengeEvent#2": {
        "userPoolId": str,
        "triggerSource": unknown_source,
        "request/challengeAnswer": str,
    },
}
