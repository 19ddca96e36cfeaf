"""AWS CloudTrail: the record of an API call or a sign-in.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference.html
"""

from __future__ import annotations

from ._field import EMPTY, field
from ._model import Model

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from ._arn import ARN


class CloudTrailSessionIssuer(Model):
    """The issuer of the session's credentials.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html

    Attributes:
        type: ``Root``, ``IAMUser`` or ``Role``.
        principal_id: The id of the user or the role.
        arn: The ARN of the user or the role.
        account_id: The account's twelve digits.
        user_name: The name of the user or the role.
    """

    type: str | None = None
    principal_id: str | None = None
    arn: ARN | None = None
    account_id: str | None = None
    user_name: str | None = None


class CloudTrailSessionAttributes(Model):
    """The attributes of a session: its start, and multi-factor authentication.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html

    Attributes:
        creation_date: The start of the session, ISO 8601.
        mfa_authenticated: ``true`` or ``false``, as text.
    """

    creation_date: str | None = None
    mfa_authenticated: str | None = None

    @property
    def creation_date_utc(self) -> datetime | None:
        """`creation_date` as an aware datetime."""
        from ._time import from_text

        return from_text(self.creation_date)


class CloudTrailSessionContext(Model):
    """The session of temporary credentials.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html

    Attributes:
        session_issuer: The issuer of the credentials.
        web_id_federation_data: The web identity provider and what it says.
        attributes: The start of the session, and True for one with MFA.
        source_identity: The source identity that was set when the first role was assumed.
        ec2_role_delivery: The version of the instance metadata service that gave the credentials.
        assumed_root: True if it is a session with root's rights.
    """

    session_issuer: CloudTrailSessionIssuer = EMPTY
    web_id_federation_data: dict[str, Any] = EMPTY
    attributes: CloudTrailSessionAttributes = EMPTY
    source_identity: str | None = None
    ec2_role_delivery: str | None = None
    assumed_root: bool | str | None = None


class CloudTrailUserIdentity(Model):
    """The caller.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html

    Attributes:
        type: ``Root``, ``IAMUser``, ``AssumedRole``, ``FederatedUser``, ``AWSAccount``,
            ``AWSService``, ``IdentityCenterUser``, ``SAMLUser``, ``WebIdentityUser`` or others.
        principal_id: An id of who it is.
        arn: The ARN of who it is.
        account_id: The account's twelve digits.
        access_key_id: The id of the access key.
        user_name: The name of the user.
        invoked_by: The service that made the call for somebody.
        session_context: The session of temporary credentials.
        identity_provider: The provider of a federated user.
        credential_id: The id of a bearer token.
        in_scope_of: The resource that a service's call was made for.
        on_behalf_of: ``userId`` and ``identityStoreArn``, of IAM Identity Center.
    """

    type: str
    principal_id: str | None = None
    arn: ARN | None = None
    account_id: str | None = None
    access_key_id: str | None = None
    user_name: str | None = None
    invoked_by: str | None = None
    session_context: CloudTrailSessionContext | None = None
    identity_provider: str | None = None
    credential_id: str | None = None
    in_scope_of: dict[str, Any] = EMPTY
    on_behalf_of: dict[str, str] = EMPTY


class CloudTrailResource(Model):
    """A resource that a call was about.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html

    Attributes:
        arn: The ARN.
        arn_prefix: The prefix of the ARNs, for a group of resources.
        account_id: The owner's account.
        type: The type, such as ``AWS::S3::Object``.
    """

    arn: ARN | None = field("ARN", default=None, also="arn")
    arn_prefix: str | None = field("ARNPrefix", default=None)
    account_id: str | None = None
    type: str | None = None


class CloudTrailTLSDetails(Model):
    """The encryption of a call.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html

    Attributes:
        tls_version: The version of TLS.
        cipher_suite: The cipher suite.
        client_provided_host_header: The host that the client named.
    """

    tls_version: str | None = None
    cipher_suite: str | None = None
    client_provided_host_header: str | None = None


class CloudTrailEvent(Model, expects={"eventName": str}):
    """A record of CloudTrail.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html

    It is the detail of an event of EventBridge, such as ``AWS API Call via CloudTrail``:
    ``EventBridgeEvent[CloudTrailEvent]``. Its parameters may hold what people typed.

    Attributes:
        event_version: This object's form.
        user_identity: The identity that made the call.
        event_time: The time of the call, ISO 8601.
        event_source: The service, such as ``s3.amazonaws.com``.
        event_name: The call, such as ``PutObject``.
        aws_region: The region.
        source_ip_address: The address that the call came from, or the name of a service.
        user_agent: The program that made the call.
        error_code: The error, if it failed.
        error_message: The error in words.
        request_parameters: The parameters of the request, or None.
        response_elements: The content of the response; None for calls that change nothing.
        additional_event_data: Further details.
        request_id: The id that the service gave the call.
        event_id: The record's id.
        event_type: ``AwsApiCall``, ``AwsServiceEvent``, ``AwsConsoleAction``,
            ``AwsConsoleSignIn``, ``AwsVpceEvent`` or ``AwsCloudTrailInsight``.
        api_version: The version of the service's API.
        management_event: True for a management event.
        read_only: True if the call only reads.
        resources: The resources that it was about.
        recipient_account_id: The account that gets the record.
        service_event_details: The details of an event that a service caused itself.
        shared_event_id: The id that the records of several accounts share.
        vpc_endpoint_id: The endpoint that the call came through.
        vpc_endpoint_account_id: The endpoint's account.
        event_category: ``Management``, ``Data``, ``NetworkActivity`` or ``Insight``.
        addendum: The reason for a record that is late or updated.
        session_credential_from_console: ``true`` if the call came from the console.
        edge_device_details: The edge device that was called.
        tls_details: The encryption of the call.
        event_context: The resource tags and condition keys that an event data store adds to the
            event.
        insight_details: The unusual activity, in an Insights event.
    """

    event_version: str
    user_identity: CloudTrailUserIdentity
    event_time: str
    event_source: str
    event_name: str
    aws_region: str
    source_ip_address: str | None = field("sourceIPAddress", default=None)
    user_agent: str | None = None
    error_code: str | None = None
    error_message: str | None = None
    request_parameters: dict[str, Any] | None = None
    response_elements: dict[str, Any] | None = None
    additional_event_data: dict[str, Any] | None = None
    request_id: str | None = field("requestID", default=None)
    event_id: str = field("eventID")
    event_type: str
    api_version: str | None = None
    management_event: bool | None = None
    read_only: bool | None = None
    resources: list[CloudTrailResource] = EMPTY
    recipient_account_id: str | None = None
    service_event_details: dict[str, Any] | None = None
    shared_event_id: str | None = field("sharedEventID", default=None)
    vpc_endpoint_id: str | None = None
    vpc_endpoint_account_id: str | None = None
    event_category: str | None = None
    addendum: dict[str, Any] | None = None
    session_credential_from_console: str | None = None
    edge_device_details: dict[str, Any] | None = None
    tls_details: CloudTrailTLSDetails | None = None
    event_context: dict[str, Any] | None = None
    insight_details: dict[str, Any] | None = None

    @property
    def event_time_utc(self) -> datetime | None:
        """`event_time` as an aware datetime."""
        from ._time import from_text

        return from_text(self.event_time)
