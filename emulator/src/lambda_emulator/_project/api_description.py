"""The description of the APIs of a project; a part of its whole description."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from lambda_emulator._config import Cors
from lambda_emulator._project.place import Place

ApiKind = Literal["http", "rest", "websocket"]


@dataclass(frozen=True, kw_only=True)
class Authorizer:
    """Decides who may call a route.

    Attributes:
        name: The name.
        kind: ``request`` and ``token`` ask a function; ``jwt`` checks a token; ``iam`` and
            ``cognito`` are AWS's own.
        function: The name of the function that is asked, or None.
        payload_format: The version of its event's format, of an HTTP API.
        simple: True if it answers ``{"isAuthorized": ...}`` rather than a policy.
        identity_sources: The parts of a request that it requires, such as
            ``$request.header.Authorization`` or ``method.request.header.Authorization``.
        validation: A regular expression that a token must match, or None.
        cache_seconds: The seconds for which an answer is kept; 0 for not at all.
        issuer: The issuer of tokens, for ``jwt`` and ``cognito``.
        other_issuers: More issuers whose tokens ``cognito`` accepts: those of more user pools.
        audiences: The audiences of which a token must name one.
    """

    name: str
    kind: Literal["request", "token", "jwt", "iam", "cognito"]
    function: str | None = None
    payload_format: Literal["1.0", "2.0"] = "2.0"
    simple: bool = False
    identity_sources: tuple[str, ...] = ()
    validation: str | None = None
    cache_seconds: int = 0
    issuer: str | None = None
    other_issuers: tuple[str, ...] = ()
    audiences: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Throttle:
    """A limit to the rate of requests; by default, that of an account.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html

    Attributes:
        rate: Requests a second, in the long run.
        burst: Requests at once.
    """

    rate: float = 10_000
    burst: int = 5_000


@dataclass(frozen=True, kw_only=True)
class Quota:
    """The number of requests that an API key has in a period.

    Attributes:
        limit: The number of requests.
        period: The period, in UTC.
        offset: The day on which the period begins: 0 for Sunday, or for the first of a month.
    """

    limit: int
    period: Literal["DAY", "WEEK", "MONTH"]
    offset: int = 0


@dataclass(frozen=True, kw_only=True)
class UsagePlan:
    """The limits of each of some API keys; all APIs that have the plan share them.

    Attributes:
        name: The logical id.
        keys: The API keys.
        throttle: The limit to the rate of a key's requests, or None.
        methods: The same for single methods of the API, by keys such as ``GET /orders/{id}``.
        quota: The number of requests that a key has in a period, or None.
    """

    name: str
    keys: tuple[str, ...] = ()
    throttle: Throttle | None = None
    methods: Mapping[str, Throttle] = field(default_factory=dict)
    quota: Quota | None = None


@dataclass(frozen=True, kw_only=True)
class Mock:
    """An answer that a REST API gives without a function.

    Attributes:
        status: The status; None if AWS fails, for the mock names none.
        headers: The headers.
        media_type: The type of the body.
        body: The body.
        other_origins: Origins that have themselves as ``Access-Control-Allow-Origin``.
        complete: False if the body is a template that is not evaluated.
    """

    status: int | None
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str = ""
    body: str = ""
    other_origins: tuple[str, ...] = ()
    complete: bool = True


@dataclass(frozen=True, kw_only=True)
class IntegrationResponse:
    """A change to some of the responses of an integration.

    Attributes:
        pattern: A regular expression of the statuses, or of the messages of a function's errors,
            that it is for; empty for any.
        status: The status in the place of the integration's, or None.
        parameters: Expressions by what they change: of an HTTP API, such as
            ``overwrite:statuscode``; of a REST API, such as ``method.response.header.x``.
        templates: Mapping templates of bodies, by media type.
    """

    pattern: str
    status: int | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    templates: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Custom:
    """An integration of a REST API that is not a proxy.

    Attributes:
        requests: Mapping templates of requests, by media type.
        passthrough: Says when bodies go on as they are that no template is for.
        responses: The responses; the default one is the last.
    """

    requests: Mapping[str, str] = field(default_factory=dict)
    passthrough: Literal["WHEN_NO_MATCH", "WHEN_NO_TEMPLATES", "NEVER"] = "WHEN_NO_MATCH"
    responses: tuple[IntegrationResponse, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Upstream:
    """A server to which an API sends requests, in place of a function.

    Attributes:
        url: The URL, with variables such as ``{proxy}``.
        method: The method; empty for that of the request.
        passes: True if requests and responses go on as they are, False if only the body does.
        parameters: Expressions by what they change: of an HTTP API, such as
            ``append:header.x``; of a REST API, such as ``integration.request.header.x``.
        responses: The changes to responses of an HTTP API, by their statuses.
    """

    url: str
    method: str = ""
    passes: bool = True
    parameters: Mapping[str, str] = field(default_factory=dict)
    responses: tuple[IntegrationResponse, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Route:
    """A route of an API.

    Attributes:
        method: An HTTP method, or ``ANY``; empty for WebSocket APIs and ``$default``.
        path: A path such as ``/orders/{id}`` or ``/{proxy+}``; ``$default``; or the key of a route
            of a WebSocket API, such as ``$connect``.
        function: The name of the function that answers; empty if none does.
        place: The place of the description.
        mock: The answer, if no function gives it.
        upstream: The server that answers in place of a function, or None.
        custom: The mapping of requests and responses, where the integration is not a proxy.
        payload_format: The version of the event's format.
        authorizer: The name of its authorizer in `Api.authorizers`, or None.
        scopes: Scopes of which a token must have one.
        streams: True if the response is sent while the function produces it.
        timeout: Seconds to wait for the function; None for the API's own limit.
        body_schemas: JSON schemas for bodies, by media type, where bodies are checked.
        required_parameters: Parameters that a request must have, such as
            ``method.request.querystring.page``.
        tenant: The part of a request that names its tenant, such as
            ``method.request.header.x-tenant``, or None.
        api_key: True if a request must have an API key.
        throttle: The limit to the rate of its requests, or None.
        responds: True if the body of the function's response goes back to the client: a route of a
            WebSocket API with a route response.
    """

    method: str
    path: str
    function: str
    place: Place
    mock: Mock | None = None
    upstream: Upstream | None = None
    custom: Custom | None = None
    payload_format: Literal["1.0", "2.0"] = "2.0"
    authorizer: str | None = None
    scopes: tuple[str, ...] = ()
    streams: bool = False
    timeout: float | None = None
    body_schemas: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    required_parameters: tuple[str, ...] = ()
    tenant: str | None = None
    api_key: bool = False
    throttle: Throttle | None = None
    responds: bool = False


@dataclass(frozen=True, kw_only=True)
class GatewayResponse:
    """An answer of a REST API itself that is customized.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-gatewayResponse-definition.html

    Attributes:
        status: The status, or None for the usual one.
        headers: Headers by name: texts in single quotes, or expressions such as
            ``method.request.header.Origin``.
        templates: Bodies by media type, with variables such as ``$context.error.message``.
    """

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    templates: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Api:
    """An API of API Gateway.

    Attributes:
        name: The name, or its logical id.
        kind: An HTTP, a REST or a WebSocket API.
        place: The place of the description.
        routes: The routes.
        stage: The stage that is served; ``$default`` has no part of a path.
        stage_variables: The variables of the stage.
        base_paths: The paths under which custom domains serve the stage.
        cors: The CORS rules for other web pages, or None.
        authorizers: The authorizers, by name.
        binary_media_types: Media types that a REST API treats as binary.
        api_keys: The ids of API keys that a REST API takes, by the keys.
        usage_plans: The limits of these keys.
        key_from_authorizer: True if an API key comes from the authorizer, False if it comes in a
            header.
        gateway_responses: The answers of a REST API itself that are customized, by their types,
            such as ``DEFAULT_4XX``.
        route_selection: The part of a WebSocket's message that names its route.
    """

    name: str
    kind: ApiKind
    place: Place
    routes: tuple[Route, ...] = ()
    stage: str = "$default"
    stage_variables: Mapping[str, str] = field(default_factory=dict)
    base_paths: tuple[str, ...] = ()
    cors: Cors | None = None
    authorizers: Mapping[str, Authorizer] = field(default_factory=dict)
    binary_media_types: tuple[str, ...] = ()
    api_keys: Mapping[str, str] = field(default_factory=dict)
    usage_plans: tuple[UsagePlan, ...] = ()
    key_from_authorizer: bool = False
    gateway_responses: Mapping[str, GatewayResponse] = field(default_factory=dict)
    route_selection: str = "$request.body.action"

    @property
    def functions(self) -> frozenset[str]:
        """The names of the functions that get requests."""
        return frozenset(each.function for each in self.routes if not (each.mock or each.upstream))
