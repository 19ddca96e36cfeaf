"""The emulator's server: functions, the Invoke API and function URLs in front of them."""

import logging
from collections.abc import Callable, Collection, Sequence
from contextlib import AsyncExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Self

from aiohttp import web
from aiohttp.http import SERVER_SOFTWARE
from aiohttp.http_exceptions import HttpProcessingError

from ._bus import Bus
from ._config import FunctionConfig
from ._console import console_routes
from ._event import MAX_EVENT_SIZE
from ._function_url import URL_PREFIX, FunctionURLs
from ._guard import Guard
from ._invoke_api import INVOKE_PATH, InvokeAPI, refuse_operation
from ._log import Output
from ._service import FunctionService

if TYPE_CHECKING:
    from pathlib import Path


class Server:
    """Serves functions over HTTP, from entering the context to leaving it.

    Attributes:
        functions: The functions by name.
        bus: Tells what happens.
        task_roots: The directory of each function's code, by its name.
    """

    def __init__(
        self,
        configs: Sequence[FunctionConfig],
        write: Callable[[bytes], object],
        *,
        host: str = "127.0.0.1",
        port: int = 9000,
        url_port: int | None = None,
        allowed_hosts: Collection[str] = (),
    ) -> None:
        """Prepare to serve functions.

        Args:
            configs: The functions, at least one, with different names.
            write: Gets their log.
            host: The address to listen at. Whoever reaches it can run the functions.
            port: The port to listen at; 0 for any that is free.
            url_port: The port of the first function's URL; 0 for any that is free, None for none.
                All functions have URLs on the other port, too.
            allowed_hosts: More names that clients may call this machine by.

        Raises:
            ValueError: There is no function, or two have the same name.
        """
        if not configs:
            raise ValueError("There is no function to serve: name one.")
        self.bus = Bus()
        output = Output(write)
        self.functions: dict[str, FunctionService] = {}
        self.task_roots: dict[str, Path] = {}
        for config in configs:
            name = config.function.name
            if name in self.functions:
                raise ValueError(f"Two functions have the name {name!r}: give one another name.")
            self.functions[name] = FunctionService(config, output, self.bus)
            self.functions[name].queue.deliver = self._deliver
            self.task_roots[name] = config.program.task_root
        self._host = host
        self._port = port
        self._url_port = url_port
        guard = Guard(host, allowed_hosts)
        urls = FunctionURLs(self.functions)
        routes = [
            *InvokeAPI(self.functions).routes(),
            *urls.routes(),
            *console_routes(self),
            web.route("*", "/{path:.*}", refuse_operation),
        ]
        self._runner = _runner(routes, guard, own_origin=True)
        first = next(iter(self.functions))
        self._url_runner = _runner(urls.routes_of(first), guard, own_origin=False)
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Listen, and start the functions.

        Raises:
            OSError: A port cannot be listened at.
        """
        async with AsyncExitStack() as stack:
            await self._listen(stack, self._runner, self._port)
            if self._url_port is not None:
                await self._listen(stack, self._url_runner, self._url_port)
            # Entered last, they end first: requests that still wait get an answer.
            for service in self.functions.values():
                await stack.enter_async_context(service)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the functions, and listen no more."""
        await self._stack.aclose()

    @property
    def url(self) -> str:
        """Where AWS's clients find it: what ``AWS_ENDPOINT_URL_LAMBDA`` is to be."""
        return self._address(self._runner)

    def invoke_url(self, name: str) -> str:
        """Return where to invoke a function.

        Args:
            name: Its name.
        """
        return f"{self.url}{INVOKE_PATH.format(function=name)}"

    def function_url(self, name: str) -> str:
        """Return where a function is over HTTP, with a slash at the end.

        Args:
            name: Its name.
        """
        if self._url_port is not None and name == next(iter(self.functions)):
            return f"{self._address(self._url_runner)}/"
        return f"{self.url}{URL_PREFIX}{name}/"

    def _address(self, runner: web.AppRunner) -> str:
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{runner.addresses[0][1]}"

    async def _listen(self, stack: AsyncExitStack, runner: web.AppRunner, port: int) -> None:
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, self._host, port).start()

    def _deliver(self, name: str, event: bytes) -> None:
        if (service := self.functions.get(name.rpartition(":")[2])) is not None:
            service.enqueue(event)


def _runner(routes: list[web.RouteDef], guard: Guard, *, own_origin: bool) -> web.AppRunner:
    # aiohttp's versions differ in whether the limit itself is allowed.
    app = web.Application(
        client_max_size=MAX_EVENT_SIZE + 1, middlewares=[guard.middleware(own_origin=own_origin)]
    )
    app.add_routes(routes)
    app.on_response_prepare.append(_do_not_name_server)
    logger = logging.getLogger(__name__)
    logger.addFilter(_blame_client)
    return web.AppRunner(app, access_log=None, logger=logger, shutdown_timeout=1)


async def _do_not_name_server(_request: web.Request, response: web.StreamResponse) -> None:
    """Take away what aiohttp adds: Lambda does not say what serves it; a function may."""
    if response.headers.get("Server") == SERVER_SOFTWARE:
        del response.headers["Server"]


def _blame_client(record: logging.LogRecord) -> bool:
    """Tell of bytes that are no HTTP request in one line: they are no error of this program."""
    if record.exc_info and isinstance(record.exc_info[1], HttpProcessingError):
        record.msg = f"{record.msg}: that is not HTTP"
        record.exc_info = None
    return True
