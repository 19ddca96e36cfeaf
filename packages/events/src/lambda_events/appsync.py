"""AWS AppSync: resolvers of GraphQL APIs.

Authorizers are in `lambda_events.appsync_authorizer`, Event APIs in `lambda_events.appsync_events`.

https://docs.aws.amazon.com/appsync/latest/devguide/resolver-reference-lambda-js.html
"""

from __future__ import annotations

from ._field import ABSENT, EMPTY, field
from ._model import Model
from ._typing import Generic, T

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, TypeAlias

    from ._arn import ARN
    from ._detect import Signatures
    from ._headers import Headers
    from ._typing import P

    AppSyncIdentity: TypeAlias = (
        "AppSyncCognitoIdentity | AppSyncIAMIdentity | AppSyncLambdaIdentity | AppSyncOIDCIdentity"
    )


class AppSyncOIDCIdentity(Model):
    """The caller of a request, by the token of an OpenID Connect provider.

    https://docs.aws.amazon.com/appsync/latest/devguide/resolver-context-reference-js.html

    Attributes:
        claims: The claims of the token.
        issuer: The token's issuer.
        sub: The user's id there.
    """

    claims: dict[str, Any] = EMPTY
    issuer: str | None = None
    sub: str | None = None


class AppSyncCognitoIdentity(Model):
    """The caller of a request, by the token of a Cognito user pool.

    https://docs.aws.amazon.com/appsync/latest/devguide/resolver-context-reference-js.html

    Attributes:
        claims: The claims of the token.
        issuer: The token's issuer.
        sub: The user's id there.
        default_auth_strategy: ``ALLOW`` or ``DENY``, as the API is configured.
        groups: The user's groups; empty if there are none.
        source_ip: The client's address, and those of the proxies between.
        username: The user's name.
    """

    claims: dict[str, Any] = EMPTY
    issuer: str | None = None
    sub: str
    default_auth_strategy: str | None = None
    groups: list[str] = EMPTY
    source_ip: list[str] = EMPTY
    username: str


class AppSyncIAMIdentity(Model):
    """The IAM identity that signed a request.

    https://docs.aws.amazon.com/appsync/latest/devguide/resolver-context-reference-js.html

    Attributes:
        account_id: The account.
        cognito_identity_auth_provider: The provider that authenticated the caller, of an identity
            of Cognito.
        cognito_identity_auth_type: ``authenticated`` or ``unauthenticated``.
        cognito_identity_id: The identity.
        cognito_identity_pool_id: The identity's pool.
        source_ip: The client's address, and those of the proxies between.
        user: The user's id.
        user_arn: The user's ARN.
        username: The user's name, or ids of a role and its session.
    """

    account_id: str
    cognito_identity_auth_provider: str | None = None
    cognito_identity_auth_type: str | None = None
    cognito_identity_id: str | None = None
    cognito_identity_pool_id: str | None = None
    source_ip: list[str] = EMPTY
    user: str | None = None
    user_arn: ARN | None = None
    username: str | None = None


class AppSyncLambdaIdentity(Model):
    """The caller of a request, by the result of an authorizer function.

    https://docs.aws.amazon.com/appsync/latest/devguide/resolver-context-reference-js.html

    Attributes:
        resolver_context: The context that the Lambda authorizer returned.
    """

    resolver_context: dict[str, Any] = EMPTY


def identity_of(value: Any) -> AppSyncIdentity | None:
    """Return the sender of a request, by the form of the identity.

    Args:
        value: An event's ``identity``.

    Returns:
        The identity as its type; None with an API key, or if it is of no known type.
    """
    if not isinstance(value, dict):
        return None
    model: Any = None
    if "resolverContext" in value:
        model = AppSyncLambdaIdentity
    elif "accountId" in value or "userArn" in value:
        model = AppSyncIAMIdentity
    elif "username" in value:
        model = AppSyncCognitoIdentity
    elif "claims" in value or "sub" in value:
        model = AppSyncOIDCIdentity
    return None if model is None else model._read(value, None)  # noqa: SLF001 - as the reader does


class AppSyncRequest(Model):
    """The HTTP request behind a query.

    Attributes:
        headers: Headers by name in lower case.
        domain_name: The API's custom domain, if the request came by it.
    """

    headers: Headers = EMPTY
    domain_name: str | None = None


class AppSyncInfo(Model):
    """The field to resolve.

    https://docs.aws.amazon.com/appsync/latest/devguide/resolver-context-reference-js.html

    Attributes:
        field_name: The field.
        parent_type_name: The type that the field is of, such as ``Query``.
        selection_set_graphql: The selection set: the fields that the client asks for, in GraphQL's
            schema language.
        selection_set_list: The same as paths, such as ``author/name``.
        variables: The query's variables.
    """

    field_name: str
    parent_type_name: str
    selection_set_graphql: str | None = field("selectionSetGraphQL", default=None)
    selection_set_list: list[str] = EMPTY
    variables: dict[str, Any] = EMPTY


class AppSyncResolverEvent(Model, Generic[T]):
    """A field to resolve.

    https://docs.aws.amazon.com/appsync/latest/devguide/resolver-context-reference-js.html

    A resolver that Amplify makes names the field to resolve in `type_name` and `field_name`, all
    others in `info`; `parent_type` and `field_to_resolve` know both. ``AppSyncResolverEvent[Args]``
    decodes the arguments as ``Args``.

    Attributes:
        type_name: The type that the field is of, of Amplify.
        field_name: The field, of Amplify.
        arguments: The field's arguments.
        selection_set_list: The selection set as paths, such as ``author/name``.
        identity: The caller, as JSON; None with an API key. See `caller`.
        source: The object that the field is of, as its own resolver gave it.
        request: The HTTP request.
        prev: The result of the previous function of a pipeline resolver, under ``result``.
        info: The field that is resolved, with its variables and selection set.
        stash: The map that the functions of a pipeline resolver share.
    """

    type_name: str | None = None
    field_name: str | None = None
    arguments: T
    selection_set_list: list[str] = EMPTY
    identity: dict[str, Any] | None = None
    source: dict[str, Any] | None = None
    request: AppSyncRequest = EMPTY
    prev: dict[str, Any] | None = None
    info: AppSyncInfo | None = None
    stash: dict[str, Any] = EMPTY

    @property
    def caller(self) -> AppSyncIdentity | None:
        """The caller of the request, as its type; None with an API key."""
        return identity_of(self.identity)

    @property
    def parent_type(self) -> str | None:
        """The type that the field is of."""
        return self.type_name if self.info is None else self.info.parent_type_name

    @property
    def field_to_resolve(self) -> str | None:
        """The field."""
        return self.field_name if self.info is None else self.info.field_name

    @classmethod
    def build(
        cls,
        field: str,
        arguments: P,
        *,
        parent_type: str = "Query",
        identity: Mapping[str, Any] | None = None,
        source: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        selection: Sequence[str] = (),
    ) -> AppSyncResolverEvent[P]:
        """Build an event for a test.

        Args:
            field: The field.
            arguments: The field's arguments.
            parent_type: The type that the field is of.
            identity: The caller, as JSON.
            source: The object that the field is of.
            headers: The HTTP request's headers.
            selection: The selection set, as paths.

        Returns:
            An event like those of AppSync.
        """
        from . import _samples as samples

        value = {
            "arguments": arguments,
            "identity": None if identity is None else dict(identity),
            "source": None if source is None else dict(source),
            "request": {"headers": dict(headers or {}), "domainName": None},
            "prev": None,
            "info": {
                "selectionSetList": [*selection],
                "selectionSetGraphQL": "".join(["{\n", *[f"  {s}\n" for s in selection], "}"]),
                "fieldName": field,
                "parentTypeName": parent_type,
                "variables": {},
            },
            "stash": {},
        }
        event: AppSyncResolverEvent[P] = samples.read(cls, value, samples.types_of([arguments]))
        return event


class AppSyncBatchResolverEvent(Model, Generic[T]):
    """Fields to resolve at once; the response is a list with as many items, in their order.

    https://docs.aws.amazon.com/appsync/latest/devguide/tutorial-lambda-resolvers-js.html

    Attributes:
        items: The fields; in JSON the event is an array of them.
    """

    items: list[AppSyncResolverEvent[T]] = field("")


class AppSyncResolverInvocation(Model, Generic[T]):
    """The output of a mapping template, which calls a function with its payload.

    https://docs.aws.amazon.com/appsync/latest/devguide/resolver-mapping-template-reference-lambda.html

    A function gets the payload only. ``AppSyncResolverInvocation[Payload]`` decodes it.

    Attributes:
        version: The template's version.
        operation: ``Invoke`` or ``BatchInvoke``.
        payload: The payload for the function.
    """

    version: str
    operation: str
    payload: T


DETECT: Signatures = {
    "AppSyncResolverEvent": {
        "arguments": dict,
        "info/fieldName": str,
        "info/parentTypeName": str,
    },
    "AppSyncResolverEvent#Amplify": {
        "arguments": dict,
        "typeName": str,
        "fieldName": str,
        "info": ABSENT,
    },
    "AppSyncBatchResolverEvent": {
        "0/arguments": dict,
        "0/info/fieldName": str,
        "0/info/parentTypeName": str,
    },
    "AppSyncResolverInvocation": {
        "version": str,
        "operation": ("Invoke", "BatchInvoke"),
        "payload": lambda _: True,
    },
}
