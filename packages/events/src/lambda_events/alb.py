"""Elastic Load Balancing: Application Load Balancers.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
"""

from __future__ import annotations

from ._field import EMPTY
from ._http import HTTPBody
from ._model import Model

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Self

    from ._arn import ARN
    from ._detect import Signatures
    from ._headers import Headers


class ALBTarget(Model):
    """The target group that a load balancer forwards to.

    Attributes:
        target_group_arn: The target group.
    """

    target_group_arn: ARN


class ALBRequestContext(Model):
    """The request context of a load balancer.

    Attributes:
        elb: The target group.
    """

    elb: ALBTarget


class ALBTargetGroupRequest(HTTPBody, Model, expects={"requestContext/elb": dict}):
    """A request to an Application Load Balancer.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html

    Headers and the query come in one of two forms, as the target group's attribute
    ``lambda.multi_value_headers.enabled`` says; `multi_value` says which.

    Attributes:
        request_context: The target group.
        http_method: The method.
        path: The path as the client sent it.
        query_string_parameters: Values as the client sent them, percent-encoded; of several of one
            name the last. `query` has them decoded.
        multi_value_query_string_parameters: All values, percent-encoded.
        headers: Headers by name in lower case; of several of one name the last.
        multi_value_headers: All headers.
        body: The body; None or empty if there is none.
        is_base64_encoded: True if the body is in base64.
    """

    request_context: ALBRequestContext
    http_method: str
    path: str
    query_string_parameters: dict[str, str] = EMPTY
    multi_value_query_string_parameters: dict[str, list[str]] = EMPTY
    headers: Headers = EMPTY
    multi_value_headers: Headers[list[str]] = EMPTY
    body: str | None = None
    is_base64_encoded: bool = False

    @property
    def multi_value(self) -> bool:
        """True if headers come as lists; then the response's headers must be lists too."""
        return bool(self.multi_value_headers)

    @property
    def query(self) -> dict[str, list[str]]:
        """All values of the query by name, decoded."""
        from urllib.parse import unquote_plus

        from ._http import merge_query

        merged = merge_query(self.query_string_parameters, self.multi_value_query_string_parameters)
        return {
            unquote_plus(name): [unquote_plus(value) for value in values]
            for name, values in merged.items()
        }

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies by name."""
        from ._http import parse_cookies

        several = self.multi_value_headers.get("cookie")
        return parse_cookies(several if several is not None else [self.headers.get("cookie", "")])

    @classmethod
    def build(
        cls,
        method: str = "GET",
        path: str = "/",
        *,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str | Sequence[str]] | None = None,
        body: Any = None,
        multi_value: bool = False,
    ) -> Self:
        """Build a request for a test.

        Args:
            method: The method.
            path: The path.
            headers: Headers besides ``host`` and those that the load balancer adds.
            query: One value or several by name, as they are; the event has them encoded.
            body: Text as it is, bytes as base64, all else as JSON.
            multi_value: True if multi-value headers are enabled on the target group.

        Returns:
            An event like those of a load balancer.
        """
        from urllib.parse import quote_plus

        from . import _samples as samples

        text, is_base64 = samples.body_of(body)
        sent = {
            "host": f"my-alb-1234567890.{samples.REGION}.elb.amazonaws.com",
            "x-amzn-trace-id": "Root=1-6553f0e0-0123456789abcdef01234567",
            "x-forwarded-for": "203.0.113.7",
            "x-forwarded-port": "443",
            "x-forwarded-proto": "https",
            **{name.lower(): item for name, item in (headers or {}).items()},
        }
        several = {
            quote_plus(name): [quote_plus(item) for item in items]
            for name, items in samples.lists(query).items()
        }
        arn = samples.arn("elasticloadbalancing", "targetgroup/my-target-group/6d0ecf831eec9f09")
        value: dict[str, Any] = {
            "requestContext": {"elb": {"targetGroupArn": arn}},
            "httpMethod": method,
            "path": path,
        }
        if multi_value:
            value["multiValueQueryStringParameters"] = several
            value["multiValueHeaders"] = {name: [item] for name, item in sent.items()}
        else:
            value["queryStringParameters"] = {n: items[-1] for n, items in several.items()}
            value["headers"] = sent
        event: Self = samples.read(cls, {**value, "body": text or "", "isBase64Encoded": is_base64})
        return event


class ALBTargetGroupResponse(Model):
    """The response to an Application Load Balancer.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html

    The load balancer answers 502 if the response has not the form of headers that the target group
    asks for. ``HttpResponse.to_event`` gives the right one.

    Attributes:
        status_code: The HTTP status.
        status_description: The status with its reason, such as ``200 OK``.
        headers: Headers, if the target group has multi-value headers switched off.
        multi_value_headers: Headers, if it has them switched on.
        body: The body.
        is_base64_encoded: True if the body is in base64.
    """

    status_code: int = 200
    status_description: str | None = None
    headers: dict[str, str] = EMPTY
    multi_value_headers: dict[str, list[str]] = EMPTY
    body: str | None = None
    is_base64_encoded: bool | None = None

    @classmethod
    def of(
        cls,
        body: Any = None,
        *,
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
        multi_value: bool = False,
    ) -> Self:
        """Make a response of a body.

        Args:
            body: Text as it is, bytes as base64, all else as JSON with its content type.
            status_code: The HTTP status.
            headers: Headers; they win.
            multi_value: The request's `ALBTargetGroupRequest.multi_value`.

        Returns:
            The response.
        """
        from ._http import response_parts

        parts = response_parts(body, headers)
        if multi_value:
            sent = parts.pop("headers")
            parts["multi_value_headers"] = {name: [item] for name, item in sent.items()}
        return cls(status_code=status_code, status_description=status_line(status_code), **parts)


def status_line(status_code: int) -> str:
    """Return a status with its reason, such as ``200 OK``; without one if it has none."""
    from http import HTTPStatus

    try:
        return f"{status_code} {HTTPStatus(status_code).phrase}"
    except ValueError:
        return str(status_code)


DETECT: Signatures = {
    "ALBTargetGroupRequest": {
        "requestContext/elb": dict,
        "httpMethod": str,
        "path": str,
    },
}
