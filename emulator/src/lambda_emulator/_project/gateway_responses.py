"""The answers of REST APIs themselves, as templates and OpenAPI documents customize them."""

from collections.abc import Mapping
from typing import Any

from lambda_emulator._project.description import GatewayResponse
from lambda_emulator._project.template_file import integer_or_none, text_of

_HEADER = "gatewayresponse.header."


def read_gateway_response(table: Mapping[str, Any]) -> GatewayResponse:
    """Return a customized answer.

    Args:
        table: As CloudFormation, or an OpenAPI document, has it.
    """
    values = {key[:1].lower() + key[1:]: each for key, each in table.items()}
    headers: Mapping[str, Any] = values.get("responseParameters") or {}
    templates: Mapping[str, Any] = values.get("responseTemplates") or {}
    return GatewayResponse(
        status=integer_or_none(values.get("statusCode")),
        headers={
            name.removeprefix(_HEADER): text_of(value)
            for name, value in headers.items()
            if name.startswith(_HEADER)
        },
        templates={name: text_of(value) for name, value in templates.items()},
    )
