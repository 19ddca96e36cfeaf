"""APIs that an OpenAPI document describes, with API Gateway's extensions.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
"""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from lambda_emulator._config import Cors
from lambda_emulator._project.arns import function_name, with_stage_variables
from lambda_emulator._project.authorizer_values import (
    REST_CACHE_SECONDS,
    cognito_issuer,
    split_sources,
)
from lambda_emulator._project.description import Authorizer, GatewayResponse, Place, Route
from lambda_emulator._project.functions import read_cors
from lambda_emulator._project.gateway_responses import read_gateway_response
from lambda_emulator._project.template_file import number_of, text_of

ANY_METHOD = "x-amazon-apigateway-any-method"
_METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", ANY_METHOD})
_INTEGRATION = "x-amazon-apigateway-integration"
_AUTHORIZER = "x-amazon-apigateway-authorizer"
_VALIDATOR = "x-amazon-apigateway-request-validator"
TENANT_HEADER = "integration.request.header.X-Amz-Tenant-Id"
"""The parameter of an integration that names the tenant."""
_Warn = Callable[[str, str], object]


class Document(NamedTuple):
    """The APIs that an OpenAPI document describes.

    Attributes:
        routes: The routes.
        authorizers: The authorizers.
        cors: The CORS rules for other web pages, or None.
        binary_media_types: Media types that are treated as binary.
        gateway_responses: The API's own answers that are customized, by their types.
        api_key_source: The source of API keys: ``HEADER`` or ``AUTHORIZER``.
    """

    routes: tuple[Route, ...]
    authorizers: Mapping[str, Authorizer]
    cors: Cors | None
    binary_media_types: tuple[str, ...]
    gateway_responses: Mapping[str, GatewayResponse] = MappingProxyType({})
    api_key_source: str = "HEADER"


def read_openapi(
    body: Mapping[str, Any],
    kind: Literal["http", "rest"],
    place: Callable[[str, str, str], Place],
    warn: _Warn,
    variables: Mapping[str, str],
) -> Document:
    """Read a document.

    Args:
        body: The document, version 2 or 3, with references to resources resolved.
        kind: The kind of the API.
        place: Returns the place of a route by its path, its method and its function.
        warn: Is called with what is not served, and the path that it belongs to.
        variables: The variables of the stage.
    """
    authorizers = {
        name: found
        for name, scheme in _schemes(body).items()
        if (found := _read_authorizer(name, scheme, kind, variables)) is not None
    }
    routes: list[Route] = []
    cors = read_cors(body.get("x-amazon-apigateway-cors")) if kind == "http" else None
    for path, method, operation in _operations(body):
        integration = operation.get(_INTEGRATION)
        if not isinstance(integration, Mapping):
            warn(f"{method} {path} has no integration, and is not served.", path)
            continue
        kind_of_integration = text_of(integration.get("type", "")).lower()
        if method == "OPTIONS" and kind_of_integration == "mock":
            if kind == "rest":
                cors = cors or mock_cors(integration)
            continue
        uri = with_stage_variables(text_of(integration.get("uri", "")), variables)
        function = function_name(uri)
        if not function:
            warn(
                f"{method} {path} goes to {uri or kind_of_integration or 'nothing'}, which is not"
                " a function, and is not served.",
                path,
            )
            continue
        authorizer, scopes = _security(body, operation, authorizers)
        timeout = number_of(integration.get("timeoutInMillis"))
        is_default = path.lstrip("/") == "$default"
        schemas, parameters = _validation(body, operation) if kind == "rest" else ({}, ())
        version = text_of(integration.get("payloadFormatVersion", "1.0"))
        routes.append(
            Route(
                method="" if is_default else method,
                path="$default" if is_default else path,
                function=function,
                place=place(path, method, function),
                payload_format="2.0" if version == "2.0" and kind == "http" else "1.0",
                authorizer=authorizer,
                scopes=scopes,
                streams=is_streaming(uri, integration.get("responseTransferMode")),
                timeout=None if timeout is None else timeout / 1000,
                body_schemas=schemas,
                required_parameters=parameters,
                tenant=text_of((integration.get("requestParameters") or {}).get(TENANT_HEADER, ""))
                or None,
                api_key=kind == "rest" and _needs_key(body, operation, authorizers),
            )
        )
    media_types = body.get("x-amazon-apigateway-binary-media-types") or ()
    responses: Mapping[str, Any] = body.get("x-amazon-apigateway-gateway-responses") or {}
    return Document(
        tuple(routes),
        authorizers,
        cors,
        tuple(map(text_of, media_types)),
        {name: read_gateway_response(each) for name, each in responses.items()},
        text_of(body.get("x-amazon-apigateway-api-key-source", "HEADER")).upper(),
    )


def is_streaming(uri: str, transfer_mode: object) -> bool:
    """Return whether the responses of an integration go out as they come.

    Args:
        uri: The URI of the integration.
        transfer_mode: The transfer mode of responses; None for the default.
    """
    return uri.endswith("/response-streaming-invocations") or transfer_mode == "STREAM"


def mock_cors(integration: Mapping[str, Any]) -> Cors | None:
    """Return the CORS configuration that the preflight of a REST API answers with.

    Args:
        integration: The integration of its method ``OPTIONS``, which calls nothing.
    """
    headers: dict[str, str] = {}
    responses = integration.get("responses") or integration.get("IntegrationResponses") or {}
    for response in responses.values() if isinstance(responses, Mapping) else responses:
        table = response.get("responseParameters") or response.get("ResponseParameters") or {}
        for name, value in table.items():
            headers[name.rpartition(".")[2].lower()] = text_of(value).strip("'")
    if "access-control-allow-origin" not in headers:
        return None

    def texts(name: str) -> tuple[str, ...]:
        found = headers.get(f"access-control-{name}", "")
        return tuple(each.strip() for each in found.split(",") if each.strip())

    return Cors(
        allow_origins=texts("allow-origin"),
        allow_methods=texts("allow-methods"),
        allow_headers=texts("allow-headers"),
        expose_headers=texts("expose-headers"),
        allow_credentials=headers.get("access-control-allow-credentials") == "true",
        max_age=int(number_of(headers.get("access-control-max-age")) or 0),
    )


def _operations(body: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    paths = body.get("paths") or {}
    for path, operations in paths.items():
        for key, operation in (operations or {}).items():
            if key.lower() in _METHODS and isinstance(operation, Mapping):
                shared = operations.get("parameters") or []
                own = operation.get("parameters") or []
                full = {**operation, "parameters": [*shared, *own]}
                yield path, "ANY" if key == ANY_METHOD else key.upper(), full


def _schemes(body: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    components = body.get("components") or {}
    return {**(body.get("securityDefinitions") or {}), **(components.get("securitySchemes") or {})}


def _read_authorizer(
    name: str,
    scheme: Mapping[str, Any],
    kind: Literal["http", "rest"],
    variables: Mapping[str, str],
) -> Authorizer | None:
    table = scheme.get(_AUTHORIZER)
    how = text_of(scheme.get("x-amazon-apigateway-authtype", "")).lower()
    if how == "awssigv4":
        return Authorizer(name=name, kind="iam")
    if not isinstance(table, Mapping):
        return None
    type_of_authorizer = text_of(table.get("type", "")).lower()
    sources = split_sources(table.get("identitySource"))
    header = text_of(scheme.get("name", "Authorization"))
    if not sources and type_of_authorizer in {"token", "cognito_user_pools"}:
        sources = (f"method.request.header.{header}",)
    if type_of_authorizer == "jwt":
        config = table.get("jwtConfiguration") or {}
        return Authorizer(
            name=name,
            kind="jwt",
            identity_sources=sources or ("$request.header.Authorization",),
            issuer=text_of(config["issuer"]) if config.get("issuer") else None,
            audiences=split_sources(config.get("audience")),
        )
    if type_of_authorizer == "cognito_user_pools":
        pools = table.get("providerARNs") or []
        issuer = cognito_issuer(text_of(pools[0])) if pools else None
        return Authorizer(name=name, kind="cognito", identity_sources=sources, issuer=issuer)
    default_seconds = REST_CACHE_SECONDS if kind == "rest" else 0
    seconds = number_of(table.get("authorizerResultTtlInSeconds"))
    version = text_of(table.get("authorizerPayloadFormatVersion", "1.0"))
    uri = with_stage_variables(text_of(table.get("authorizerUri", "")), variables)
    return Authorizer(
        name=name,
        kind="token" if type_of_authorizer == "token" else "request",
        function=function_name(uri) or None,
        payload_format="2.0" if version == "2.0" and kind == "http" else "1.0",
        simple=text_of(table.get("enableSimpleResponses", False)) == "true",
        identity_sources=sources,
        validation=table.get("identityValidationExpression") or None,
        cache_seconds=default_seconds if seconds is None else int(seconds),
    )


def _security(
    body: Mapping[str, Any], operation: Mapping[str, Any], authorizers: Mapping[str, Authorizer]
) -> tuple[str | None, tuple[str, ...]]:
    if text_of((operation.get("x-amazon-apigateway-auth") or {}).get("type", "")) == "NONE":
        return None, ()
    for requirement in operation.get("security", body.get("security")) or ():
        for name, scopes in requirement.items():
            if name in authorizers:
                return name, tuple(map(text_of, scopes or ()))
    return None, ()


def _needs_key(
    body: Mapping[str, Any], operation: Mapping[str, Any], authorizers: Mapping[str, Authorizer]
) -> bool:
    """Return whether a security scheme of an operation is an API key."""
    keys = {
        name
        for name, scheme in _schemes(body).items()
        if scheme.get("type") == "apiKey"
        and name not in authorizers
        and "x-amazon-apigateway-authtype" not in scheme
    }
    requirements = operation.get("security", body.get("security")) or ()
    return any(not keys.isdisjoint(each) for each in requirements)


def _validation(
    body: Mapping[str, Any], operation: Mapping[str, Any]
) -> tuple[dict[str, Mapping[str, Any]], tuple[str, ...]]:
    """Return the schemas of bodies and the required parameters, where they are checked."""
    validators = body.get("x-amazon-apigateway-request-validators") or {}
    validator = validators.get(operation.get(_VALIDATOR, body.get(_VALIDATOR))) or {}
    schemas: dict[str, Mapping[str, Any]] = {}
    required: list[str] = []
    places = {"query": "querystring", "header": "header", "path": "path"}
    for parameter in operation.get("parameters") or ():
        place = parameter.get("in")
        if place == "body" and "schema" in parameter:
            for media_type in operation.get("consumes") or ["application/json"]:
                schemas[media_type] = parameter["schema"]
        elif place in places and parameter.get("required"):
            required.append(f"method.request.{places[place]}.{parameter.get('name')}")
    content = (operation.get("requestBody") or {}).get("content") or {}
    schemas |= {name: each["schema"] for name, each in content.items() if "schema" in each}
    named = {key: body[key] for key in ("definitions", "components") if key in body}
    checked = {
        media_type: {**schema, **named} if "$ref" in str(schema) else schema
        for media_type, schema in schemas.items()
    }
    is_on = {key: text_of(value) == "true" for key, value in validator.items()}
    return (
        checked if is_on.get("validateRequestBody") else {},
        tuple(required) if is_on.get("validateRequestParameters") else (),
    )
