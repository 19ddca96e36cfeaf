"""AWS Lambda: function URLs.

https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
"""

from __future__ import annotations

from ._field import EMPTY, field
from ._http import HTTPBody
from ._http_response import HTTPResponseV2
from ._model import Model

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Self

    from ._detect import Signatures
    from ._headers import Headers
    from .apigateway_http import APIGatewayV2RequestContext


class LambdaFunctionURLEvent(HTTPBody, Model, expects={"version": ("2.0", "2")}):
    """A request to a function URL, in format 2.0 of API Gateway.

    https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html

    Attributes:
        version: ``2.0``.
        route_key: ``$default``.
        raw_path: The path.
        raw_query_string: The query as it came.
        cookies: Each cookie as ``name=value``; they are not among the headers.
        headers: Headers by name in lower case, several of one name joined with commas.
        query_string_parameters: Decoded values, several of one name joined with commas; `query`
            has them apart.
        path_parameters: Not used by function URLs.
        stage_variables: Not used by function URLs.
        request_context: Lambda's data about the request; without authorization its ``account_id``
            is ``anonymous`` and its ``authorizer`` is None.
        body: The body; None if there is none.
        is_base64_encoded: True if the body is in base64.
    """

    version: str
    route_key: str
    raw_path: str
    raw_query_string: str
    cookies: list[str] = field(default=EMPTY, secret=True)
    headers: Headers
    query_string_parameters: dict[str, str] = EMPTY
    path_parameters: dict[str, str] = EMPTY
    stage_variables: dict[str, str] = EMPTY
    request_context: APIGatewayV2RequestContext
    body: str | None = None
    is_base64_encoded: bool

    @property
    def query(self) -> dict[str, list[str]]:
        """All values of the query by name, decoded."""
        from ._http import parse_query

        return parse_query(self.raw_query_string)

    @property
    def cookie_values(self) -> dict[str, str]:
        """The cookies by name; of the header, if an emulator left them there."""
        from ._http import parse_cookies

        return parse_cookies(self.cookies or [self.headers.get("cookie", "")])

    @classmethod
    def build(
        cls,
        method: str = "GET",
        path: str = "/",
        *,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str | Sequence[str]] | None = None,
        cookies: Mapping[str, str] | None = None,
        body: Any = None,
        user_arn: str | None = None,
    ) -> Self:
        """Build a request for a test.

        Args:
            method: The method.
            path: The path.
            headers: Headers besides ``host``.
            query: One value or several by name.
            cookies: Values by name.
            body: Text as it is, bytes as base64, all else as JSON.
            user_arn: The ARN of the user or role that signed the request; by default the URL
                requires no authorization.

        Returns:
            An event like those of Lambda.
        """
        from . import _samples as samples

        host = f"abcdefghijklmnopqrstuvwxyz012345.lambda-url.{samples.REGION}.on.aws"
        value = samples.http_v2(method, path, "$default", host, headers, query, cookies, body)
        context = value["requestContext"]
        if user_arn is None:
            context["accountId"] = "anonymous"
        else:
            iam = {
                "accessKey": "ASIAIOSFODNN7EXAMPLE",
                "accountId": samples.ACCOUNT,
                "callerId": samples.PRINCIPAL,
                "cognitoIdentity": None,
                "principalOrgId": None,
                "userArn": user_arn,
                "userId": samples.PRINCIPAL,
            }
            context["authorizer"] = {"iam": iam}
        event: Self = samples.read(cls, value)
        return event


class LambdaFunctionURLResponse(HTTPResponseV2):
    """The response to a function URL.

    https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
    """


def _is_url(context: Any) -> bool:
    host = context.get("domainName") if isinstance(context, dict) else None
    return isinstance(host, str) and ".lambda-url." in host


DETECT: Signatures = {
    "LambdaFunctionURLEvent": {
        "version": str,
        "rawPath": str,
        "requestContext/http": dict,
        "requestContext": _is_url,
    },
}
