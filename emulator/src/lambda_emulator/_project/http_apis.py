"""HTTP and WebSocket APIs of a stack: the resources of ``AWS::ApiGatewayV2``."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Literal

from lambda_emulator._project.arns import function_name, with_stage_variables
from lambda_emulator._project.authorizer_values import split_sources
from lambda_emulator._project.description import Api, Authorizer, Place, Route
from lambda_emulator._project.functions import read_cors
from lambda_emulator._project.malformed import read_all
from lambda_emulator._project.openapi import (
    Document,
    is_streaming,
    not_mapped,
    read_openapi,
)
from lambda_emulator._project.stack import Resource, Stack
from lambda_emulator._project.template_file import number_of, text_of
from lambda_emulator._project.throttles import with_throttles
from lambda_emulator._project.upstreams import read_upstream

_API = "AWS::ApiGatewayV2::Api"
_IAM = "AWS_IAM"
_Format = Literal["1.0", "2.0"]


def read_http_apis(stack: Stack) -> list[Api]:
    """Return the HTTP and the WebSocket APIs of a stack.

    Args:
        stack: The stack.
    """
    return read_all(stack.of_kind(_API), lambda each: [_read(stack, each)])


def of_api(stack: Stack, api: Resource, kind: str, key: str = "ApiId") -> list[Resource]:
    """Return the resources that belong to an API: those of its stack, and then those of others.

    Args:
        stack: The stack of the API.
        api: The API.
        kind: Their type.
        key: The property that names the API.
    """
    stacks = [stack, *(each for each in stack.project if each is not stack)]
    found = (resource for each in stacks for resource in each.of_kind(kind))
    return [resource for resource in found if resource.text(key) == api.name]


def served_stage(stages: Sequence[Resource]) -> Resource | None:
    """Return the stage of an API that is served: the first one, or None if it has none.

    Args:
        stages: The stages of the API.
    """
    for each in stages[1:]:
        each.warn(f"Only the first stage is served: {stages[0].text('StageName')}.", "StageName")
    return stages[0] if stages else None


def api_name(api: Resource) -> str:
    """Return the name of an API, or its logical id if it has none of its own.

    Args:
        api: The API.
    """
    title = api.raw("Body", "info", "title")  # the translator's own is the stack's name
    return api.text("Name") or (title if isinstance(title, str) else "") or api.name


def document_of(
    api: Resource, kind: Literal["http", "rest"], variables: Mapping[str, str]
) -> Document:
    """Return what the OpenAPI document of an API describes; nothing if there is none here.

    Args:
        api: The API.
        kind: The kind.
        variables: The variables of its stage.
    """
    body = api.get("Body")
    if isinstance(body, Mapping):
        return read_openapi(
            body,
            kind,
            lambda path, method, function: _route_place(api, path, method, function),
            lambda message, path: api.warn(message, "Body", "paths", path),
            variables,
        )
    if api.raw("BodyS3Location") is not None:
        api.warn(
            "Its OpenAPI document is not on this machine, so it has no routes here.",
            "BodyS3Location",
        )
    return Document((), {}, None, ())


def _route_place(api: Resource, path: str, method: str, function: str) -> Place:
    """Return where a route of an OpenAPI document is described: there, or as a function's event."""
    written = api.stack.source.body.get("Resources") or {}
    for logical_id, resource in written.items():
        properties = resource.get("Properties") if isinstance(resource, Mapping) else None
        if not isinstance(properties, Mapping):
            continue
        if function not in (logical_id, properties.get("FunctionName")):
            continue
        for name, event in (properties.get("Events") or {}).items():
            table = (event.get("Properties") or {}) if isinstance(event, Mapping) else {}
            same_method = text_of(table.get("Method", "any")).upper() == method
            if table.get("Path", "$default") == path and (same_method or path == "$default"):
                return api.stack.place("Resources", logical_id, "Properties", "Events", name)
    return api.place("Body", "paths", path)


def _read(stack: Stack, api: Resource) -> Api:
    is_websocket = api.text("ProtocolType").upper() == "WEBSOCKET"
    stage = served_stage(of_api(stack, api, "AWS::ApiGatewayV2::Stage"))
    variables = read_variables(stage, "StageVariables")
    document = document_of(api, "http", variables)
    routes = [*document.routes]
    authorizers = {**document.authorizers}
    for each in of_api(stack, api, "AWS::ApiGatewayV2::Authorizer"):
        authorizers[each.name] = _authorizer(each, variables)
    two_way = {
        each.text("RouteId") for each in of_api(stack, api, "AWS::ApiGatewayV2::RouteResponse")
    }
    routes += [
        replace(route, responds=each.name in two_way)
        for each in of_api(stack, api, "AWS::ApiGatewayV2::Route")
        if (route := _route(each, variables, is_websocket=is_websocket)) is not None
    ]
    authorizers |= signatures(routes)
    if target := api.text("Target"):
        method, path = _split_key(api.text("RouteKey", default="$default"))
        upstream = read_upstream({"Type": "HTTP_PROXY"}, target)
        function = function_name(target)
        if function or upstream:
            place = api.place()
            routes.append(
                Route(method=method, path=path, function=function, place=place, upstream=upstream)
            )
    mappings = of_api(stack, api, "AWS::ApiGatewayV2::ApiMapping")
    return Api(
        name=api_name(api),
        kind="websocket" if is_websocket else "http",
        place=api.place(),
        routes=tuple(with_throttles(stage, routes)),
        stage=stage.text("StageName", default="$default") if stage is not None else "$default",
        stage_variables=variables,
        base_paths=tuple(each.text("ApiMappingKey") for each in mappings),
        cors=read_cors(api.get("CorsConfiguration")) or document.cors,
        authorizers=authorizers,
        route_selection=api.text("RouteSelectionExpression", default="$request.body.action"),
    )


def read_variables(stage: Resource | None, key: str) -> dict[str, str]:
    """Return the variables of a stage.

    Args:
        stage: The stage, or None.
        key: The property that has them.
    """
    variables = {} if stage is None else stage.table(key)
    return {name: text_of(value) for name, value in variables.items()}


def _route(route: Resource, variables: Mapping[str, str], *, is_websocket: bool) -> Route | None:
    key = route.text("RouteKey")
    method, path = ("", key) if is_websocket else _split_key(key)
    integration_id = route.text("Target").rpartition("/")[2]
    integration = route.stack.find(integration_id, "AWS::ApiGatewayV2::Integration")
    uri = integration.text("IntegrationUri") if integration is not None else ""
    uri = with_stage_variables(uri, variables)
    function = function_name(uri) if uri else ""
    upstream = None
    if integration is not None and not is_websocket:
        upstream = read_upstream(integration.table(), uri)
    if integration is None or not (function or upstream):
        where = uri or (integration.text("IntegrationSubtype") if integration is not None else "")
        route.warn(f"The route {key} goes to {where or 'nothing'}, and is not served.", "Target")
        return None
    if integration.text("IntegrationType").upper() == "AWS":
        route.warn(
            f"The route {key} is not served: its integration is not a proxy (AWS_PROXY).", "Target"
        )
        return None
    if function and (integration.get("RequestParameters") or integration.get("ResponseParameters")):
        route.warn(not_mapped(f"The route {key}"), "Target")
    version = integration.text("PayloadFormatVersion", default="1.0")
    timeout = number_of(integration.get("TimeoutInMillis"))
    return Route(
        method=method,
        path=path,
        function=function,
        place=route.place(),
        upstream=upstream,
        payload_format="2.0" if version == "2.0" and not is_websocket else "1.0",
        authorizer=authorizer_of(route),
        scopes=tuple(map(text_of, route.items("AuthorizationScopes"))),
        streams=is_streaming(uri, integration.get("ResponseTransferMode")),
        timeout=None if timeout is None else timeout / 1000,
    )


def authorizer_of(resource: Resource) -> str | None:
    """Return the name of the authorizer of a route or a method, or None.

    Args:
        resource: The route or the method.
    """
    if resource.text("AuthorizationType") == _IAM:
        return _IAM
    return resource.text("AuthorizerId") or None


def signatures(routes: Iterable[Route]) -> dict[str, Authorizer]:
    """Return the authorizer that stands for IAM, if a route has it.

    Args:
        routes: The routes.
    """
    if any(each.authorizer == _IAM for each in routes):
        return {_IAM: Authorizer(name=_IAM, kind="iam")}
    return {}


def _split_key(key: str) -> tuple[str, str]:
    """Return the method and the path of a route's key, such as ``GET /orders/{id}``."""
    method, space, path = key.partition(" ")
    return (method.upper(), path.strip()) if space else ("", key)


def _authorizer(resource: Resource, variables: Mapping[str, str]) -> Authorizer:
    sources = split_sources(resource.get("IdentitySource"))
    if resource.text("AuthorizerType").upper() == "JWT":
        return Authorizer(
            name=resource.name,
            kind="jwt",
            identity_sources=sources or ("$request.header.Authorization",),
            issuer=resource.text("JwtConfiguration", "Issuer") or None,
            audiences=tuple(map(text_of, resource.items("JwtConfiguration", "Audience"))),
        )
    version: _Format = "2.0" if resource.text("AuthorizerPayloadFormatVersion") == "2.0" else "1.0"
    return Authorizer(
        name=resource.name,
        kind="request",
        function=function_name(with_stage_variables(resource.text("AuthorizerUri"), variables))
        or None,
        payload_format=version,
        simple=resource.text("EnableSimpleResponses") == "true",
        identity_sources=sources,
        cache_seconds=resource.integer("AuthorizerResultTtlInSeconds", default=0),
    )
