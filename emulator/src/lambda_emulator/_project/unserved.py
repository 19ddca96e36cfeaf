"""Warnings about integrations of APIs that are not served."""

from collections.abc import Mapping
from typing import Any

from lambda_emulator._project.api_description import Mock, Upstream
from lambda_emulator._project.integration_responses import responses_of
from lambda_emulator._project.mocks import is_served
from lambda_emulator._project.template_file import table_of, text_of

_TEMPLATES = ("RequestTemplates", "requestTemplates", "ResponseTemplates", "responseTemplates")


def unserved(
    method: str,
    path: str,
    integration: Mapping[str, Any],
    uri: str,
    answers: str | Mock | Upstream | None,
) -> str | None:
    """Return a warning about a route of a REST or an HTTP API; None if it is served.

    Args:
        method: The method of the route.
        path: The path.
        integration: The integration, of CloudFormation or of OpenAPI.
        uri: The URI of the integration.
        answers: The function, the mock or the server that it goes to; empty for none.
    """
    kind = text_of(integration.get("type") or integration.get("Type") or "")
    route = f"{method} {path}"
    if isinstance(answers, Mock):
        if is_served(answers, method):
            return None
        return f"{route} is not served: its answer is a mapping template, which is not evaluated."
    if not answers:
        where = uri or text_of(integration.get("integrationSubtype", "")) or kind or "nothing"
        return f"{route} goes to {where}, which is not a function, and is not served."
    passes = answers.passes if isinstance(answers, Upstream) else kind.lower() != "aws"
    if passes or (isinstance(answers, Upstream) and not has_templates(integration)):
        return None
    return not_proxied(route, integration)


def not_proxied(route: str, integration: Mapping[str, Any]) -> str:
    """Return a warning about an integration that is not a proxy integration.

    Args:
        route: The method and the path of the route, or its key.
        integration: The integration, of CloudFormation or of OpenAPI.
    """
    if has_templates(integration):
        return f"{route} is not served: it has mapping templates, which are not evaluated."
    return f"{route} is not served: with a function, only proxy integrations are (AWS_PROXY)."


def has_templates(integration: Mapping[str, Any]) -> bool:
    """Return whether an integration changes bodies by mapping templates.

    Args:
        integration: The integration, of CloudFormation or of OpenAPI.
    """
    tables = [integration, *(response for _, response in responses_of(integration))]
    templates = (table_of(table.get(key)).values() for table in tables for key in _TEMPLATES)
    return any(text_of(each) for several in templates for each in several)
