"""Integrations of the types ``HTTP`` and ``HTTP_PROXY``, by which APIs ask other servers."""

from collections.abc import Iterator, Mapping
from typing import Any

from lambda_emulator._project.api_description import Upstream, UpstreamResponse
from lambda_emulator._project.integration_responses import responses_of
from lambda_emulator._project.template_file import integer_or_none, table_of, text_of

_TYPES = ("http", "http_proxy")


def read_upstream(integration: Mapping[str, Any], uri: str) -> Upstream | None:
    """Return the server of an integration; None for one of another type.

    Args:
        integration: The integration, of CloudFormation or of OpenAPI.
        uri: The URI of the integration, with the variables of the stage in it.
    """
    table = {f"{key[:1].lower()}{key[1:]}": value for key, value in integration.items()}
    kind = text_of(table.get("type") or table.get("integrationType")).lower()
    if kind not in _TYPES or not uri.startswith(("http://", "https://")):
        return None
    method = table.get("httpMethod") or table.get("integrationHttpMethod")
    method = text_of(method or table.get("integrationMethod")).upper()
    return Upstream(
        url=uri,
        method="" if method in ("ANY", "X-AMAZON-APIGATEWAY-ANY-METHOD") else method,
        passes=kind == "http_proxy",
        parameters=_texts(table.get("requestParameters")),
        responses=tuple(_responses(integration)),
    )


def _responses(integration: Mapping[str, Any]) -> Iterator[UpstreamResponse]:
    for pattern, each in sorted(responses_of(integration), key=lambda each: each[0] == ""):
        yield UpstreamResponse(
            pattern=pattern,
            status=integer_or_none(each.get("StatusCode") or each.get("statusCode")),
            parameters=_texts(each.get("ResponseParameters") or each.get("responseParameters")),
        )
    # Those of an HTTP API, by their statuses.
    own = integration.get("ResponseParameters") or integration.get("responseParameters")
    for status, changes in table_of(own).items():
        listed = table_of(changes).get("ResponseParameters")
        parameters = (
            _texts(changes)
            if listed is None
            else {text_of(each.get("Destination")): text_of(each.get("Source")) for each in listed}
        )
        yield UpstreamResponse(pattern=text_of(status), parameters=parameters)


def _texts(parameters: object) -> dict[str, str]:
    table = table_of(parameters)
    return {text_of(key): text_of(value) for key, value in table.items()}
