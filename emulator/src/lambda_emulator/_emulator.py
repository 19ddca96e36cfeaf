"""The emulator: a function, and the Invoke API in front of it."""

import logging
from collections.abc import Callable
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from lambda_testing import Function

from ._environment import ExecutionEnvironment
from ._invoke_api import INVOKE_PATH, InvokeAPI
from ._log import Log
from ._target import Program


class Emulator:
    """Serves a function over HTTP, from entering the context to leaving it.

    Attributes:
        environment: Where the function runs.
    """

    def __init__(
        self,
        program: Program,
        function: Function,
        write: Callable[[bytes], object],
        *,
        host: str = "127.0.0.1",
        port: int = 9000,
    ) -> None:
        """Prepare to serve a function.

        Args:
            program: How to start it.
            function: What Lambda knows of it.
            write: Gets the function's log.
            host: The address to listen at. Whoever reaches it can run the function.
            port: The port to listen at; 0 for any that is free.
        """
        self.environment = ExecutionEnvironment(program, function, Log(write))
        self._host = host
        self._port = port
        app = InvokeAPI({function.name: self.environment}).app()
        logger = logging.getLogger(__name__)
        logger.addFilter(_blame_client)
        self._runner = web.AppRunner(app, access_log=None, logger=logger, shutdown_timeout=1)
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Listen, and start the function.

        Raises:
            OSError: The port cannot be listened at.
        """
        async with AsyncExitStack() as stack:
            await self._runner.setup()
            stack.push_async_callback(self._runner.cleanup)
            await web.TCPSite(self._runner, self._host, self._port).start()
            # Entered last, it ends first: requests that still wait get an answer.
            await stack.enter_async_context(self.environment)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the function, and listen no more."""
        await self._stack.aclose()

    @property
    def url(self) -> str:
        """Where to invoke the function."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        port = self._runner.addresses[0][1]
        path = INVOKE_PATH.format(function=self.environment.function.name)
        return f"http://{host}:{port}{path}"


def _blame_client(record: logging.LogRecord) -> bool:
    """Tell of bytes that are no HTTP request in one line: they are no error of this program."""
    if record.exc_info and isinstance(record.exc_info[1], HttpProcessingError):
        record.msg = f"{record.msg}: that is not HTTP"
        record.exc_info = None
    return True
