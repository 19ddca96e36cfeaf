"""A function's process, the Runtime API that it talks to, and the log of both.

It starts and ends a process, and says why it failed; its users decide when.
"""

import asyncio
import contextlib
import math
import signal
import socket
import uuid
from collections.abc import Awaitable
from functools import partial
from pathlib import Path

from aiohttp import web

from lambda_testing import Invocation, RuntimeAPI

from . import _failures as failures, _start_records as start_records
from ._config import FunctionConfig
from ._extensions import ExternalExtensions, ShutdownReason
from ._layers import with_layers
from ._log import LogStream
from ._messages import say
from ._platform import EnvironmentFailure, Phase, PlatformRecord, extension as extension_record
from ._process import FunctionProcess
from ._process_output import ProcessOutput
from ._runtime_port import HOST, runtime_runner
from ._telemetry import Telemetry
from ._time_limit import TimeLimit
from ._variables import function_variables

_LAST_WORDS_SECONDS = 0.5  # for a process that has reported an init error, to end by itself
_FLUSH_SECONDS = 0.5  # for extensions to take the telemetry that waits for them
_SHUTDOWN_SECONDS = {"internal": 0.5, "external": 2.0}  # from SIGTERM to SIGKILL


class Sandbox:
    """The sandbox that a function's process runs in.

    Attributes:
        config: The function, and how it is run.
        log: The log of the process and of Lambda.
        api: The Runtime API of the process.
        telemetry: Sends telemetry to extensions.
        extensions: The extensions in processes of their own.
        process: The process, or None before it has started and after it was ended.
        launched: Is set when a process was started, or could not be.
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
        self._output = ProcessOutput(config, log, self.telemetry)
        self.process: FunctionProcess | None = None
        self.launched = asyncio.Event()
        self.extensions = ExternalExtensions(config.function, self.telemetry)
        self._runner = runtime_runner(self.api, self.extensions)
        self._environment: dict[str, str] = {}
        self._log_stream = ""

    async def open(self) -> None:
        """Serve the Runtime API, unless that was done.

        Raises:
            OSError: There is no port for it.
        """
        if self._runner.addresses:
            return
        await self._runner.setup()
        # With a socket of our own, Python's codec for host names is not imported before the start.
        listener = socket.create_server((HOST, 0))
        await web.SockSite(self._runner, listener).start()
        host, port = self._runner.addresses[0][:2]
        config = self.config
        self._environment = function_variables(config, f"{host}:{port}")
        # With SnapStart, the function does not know it.
        self._log_stream = self._environment.get("AWS_LAMBDA_LOG_STREAM_NAME", uuid.uuid4().hex)

    @property
    def has_process(self) -> bool:
        """True if there is a process and it runs."""
        return self.process is not None and not self.process.exit.done()

    async def initialize(self, phase: Phase, limit: TimeLimit) -> EnvironmentFailure | None:
        """Start a process, and wait until it asks for an invocation.

        Args:
            phase: ``"init"`` before the first invocation, ``"invoke"`` within another.
            limit: The time for it.

        Returns:
            The failure, or None.
        """
        config = self.config
        python = config.program.interpreter
        self.write(
            start_records.init_start(config.function, phase, self._log_stream, python.version)
        )
        failure: EnvironmentFailure | None = None
        try:
            self.process = FunctionProcess.start(
                with_layers(config.program.arguments, config.layers, python.executable),
                self._environment,
                self._output.take,
                memory_limit=config.function.memory_mb if config.limit_memory else math.inf,
                stdin=None if config.keyboard is None else config.keyboard.stdin,
                directory=config.program.directory,
            )
            if config.debug_port is not None:
                from ._debugger import waiting_message

                say(waiting_message(config.function.name, config.debug_port))
            for program in self.extensions.find(_extension_directories(config)):
                command = with_layers([str(program)], config.layers, python.executable)
                ended = self.process.start_more(command, self._environment)
                ended.add_done_callback(partial(self._on_extension_exit, program.name))
        except OSError as error:
            failure = EnvironmentFailure("error", "Runtime.InvalidEntrypoint", str(error))
        self.launched.set()
        if self.process is not None and failure is None:
            started = self._snapshot() if config.function.snap_start else self.idle()
            failure = await self.until(started, limit)
            await self.process.measure()
        for extension in self.extensions.registered.values():
            self.write(extension_record(extension.name, extension.state, extension.events))
        for internal in self.api.extensions:
            self.write(extension_record(internal.name, internal.state, internal.events))
        if failure is not None and self.process is not None:
            if self.api.init_error is not None:
                await asyncio.wait({self.process.exit}, timeout=_LAST_WORDS_SECONDS)
            await self.process.kill()
        self.write(*start_records.init_ended(config.function, phase, limit.spent(), failure))
        self.telemetry.end_init()
        return failure

    @property
    def has_snapshot(self) -> bool:
        """True if the process waits to be restored from its snapshot."""
        return self.has_process and self.api.state == "RestoreReady"

    async def restore(self, limit: TimeLimit) -> EnvironmentFailure | None:
        """Let the process that waits to be restored continue, until it asks for an invocation.

        Args:
            limit: The time for it.

        Returns:
            The failure, or None.
        """
        function, python = self.config.function, self.config.program.interpreter
        self.write(start_records.restore_start(function, self._log_stream, python.version))
        if self.process is not None and self.config.freeze:
            self.process.thaw()
        self.api.restore()
        failure = await self.until(self.idle(), limit)
        if (error := self.api.restore_error) is not None:
            failure = failures.reported(error, self.config.program.task_root)
        if failure is not None:
            failure = failure._replace(restoring=True)
            if self.api.restore_error is not None and self.process is not None:
                await asyncio.wait({self.process.exit}, timeout=_LAST_WORDS_SECONDS)
        self.write(*start_records.restore_ended(limit.spent(), failure))
        return failure

    async def until(self, event: Awaitable[object], limit: TimeLimit) -> EnvironmentFailure | None:
        """Wait for something that the process does.

        Args:
            event: Something that the process does.
            limit: The time for it.

        Returns:
            The reason that it did not happen, or None.

        Raises:
            RuntimeError: There is no process.
        """
        if (process := self.process) is None:
            raise RuntimeError("there is no process to wait for")
        self._output.limit = limit
        failure, exceeded = self.extensions.failure, process.memory_exceeded
        process.begin_use()
        try:
            happened = await limit.wait_for(event, (process.exit, failure, exceeded))
        finally:
            process.end_use()
        if exceeded.done():
            held = await process.measure()  # while it still is there
            await process.kill()
            return failures.out_of_memory(held, self.config.function.memory_mb)
        if (error := self.api.init_error) is not None:
            return failures.reported(error, self.config.program.task_root)
        if failure.done():
            return failure.result()
        if happened:
            return None
        if process.exit.done():
            process.drain()
            root = self.config.program.task_root
            return failures.exited(process.exit.result(), self.log.tail, root)
        return failures.timed_out(limit.seconds)

    async def idle(self) -> None:
        """Wait until the runtime and all extensions wait for an invocation, or one has failed."""
        with contextlib.suppress(RuntimeError):  # of an init error, which `until` returns
            await self.api.wait_for_poll()
            if self.extensions.expected:
                await self.extensions.wait_until_ready()

    async def _snapshot(self) -> None:
        """Wait until a snapshot could be taken; a runtime need not know of restores."""
        waits = [self.api.wait_for_snapshot(), self.api.wait_for_poll()]
        tasks = [asyncio.ensure_future(each) for each in waits]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        if self.extensions.expected and self.api.init_error is None:
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
            reason: The reason for the end of the process.
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
            drain: True to write them after all that the function has written until now.
        """
        if drain:
            self.drain()
        self._output.write(*records)

    def drain(self) -> None:
        """Pass on all that the function has written until now."""
        if self.process is not None:
            self.process.drain()

    def _on_extension_exit(self, name: str, _exit_code: object) -> None:
        self.extensions.exited(name)


def _extension_directories(config: FunctionConfig) -> list[Path]:
    own = () if config.extensions is None else (config.extensions,)
    return [*(layer / "extensions" for layer in config.layers), *own]
