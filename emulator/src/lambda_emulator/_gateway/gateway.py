"""The APIs and load balancers of a project, each at a port of its own."""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AsyncExitStack
from itertools import count
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import TYPE_CHECKING, NamedTuple, Self

from aiohttp import web

from lambda_emulator._http_server import Guard, server_runner
from lambda_emulator._listen import ListenError, host_in_url, listening
from lambda_emulator._messages import say
from lambda_emulator._project.description import Api, Listener
from lambda_emulator._service import FunctionService

from .addresses import with_local_addresses
from .http_api import HTTPAPI
from .naming import api_id
from .routes import stage_url
from .throttling import Clock, RequestLimits
from .websocket_api import WebSocketAPI

if TYPE_CHECKING:
    from .keys import Keys
    from .load_balancer import ListenerServer

    _Server = HTTPAPI | WebSocketAPI | ListenerServer

_ANY_PATH = r"/{path:[\s\S]*}"  # a decoded path may have a line feed, which a dot is not
_LAST_PORT = 65535


class GatewayOptions(NamedTuple):
    """The options of APIs.

    Attributes:
        host: The address to listen at.
        port: The port of the first API; the next ones follow. 0 for any that are free.
        allowed_hosts: More names that clients may call this machine by.
        trust_tokens: True to accept the claims of tokens without a check of signatures and dates.
        key_files: Files with JSON Web Key Sets, by the issuer of the tokens.
        page_origins: Origins of web pages, or ``*``, that may call the APIs besides those that each
            API's CORS configuration names.
        known_ports: The ports that APIs have had, by name, which they keep.
        clock: Says what time it is for the limits of requests, in seconds since 1970.
    """

    host: str = "127.0.0.1"
    port: int = 0
    allowed_hosts: tuple[str, ...] = ()
    trust_tokens: bool = False
    key_files: Mapping[str, Path] = MappingProxyType({})
    page_origins: tuple[str, ...] = ()
    known_ports: Mapping[str, int] = MappingProxyType({})
    clock: Clock = time.time


class Gateway:
    """Serves APIs, from entering the context to leaving it."""

    def __init__(
        self,
        apis: Sequence[Api | Listener],
        functions: Mapping[str, FunctionService],
        options: GatewayOptions,
    ) -> None:
        """Prepare to serve APIs.

        Args:
            apis: The APIs and the listeners of load balancers, with different names.
            functions: The functions that are served, by name.
            options: The options.

        Raises:
            ValueError: Two APIs have the same name, there is no port for each, a file with keys
                cannot be read, or a library is missing.
        """
        names = [api.name for api in apis]
        if doubled := next((name for name in names if names.count(name) > 1), None):
            raise ValueError(f"Two APIs have the name {doubled!r}: give one another name.")
        if options.port + len(apis) - 1 > _LAST_PORT:
            raise ValueError(f"--api-port {options.port} leaves no port for each API: lower it.")
        self._options = options
        self._guard = Guard(options.host, options.allowed_hosts)
        serve = self._serving(functions)
        try:
            self._served: dict[str, tuple[Api | Listener, _Server]] = {
                api.name: (api, serve(api)) for api in apis
            }
        except ImportError as error:
            raise ValueError(
                f"The APIs need {error.name}: pip install 'lambda-emulator[apis]'."
            ) from error
        for api in apis:
            _warn_of_missing(api, functions)
        self._runners: dict[str, web.AppRunner] = {}
        self._stack = AsyncExitStack()

    def _serving(
        self, functions: Mapping[str, FunctionService]
    ) -> "Callable[[Api | Listener], _Server]":
        """Return what makes the server of an API or a listener."""
        keys = _keys(self._options)
        limits = RequestLimits(self._options.clock)
        origins = self._options.page_origins

        def serve(api: Api | Listener) -> "_Server":
            if isinstance(api, Listener):
                from .load_balancer import ListenerServer

                return ListenerServer(api, functions, origins, self._listeners_of)
            if api.kind == "websocket":
                return WebSocketAPI(api, functions, keys, limits, origins)
            return HTTPAPI(api, functions, keys, limits, origins, self.with_local_addresses)

        return serve

    async def __aenter__(self) -> Self:
        """Listen.

        Raises:
            ListenError: A port cannot be listened at.
        """
        async with AsyncExitStack() as stack:
            for name, port in self._ports():
                routes = [web.route("*", _ANY_PATH, self._served[name][1].handle)]
                runner = server_runner(routes, self._guard, own_origin=False)
                await runner.setup()
                stack.push_async_callback(runner.cleanup)
                await self._listen(runner, port)
                self._runners[name] = runner
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End all connections, and listen no more."""
        await self.close_connections()
        await self._stack.aclose()

    def _ports(self) -> list[tuple[str, int]]:
        """Return the APIs and their ports; those with a port of their own come first."""
        first = self._options.port
        known = {
            name: port for name, port in self._options.known_ports.items() if name in self._served
        }
        free = (port for port in count(first) if port not in known.values())
        ports = {name: known.get(name) or (next(free) if first else 0) for name in self._served}
        return sorted(ports.items(), key=lambda each: each[1] == 0)

    async def _listen(self, runner: web.AppRunner, port: int) -> None:
        host = self._options.host
        try:
            with listening(port):
                await web.TCPSite(runner, host, port).start()
        except ListenError:
            if self._options.port or not port:
                raise
            await self._listen(runner, 0)  # somebody else has the port that it had before

    @property
    def apis(self) -> Collection[str]:
        """The names of the APIs."""
        return self._served.keys()

    def url(self, name: str) -> str:
        """Return the URL of an API, with its stage and without a slash at the end.

        Args:
            name: The name.
        """
        api, _ = self._served[name]
        if name not in self._runners:
            raise RuntimeError("the API does not listen")
        is_socket = isinstance(api, Api) and api.kind == "websocket"
        address = f"{'ws' if is_socket else 'http'}://{self._host(name)}"
        return stage_url(api, address) if isinstance(api, Api) else address

    def ports(self) -> dict[str, int]:
        """Return the ports that the APIs have, by name."""
        return {name: int(each.addresses[0][1]) for name, each in self._runners.items()}

    def with_local_addresses(self, text: str) -> str:
        """Return a text with the addresses that the APIs have here in the place of those on AWS.

        Args:
            text: Any text, such as an environment variable.
        """
        hosts = {
            api.place.name or api_id(api): self._host(name)
            for name, (api, _) in self._served.items()
            if isinstance(api, Api)
        }
        balancers = {
            (listener.domain, str(listener.port)): self._host(listener.name)
            for listener in self._listeners()
        }
        return with_local_addresses(text, hosts, balancers)

    def _host(self, name: str) -> str:
        """Return the host of an API or a listener, with its port."""
        return f"{host_in_url(self._options.host)}:{self.ports()[name]}"

    def _listeners(self) -> list[Listener]:
        return [api for api, _ in self._served.values() if isinstance(api, Listener)]

    def _listeners_of(self, balancer: str) -> dict[int, str]:
        """Return the URLs of the listeners of a load balancer, by their ports on AWS."""
        return {
            each.port: self.url(each.name)
            for each in self._listeners()
            if each.balancer == balancer
        }

    async def close_connections(self) -> None:
        """End the connections of WebSocket APIs."""
        for _, served in self._served.values():
            if isinstance(served, WebSocketAPI):
                await served.close()

    def management_routes(self) -> list[web.RouteDef]:
        """Return routes by which functions send to the clients of all WebSocket APIs."""
        from .management_api import ManagementAPI

        sockets = [each for _, each in self._served.values() if isinstance(each, WebSocketAPI)]
        return ManagementAPI(each.connections for each in sockets).routes() if sockets else []


def _warn_of_missing(api: Api | Listener, functions: Mapping[str, FunctionService]) -> None:
    missing = sorted(api.functions - functions.keys())
    if missing:
        say(f"Routes of {api.name} fail: {', '.join(missing)} is not served.")


def _keys(options: GatewayOptions) -> "Keys | None":
    """Return the keys for tokens; None if tokens are not to be checked."""
    if options.trust_tokens:
        return None
    from .keys import Keys, KeysError

    try:
        return Keys(options.key_files)
    except KeysError as error:
        raise ValueError(str(error)) from error
