"""APIs that an OpenAPI document describes, with API Gateway's extensions.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
"""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from lambda_emulator._config import Cors
from lambda_emulator._project.arns import function_name, with_stage_variables
from lambda_emulator._project.description import Authorizer, GatewayResponse, Place, Route
from lambda_emulator._project.functions import read_cors
from lambda_emulator._project.gateway_responses import read_gateway_response
from lambda_emulator._project.mocks import mock_cors, read_mock
from lambda_emulator._project.openapi_security import (
    needs_key,
    read_authorizer,
    schemes_of,
    security_of,
)
from lambda_emulator._project.template_file import number_of, text_of
from lambda_emulator._project.unserved import custom_of, unserved
from lambda_emulator._project.upstreams import read_upstream

ANY_METHOD = "x-amazon-apigateway-any-method"
_METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", ANY_METHOD})
_INTEGRATION = "x-amazon-apigateway-integration"
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
        for name, scheme in schemes_of(body).items()
        if (found := read_authorizer(name, scheme, kind, variables)) is not None
    }
    routes: list[Route] = []
    cors = read_cors(body.get("x-amazon-apigateway-cors")) if kind == "http" else None
    for path, method, operation in _operations(body):
        integration = _referenced(body, operation.get(_INTEGRATION))
        if not isinstance(integration, Mapping):
            warn(f"{method} {path} has no integration, and is not served.", path)
            continue
        kind_of_integration = text_of(integration.get("type", "")).lower()
        if kind_of_integration == "mock" and kind == "http" and method == "OPTIONS":
            continue  # the API itself answers, by its CORS configuration
        mock = read_mock(integration) if kind_of_integration == "mock" and kind == "rest" else None
        if mock is not None and method == "OPTIONS":
            cors = cors or mock_cors(mock)
        uri = with_stage_variables(text_of(integration.get("uri", "")), variables)
        function = function_name(uri)
        upstream = read_upstream(integration, uri)
        answers = mock or upstream or function
        if not answers:
            warn(unserved(f"{method} {path}", integration, uri), path)
            continue
        custom = custom_of(f"{method} {path}", integration, answers) if kind == "rest" else None
        if isinstance(custom, str):
            warn(custom, path)
            continue
        maps = {"requestParameters", "responseParameters"} & integration.keys()
        if maps and function and kind == "http":
            warn(not_mapped(f"{method} {path}"), path)
        authorizer, scopes = security_of(body, operation, authorizers)
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
                mock=mock,
                upstream=upstream,
                custom=custom,
                payload_format="2.0" if version == "2.0" and kind == "http" else "1.0",
                authorizer=authorizer,
                scopes=scopes,
                streams=is_streaming(uri, integration.get("responseTransferMode")),
                timeout=None if timeout is None else timeout / 1000,
                body_schemas=schemas,
                required_parameters=parameters,
                tenant=text_of((integration.get("requestParameters") or {}).get(TENANT_HEADER, ""))
                or None,
                api_key=kind == "rest" and needs_key(body, operation, authorizers),
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


def not_mapped(route: str) -> str:
    """Return a warning about an integration of an HTTP API that changes parameters.

    Args:
        route: The method and the path of the route.
    """
    return f"{route} maps parameters of requests or responses, which is not done here."


def is_streaming(uri: str, transfer_mode: object) -> bool:
    """Return whether the responses of an integration go out as they come.

    Args:
        uri: The URI of the integration.
        transfer_mode: The transfer mode of responses; None for the default.
    """
    return uri.endswith("/response-streaming-invocations") or transfer_mode == "STREAM"


def _operations(body: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    paths = body.get("paths") or {}
    for path, operations in paths.items():
        for key, operation in (operations or {}).items():
            if key.lower() in _METHODS and isinstance(operation, Mapping):
                shared = operations.get("parameters") or []
                own = operation.get("parameters") or []
                full = {**operation, "parameters": [*shared, *own]}
                yield path, "ANY" if key == ANY_METHOD else key.upper(), full


def _referenced(body: Mapping[str, Any], value: Any) -> Any:
    """Return a part of a document, or the part of it that a reference names."""
    reference = value.get("$ref") if isinstance(value, Mapping) else None
    if not isinstance(reference, str) or not reference.startswith("#/"):
        return value
    found: Any = body
    for key in reference.removeprefix("#/").split("/"):
        found = found.get(key) if isinstance(found, Mapping) else None
    return found


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
