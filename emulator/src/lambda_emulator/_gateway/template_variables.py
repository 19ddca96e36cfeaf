"""The variables of mapping templates: ``$input``, ``$context``, ``$stageVariables``, ``$util``.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html
"""

import base64
import json
from typing import Any
from urllib.parse import quote_plus, unquote_plus

from lambda_emulator._http_event import gateway_id
from lambda_emulator._http_request import last_values
from lambda_emulator._sources.transform import find_path
from lambda_emulator._velocity.values import from_json, to_json, to_text

from .call import Call, Grant

_PLACES = ("path", "querystring", "header")


def template_variables(call: Call, grant: Grant | None, body: bytes) -> dict[str, Any]:
    """Return the variables of a template.

    Args:
        call: The request of the client.
        grant: The grant of the authorizer, or None.
        body: The body of the request or, for a response, that of the integration.
    """
    return {
        "input": _input(call, body.decode(errors="replace")),
        "context": _context(call, grant),
        "stageVariables": dict(call.endpoint.stage_variables),
        "util": _UTIL,
    }


def _input(call: Call, body: str) -> dict[str, Any]:
    headers: dict[str, str] = dict(call.request.headers)
    parameters: dict[str, dict[str, str]] = {
        "path": dict(call.endpoint.path_parameters),
        "querystring": last_values(call.request.query()),
        "header": headers,
    }

    def params(name: str | None = None) -> Any:
        if name is None:
            return parameters
        if name in parameters and name in _PLACES:
            return parameters[name]
        found = (parameters[place].get(name) for place in ("path", "querystring"))
        return next(
            (each for each in found if each is not None), call.request.headers.get(name, "")
        )

    def path(expression: str) -> Any:
        return find_path(from_json(body or "{}"), expression)

    def as_json(expression: str) -> str:
        found = path(expression)
        return '""' if found is None else to_json(found)

    return {"body": body, "json": as_json, "params": params, "path": path}


def _context(call: Call, grant: Grant | None) -> dict[str, Any]:
    endpoint, request = call.endpoint, call.request
    return {
        "accountId": endpoint.account,
        "apiId": endpoint.api_id,
        "authorizer": {} if grant is None else grant.version_1() or {},
        "domainName": endpoint.domain,
        "domainPrefix": endpoint.domain_prefix,
        "extendedRequestId": gateway_id(),
        "httpMethod": request.method,
        "identity": {"sourceIp": request.source_ip, "userAgent": request.user_agent or ""},
        "path": request.raw_path,
        "protocol": request.protocol,
        "requestId": request.request_id,
        "requestTime": request.common_log_time,
        "requestTimeEpoch": request.moment_ms,
        "resourcePath": endpoint.resource,
        "responseOverride": {"header": {}},
        "stage": endpoint.stage,
    }


def _escaped(value: Any) -> str:
    """Return a text as it is between quotes in JavaScript, where single quotes are escaped too."""
    return json.dumps(to_text(value), ensure_ascii=False)[1:-1].replace("'", "\\'")


_UTIL = {
    "base64Decode": lambda text: base64.b64decode(text).decode(errors="replace"),
    "base64Encode": lambda text: base64.b64encode(text.encode()).decode(),
    "escapeJavaScript": _escaped,
    "parseJson": from_json,
    "urlDecode": unquote_plus,
    "urlEncode": quote_plus,
}
