"""AWS AppSync: Lambda authorizers of GraphQL APIs and Event APIs.

https://docs.aws.amazon.com/appsync/latest/devguide/security-authz.html
"""

from __future__ import annotations

from ._field import EMPTY, field
from ._model import Model

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Self

    from ._detect import Signatures
    from ._headers import Headers


class AppSyncAuthorizerRequestContext(Model):
    """The context of the request to authorize: a query, or an operation of an Event API.

    Attributes:
        api_id: The API.
        account_id: The API's account.
        request_id: The request's id.
        query_string: The query, in GraphQL.
        operation_name: The query's name.
        variables: The query's variables.
        operation: ``EVENT_CONNECT``, ``EVENT_SUBSCRIBE`` or ``EVENT_PUBLISH``, of an Event API.
        channel_namespace_name: The channel's namespace, but when a client connects.
        channel: The channel, such as ``/news/latest``, but when a client connects.
    """

    api_id: str
    account_id: str
    request_id: str
    query_string: str | None = field("queryString", default=None, also="queryDocument")
    operation_name: str | None = None
    variables: dict[str, Any] = EMPTY
    operation: str | None = None
    channel_namespace_name: str | None = None
    channel: str | None = None


class AppSyncAuthorizerEvent(Model):
    """A token to check.

    https://docs.aws.amazon.com/appsync/latest/devguide/security-authz.html

    Attributes:
        authorization_token: The token.
        request_context: The API and the GraphQL operation that need authorization.
        request_headers: The request's headers.
    """

    authorization_token: str = field(secret=True)
    request_context: AppSyncAuthorizerRequestContext
    request_headers: Headers = EMPTY

    @classmethod
    def build(
        cls,
        token: str = "token",  # noqa: S107
        *,
        query: str = "query { __typename }",
        operation_name: str | None = None,
        variables: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Self:
        """Build an event of a GraphQL API for a test.

        Args:
            token: The token.
            query: The query, in GraphQL.
            operation_name: The query's name.
            variables: The query's variables.
            headers: The request's headers.

        Returns:
            An event like those of AppSync.
        """
        from . import _samples as samples

        value = {
            "authorizationToken": token,
            "requestContext": {
                "apiId": "abcdefghijklmnopqrstuvwxyz",
                "accountId": samples.ACCOUNT,
                "requestId": samples.uuid(0, token),
                "queryString": query,
                "operationName": operation_name,
                "variables": dict(variables or {}),
            },
            "requestHeaders": dict(headers or {}),
        }
        event: Self = samples.read(cls, value)
        return event


class AppSyncAuthorizerResponse(Model):
    """The decision about a request.

    https://docs.aws.amazon.com/appsync/latest/devguide/security-authz.html

    Attributes:
        is_authorized: True if the request may proceed.
        resolver_context: Values for resolvers, at ``identity.resolverContext``: strings, numbers
            and booleans, 5 MB at most.
        handler_context: The same for the handlers of an Event API.
        denied_fields: The fields that resolve to null: ARNs, or ``Type.field``.
        ttl_override: The seconds for which AppSync caches the response; 0 to disable the cache.
    """

    is_authorized: bool
    resolver_context: dict[str, Any] | None = None
    handler_context: dict[str, Any] | None = None
    denied_fields: list[str] = EMPTY
    ttl_override: int | None = None


DETECT: Signatures = {
    "AppSyncAuthorizerEvent": {
        "authorizationToken": str,
        "requestContext/apiId": str,
        "requestContext/requestId": str,
    },
}
