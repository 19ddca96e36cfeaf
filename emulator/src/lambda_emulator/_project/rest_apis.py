"""REST APIs of a stack: the resources of ``AWS::ApiGateway``."""

from collections.abc import Mapping
from typing import Any

from lambda_emulator._project.arns import function_name, with_stage_variables
from lambda_emulator._project.authorizer_values import (
    REST_CACHE_SECONDS,
    cognito_issuers,
    split_sources,
)
from lambda_emulator._project.description import Api, Authorizer, Route
from lambda_emulator._project.gateway_responses import read_gateway_response
from lambda_emulator._project.http_apis import (
    api_name,
    authorizer_of,
    document_of,
    of_api,
    read_variables,
    served_stage,
    signatures,
)
from lambda_emulator._project.malformed import read_all
from lambda_emulator._project.mocks import mock_cors, read_mock
from lambda_emulator._project.models import with_models
from lambda_emulator._project.openapi import TENANT_HEADER, is_streaming
from lambda_emulator._project.stack import Resource, Stack
from lambda_emulator._project.template_file import number_of, text_of
from lambda_emulator._project.throttles import with_throttles
from lambda_emulator._project.unserved import custom_of, unserved
from lambda_emulator._project.upstreams import read_upstream
from lambda_emulator._project.usage_plans import read_api_keys, read_usage_plans

_API = "AWS::ApiGateway::RestApi"
_KEY = "RestApiId"


def read_rest_apis(stack: Stack) -> list[Api]:
    """Return the REST APIs of a stack.

    Args:
        stack: The stack.
    """
    return read_all(stack.of_kind(_API), lambda each: [_read(stack, each)])


def _read(stack: Stack, api: Resource) -> Api:
    served = served_stage(of_api(stack, api, "AWS::ApiGateway::Stage", _KEY))
    stage, variables = _stage_name(stack, api, served), read_variables(served, "Variables")
    document = document_of(api, "rest", variables)
    routes = [*document.routes]
    authorizers = {**document.authorizers}
    cors = document.cors
    media_types = tuple(map(text_of, api.items("BinaryMediaTypes"))) or document.binary_media_types
    for each in of_api(stack, api, "AWS::ApiGateway::Authorizer", _KEY):
        authorizers[each.name] = _authorizer(each, variables)
    for each in of_api(stack, api, "AWS::ApiGateway::Method", _KEY):
        route = _route(stack, api, each, variables)
        if route is not None:
            routes.append(route)
            if route.mock is not None and route.method == "OPTIONS":
                cors = cors or mock_cors(route.mock)
    authorizers |= signatures(routes)
    _warn_of_ignored(api, served)
    mappings = of_api(stack, api, "AWS::ApiGateway::BasePathMapping", _KEY)
    responses = {
        each.text("ResponseType"): read_gateway_response(each.get())
        for each in of_api(stack, api, "AWS::ApiGateway::GatewayResponse", _KEY)
    }
    key_source = api.text("ApiKeySourceType") or document.api_key_source
    return Api(
        name=api_name(api),
        kind="rest",
        place=api.place(),
        routes=tuple(with_throttles(served, routes)),
        stage=stage,
        stage_variables=variables,
        base_paths=tuple(each.text("BasePath").removeprefix("(none)") for each in mappings),
        cors=cors,
        authorizers=authorizers,
        binary_media_types=tuple(each.replace("~1", "/") for each in media_types),
        api_keys=read_api_keys(stack, api, stage),
        usage_plans=read_usage_plans(stack, api, stage),
        key_from_authorizer=key_source == "AUTHORIZER",
        gateway_responses={**document.gateway_responses, **responses},
    )


def _warn_of_ignored(api: Resource, stage: Resource | None) -> None:
    """Warn of what changes the answers of an API on AWS only."""
    if api.get("Policy") or api.raw("Body", "x-amazon-apigateway-policy"):
        api.warn("Its resource policy is not evaluated.", "Policy")
    if api.get("MinimumCompressionSize") is not None:
        api.warn("Its responses are not compressed.", "MinimumCompressionSize")
    if stage is not None and stage.text("CacheClusterEnabled") == "true":
        stage.warn("Its responses are not kept in a cache.", "CacheClusterEnabled")


def _stage_name(stack: Stack, api: Resource, stage: Resource | None) -> str:
    if stage is not None:
        return stage.text("StageName")
    for each in of_api(stack, api, "AWS::ApiGateway::Deployment", _KEY):
        if name := each.text("StageName"):
            return name
    return "prod"


def _route(
    stack: Stack,
    api: Resource,
    method: Resource,
    variables: Mapping[str, str],
) -> Route | None:
    integration = method.table("Integration")
    verb = method.text("HttpMethod").upper()
    path = _path(method)
    uri = with_stage_variables(text_of(integration.get("Uri", "")), variables)
    function = function_name(uri) if uri else ""
    kind = text_of(integration.get("Type", "")).upper()
    mock = read_mock(integration) if kind == "MOCK" else None
    upstream = read_upstream(integration, uri)
    answers = mock or upstream or function
    if not answers:
        method.warn(unserved(f"{verb} {path}", integration, uri), "Integration")
        return None
    custom = custom_of(f"{verb} {path}", integration, answers)
    if isinstance(custom, str):
        method.warn(custom, "Integration")
        return None
    validator = method.stack.find(
        method.raw("RequestValidatorId"), "AWS::ApiGateway::RequestValidator"
    )
    checks_body = validator is not None and validator.text("ValidateRequestBody") == "true"
    checks_parameters = (
        validator is not None and validator.text("ValidateRequestParameters") == "true"
    )
    parameters = method.table("RequestParameters")
    timeout = number_of(integration.get("TimeoutInMillis"))
    return Route(
        method=verb,
        path=path,
        function="" if upstream else function,
        place=method.place(),
        mock=mock,
        upstream=upstream,
        custom=custom,
        payload_format="1.0",
        authorizer=authorizer_of(method),
        scopes=tuple(map(text_of, method.items("AuthorizationScopes"))),
        streams=is_streaming(uri, integration.get("ResponseTransferMode")),
        timeout=None if timeout is None else timeout / 1000,
        body_schemas=_schemas(stack, api, method) if checks_body else {},
        required_parameters=tuple(
            name for name, required in parameters.items() if text_of(required) == "true"
        )
        if checks_parameters
        else (),
        tenant=text_of((integration.get("RequestParameters") or {}).get(TENANT_HEADER, "")) or None,
        api_key=method.text("ApiKeyRequired") == "true",
    )


def _path(method: Resource) -> str:
    """Return the path of a method, from the parts of its resource and those above it."""
    parts: list[str] = []
    seen: set[str] = set()
    part = _part(method, "ResourceId")
    while part is not None and part.id not in seen:
        seen.add(part.id)
        parts.insert(0, part.text("PathPart"))
        part = _part(part, "ParentId")
    return "/" + "/".join(parts)


def _part(resource: Resource, key: str) -> Resource | None:
    """Return the resource of an API that a property names, in any stack; None for its root."""
    kind, stack = "AWS::ApiGateway::Resource", resource.stack
    if (found := stack.find(resource.raw(key), kind)) is not None:
        return found
    name = resource.text(key)
    return next((each for each in stack.of_project(kind) if each.name == name), None)


def _schemas(stack: Stack, api: Resource, method: Resource) -> dict[str, Mapping[str, Any]]:
    schemas: dict[str, Mapping[str, Any]] = {}
    kind = "AWS::ApiGateway::Model"
    named = {each.name: each.get("Schema") for each in of_api(stack, api, kind, _KEY)}
    models = method.raw("RequestModels")
    for media_type, reference in models.items() if isinstance(models, Mapping) else ():
        model = stack.find(reference, kind)
        schema = model.get("Schema") if model is not None else None
        if isinstance(schema, Mapping):
            schemas[media_type] = with_models(schema, named)
    return schemas


def _authorizer(resource: Resource, variables: Mapping[str, str]) -> Authorizer:
    kind = resource.text("Type").upper()
    sources = split_sources(resource.get("IdentitySource"))
    if not sources and kind != "REQUEST":
        sources = ("method.request.header.Authorization",)
    name = resource.name
    if kind == "COGNITO_USER_POOLS":
        issuers = cognito_issuers(resource.items("ProviderARNs"))
        return Authorizer(name=name, kind="cognito", identity_sources=sources, **issuers)
    return Authorizer(
        name=name,
        kind="token" if kind == "TOKEN" else "request",
        function=function_name(with_stage_variables(resource.text("AuthorizerUri"), variables))
        or None,
        payload_format="1.0",
        identity_sources=sources,
        validation=resource.text("IdentityValidationExpression") or None,
        cache_seconds=resource.integer("AuthorizerResultTtlInSeconds", default=REST_CACHE_SECONDS),
    )
