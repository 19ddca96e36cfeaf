"""Amazon S3 Object Lambda.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/olap-event-context.html
"""

from __future__ import annotations

from ._field import EMPTY, field
from ._model import Model

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from ._arn import ARN
    from ._detect import Signatures
    from ._headers import Headers


class S3ObjectLambdaGetObjectContext(Model):
    """The context of GetObject: where to read the object, and where to write the transformed one.

    Attributes:
        input_s3_url: The presigned URL of the object.
        output_route: The request route to pass to ``WriteGetObjectResponse``.
        output_token: The request token to pass to ``WriteGetObjectResponse``.
    """

    input_s3_url: str = field(secret=True)
    output_route: str
    output_token: str = field(secret=True)


class S3ObjectLambdaContext(Model):
    """The URL of S3's own answer to a HeadObject or ListObjects request.

    Attributes:
        input_s3_url: The presigned URL of the request to S3.
    """

    input_s3_url: str = field(secret=True)


class S3ObjectLambdaConfiguration(Model):
    """The access point.

    Attributes:
        access_point_arn: The Object Lambda access point.
        supporting_access_point_arn: The access point behind it.
        payload: The text that the Object Lambda access point was configured with.
    """

    access_point_arn: ARN
    supporting_access_point_arn: ARN
    payload: str


class S3ObjectLambdaUserRequest(Model):
    """The request of the caller.

    Attributes:
        url: The URL, with the query.
        headers: The headers; of two with one name, the values with a comma between them.
    """

    url: str
    headers: Headers = EMPTY


class S3ObjectLambdaSessionAttributes(Model):
    """The context of a session.

    Attributes:
        mfa_authenticated: ``true`` or ``false``: whether it used multi-factor authentication.
        creation_date: The start of the session, such as ``Wed Mar 10 23:41:52 UTC 2021`` or ISO
            8601.
    """

    mfa_authenticated: str
    creation_date: str

    @property
    def creation_date_utc(self) -> datetime | None:
        """`creation_date` as an aware datetime."""
        from ._time import from_text

        return from_text(self.creation_date)


class S3ObjectLambdaSessionIssuer(Model):
    """The issuer of temporary credentials.

    Attributes:
        type: ``Role``, ``IAMUser`` or ``Root``.
        principal_id: The id.
        arn: The ARN.
        account_id: The account's twelve digits.
        user_name: The name.
    """

    type: str
    principal_id: str
    arn: ARN
    account_id: str
    user_name: str | None = None


class S3ObjectLambdaSessionContext(Model):
    """A session with temporary credentials.

    Attributes:
        attributes: The session's creation time, and if it used MFA.
        session_issuer: The issuer of the credentials.
    """

    attributes: S3ObjectLambdaSessionAttributes = EMPTY
    session_issuer: S3ObjectLambdaSessionIssuer | None = None


class S3ObjectLambdaUserIdentity(Model):
    """The caller.

    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html

    Attributes:
        type: ``IAMUser``, ``AssumedRole``, ``Root`` and others.
        principal_id: The id.
        arn: The ARN.
        account_id: The account's twelve digits.
        access_key_id: The id of the access key.
        user_name: The name of an IAM user.
        session_context: The session, for temporary credentials.
    """

    type: str
    principal_id: str
    arn: ARN
    account_id: str
    access_key_id: str
    user_name: str | None = None
    session_context: S3ObjectLambdaSessionContext | None = None


class S3ObjectLambdaEvent(Model, expects={"xAmzRequestId": str, "userRequest": dict}):
    """A request to an Object Lambda access point; one of the four contexts is there.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/olap-event-context.html

    The answer to GetObject goes to S3's ``WriteGetObjectResponse``; those to the others are what
    the function returns.

    Attributes:
        x_amz_request_id: The request's id.
        get_object_context: For GetObject.
        head_object_context: For HeadObject.
        list_objects_context: For ListObjects.
        list_objects_v2_context: For ListObjectsV2.
        configuration: The access point.
        user_request: The request of the caller.
        user_identity: The caller.
        protocol_version: This object's form, ``1.00``.
    """

    x_amz_request_id: str
    get_object_context: S3ObjectLambdaGetObjectContext | None = None
    head_object_context: S3ObjectLambdaContext | None = None
    list_objects_context: S3ObjectLambdaContext | None = None
    list_objects_v2_context: S3ObjectLambdaContext | None = None
    configuration: S3ObjectLambdaConfiguration
    user_request: S3ObjectLambdaUserRequest
    user_identity: S3ObjectLambdaUserIdentity
    protocol_version: str

    @property
    def context(self) -> S3ObjectLambdaGetObjectContext | S3ObjectLambdaContext | None:
        """The one of the four contexts that is there."""
        return (
            self.get_object_context
            or self.head_object_context
            or self.list_objects_context
            or self.list_objects_v2_context
        )

    @property
    def input_s3_url(self) -> str | None:
        """The presigned URL of the request to S3, whichever it is."""
        context = self.context
        return None if context is None else context.input_s3_url


DETECT: Signatures = {"S3ObjectLambdaEvent": {"xAmzRequestId": str, "userRequest": dict}}
