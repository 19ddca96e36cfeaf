"""The emulator's server: functions, the Invoke API and function URLs in front of them."""

import asyncio
import logging
import socket
from collections.abc import Collection, Sequence
from contextlib import AsyncExitStack
from functools import cached_property
from importlib.util import find_spec
from types import TracebackType
from typing import TYPE_CHECKING, Self

from aiohttp import web

from ._bus import Bus
from ._config import FunctionConfig
from ._history import History
from ._http_server import URL_PREFIX, Guard, server_runner
from ._invocation import Throttled
from ._listen import check_port, host_in_url, listening, local_address, reserved_port
from ._log import Output
from ._queue import EventQueue
from ._service import FunctionService

if TYPE_CHECKING:
    from ._durable.runner import DurableRunner
    from ._gateway.gateway import Gateway, GatewayOptions
    from ._project.description import Api, Listener
    from ._sources.hub import EventSources

_LOG = logging.getLogger(__name__)


class EmulatorServer:
    """Serves functions over HTTP, from entering the context to leaving it.

    Attributes:
        functions: The functions by name.
        queues: Their asynchronous invocations, by the same names.
        bus: Publishes the events of all functions.
        gateway: The APIs in front of the functions, or None.
    """

    def __init__(
        self,
        configs: Sequence[FunctionConfig],
        output: Output,
        *,
        host: str = "127.0.0.1",
        port: int = 9000,
        url_port: int | None = None,
        allowed_hosts: Collection[str] = (),
        apis: Sequence["Api | Listener"] = (),
        api_options: "GatewayOptions | None" = None,
        skip_time: bool = False,
        history: History | None = None,
    ) -> None:
        """Prepare to serve functions.

        Args:
            configs: The functions, at least one, with different names.
            output: Takes their log.
            host: The address to listen at. All who reach it can run the functions.
            port: The port to listen at; 0 for any that is free.
            url_port: The port of the first function's URL; 0 for any that is free, None for none.
                All functions have URLs on the other port, too.
            allowed_hosts: More names that clients may call this machine by.
            apis: APIs and listeners of load balancers, which each get a port of their own.
            api_options: The options of the APIs; free ports of the same address by default.
            skip_time: True if durable executions do not wait for their timers.
            history: The invocations of a server before this one; none by default.

        Raises:
            ValueError: There is no function, or two have the same name, or a destination of
                records cannot be used, or both ports are the same, or an API cannot be served, or a
                package is missing.
        """
        if not configs:
            raise ValueError("There is no function to serve: name one.")
        if url_port == port != 0:
            raise ValueError(
                f"Port {port} cannot be that of the function URL, too: choose another for one."
            )
        self.bus = Bus(history)
        self.functions: dict[str, FunctionService] = {}
        self.queues: dict[str, EventQueue] = {}
        for config in configs:
            name = config.function.name
            if name in self.functions:
                raise ValueError(f"Two functions have the name {name!r}: give one another name.")
            self.functions[name] = service = FunctionService(config, output, self.bus)
            self.queues[name] = EventQueue(service, self._deliver)
        self._check_receivers()
        self._is_durable = any(config.durable for config in configs)
        if self._is_durable:
            _check_durable_packages()
        self._skip_time = skip_time
        self._host = host
        self._port = port
        self._url_port = url_port
        self._guard = Guard(host, allowed_hosts)
        self.gateway: Gateway | None = None
        if apis:
            from ._gateway import gateway

            default = gateway.GatewayOptions(host=host, allowed_hosts=tuple(allowed_hosts))
            self.gateway = gateway.Gateway(apis, self.functions, api_options or default)
        self._runner: web.AppRunner | None = None
        self._url_runner: web.AppRunner | None = None
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Listen, and start the functions.

        Raises:
            ListenError: A port cannot be listened at.
        """
        check_port(self._host, self._port)
        if self._url_port is not None:
            check_port(self._host, self._url_port)
        async with AsyncExitStack() as stack:
            # Functions have the address in their environment, and start before it is listened at.
            reserved = None if self._port else stack.enter_context(reserved_port(self._host))
            port = self._port if reserved is None else reserved.getsockname()[1]
            address = local_address(self._host, port)
            for service in self.functions.values():
                service.send_traces_to(_otlp_endpoint(address))
                if service.config.durable:
                    service.send_lambda_calls_to(address)
            listeners = await stack.enter_async_context(AsyncExitStack())
            # Left first: requests that still wait get an answer.
            functions = await stack.enter_async_context(AsyncExitStack())
            for service in self.functions.values():
                await functions.enter_async_context(service)
            await asyncio.gather(*(service.launched() for service in self.functions.values()))
            durable_runner = await self._start_durable_runner(functions)
            self._runner, self._url_runner = self._front_ends(durable_runner)
            await self._listen(listeners, self._runner, self._port, reserved)
            if self._url_port is not None:
                await self._listen(listeners, self._url_runner, self._url_port)
            if self.gateway is not None:
                await listeners.enter_async_context(self.gateway)
                # Their ends are events for functions, which must still run.
                functions.push_async_callback(self.gateway.close_connections)
            for service in self.functions.values():
                service.change_environment(self.with_local_addresses)
            for queue in self.queues.values():
                await functions.enter_async_context(queue)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the functions, and listen no more."""
        self.bus.end()
        await self._stack.aclose()

    @property
    def url(self) -> str:
        """The address for AWS's clients: the value for ``AWS_ENDPOINT_URL_LAMBDA``."""
        return self._address(self._runner)

    def with_local_addresses(self, text: str) -> str:
        """Return a text with the addresses of this machine in the place of others.

        Those are the ones that APIs have on AWS, and that function URLs have while the port is not
        known.

        Args:
            text: Any text, such as an environment variable or an output.
        """
        text = text.replace(f"{local_address(self._host, 0)}/", f"{self.url}/")
        return text if self.gateway is None else self.gateway.with_local_addresses(text)

    @property
    def port(self) -> int:
        """The port that it listens at."""
        return int(self.url.rpartition(":")[2])

    @cached_property
    def sources(self) -> "EventSources":
        """The event sources, which are loaded when somebody has a use for them."""
        from ._sources.hub import EventSources

        return EventSources(self.functions, self.queues)

    def invoke_url(self, name: str) -> str:
        """Return the URL at which a function is invoked.

        Args:
            name: The name.
        """
        from ._invoke_api import INVOKE_PATH

        return f"{self.url}{INVOKE_PATH.format(function=name)}"

    def function_url(self, name: str) -> str:
        """Return the URL of a function over HTTP, with a slash at the end.

        Args:
            name: The name.
        """
        if self._url_port is not None and name == next(iter(self.functions)):
            return f"{self._address(self._url_runner)}/"
        return f"{self.url}{URL_PREFIX}{name}/"

    def api_urls(self) -> dict[str, str]:
        """Return the URLs of the APIs by name, each with its stage."""
        gateway = self.gateway
        return {} if gateway is None else {name: gateway.url(name) for name in gateway.apis}

    async def _start_durable_runner(self, stack: AsyncExitStack) -> "DurableRunner | None":
        if not self._is_durable:
            return None
        from ._durable.runner import DurableRunner

        runner = DurableRunner(self.functions, skip_time=self._skip_time)
        return await stack.enter_async_context(runner)

    def _front_ends(
        self, durable_runner: "DurableRunner | None"
    ) -> tuple[web.AppRunner, web.AppRunner]:
        """Return the servers of all functions, and of the first function's URL.

        Their modules are imported while the functions start, in processes of their own.
        """
        from ._console_routes import console_routes
        from ._function_api import FunctionAPI
        from ._function_url import FunctionURLs
        from ._invoke_api import InvokeAPI
        from ._operation import refuse
        from ._sources.routes import event_routes
        from ._trace_routes import trace_routes

        urls = FunctionURLs(self.functions)
        routes = [
            *InvokeAPI(self.functions, self.queues).routes(),
            *_durable_routes(durable_runner),
            *FunctionAPI(self.functions).routes(),
            *urls.routes(),
            *console_routes(
                self.functions, self.queues, self.bus, lambda: self.sources, self.api_urls
            ),
            *event_routes(lambda: self.sources),
            *trace_routes(self.bus),
            *([] if self.gateway is None else self.gateway.management_routes()),
            web.route("*", "/{path:.*}", refuse),
        ]
        first = next(iter(self.functions))
        return (
            server_runner(routes, self._guard, own_origin=True),
            server_runner(urls.routes_of(first), self._guard, own_origin=False),
        )

    def _address(self, runner: web.AppRunner | None) -> str:
        if runner is None:
            raise RuntimeError("the emulator does not listen")
        return f"http://{host_in_url(self._host)}:{runner.addresses[0][1]}"

    async def _listen(
        self,
        stack: AsyncExitStack,
        runner: web.AppRunner,
        port: int,
        reserved: socket.socket | None = None,
    ) -> None:
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        with listening(port):
            if reserved is not None:
                await web.SockSite(runner, reserved).start()
            else:
                await web.TCPSite(runner, self._host, port).start()

    def _check_receivers(self) -> None:
        for name, queue in self.queues.items():
            for receiver in queue.receivers:
                if receiver not in self.functions:
                    raise ValueError(
                        f"There is no function {receiver!r} for the records of {name}."
                    )

    def _deliver(self, name: str, record: bytes) -> None:
        try:
            self.queues[name].put(record)
        except Throttled:
            _LOG.error("A record for the function %s is lost: too many events wait.", name)


def _otlp_endpoint(address: str) -> str:
    from ._trace_routes import OTLP_PATH

    return f"{address}{OTLP_PATH}"


def _durable_routes(runner: "DurableRunner | None") -> list[web.RouteDef]:
    if runner is None:
        return []
    from ._durable.operations import DurableOperations

    return DurableOperations(runner).routes()


def _check_durable_packages() -> None:
    if find_spec("aws_durable_execution_sdk_python_testing") is None:
        raise ValueError(
            "Durable functions need AWS's runner: pip install 'lambda-emulator[durable]'."
        )
