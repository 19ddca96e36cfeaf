"""HTTP and REST APIs: requests find their routes, are authorized and checked, and are answered."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from aiohttp import web
from multidict import CIMultiDict

from lambda_emulator._config import Cors
from lambda_emulator._connections import read_body
from lambda_emulator._cors import cors_headers, is_allowed, is_preflight
from lambda_emulator._front_end import Answer, FrontEnd
from lambda_emulator._front_ends import FRONT_ENDS, HTTP_API_1
from lambda_emulator._http_event import (
    Endpoint,
    http_api_1_event,
    http_api_event,
    rest_api_event,
)
from lambda_emulator._http_exchange import Exchange, describe, refuse_page
from lambda_emulator._http_request import BadPathError
from lambda_emulator._http_response import set_headers
from lambda_emulator._origin import is_foreign_page, read_host
from lambda_emulator._project.description import Api, Mock
from lambda_emulator._service import FunctionService

from .authorizers import Authorizers
from .call import Call, Grant, Refusal
from .gateway_responses import GatewayResponses
from .keys import Keys
from .naming import api_domain, api_id
from .preflights import with_preflights
from .request_validation import RequestValidator
from .routes import DEFAULT, Match, RouteTable, below_stage, route_key
from .throttling import RequestLimits

_NO_MOCK = Answer(
    500, '{"message": "Internal server error"}', error_type="InternalServerErrorException"
)


class HTTPAPI:
    """An HTTP or a REST API."""

    def __init__(
        self,
        api: Api,
        functions: Mapping[str, FunctionService],
        keys: Keys | None,
        limits: RequestLimits,
        page_origins: Sequence[str] = (),
        local: Callable[[str], str] = str,
    ) -> None:
        """Prepare to serve an API.

        Args:
            api: The API.
            functions: The functions that are served, by name.
            keys: The keys of issuers; None to take tokens unchecked.
            limits: Counts its requests.
            page_origins: Origins of pages, or ``*``, that may send requests besides those that the
                API's CORS names.
            local: Returns a URL with the addresses that APIs have here.

        Raises:
            ImportError: A library is missing that the API needs.
        """
        api = self._api = with_preflights(api)
        self._functions = functions
        self._function = next(iter(functions.values())).function  # all have one account and region
        self._table = RouteTable(api)
        self._authorizers = Authorizers(api, functions, keys)
        self._limits = limits
        self._pages = Cors(allow_origins=tuple(page_origins))
        self._is_rest = api.kind == "rest"
        self._front_end = FRONT_ENDS["v1" if self._is_rest else "v2"]
        self._customize = GatewayResponses(api).respond if api.gateway_responses else None
        if any(route.upstream or route.custom for route in api.routes):
            from .other_integrations import OtherIntegrations

            self._others = OtherIntegrations(api, local)
        self._validators = {
            id(route): RequestValidator(api, route)
            for route in api.routes
            if self._is_rest and (route.body_schemas or route.required_parameters)
        }

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer a request.

        Args:
            request: The request.
        """
        path = below_stage(self._api, describe(request, 0, b"").raw_path)
        added: CIMultiDict[str] = CIMultiDict()
        origin = request.headers.get("Origin")
        if self._api.cors is not None and path is not None and not self._is_rest:
            preflight = is_preflight(request.method, request.headers)
            added = cors_headers(self._api.cors, origin, preflight=preflight)
            if preflight:
                return web.Response(status=204, headers=added)
        if not self._lets_in(request, origin) and not self._asks_no_function(request, path):
            return refuse_page(
                request, "this API: its CORS configuration or --cors ORIGIN lets them."
            )
        try:
            body = await read_body(request)
        except web.HTTPRequestEntityTooLarge:
            body = None
        described = describe(request, 0, body or b"")
        added.update(dict.fromkeys(self._front_end.request_id_headers, described.request_id))
        exchange = Exchange(
            request,
            described,
            self._front_end,
            added,
            self._api.binary_media_types,
            customize=self._customize,
        )
        problem = "too_large" if body is None else exchange.refusal()
        if problem is not None:
            return exchange.problem(problem)
        if path is None:
            return exchange.problem("no_stage")
        try:
            response = await self._answer(exchange, path)
        except BadPathError:
            return exchange.problem("bad_request")
        except ConnectionAbortedError:  # the emulator ends
            return exchange.problem("stopped")
        return response

    def _asks_no_function(self, request: web.Request, path: str | None) -> bool:
        """Return whether a request runs nothing, as what browsers ask before they send."""
        if path is None:
            return False
        try:
            match = self._table.match(request.method, path)
        except BadPathError:
            return False
        return match is not None and match.route.mock is not None and not match.route.authorizer

    def _lets_in(self, request: web.Request, origin: str | None) -> bool:
        """Return whether a request may run a function: pages may not, unless they are allowed."""
        if any(is_allowed(cors, origin) for cors in (self._api.cors, self._pages) if cors):
            return True
        host = read_host(request.headers, required=False)
        return not is_foreign_page(request.method, request.headers, host)

    async def _answer(self, exchange: Exchange, path: str) -> web.StreamResponse:
        match = self._table.match(exchange.described.method, path)
        if match is None:
            return exchange.problem("no_route")
        service = self._functions.get(match.route.function)
        if service is None and match.route.mock is None and match.route.upstream is None:
            return exchange.problem("failed")
        call = self._call(exchange, match, path)
        try:
            grant = await self._authorizers.authorize(call)
        except Refusal as refusal:
            refused = exchange.problem(refusal.problem)
            set_headers(refused.headers, CIMultiDict(refusal.headers))
            return refused
        key = self._api_key(call, grant)
        if match.route.api_key and key not in self._api.api_keys:
            return exchange.problem("forbidden")
        excess = self._limits.refusal(self._api, match.route, key if match.route.api_key else None)
        if excess is not None:
            return exchange.problem(excess)
        validator = self._validators.get(id(match.route))
        if validator is not None and (unfit := validator.refusal(call)) is not None:
            return exchange.problem(*unfit)
        if match.route.upstream or match.route.custom:
            exchange = exchange._replace(timeout=match.route.timeout, tenant=_tenant(call, grant))
            response = await self._others.answer(exchange, call, grant, service)
            return self._with_own_cors(response, exchange)
        if service is None:
            return _mocked(exchange, match.route.mock)
        exchange = exchange._replace(
            front_end=self._integration(match),
            streamed=self._front_end.streams and match.route.streams,
            timeout=match.route.timeout,
            tenant=_tenant(call, grant),
        )
        event = self._event(call, grant)
        if match.route.api_key and key is not None:
            identity = {"apiKey": key, "apiKeyId": self._api.api_keys[key]}
            event["requestContext"]["identity"] |= identity
        return self._with_own_cors(await exchange.invoke(service, event), exchange)

    def _with_own_cors(
        self, response: web.StreamResponse, exchange: Exchange
    ) -> web.StreamResponse:
        """Return a response without headers of CORS that are not the API's own."""
        if self._api.cors is not None and not self._is_rest:
            for name in [*response.headers]:
                if name.lower().startswith("access-control-") and name not in exchange.added:
                    del response.headers[name]
        return response

    def _api_key(self, call: Call, grant: Grant | None) -> str | None:
        if self._api.key_from_authorizer:
            return grant.usage_key if grant is not None else None
        return call.request.headers.get("x-api-key")

    def _integration(self, match: Match) -> FrontEnd:
        """Return the rules for the responses of a route."""
        one = not self._is_rest and match.route.payload_format == "1.0"
        return HTTP_API_1 if one else self._front_end

    def _call(self, exchange: Exchange, match: Match, path: str) -> Call:
        function, route = self._function, match.route
        endpoint = Endpoint(
            account=function.account,
            api_id=api_id(self._api),
            domain=api_domain(self._api, function.region),
            stage=self._api.stage,
            route=route_key(route),
            resource=route.path,
            path_parameters=match.parameters,
            stage_variables=self._api.stage_variables,
        )
        return Call(self._api, route, exchange.described, endpoint, path, function.region)

    def _event(self, call: Call, grant: Grant | None) -> dict[str, Any]:
        two = not self._is_rest and call.route.payload_format == "2.0"
        answer = None if grant is None else grant.version_2() if two else grant.version_1()
        endpoint = call.endpoint._replace(authorizer=answer)
        if two:
            return http_api_event(call.request, endpoint)
        if not self._is_rest:
            event = http_api_1_event(call.request, endpoint)
        else:
            path = self._proxy_path(call)
            event = rest_api_event(call.request, endpoint, path, self._api.binary_media_types)
        if grant is not None and grant.kind == "iam":
            caller = {name: grant.values[name] for name in ("accessKey", "accountId", "userArn")}
            caller |= {"caller": grant.values["callerId"], "user": grant.values["userId"]}
            event["requestContext"]["identity"] |= caller
        return event

    def _proxy_path(self, call: Call) -> str:
        """Return the path that a function sees: without the stage, but with a base path."""
        stage = f"/{self._api.stage}"
        whole = call.request.raw_path
        is_stage = self._api.stage != DEFAULT and f"{whole}/".startswith(f"{stage}/")
        return call.path if is_stage else whole


def _mocked(exchange: Exchange, mock: Mock | None) -> web.Response:
    """Return the answer of a route without a function."""
    if mock is None or mock.status is None:
        return exchange.problem("failed", _NO_MOCK)
    body = mock.body.encode() if mock.body else None
    response = web.Response(status=mock.status, headers=mock.headers, body=body)
    if body is not None and "Content-Type" not in mock.headers:
        response.headers["Content-Type"] = mock.media_type
    if (origin := exchange.described.headers.get("Origin")) in mock.other_origins:
        response.headers["Access-Control-Allow-Origin"] = str(origin)
    set_headers(response.headers, exchange.added)
    return response


def _tenant(call: Call, grant: Grant | None) -> str | None:
    """Return the tenant that a request is for, from where its integration takes it."""
    expression = call.route.tenant or ""
    if expression.startswith("'"):
        return expression.strip("'")
    name = expression.removeprefix("context.authorizer.")
    if name != expression:
        value = None if grant is None else grant.values.get(name)
        return None if value is None else str(value)
    return call.source(expression)
