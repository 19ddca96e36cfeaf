"""The responses of integrations of REST APIs, which are chosen by a status or a message."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from lambda_emulator._project.template_file import table_of, text_of


def responses_of(integration: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the patterns of responses, which are empty for the default one, and the responses.

    Args:
        integration: The integration, of CloudFormation or of OpenAPI.
    """
    responses = integration.get("responses") or integration.get("IntegrationResponses") or {}
    if isinstance(responses, Mapping):
        for pattern, each in responses.items():
            yield "" if pattern == "default" else text_of(pattern), table_of(each)
    else:
        yield from ((text_of(each.get("SelectionPattern")), each) for each in responses)


def fits(pattern: str, text: str) -> bool:
    """Return whether a pattern is for a status or a message.

    Args:
        pattern: A regular expression, which must match all; empty for any text.
        text: The status, or the message of an error.
    """
    try:
        return not pattern or re.fullmatch(pattern, text, re.DOTALL) is not None
    except re.error:
        return False
