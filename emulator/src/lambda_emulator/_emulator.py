"""The emulator within a program: for tests, and for tools."""

import asyncio
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, Unpack

import uvloop

from ._config import FunctionConfig
from ._configure import FunctionOptions, configure
from ._log import Output
from ._server import EmulatorServer

if TYPE_CHECKING:
    from ._gateway.gateway import GatewayOptions
    from ._project.description import Api, Listener

Target = str | Path | FunctionConfig


class Emulator:
    """Serves functions in a thread of its own, from entering the context to leaving it.

    ```python
    with Emulator(functions=["app.handler"]) as emulator:
        client = emulator.client()
        client.invoke(FunctionName="app", Payload=b"{}")
    ```
    """

    def __init__(
        self,
        functions: Sequence[Target] | Mapping[str, Target],
        *,
        write: Callable[[bytes], object] | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        url_port: int | None = None,
        allowed_hosts: Collection[str] = (),
        apis: Sequence["Api | Listener"] = (),
        api_options: "GatewayOptions | None" = None,
        skip_time: bool = False,
        **options: Unpack[FunctionOptions],
    ) -> None:
        """Prepare to serve functions.

        Args:
            functions: The functions, by name if they are to have other ones: directories with a
                ``__main__.py``, ``.py`` files, handlers as ``module.handler`` seen from the working
                directory, or configurations that `configure` has made.
            write: Is called with the log, in the emulator's thread; by default `log` has all of it.
            host: The address to listen at.
            port: The port to listen at; 0 for any that is free.
            url_port: A port for the first function's URL alone; 0 for any, None for none.
            allowed_hosts: More names that clients may call this machine by.
            apis: APIs and listeners of load balancers, which each get a port of their own.
            api_options: The options of the APIs; free ports of the same address by default.
            skip_time: True if durable executions do not wait for their timers.
            **options: Options of all functions that are not configured yet.

        Raises:
            TargetError: A target is not a function.
            ValueError: There is no function, two have the same name, or an API cannot be served.
        """
        self._log = bytearray()
        self._clients: list[Any] = []
        named = (
            functions.items() if isinstance(functions, Mapping) else ((None, f) for f in functions)
        )
        configs = [
            target if isinstance(target, FunctionConfig) else configure(target, name, **options)
            for name, target in named
        ]
        self._server = EmulatorServer(
            configs,
            Output(write or self._log.extend),
            host=host,
            port=port,
            url_port=url_port,
            allowed_hosts=allowed_hosts,
            apis=apis,
            api_options=api_options,
            skip_time=skip_time,
        )
        self._started: Future[None] = Future()
        self._thread = threading.Thread(target=self._run, name="lambda-emulator")

    def __enter__(self) -> Self:
        """Listen, and wait until the functions have started or failed to.

        A function that fails does so again in its first invocation, which reports the error.

        Raises:
            OSError: A port cannot be listened at.
        """
        self._thread.start()
        try:
            self._started.result()
        except BaseException:
            self._thread.join()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the functions and the thread, and close the clients."""
        for client in self._clients:
            client.close()
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    @property
    def url(self) -> str:
        """The address for AWS's clients: the value for ``AWS_ENDPOINT_URL_LAMBDA``."""
        return self._server.url

    @property
    def log(self) -> bytes:
        """The log of the functions and of Lambda until now."""
        return bytes(self._log)

    def function_url(self, name: str) -> str:
        """Return the URL of a function over HTTP, with a slash at the end.

        Args:
            name: The name.
        """
        return self._server.function_url(name)

    def api_url(self, name: str) -> str:
        """Return the URL of an API, with its stage and without a slash at the end.

        Args:
            name: The name.

        Raises:
            KeyError: There is no such API.
        """
        if self._server.gateway is None:
            raise KeyError(name)
        return self._server.gateway.url(name)

    def client(self, **options: Any) -> Any:
        """Return a client of boto3, which must be installed, for `url`; it does not retry.

        Args:
            **options: More arguments of ``boto3.client``, which override the emulator's.

        Returns:
            The client, as ``boto3.client("lambda")`` returns it.

        Raises:
            ImportError: boto3 is not installed.
        """
        try:
            import boto3
            from botocore.config import Config
        except ImportError as error:
            message = "A client needs boto3: pip install 'lambda-emulator[aws]'."
            raise ImportError(message, name=error.name) from error

        function = next(iter(self._server.functions.values())).function
        defaults = {
            "endpoint_url": self.url,
            "region_name": function.region,
            "aws_access_key_id": "local",
            "aws_secret_access_key": "local",
            # By default, boto3 would try for seconds what fails on purpose here.
            "config": Config(retries={"total_max_attempts": 1}, read_timeout=function.timeout + 60),
        }
        client = boto3.client("lambda", **{**defaults, **options})
        self._clients.append(client)
        return client

    def _run(self) -> None:
        uvloop.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        try:
            async with self._server as server:
                for service in server.functions.values():
                    await service.initialized()
                self._started.set_result(None)
                await self._stop.wait()
        except BaseException as error:
            if self._started.done():
                raise
            self._started.set_exception(error)  # it is raised where the thread was started
