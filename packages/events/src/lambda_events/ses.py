"""Amazon SES: mail that comes in.

https://docs.aws.amazon.com/lambda/latest/dg/services-ses.html
"""

from __future__ import annotations

from ._field import EMPTY, field
from ._model import Model, guard

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from ._arn import ARN
    from ._detect import Signatures


class SESHeader(Model):
    """A header of a mail.

    Attributes:
        name: The name, in the case that it was sent in.
        value: The value.
    """

    name: str
    value: str


class SESCommonHeaders(Model):
    """The headers that most mails have.

    Attributes:
        from_: The ``From`` addresses.
        to: The ``To`` addresses.
        cc: The ``Cc`` addresses.
        bcc: The ``Bcc`` addresses.
        sender: The ``Sender`` addresses.
        reply_to: The ``Reply-To`` addresses.
        return_path: The address for bounces.
        message_id: The ``Message-ID``, with angle brackets.
        date: The ``Date``.
        subject: The ``Subject``.
    """

    from_: list[str] = field("from", default=EMPTY)
    to: list[str] = EMPTY
    cc: list[str] = EMPTY
    bcc: list[str] = EMPTY
    sender: list[str] = EMPTY
    reply_to: list[str] = EMPTY
    return_path: str | None = None
    message_id: str | None = None
    date: str | None = None
    subject: str | None = None

    @property
    def date_utc(self) -> datetime | None:
        """`date` as an aware datetime."""
        from ._time import from_text

        return from_text(self.date)


class SESMail(Model):
    """A mail, without its body.

    https://docs.aws.amazon.com/ses/latest/dg/receiving-email-notifications-contents.html

    Attributes:
        timestamp: The time of arrival, ISO 8601.
        source: The envelope's sender.
        message_id: The id that SES gave it, which is also its key in S3.
        destination: The envelope's recipients.
        headers_truncated: True if headers beyond 10 KB were left out.
        headers: The headers in their order; a name may come again.
        common_headers: The headers that most mails have.
    """

    timestamp: str
    source: str
    message_id: str
    destination: list[str]
    headers_truncated: bool
    headers: list[SESHeader] = EMPTY
    common_headers: SESCommonHeaders = EMPTY

    def header_values(self, name: str) -> list[str]:
        """Return all values of a header, in order.

        Args:
            name: The header's name, in any case.

        Raises:
            EventDecodeError: The headers are not a list of names and values.
        """
        return _values(self, name.lower())

    @property
    def timestamp_utc(self) -> datetime | None:
        """`timestamp` as an aware datetime."""
        from ._time import from_text

        return from_text(self.timestamp)


class SESVerdict(Model):
    """The verdict of a check.

    Attributes:
        status: ``PASS``, ``FAIL``, ``GRAY``, ``PROCESSING_FAILED`` or ``DISABLED``.
    """

    status: str

    @property
    def passed(self) -> bool:
        """True if the status is ``PASS``."""
        return self.status == "PASS"


class SESAction(Model):
    """The action of a receipt rule; its type decides which attributes are set.

    https://docs.aws.amazon.com/ses/latest/dg/receiving-email-notifications-contents.html

    Attributes:
        type: ``S3``, ``SNS``, ``Bounce``, ``Lambda``, ``Stop``, ``WorkMail`` or ``AddHeader``.
        topic_arn: The topic that is notified.
        bucket_name: The bucket that the mail goes to.
        object_key: The key there.
        object_key_prefix: The key's prefix.
        kms_key_arn: The key that it is encrypted with.
        iam_role_arn: The role that puts it there.
        encoding: The encoding of the mail for SNS, ``UTF-8`` or ``Base64``.
        function_arn: The function.
        invocation_type: ``Event`` or ``RequestResponse``.
        smtp_reply_code: The bounce's SMTP code.
        status_code: The bounce's enhanced status code.
        message: The bounce's text.
        sender: The bounce's sender.
        organization_arn: The WorkMail organization.
        header_name: The header that is added.
        header_value: The value.
    """

    type: str
    topic_arn: ARN | None = None
    bucket_name: str | None = None
    object_key: str | None = None
    object_key_prefix: str | None = None
    kms_key_arn: ARN | None = None
    iam_role_arn: ARN | None = None
    encoding: str | None = None
    function_arn: ARN | None = None
    invocation_type: str | None = None
    smtp_reply_code: str | None = None
    status_code: str | None = None
    message: str | None = None
    sender: str | None = None
    organization_arn: ARN | None = None
    header_name: str | None = None
    header_value: str | None = None


class SESReceipt(Model):
    """The receipt of a mail: verdicts, recipients and times.

    https://docs.aws.amazon.com/ses/latest/dg/receiving-email-notifications-contents.html

    Attributes:
        timestamp: The start of the action, ISO 8601.
        processing_time_millis: The duration of SES's work, in milliseconds.
        recipients: The recipients that the rule is for.
        spam_verdict: The result of the spam filter.
        virus_verdict: The result of the virus scan.
        spf_verdict: The result of SPF.
        dkim_verdict: The result of DKIM.
        dmarc_verdict: The result of DMARC.
        dmarc_policy: The policy of the sender's domain for messages that fail DMARC: ``none``,
            ``quarantine`` or ``reject``.
        action: The action of the rule that invoked the function.
    """

    timestamp: str
    processing_time_millis: int
    recipients: list[str]
    spam_verdict: SESVerdict
    virus_verdict: SESVerdict
    spf_verdict: SESVerdict
    dkim_verdict: SESVerdict
    dmarc_verdict: SESVerdict | None = None
    dmarc_policy: str | None = None
    action: SESAction

    @property
    def timestamp_utc(self) -> datetime | None:
        """`timestamp` as an aware datetime."""
        from ._time import from_text

        return from_text(self.timestamp)


class SESMessage(Model):
    """A mail and how it was received.

    Attributes:
        mail: The mail.
        receipt: The result of SES's checks.
    """

    mail: SESMail
    receipt: SESReceipt


class SESRecord(Model):
    """A mail and its source.

    Attributes:
        event_source: ``aws:ses``.
        event_version: This object's form, ``1.0``.
        ses: The mail.
    """

    event_source: str = "aws:ses"
    event_version: str
    ses: SESMessage


class SESEvent(Model, expects={"Records": list, "Records/0/eventSource": "aws:ses"}):
    """A mail came.

    https://docs.aws.amazon.com/lambda/latest/dg/services-ses.html

    Attributes:
        records: The mails; SES sends one at a time.
    """

    records: list[SESRecord] = field("Records")


class SESResponse(Model):
    """The response to a rule that waits for the function.

    https://docs.aws.amazon.com/ses/latest/dg/receiving-email-action-lambda.html

    Attributes:
        disposition: ``STOP_RULE``, ``STOP_RULE_SET`` or ``CONTINUE``.
    """

    disposition: str


@guard("headers")
def _values(mail: SESMail, name: str) -> list[str]:
    return [item.value for item in mail.headers if item.name.lower() == name]


DETECT: Signatures = {"SESEvent": {"Records/0/eventSource": "aws:ses"}}
