"""Amazon Cognito: user pools, messages to users.

https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-custom-message.html
"""

from __future__ import annotations

from ._cognito import CognitoTriggerEvent, source, unknown_source
from ._field import EMPTY, field
from ._model import Model

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._detect import Signatures


class CognitoCustomMessageRequest(Model):
    """A message that Cognito is about to send.

    Attributes:
        user_attributes: The user's attributes.
        code_parameter: The placeholder for the code.
        link_parameter: The placeholder for the link, in a verification by link.
        username_parameter: The placeholder for the user's name, in an invitation.
        client_metadata: More data from the client.
    """

    user_attributes: dict[str, str] = EMPTY
    code_parameter: str
    link_parameter: str | None = None
    username_parameter: str | None = None
    client_metadata: dict[str, str] = EMPTY


class CognitoCustomMessageResponse(Model):
    """The message; what is None stays as the user pool has it.

    Attributes:
        sms_message: The text message.
        email_message: The mail, in HTML.
        email_subject: The mail's subject.
    """

    sms_message: str | None = None
    email_message: str | None = None
    email_subject: str | None = None


class CognitoCustomMessageEvent(CognitoTriggerEvent):
    """Cognito is about to send a message.

    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-custom-message.html

    Attributes:
        request: The placeholders that the message must contain.
        response: The message.
    """

    request: CognitoCustomMessageRequest
    response: CognitoCustomMessageResponse = EMPTY

    _sample = ("1", "CustomMessage_SignUp")


class CognitoCustomSenderRequest(Model):
    """A code that the function has to send.

    Attributes:
        type: ``customEmailSenderRequestV1`` or ``customSMSSenderRequestV1``.
        code: The code, encrypted by the user pool's KMS key with the AWS Encryption SDK, in base64;
            None in a notification.
        user_attributes: The user's attributes.
        client_metadata: More data from the client.
    """

    type: str
    code: str | None = field(default=None, secret=True)
    user_attributes: dict[str, str] = EMPTY
    client_metadata: dict[str, str] = EMPTY

    @property
    def code_bytes(self) -> bytes | None:
        """The encrypted code, for the AWS Encryption SDK; None if there is none.

        Raises:
            EventDecodeError: It is not base64.
        """
        if self.code is None:
            return None
        from ._bytes import from_base64

        return from_base64(self.code, "CognitoCustomSenderRequest", "code")


class CognitoCustomEmailSenderEvent(CognitoTriggerEvent):
    """A mail that the function has to send; Cognito expects no response.

    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-custom-email-sender.html

    Attributes:
        request: The code, and who gets it.
    """

    request: CognitoCustomSenderRequest

    _sample = ("1", "CustomEmailSender_SignUp")


class CognitoCustomSMSSenderEvent(CognitoTriggerEvent):
    """A text message that the function has to send; Cognito expects no response.

    https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-custom-sms-sender.html

    Attributes:
        request: The code, and who gets it.
    """

    request: CognitoCustomSenderRequest

    _sample = ("1", "CustomSMSSender_SignUp")


DETECT: Signatures = {
    "CognitoCustomMessageEvent": {"userPoolId": str, "triggerSource": source("CustomMessage_")},
    "CognitoCustomMessageEvent#2": {
        "userPoolId": str,
        "triggerSource": unknown_source,
        "request/codeParameter": str,
    },
    "CognitoCustomEmailSenderEvent": {
        "userPoolId": str,
        "triggerSource": source("CustomEmailSender_"),
    },
    # Those of text messages look the same: without their source they cannot be distinguished.
    "CognitoCustomEmailSenderEvent#2": {
        "userPoolId": str,
        "triggerSource": unknown_source,
        "request/code": str,
        "request/type": str,
    },
    "CognitoCustomSMSSenderEvent": {
        "userPoolId": str,
        "triggerSource": source("CustomSMSSender_"),
    },
}
