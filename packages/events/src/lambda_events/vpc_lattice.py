"""Amazon VPC Lattice.

https://docs.aws.amazon.com/lambda/latest/dg/services-vpc-lattice.html
"""

from __future__ import annotations

from ._field import EMPTY, field
from ._http import HTTPBody
from ._model import Model

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from typing import Any, Self

    from ._arn import ARN
    from ._detect import Signatures
    from ._headers import Headers


class VPCLatticeEvent(HTTPBody, Model, case="snake"):
    """A request to a VPC Lattice service, in version 1 of the event.

    https://docs.aws.amazon.com/vpc-lattice/latest/ug/lambda-functions.html

    Attributes:
        raw_path: The path.
        method: The method.
        headers: Headers by name in lower case, several of one name joined with commas.
        query_string_parameters: Values by name.
        body: The body; None if there is none.
        is_base64_encoded: True if the body is in base64.
    """

    raw_path: str
    method: str
    headers: Headers = EMPTY
    query_string_parameters: dict[str, str] = EMPTY
    body: str | None = None
    is_base64_encoded: bool = False

    @property
    def query(self) -> dict[str, list[str]]:
        """All values of the query by name."""
        return {name: [value] for name, value in self.query_string_parameters.items()}

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies by name."""
        from ._http import parse_cookies

        return parse_cookies([self.headers.get("cookie", "")])


class VPCLatticeV2Identity(Model):
    """The caller of a request, as far as VPC Lattice knows.

    Attributes:
        source_vpc_arn: The VPC that the request comes from.
        type: ``AWS_IAM`` of a signed request; ``NONE`` or absent without authorization.
        principal: The ARN of the principal that signed the request.
        principal_org_id: The principal's organization.
        session_name: The session of the principal's role.
        x509_issuer_ou: The issuer's unit, of a certificate of IAM Roles Anywhere.
        x509_san_dns: The certificate's alternative name, a host.
        x509_san_name_cn: The certificate's alternative name, a common name.
        x509_san_uri: The certificate's alternative name, a URI.
        x509_subject_cn: The subject's common name.
    """

    source_vpc_arn: ARN | None = None
    type: str | None = None
    principal: str | None = None
    principal_org_id: str | None = field("principalOrgID", default=None, also="principalOrgId")
    session_name: str | None = None
    x509_issuer_ou: str | None = field("x509IssuerOu", default=None, also="X509IssuerOu")
    x509_san_dns: str | None = field("x509SanDns", default=None, also="X509SanDns")
    x509_san_name_cn: str | None = field("x509SanNameCn", default=None, also="X509SanNameCn")
    x509_san_uri: str | None = field("x509SanUri", default=None, also="X509SanUri")
    x509_subject_cn: str | None = field("x509SubjectCn", default=None, also="X509SubjectCn")


class VPCLatticeV2RequestContext(Model):
    """The request context of VPC Lattice.

    Attributes:
        service_network_arn: The service network.
        service_arn: The service.
        target_group_arn: The target group.
        identity: The caller's identity.
        region: The service's region.
        time_epoch: The time of the request, in microseconds of Unix time, as text.
    """

    service_network_arn: ARN
    service_arn: ARN
    target_group_arn: ARN
    identity: VPCLatticeV2Identity = EMPTY
    region: str
    time_epoch: str

    @property
    def time_utc(self) -> datetime | None:
        """`time_epoch` as an aware datetime."""
        from ._time import from_epoch

        return from_epoch(self.time_epoch, 1_000_000)


class VPCLatticeV2Event(HTTPBody, Model, expects={"version": ("2.0", "2")}):
    """A request to a VPC Lattice service, in version 2 of the event.

    https://docs.aws.amazon.com/vpc-lattice/latest/ug/lambda-functions.html

    Attributes:
        version: ``2.0``.
        path: The path.
        method: The method.
        headers: Headers by name in lower case; each name's values, or in older events one text.
        query_string_parameters: Each name's values, or in older events one text.
        body: The body; None if there is none.
        is_base64_encoded: True if the body is in base64.
        request_context: The service, target group and caller of the request.
    """

    version: str
    path: str
    method: str
    headers: Headers[str | list[str]] = EMPTY
    query_string_parameters: dict[str, str | list[str]] = field(
        default=EMPTY, also="query_string_parameters"
    )
    body: str | None = None
    is_base64_encoded: bool | None = None
    request_context: VPCLatticeV2RequestContext

    @property
    def query(self) -> dict[str, list[str]]:
        """All values of the query by name."""
        return {
            name: [value] if isinstance(value, str) else [*value]
            for name, value in self.query_string_parameters.items()
        }

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies by name."""
        from ._http import parse_cookies

        sent = self.headers.get("cookie", "")
        return parse_cookies([sent] if isinstance(sent, str) else sent)

    @classmethod
    def build(
        cls,
        method: str = "GET",
        path: str = "/",
        *,
        headers: Mapping[str, str | Sequence[str]] | None = None,
        query: Mapping[str, str | Sequence[str]] | None = None,
        body: Any = None,
    ) -> Self:
        """Build a request for a test.

        Args:
            method: The method.
            path: The path.
            headers: One value or several by name, besides ``host``.
            query: One value or several by name.
            body: Text as it is, bytes as base64, all else as JSON.

        Returns:
            An event like those of VPC Lattice.
        """
        from . import _samples as samples

        text, is_base64 = samples.body_of(body)
        host = f"my-service-0a40eebed65f8d69c.7d67968.vpc-lattice-svcs.{samples.REGION}.on.aws"
        sent = {name.lower(): items for name, items in samples.lists(headers).items()}
        value: dict[str, Any] = {
            "version": "2.0",
            "path": path,
            "method": method,
            "headers": {"host": [host], **sent},
        }
        if query:
            value["queryStringParameters"] = samples.lists(query)
        if text is not None:
            value |= {"body": text, "isBase64Encoded": is_base64}
        network = "servicenetwork/sn-0bf3f2882e9cc805a"
        value["requestContext"] = {
            "serviceNetworkArn": samples.arn("vpc-lattice", network),
            "serviceArn": samples.arn("vpc-lattice", "service/svc-0a40eebed65f8d69c"),
            "targetGroupArn": samples.arn("vpc-lattice", "targetgroup/tg-6d0ecf831eec9f09"),
            "identity": {"sourceVpcArn": samples.arn("ec2", "vpc/vpc-0b8276c84697e7339")},
            "region": samples.REGION,
            "timeEpoch": str(samples.MILLISECONDS * 1000),
        }
        event: Self = samples.read(cls, value)
        return event


class VPCLatticeResponse(Model):
    """The response to VPC Lattice.

    https://docs.aws.amazon.com/vpc-lattice/latest/ug/lambda-functions.html

    Attributes:
        status_code: The HTTP status.
        status_description: The status with its reason, such as ``200 OK``.
        headers: Headers.
        body: The body.
        is_base64_encoded: True if the body is in base64.
    """

    status_code: int = 200
    status_description: str | None = None
    headers: dict[str, str] = EMPTY
    body: str | None = None
    is_base64_encoded: bool | None = None

    @classmethod
    def of(
        cls, body: Any = None, *, status_code: int = 200, headers: Mapping[str, str] | None = None
    ) -> Self:
        """Make a response of a body.

        Args:
            body: Text as it is, bytes as base64, all else as JSON with its content type.
            status_code: The HTTP status.
            headers: Headers; they win.

        Returns:
            The response.
        """
        from ._http import response_parts

        return cls(status_code=status_code, **response_parts(body, headers))


DETECT: Signatures = {
    "VPCLatticeEvent": {"raw_path": str, "method": str, "headers": dict},
    "VPCLatticeV2Event": {
        "version": str,
        "method": str,
        "path": str,
        "requestContext/serviceArn": str,
    },
}
