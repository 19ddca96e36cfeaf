"""A request that is for a route, and what an authorizer says to it."""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from lambda_emulator._front_end import Problem
from lambda_emulator._http_event import Endpoint
from lambda_emulator._http_request import HTTPRequest
from lambda_emulator._project.description import Api, Route

_ACCESS_KEY = "AKIAIOSFODNN7EXAMPLE"


class Call(NamedTuple):
    """A request that is for a route.

    Attributes:
        api: The API.
        route: The route.
        request: The request.
        endpoint: The address of the request.
        path: The path below the stage, as it was sent.
        region: The region of the API.
        connection: The context of the connection, of a WebSocket API.
    """

    api: Api
    route: Route
    request: HTTPRequest
    endpoint: Endpoint
    path: str
    region: str
    connection: Mapping[str, Any] | None = None

    @property
    def arn(self) -> str:
        """The ARN that policies of authorizers name."""
        endpoint = self.endpoint
        target = self.route.path if self.connection else f"{self.request.method}{self.path}"
        api = f"arn:aws:execute-api:{self.region}:{endpoint.account}:{endpoint.api_id}"
        return f"{api}/{endpoint.stage}/{target}"

    def source(self, expression: str) -> str | None:
        """Return what an identity source stands for, or None if the request does not have it.

        Args:
            expression: Such as ``$request.header.Authorization``,
                ``method.request.querystring.page`` or ``context.identity.sourceIp``.
        """
        name = expression.strip().removeprefix("$")
        name = name.removeprefix("method.").removeprefix("route.")
        kind, _, rest = name.partition(".")
        if kind.lower() == "stagevariables":
            return self.endpoint.stage_variables.get(rest)
        if kind == "context":
            return _walk(self._context(), rest)
        place, _, key = rest.partition(".")
        if kind != "request":
            return None
        if place in ("header", "multivalueheader"):
            return ",".join(self.request.headers.getall(key, [])) or None
        if place in ("querystring", "multivaluequerystring"):
            return ",".join(self.request.query().get(key, [])) or None
        return self.endpoint.path_parameters.get(key) if place == "path" else None

    def _context(self) -> dict[str, Any]:
        request, endpoint = self.request, self.endpoint
        return {
            "accountId": endpoint.account,
            "apiId": endpoint.api_id,
            "domainName": endpoint.domain,
            "httpMethod": request.method,
            "identity": {"sourceIp": request.source_ip, "userAgent": request.user_agent},
            "path": request.raw_path,
            "protocol": request.protocol,
            "requestId": request.request_id,
            "resourcePath": endpoint.resource,
            "routeKey": endpoint.route,
            "stage": endpoint.stage,
            **(self.connection or {}),
        }


class Grant(NamedTuple):
    """A request may have its response; this is what its event says about that.

    Attributes:
        kind: The authorizer: ``jwt`` for a token that an HTTP API has checked, ``claims`` for one
            that a REST API has.
        values: The context that a function gave, the claims of a token, or a caller.
        principal: The principal that a function named.
        scopes: The scopes of the route, for a token.
        latency_ms: Milliseconds that the authorizer took.
        usage_key: The API key that a function named, or None.
    """

    kind: Literal["lambda", "jwt", "claims", "iam"]
    values: Mapping[str, Any]
    principal: str = ""
    scopes: tuple[str, ...] = ()
    latency_ms: int = 0
    usage_key: str | None = None

    def version_1(self) -> dict[str, Any] | None:
        """Return the authorizer of an event of REST and WebSocket APIs and of the format 1.0."""
        if self.kind == "claims":
            return {"claims": dict(self.values)}
        if self.kind == "jwt":
            return {"claims": dict(self.values), "scopes": list(self.scopes) or None}
        if self.kind == "iam":
            return None
        context = {name: _to_text(value) for name, value in self.values.items()}
        return {
            "principalId": self.principal,
            "integrationLatency": self.latency_ms,
            **context,
        }

    def version_2(self) -> dict[str, Any]:
        """Return the authorizer of an event of the format 2.0."""
        if self.kind == "jwt":
            claims = {"claims": dict(self.values), "scopes": list(self.scopes) or None}
            return {"jwt": claims}
        return {self.kind: dict(self.values) or None}


class Refusal(Exception):
    """A request may not have its response.

    Attributes:
        problem: The reason, for the answer.
        headers: More headers of the answer.
    """

    def __init__(self, problem: Problem, headers: Mapping[str, str] | None = None) -> None:
        """Refuse a request.

        Args:
            problem: The reason.
            headers: More headers of the answer.
        """
        super().__init__(problem)
        self.problem: Problem = problem
        self.headers = headers or {}


def unchecked_caller(call: Call) -> Grant:
    """Return the grant for a caller who is said to have signed a request.

    Args:
        call: The request.
    """
    account = call.endpoint.account
    signature = call.request.headers.get("Authorization", "")
    named = signature.partition("Credential=")[2].partition("/")[0]
    caller = {
        "accessKey": named or _ACCESS_KEY,
        "accountId": account,
        "callerId": "AIDAIOSFODNN7EXAMPLE",
        "cognitoIdentity": None,
        "principalOrgId": None,
        "userArn": f"arn:aws:iam::{account}:user/local",
        "userId": "AIDAIOSFODNN7EXAMPLE",
    }
    return Grant("iam", caller)


def _walk(value: Any, path: str) -> str | None:
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return None if value is None or value == "" else str(value)


def _to_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
