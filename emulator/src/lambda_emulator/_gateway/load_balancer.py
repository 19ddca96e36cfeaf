"""Listeners of load balancers: requests find their rules, and are answered."""

import random
import re
from collections.abc import Callable, Mapping, Sequence

from aiohttp import web
from multidict import CIMultiDict

from lambda_emulator._config import Cors
from lambda_emulator._connections import read_body
from lambda_emulator._cors import is_allowed
from lambda_emulator._front_ends import FRONT_ENDS, page
from lambda_emulator._http_event import load_balancer_event
from lambda_emulator._http_exchange import Exchange, describe, refuse_page
from lambda_emulator._http_request import HTTPRequest
from lambda_emulator._http_response import answer_response
from lambda_emulator._origin import is_foreign_page, read_host
from lambda_emulator._project.listener_description import Action, Listener, TargetGroup
from lambda_emulator._service import FunctionService

from .listener_rules import rewritten, rule_for

_RANDOM = random.SystemRandom()
_NO_TARGET = page(503, "Service Temporarily Unavailable")
_FAILED = page(500, "Internal Server Error")
_VARIABLE = re.compile(r"#\{(protocol|host|port|path|query)\}")
_REDIRECTS = {301: "Moved Permanently", 302: "Found"}


class ListenerServer:
    """A listener of an application load balancer."""

    def __init__(
        self,
        listener: Listener,
        functions: Mapping[str, FunctionService],
        page_origins: Sequence[str],
        addresses: Callable[[str], Mapping[int, str]],
    ) -> None:
        """Prepare to serve a listener.

        Args:
            listener: The listener.
            functions: The functions that are served, by name.
            page_origins: Origins of pages, or ``*``, that may send requests.
            addresses: Returns the URLs of the listeners of a load balancer here, by their ports on
                AWS.
        """
        self._listener = listener
        self._functions = functions
        self._pages = Cors(allow_origins=tuple(page_origins))
        self._addresses = addresses

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer a request.

        Args:
            request: The request.
        """
        described = describe(request, 0, b"")
        exchange = Exchange(request, described, FRONT_ENDS["alb"], CIMultiDict())
        if (problem := exchange.refusal()) is not None:
            return exchange.problem(problem)
        rule = rule_for(self._listener, described)
        if rule.action.kind == "fixed-response":
            return _fixed(rule.action)
        if rule.action.kind == "redirect":
            return self._redirect(rule.action, described)
        origin = request.headers.get("Origin")
        host = read_host(request.headers, required=False)
        if not is_allowed(self._pages, origin) and is_foreign_page(
            request.method, request.headers, host
        ):
            return refuse_page(request, "this load balancer: --cors ORIGIN lets them.")
        group = _choose(rule.action.groups)
        if group is None or not group.function:
            return exchange.problem("failed", _NO_TARGET)
        service = self._functions.get(group.function)
        if service is None:
            return exchange.problem("failed")
        try:
            body = await read_body(request)
        except web.HTTPRequestEntityTooLarge:
            return exchange.problem("too_large")
        front_end = FRONT_ENDS["alb-multi-value" if group.multi_value else "alb"]
        try:
            described = rewritten(described._replace(body=body), rule.rewrites)
        except re.error:  # the replacement has a group that the pattern lacks
            return exchange.problem("failed", _FAILED)
        exchange = exchange._replace(described=described, front_end=front_end)
        if (problem := exchange.refusal()) is not None:
            return exchange.problem(problem)
        try:
            event = load_balancer_event(described, front_end, group.arn)
            return await exchange.invoke(service, event)
        except ConnectionAbortedError:  # the emulator ends
            return exchange.problem("stopped")

    def _redirect(self, action: Action, request: HTTPRequest) -> web.Response:
        """Return a redirect; one to a listener of the same load balancer goes to where that is."""
        host, _ = read_host(request.headers, required=False)
        values = {
            "protocol": self._listener.scheme,
            "host": host,
            "port": str(self._listener.port),
            "path": request.raw_path.removeprefix("/"),
            "query": request.raw_query,
        }
        location = _VARIABLE.sub(lambda match: values[match[1]], action.location).removesuffix("?")
        scheme, _, rest = location.partition("://")
        location = f"{scheme.lower()}://{rest}"
        there, slash, path = rest.partition("/")
        for port, address in self._addresses(self._listener.balancer).items():
            if there == f"{host}:{port}":
                location = f"{address}{slash}{path}"
        response = answer_response(page(action.status, _REDIRECTS[action.status]))
        response.headers["Location"] = location
        return response


def _fixed(action: Action) -> web.Response:
    content_type = f"{action.media_type}; charset=utf-8"
    body = action.body.encode()
    headers = {"Content-Type": content_type} if body else {}
    return web.Response(status=action.status, body=body or None, headers=headers)


def _choose(groups: Sequence[TargetGroup]) -> TargetGroup | None:
    """Return one of some target groups, by their weights; None if none gets requests."""
    weights = [each.weight for each in groups]
    return _RANDOM.choices(groups, weights)[0] if sum(weights) > 0 else None
