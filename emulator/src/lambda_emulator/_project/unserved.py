"""Warnings about integrations of APIs that are not served."""

from collections.abc import Mapping
from typing import Any

from lambda_emulator._project.api_description import Custom, Mock, Upstream
from lambda_emulator._project.custom import is_asynchronous, read_custom
from lambda_emulator._project.template_file import text_of
from lambda_emulator._velocity.values import TemplateError


def unserved(route: str, integration: Mapping[str, Any], uri: str) -> str:
    """Return a warning about a route that goes to nothing that is served.

    Args:
        route: The method and the path of the route.
        integration: The integration, of CloudFormation or of OpenAPI.
        uri: The URI of the integration.
    """
    kind = text_of(integration.get("type") or integration.get("Type") or "")
    where = uri or text_of(integration.get("integrationSubtype", "")) or kind or "nothing"
    return f"{route} goes to {where}, which is not a function, and is not served."


def custom_of(
    route: str, integration: Mapping[str, Any], answers: str | Mock | Upstream
) -> Custom | str | None:
    """Return the mapping of an integration that is not a proxy; None for another one.

    Args:
        route: The method and the path of the route.
        integration: The integration of a REST API, of CloudFormation or of OpenAPI.
        answers: The function, the mock or the server that it goes to.

    Returns:
        The mapping, or a warning that says why the route is not served.
    """
    kind = text_of(integration.get("type") or integration.get("Type") or "").lower()
    is_proxy = kind != "aws"
    if isinstance(answers, Mock):
        is_proxy = answers.complete or route.startswith("OPTIONS ")
    elif isinstance(answers, Upstream):
        is_proxy = answers.passes
    if is_proxy:
        return None
    if is_asynchronous(integration):
        return f"{route} is not served: its function is invoked asynchronously."
    try:
        return read_custom(integration)
    except TemplateError as error:
        return f"{route} is not served: its mapping template is not understood: {error}."
