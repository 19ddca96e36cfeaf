"""Routes of an API that are not proxies to functions: other servers, and mapping templates."""

from collections.abc import Callable

from aiohttp import web

from lambda_emulator._http_exchange import Exchange
from lambda_emulator._project.description import Api
from lambda_emulator._service import FunctionService
from lambda_emulator._velocity.values import TemplateError

from .call import Call, Grant
from .custom_integration import CustomIntegration, failed
from .upstream import Upstreams


class OtherIntegrations:
    """Answers requests for such routes."""

    def __init__(self, api: Api, local: Callable[[str], str]) -> None:
        """Prepare to answer.

        Args:
            api: The API.
            local: Returns a URL with the addresses that APIs have here.
        """
        self._upstreams = Upstreams(local)
        self._custom = {
            id(route): CustomIntegration(route.custom) for route in api.routes if route.custom
        }

    async def answer(
        self, exchange: Exchange, call: Call, grant: Grant | None, service: FunctionService | None
    ) -> web.Response:
        """Return the response to a request.

        Args:
            exchange: The request, to answer.
            call: The same, for its route.
            grant: The grant of the authorizer, or None.
            service: The function of the route, or None.

        Raises:
            ConnectionAbortedError: The emulator was stopped.
        """
        custom, upstream = self._custom.get(id(call.route)), call.route.upstream
        try:
            if upstream is not None:
                return await self._upstreams.answer(exchange, call, grant, upstream, custom)
            if custom is not None and service is not None:
                return await custom.invoke(exchange, call, grant, service)
            if custom is not None:
                return custom.mock(exchange, call, grant)
        except TemplateError as error:
            return failed(exchange, call, error)
        return exchange.problem("failed")
