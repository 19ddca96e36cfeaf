"""Integrations of the types ``HTTP`` and ``HTTP_PROXY``, by which APIs ask other servers."""

from collections.abc import Iterator, Mapping
from typing import Any

from lambda_emulator._project.api_description import IntegrationResponse, Upstream
from lambda_emulator._project.template_file import table_of, text_of

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
        responses=tuple(_responses(table.get("responseParameters"))),
    )


def _responses(changes: object) -> Iterator[IntegrationResponse]:
    for status, each in table_of(changes).items():
        listed = table_of(each).get("ResponseParameters")
        parameters = (
            _texts(each)
            if listed is None
            else {text_of(one.get("Destination")): text_of(one.get("Source")) for one in listed}
        )
        yield IntegrationResponse(pattern=text_of(status), parameters=parameters)


def _texts(parameters: object) -> dict[str, str]:
    table = table_of(parameters)
    return {text_of(key): text_of(value) for key, value in table.items()}
