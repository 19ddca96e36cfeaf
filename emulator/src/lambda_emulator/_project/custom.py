"""Integrations of REST APIs that are not proxies, with their mapping templates."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from lambda_emulator._project.api_description import Custom, IntegrationResponse
from lambda_emulator._project.integration_responses import responses_of
from lambda_emulator._project.template_file import integer_or_none, table_of, text_of
from lambda_emulator._velocity.template import Template

_Passthrough = Literal["WHEN_NO_MATCH", "WHEN_NO_TEMPLATES", "NEVER"]
_PASSTHROUGHS: dict[str, _Passthrough] = {
    "NEVER": "NEVER",
    "WHEN_NO_TEMPLATES": "WHEN_NO_TEMPLATES",
}
_ASYNCHRONOUS = "integration.request.header.X-Amz-Invocation-Type"


def is_asynchronous(integration: Mapping[str, Any]) -> bool:
    """Return whether an integration does not wait for the response of its function.

    Args:
        integration: The integration, of CloudFormation or of OpenAPI.
    """
    parameters = table_of(_either(integration, "requestParameters"))
    return text_of(parameters.get(_ASYNCHRONOUS)).strip("'") == "Event"


def read_custom(integration: Mapping[str, Any]) -> Custom:
    """Return the templates of an integration.

    Args:
        integration: The integration, of CloudFormation or of OpenAPI.

    Raises:
        TemplateError: A template cannot be understood.
    """
    passthrough = text_of(_either(integration, "passthroughBehavior")).upper()
    custom = Custom(
        requests=_texts(_either(integration, "requestTemplates")),
        passthrough=_PASSTHROUGHS.get(passthrough, "WHEN_NO_MATCH"),
        responses=tuple(read_responses(integration)),
    )
    for table in (custom.requests, *(each.templates for each in custom.responses)):
        for text in table.values():
            Template(text)
    return custom


def read_responses(integration: Mapping[str, Any]) -> Iterator[IntegrationResponse]:
    """Yield the responses of an integration of a REST API; the default one is the last.

    Args:
        integration: The integration, of CloudFormation or of OpenAPI.
    """
    for pattern, each in sorted(responses_of(integration), key=lambda each: each[0] == ""):
        yield IntegrationResponse(
            pattern=pattern,
            status=integer_or_none(_either(each, "statusCode")),
            parameters=_texts(_either(each, "responseParameters")),
            templates=_texts(_either(each, "responseTemplates")),
        )


def _either(table: Mapping[str, Any], name: str) -> Any:
    """Return a value of a table of OpenAPI, or of CloudFormation, which has capitals."""
    return table.get(name) or table.get(f"{name[0].upper()}{name[1:]}")


def _texts(value: object) -> dict[str, str]:
    return {text_of(key): text_of(each) for key, each in table_of(value).items()}
