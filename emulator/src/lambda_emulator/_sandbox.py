"""A function's process, the Runtime API that it talks to, and the log of both.

It starts and ends a process, and says why it failed; its users decide when.
"""

import asyncio
import contextlib
import math
import os
import signal
from collections.abc import Awaitable, Callable
from functools import partial

from aiohttp import web

from lambda_testing import Invocation, Outcome, RuntimeAPI
from lambda_testing.contract import exit_reason

from . import _platform
from ._breakpoint import is_prompt
from ._config import FunctionConfig
from ._debugger import waiting_message
from ._extensions import IDENTIFIER, TELEMETRY_PATH, ExternalExtensions, ShutdownReason
from ._failure_location import location_in_report, location_in_text
from ._log import LogStream
from ._messages import say
from ._platform import EnvironmentFailure, Phase, PlatformRecord
from ._process import FunctionProcess
from ._telemetry import Telemetry
from ._time_limit import TimeLimit

_RUNTIME_PATH = "/2018-06-01/runtime/"
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_LAST_WORDS_SECONDS = 0.5  # for a process that has reported an init error, to end by itself
_FLUSH_SECONDS = 0.5  # for extensions to take the telemetry that waits for them
_SHUTDOWN_SECONDS = {"internal": 0.5, "external": 2.0}  # from SIGTERM to SIGKILL


class Sandbox:
    """Where a function's process runs.

    Attributes:
        config: The function, and how it is run.
        log: The log of the process and of Lambda.
        api: The Runtime API of the process.
        telemetry: Sends telemetry to extensions.
        extensions: The extensions in processes of their own.
        process: The process, or None before it has started and after it was ended.
    """

    def __init__(self, config: FunctionConfig, log: LogStream) -> None:
        """Prepare to run a function.

        Args:
            config: The function, and how it is run.
            log: Takes the output of the process and Lambda's records.
        """
        self.config = config
        self.log = log
        self.api = RuntimeAPI(function=config.function, journal=0)
        self.telemetry = Telemetry(self.write)
        self.process: FunctionProcess | None = None
        self.extensions = ExternalExtensions(config.function, self.telemetry)
        self._runner = self.api.runner()
        self._runner.app.middlewares.append(self._route_extensions)
        self._environment: dict[str, str] = {}
        self._limit: TimeLimit | None = None

    async def open(self) -> None:
        """Serve the Runtime API, unless that was done.

        Raises:
            OSError: There is no port for it.
        """
        if self._runner.addresses:
            return
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        config = self.config
        self._environment = {
            **os.environ,
            "AWS_LAMBDA_LOG_FORMAT": "JSON" if config.log_format == "json" else "Text",
            **config.function.environment(f"{host}:{port}"),
            "LAMBDA_TASK_ROOT": str(config.program.task_root),
            "_HANDLER": config.program.handler,
            **({"AWS_LAMBDA_LOG_LEVEL": config.log_level.upper()} if config.log_level else {}),
            **config.environment,
        }
        if config.function.max_concurrency is None:
            # It would be of whoever runs the emulator.
            self._environment.pop("AWS_LAMBDA_MAX_CONCURRENCY", None)

    @property
    def has_process(self) -> bool:
        """Whether there is a process, and it runs."""
        return self.process is not None and not self.process.exit.done()

    async def initialize(self, phase: Phase, limit: TimeLimit) -> EnvironmentFailure | None:
        """Start a process, and wait until it asks for an invocation.

        Args:
            phase: ``"init"`` before the first invocation, ``"invoke"`` within another.
            limit: The time for it.

        Returns:
            Why it failed, or None.
        """
        config = self.config
        stream = self._environment["AWS_LAMBDA_LOG_STREAM_NAME"]
        version = config.program.interpreter.version
        self.write(_platform.init_start(config.function, phase, stream, version))
        failure: EnvironmentFailure | None
        try:
            self.process = FunctionProcess.start(
                config.program.arguments,
                self._environment,
                self._on_output,
                memory_limit=config.function.memory_mb if config.limit_memory else math.inf,
                stdin=None if config.keyboard is None else config.keyboard.stdin,
            )
            if config.debug_port is not None:
                say(waiting_message(config.function.name, config.debug_port))
            for program in self.extensions.find(config.extensions):
                ended = self.process.start_more([str(program)], self._environment)
                ended.add_done_callback(partial(self._on_extension_exit, program.name))
        except OSError as error:
            failure = EnvironmentFailure("error", "Runtime.InvalidEntrypoint", str(error))
        else:
            failure = await self.until(self.idle(), limit)
            await self.process.measure()
        for extension in self.extensions.registered.values():
            self.write(_platform.extension(extension.name, extension.state, extension.events))
        for internal in self.api.extensions:
            self.write(_platform.extension(internal.name, internal.state, internal.events))
        if failure is not None and self.process is not None:
            if self.api.init_error is not None:
                await asyncio.wait({self.process.exit}, timeout=_LAST_WORDS_SECONDS)
            await self.process.kill()
        self.write(*_platform.init_ended(config.function, phase, limit.spent(), failure))
        self.telemetry.end_init()
        return failure

    async def until(self, event: Awaitable[object], limit: TimeLimit) -> EnvironmentFailure | None:
        """Wait for something that the process does.

        Args:
            event: Something that the process does.
            limit: The time for it.

        Returns:
            Why it did not happen, or None.

        Raises:
            RuntimeError: There is no process.
        """
        if (process := self.process) is None:
            raise RuntimeError("there is no process to wait for")
        self._limit = limit
        failure, exceeded = self.extensions.failure, process.memory_exceeded
        process.begin_use()
        try:
            happened = await limit.wait_for(event, (process.exit, failure, exceeded))
        finally:
            process.end_use()
        if exceeded.done():
            await process.measure()  # while it still is there
            await process.kill()
            reason = "Runtime exited with error: signal: killed"
            return EnvironmentFailure("error", "Runtime.OutOfMemory", reason)
        if (error := self.api.init_error) is not None:
            error_type = error.error_type or "Runtime.Unknown"
            root = self.config.program.task_root
            location = location_in_report(error.body, root)
            return EnvironmentFailure("error", error_type, _describe(error), location, error.body)
        if failure.done():
            return failure.result()
        if happened:
            return None
        if process.exit.done():
            reason = exit_reason(process.exit.result())
            process.drain()
            printed = self.log.tail.decode(errors="replace")
            location = location_in_text(printed, self.config.program.task_root)
            return EnvironmentFailure("error", "Runtime.ExitError", reason, location)
        reason = f"Task timed out after {limit.seconds:.2f} seconds"
        return EnvironmentFailure("timeout", "Sandbox.Timedout", reason)

    async def idle(self) -> None:
        """Wait until the runtime and all extensions wait for an invocation, or one has failed."""
        with contextlib.suppress(RuntimeError):  # of an init error, which `until` returns
            await self.api.wait_for_poll()
            if self.extensions.expected:
                await self.extensions.wait_until_ready()

    async def work(self, invocation: Invocation) -> None:
        """Wait until an invocation is done, and the runtime waits for another.

        Args:
            invocation: One that was submitted.
        """
        await invocation
        await self.idle()

    async def discard(self, reason: str, why: ShutdownReason = "failure") -> None:
        """End the process, so that another can start.

        Args:
            reason: How the process ended.
            why: The reason for its extensions.
        """
        await self._end(why)
        self.extensions.clear()
        await self.telemetry.clear()
        self.api.process_exited(reason)

    async def close(self) -> None:
        """End the process as Lambda does, and serve no more."""
        await self._end("spindown")
        self.api.process_exited()
        self.api.close()
        self.extensions.clear()
        await self.telemetry.close()
        await self._runner.cleanup()

    async def _end(self, why: ShutdownReason) -> None:
        """End the process; only extensions, and a function that has some, are asked to."""
        process, self.process = self.process, None
        if process is None:
            return
        if self.extensions.registered or (self.api.extensions and why == "spindown"):
            seconds = _SHUTDOWN_SECONDS["external" if self.extensions.registered else "internal"]
            process.thaw()
            await self.telemetry.flush(_FLUSH_SECONDS)
            self.extensions.shut_down(why, seconds)
            await process.end(signal.SIGTERM if why == "spindown" else signal.SIGKILL, seconds)
        else:
            await process.kill()

    def write(self, *records: PlatformRecord, drain: bool = True) -> None:
        """Write records of Lambda's own.

        Args:
            *records: The records.
            drain: Whether they come after all that the function has written until now.
        """
        if drain:
            self.drain()
        log_format = self.config.log_format
        self.log.write_platform(b"".join([record.render(log_format) for record in records]))
        if self.telemetry.wanted:
            for record in records:
                self.telemetry.send("platform", record.as_json())

    def drain(self) -> None:
        """Pass on all that the function has written until now."""
        if self.process is not None:
            self.process.drain()

    def _on_output(self, data: bytes) -> None:
        self.log.write(data)
        if is_prompt(data):
            self._on_prompt()
        if self.telemetry.wanted:
            self.telemetry.send_output(data)

    def _on_prompt(self) -> None:
        """Let the developer answer a debugger, however long that takes."""
        if self.config.keyboard is None:
            say(
                f"{self.config.function.name} is at a breakpoint() without a terminal:"
                " use `lambda-emulator invoke` in one, or start with --debug."
            )
            return
        if self._limit is not None:
            self._limit.lift()
        self.config.keyboard.open()

    def _on_extension_exit(self, name: str, _exit_code: object) -> None:
        self.extensions.exited(name)

    @web.middleware
    async def _route_extensions(
        self, request: web.Request, handler: _Handler
    ) -> web.StreamResponse:
        """Answer the requests of extensions that the Runtime API does not know."""
        if request.path.startswith(_RUNTIME_PATH):
            return await handler(request)
        if (response := self.extensions.route(request)) is not None:
            return await response
        if request.path == TELEMETRY_PATH:  # of an extension within the function's process
            wanted = request.headers.get(IDENTIFIER)
            for internal in self.api.extensions:
                if internal.id == wanted:
                    return await self.extensions.subscribe(request, internal.name)
        return await handler(request)


def _describe(error: Outcome) -> str:
    """Return what a runtime reported of its failure, for people."""
    try:
        reported = error.json()
        return f"{reported['errorType']}: {reported['errorMessage']}"
    except (ValueError, LookupError, TypeError):
        return error.body.decode(errors="replace")
