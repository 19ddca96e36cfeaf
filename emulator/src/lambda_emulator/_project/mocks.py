"""Integrations of the type ``MOCK``, by which a REST API answers without a function.

https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-mock-integration.html
"""

import re
from collections.abc import Mapping
from typing import Any

from lambda_emulator._config import Cors
from lambda_emulator._project.api_description import Mock
from lambda_emulator._project.integration_responses import fits, responses_of
from lambda_emulator._project.template_file import integer_or_none, number_of, text_of

_STATUS = re.compile(r"""statusCode["']?\s*:\s*["']?(\d{3})""")
_EVALUATED = re.compile(r"[$]!?[{]?[A-Za-z]|#(?:set|if|foreach|[*#])")
# CDK answers other origins than the first one by such a template.
_OTHER_ORIGIN = re.compile(r"""[$]origin(?: == |[.]matches[(])["']([^"']+)""")
_ORIGIN = "access-control-allow-origin"


def read_mock(integration: Mapping[str, Any]) -> Mock:
    """Return the answer of an integration.

    Args:
        integration: The integration, of CloudFormation or of OpenAPI.
    """
    requests = _either(integration, "RequestTemplates", "requestTemplates")
    templates = [text_of(each) for each in requests.values()]
    status = mock_status(templates[0]) if templates else None
    response = None if status is None else _response(integration, str(status))
    if response is None:
        return Mock(status=None, complete=not _EVALUATED.search("".join(templates)))
    parameters = _either(response, "ResponseParameters", "responseParameters")
    bodies = _either(response, "ResponseTemplates", "responseTemplates")
    media_type, body = next(iter(bodies.items()), ("", ""))
    is_static = _EVALUATED.search(text_of(body)) is None
    return Mock(
        status=integer_or_none(_either(response, "StatusCode", "statusCode")) or 200,
        headers={
            name.rpartition(".")[2]: text_of(value)[1:-1]
            for name, value in parameters.items()
            if text_of(value)[:1] == "'"
        },
        media_type=text_of(media_type),
        body=text_of(body) if is_static else "",
        other_origins=tuple(_OTHER_ORIGIN.findall(text_of(body))),
        complete=is_static or bool(_OTHER_ORIGIN.search(text_of(body))),
    )


def mock_status(text: str) -> int | None:
    """Return the status that the request template of a mock names, or None.

    Args:
        text: The template, or what it makes. It need not be strict JSON.
    """
    match = _STATUS.search(text)
    return None if match is None else int(match[1])


def mock_cors(mock: Mock) -> Cors | None:
    """Return the CORS configuration that the preflight of a REST API answers with.

    Args:
        mock: The integration of its method ``OPTIONS``.
    """
    headers = {name.lower(): value for name, value in mock.headers.items()}
    if _ORIGIN not in headers:
        return None

    def texts(name: str) -> tuple[str, ...]:
        found = headers.get(f"access-control-{name}", "")
        return tuple(each.strip() for each in found.split(",") if each.strip())

    return Cors(
        allow_origins=(*texts("allow-origin"), *mock.other_origins),
        allow_methods=texts("allow-methods"),
        allow_headers=texts("allow-headers"),
        expose_headers=texts("expose-headers"),
        allow_credentials=headers.get("access-control-allow-credentials") == "true",
        max_age=int(number_of(headers.get("access-control-max-age")) or 0),
    )


def _response(integration: Mapping[str, Any], status: str) -> Mapping[str, Any] | None:
    """Return the response for a status: that whose pattern fits it, or the default one."""
    responses = sorted(responses_of(integration), key=lambda each: each[0] == "")
    return next((response for pattern, response in responses if fits(pattern, status)), None)


def _either(table: Mapping[str, Any], *keys: str) -> Any:
    return next((table[key] for key in keys if table.get(key)), {})
