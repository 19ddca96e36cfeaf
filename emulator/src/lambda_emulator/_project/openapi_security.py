"""The security schemes of an OpenAPI document: authorizers and API keys.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions-authorizer.html
"""

from collections.abc import Mapping
from typing import Any, Literal

from lambda_emulator._project.arns import function_name, with_stage_variables
from lambda_emulator._project.authorizer_values import (
    REST_CACHE_SECONDS,
    cognito_issuers,
    split_sources,
)
from lambda_emulator._project.description import Authorizer
from lambda_emulator._project.template_file import number_of, text_of

_AUTHORIZER = "x-amazon-apigateway-authorizer"


def schemes_of(body: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any]]:
    """Return the security schemes of a document, by name.

    Args:
        body: The document.
    """
    components = body.get("components") or {}
    return {**(body.get("securityDefinitions") or {}), **(components.get("securitySchemes") or {})}


def read_authorizer(
    name: str,
    scheme: Mapping[str, Any],
    kind: Literal["http", "rest"],
    variables: Mapping[str, str],
) -> Authorizer | None:
    """Return the authorizer that a security scheme stands for; None if it is not an authorizer.

    Args:
        name: The name of the scheme.
        scheme: The scheme.
        kind: The kind of the API.
        variables: The variables of the stage.
    """
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
        issuers = cognito_issuers(table.get("providerARNs") or ())
        return Authorizer(name=name, kind="cognito", identity_sources=sources, **issuers)
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


def security_of(
    body: Mapping[str, Any], operation: Mapping[str, Any], authorizers: Mapping[str, Authorizer]
) -> tuple[str | None, tuple[str, ...]]:
    """Return the name of the authorizer of an operation, or None, and the scopes that it needs.

    Args:
        body: The document.
        operation: The operation.
        authorizers: The authorizers by name.
    """
    if text_of((operation.get("x-amazon-apigateway-auth") or {}).get("type", "")) == "NONE":
        return None, ()
    for requirement in operation.get("security", body.get("security")) or ():
        for name, scopes in requirement.items():
            if name in authorizers:
                return name, tuple(map(text_of, scopes or ()))
    return None, ()


def needs_key(
    body: Mapping[str, Any], operation: Mapping[str, Any], authorizers: Mapping[str, Authorizer]
) -> bool:
    """Return whether a security scheme of an operation is an API key.

    Args:
        body: The document.
        operation: The operation.
        authorizers: The authorizers by name.
    """
    keys = {
        name
        for name, scheme in schemes_of(body).items()
        if scheme.get("type") == "apiKey"
        and name not in authorizers
        and "x-amazon-apigateway-authtype" not in scheme
    }
    requirements = operation.get("security", body.get("security")) or ()
    return any(not keys.isdisjoint(each) for each in requirements)
