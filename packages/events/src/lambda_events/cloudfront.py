"""Amazon CloudFront: Lambda@Edge.

A function returns the request (to go on with it), or a response; never the event around them.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-event-structure.html
"""

from __future__ import annotations

from ._field import ABSENT, EMPTY, field
from ._model import Model

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Self

    from ._detect import Signatures
    from .cloudfront_message import CloudFrontRequest, CloudFrontResponse


class CloudFrontConfig(Model):
    """The configuration of the distribution.

    Attributes:
        distribution_domain_name: The distribution's host.
        distribution_id: The distribution.
        event_type: ``viewer-request``, ``origin-request``, ``origin-response`` or
            ``viewer-response``.
        request_id: The request's id, for all but origin events encrypted.
    """

    distribution_domain_name: str | None = None
    distribution_id: str
    event_type: str | None = None
    request_id: str | None = None


class CloudFrontRequestData(Model):
    """A request and what CloudFront knows of it.

    Attributes:
        config: The distribution and the kind of event.
        request: The request.
    """

    config: CloudFrontConfig
    request: CloudFrontRequest


class CloudFrontRequestRecord(Model):
    """The only record of an event.

    Attributes:
        cf: The request.
    """

    cf: CloudFrontRequestData


class CloudFrontRequestEvent(Model, expects={"Records": list, "Records/0/cf/request": dict}):
    """A request of a viewer, or to an origin.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-event-structure.html

    Attributes:
        records: One record.
    """

    records: list[CloudFrontRequestRecord] = field("Records")

    @property
    def config(self) -> CloudFrontConfig:
        """The distribution and the kind of event."""
        return self.records[0].cf.config

    @property
    def request(self) -> CloudFrontRequest:
        """The request."""
        return self.records[0].cf.request

    @classmethod
    def build(
        cls,
        method: str = "GET",
        uri: str = "/",
        *,
        event_type: str = "viewer-request",
        headers: Mapping[str, str | Sequence[str]] | None = None,
        querystring: str = "",
    ) -> Self:
        """Build an event for a test.

        Args:
            method: The method.
            uri: The path.
            event_type: ``viewer-request`` or ``origin-request``.
            headers: One value or several by name, besides ``Host``.
            querystring: The query, encoded.

        Returns:
            An event like those of CloudFront.
        """
        from . import _samples as samples

        data = _sample(method, uri, event_type, headers, querystring)
        event: Self = samples.read(cls, {"Records": [{"cf": data}]})
        return event


class CloudFrontResponseData(Model):
    """A response, its request, and what CloudFront knows of them.

    Attributes:
        config: The distribution and the kind of event.
        request: The request.
        response: The response.
    """

    config: CloudFrontConfig
    request: CloudFrontRequest = EMPTY
    response: CloudFrontResponse


class CloudFrontResponseRecord(Model):
    """The only record of an event.

    Attributes:
        cf: The response.
    """

    cf: CloudFrontResponseData


class CloudFrontResponseEvent(Model, expects={"Records": list, "Records/0/cf/response": dict}):
    """A response of an origin, or to a viewer.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-event-structure.html

    Attributes:
        records: One record.
    """

    records: list[CloudFrontResponseRecord] = field("Records")

    @property
    def config(self) -> CloudFrontConfig:
        """The distribution and the kind of event."""
        return self.records[0].cf.config

    @property
    def request(self) -> CloudFrontRequest:
        """The request that the response is for."""
        return self.records[0].cf.request

    @property
    def response(self) -> CloudFrontResponse:
        """The response."""
        return self.records[0].cf.response

    @classmethod
    def build(
        cls,
        status: int = 200,
        *,
        event_type: str = "viewer-response",
        headers: Mapping[str, str | Sequence[str]] | None = None,
        method: str = "GET",
        uri: str = "/",
    ) -> Self:
        """Build an event for a test.

        Args:
            status: The HTTP status.
            event_type: ``viewer-response`` or ``origin-response``.
            headers: The response's headers, one value or several by name.
            method: The request's method.
            uri: The request's path.

        Returns:
            An event like those of CloudFront.
        """
        from http import HTTPStatus

        from . import _samples as samples

        data = _sample(method, uri, event_type, None, "")
        data["response"] = {
            "headers": _sample_headers(headers),
            "status": str(status),
            "statusDescription": HTTPStatus(status).phrase,
        }
        event: Self = samples.read(cls, {"Records": [{"cf": data}]})
        return event


def _sample(
    method: str,
    uri: str,
    event_type: str,
    headers: Mapping[str, str | Sequence[str]] | None,
    querystring: str,
) -> dict[str, Any]:
    host = "d111111abcdef8.cloudfront.net"
    return {
        "config": {
            "distributionDomainName": host,
            "distributionId": "EDFDVBD6EXAMPLE",
            "eventType": event_type,
            "requestId": "4TyzHTaYWb1GX1qTfsHhEqV6HUDd_BzoBZnwfnvQc_1oF26ClkoUSEQ==",
        },
        "request": {
            "clientIp": "203.0.113.7",
            "headers": _sample_headers({"Host": host, **(headers or {})}),
            "method": method,
            "querystring": querystring,
            "uri": uri,
        },
    }


def _sample_headers(headers: Mapping[str, str | Sequence[str]] | None) -> dict[str, Any]:
    from . import _samples as samples

    return {
        name.lower(): [{"key": name, "value": item} for item in items]
        for name, items in samples.lists(headers).items()
    }


DETECT: Signatures = {
    "CloudFrontRequestEvent": {
        "Records/0/cf/config": dict,
        "Records/0/cf/request": dict,
        "Records/0/cf/response": ABSENT,
    },
    "CloudFrontResponseEvent": {
        "Records/0/cf/config": dict,
        "Records/0/cf/response": dict,
    },
}
