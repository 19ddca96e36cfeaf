"""An execution environment: a function's process behind its own Runtime API, one call at a time.

The rules of its life are Lambda's. The process starts before the first invocation; one that fails
or takes too long is ended, and another starts within the next invocation, whose time that costs.
https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
"""

import asyncio
import contextlib
import json
import os
import time
from collections.abc import Awaitable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Literal, Self, TypeVar, Unpack

from aiohttp import web

from lambda_testing import Function, InvocationOptions, Outcome, RuntimeAPI

from . import _report
from ._log import Log
from ._process import FunctionProcess, exit_reason
from ._report import Failure
from ._target import Program

_T = TypeVar("_T")
_INIT_SECONDS = 10.0  # for the init phase before the first invocation
_REPORT_SECONDS = 0.5  # at the end, for the report of an invocation that is answered
_LAST_WORDS_SECONDS = 0.5  # for a process that has reported an init error, to end by itself


@dataclass(frozen=True)
class Answer:
    """What the caller of a function gets.

    Attributes:
        payload: The response, or the description of an error; JSON as a rule.
        is_error: Whether the function failed.
        log: The end of the invocation's log, for a caller who waited for all of it.
    """

    payload: bytes
    is_error: bool
    log: bytes | None


class _Call:
    """An invocation, from when it is asked for until its report is written."""

    def __init__(self, event: bytes, options: InvocationOptions) -> None:
        loop = asyncio.get_running_loop()
        self.event = event
        self.options = options
        self.outcome: asyncio.Future[Outcome] = loop.create_future()
        self.log: asyncio.Future[bytes] = loop.create_future()


@dataclass(frozen=True)
class _Limit:
    """An amount of time, which runs."""

    seconds: float
    began: float = field(default_factory=time.monotonic)

    def spent(self) -> float:
        return min(time.monotonic() - self.began, self.seconds)


class ExecutionEnvironment:
    """Runs a function, from entering the context to leaving it."""

    def __init__(self, program: Program, function: Function, log: Log) -> None:
        """Prepare to run a function.

        Args:
            program: How to start it.
            function: What Lambda knows of it.
            log: Gets its output and Lambda's own lines.
        """
        self.function = function
        self._program = program
        self._log = log
        self._api = RuntimeAPI(function=function, journal=0)
        self._runner = self._api.runner()
        self._process: FunctionProcess | None = None
        self._calls: asyncio.Queue[_Call] = asyncio.Queue()
        self._call: _Call | None = None

    async def __aenter__(self) -> Self:
        """Serve the Runtime API, and begin the init phase."""
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self._initialized: asyncio.Future[Failure | None] = (
            asyncio.get_running_loop().create_future()
        )
        self._worker = asyncio.create_task(self._serve())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the function, whatever it is doing."""
        if self._call is not None and self._call.outcome.done():
            await asyncio.wait({self._call.log}, timeout=_REPORT_SECONDS)
        self._worker.cancel()
        await asyncio.wait({self._worker})
        if self._process is not None:
            await self._process.end()
        self._api.process_exited()
        self._api.close()
        await self._runner.cleanup()

    async def initialized(self) -> Failure | None:
        """Wait for the end of the init phase.

        Returns:
            Why it failed, or None. The first invocation gets the failure as its answer, and the
            one after it tries again.

        Raises:
            ConnectionAbortedError: The environment was ended first.
        """
        return await self._while_serving(self._initialized)

    async def invoke(
        self, event: bytes, *, with_log: bool = False, **options: Unpack[InvocationOptions]
    ) -> Answer:
        """Invoke the function, after all who asked before.

        Args:
            event: The event, as JSON.
            with_log: Whether to wait for the invocation's report, and to return the log's end.
            **options: What else is known of the invocation.

        Returns:
            The answer. Whatever the function does wrong becomes one.

        Raises:
            ConnectionAbortedError: The environment was ended first.
        """
        call = _Call(event, options)
        self._calls.put_nowait(call)
        outcome = await self._while_serving(call.outcome)
        log = None
        if with_log:
            log = await self._while_serving(call.log)
        return Answer(outcome.body, outcome.kind != "response", log)

    async def _while_serving(self, future: asyncio.Future[_T]) -> _T:
        """Wait for what the worker will set, but not for a worker that has ended."""
        either: set[asyncio.Future[Any]] = {self._worker, future}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if not future.done():
            error = None if self._worker.cancelled() else self._worker.exception()
            raise ConnectionAbortedError("the execution environment was ended") from error
        return future.result()

    async def _serve(self) -> None:
        limit = _Limit(_INIT_SECONDS)
        failure = await self._initialize("init", limit)
        init_duration: float | None = limit.spent()
        self._initialized.set_result(failure)
        while True:
            self._call = await self._calls.get()
            await self._run(self._call, failure, init_duration)
            failure = init_duration = None

    async def _run(self, call: _Call, failure: Failure | None, init_duration: float | None) -> None:
        """Serve a call; a failure of the init phase before it is its answer."""
        limit = _Limit(self.function.timeout)
        call.options.setdefault("deadline_ms", int((time.time() + limit.seconds) * 1000))
        if failure is None and (self._process is None or self._process.exit.done()):
            await self._discard("")  # it has ended while it had nothing to do, if there was one
            failure = await self._initialize("invoke", limit)
        invocation = self._api.enqueue(call.event, **call.options)
        request_id = invocation.request_id
        self._drain()
        self._log.forget()
        self._write(_report.start(request_id, self.function.version))
        if failure is None:
            failure = await self._until(invocation, limit)
            if failure is not None and failure.status == "error" and invocation.state == "queued":
                # It had ended, unnoticed, before this was asked for: another process gets it.
                await self._discard("")
                failure = await self._initialize("invoke", limit)
                if failure is None:
                    failure = await self._until(invocation, limit)
        if failure is None:
            call.outcome.set_result(await invocation)
            # Until the function asks for more, its time is the invocation's.
            failure = await self._until(self._api.wait_for_poll(), limit)
        duration = limit.spent()
        memory = await self._process.measure() if self._process else 0
        usage = _report.Usage(duration, self.function.memory_mb, memory, init_duration)
        if failure is not None:
            if failure.status == "timeout":
                self._api.time_out(invocation, _payload(request_id, failure))
            await self._discard(failure.reason)
            if invocation.state != "done":  # no process got as far as to ask for it
                self._api.time_out(invocation, _payload(request_id, failure))
            if not call.outcome.done():
                call.outcome.set_result(await invocation)
        self._write(_report.end(request_id, usage, failure))
        call.log.set_result(self._log.tail)

    async def _initialize(self, phase: Literal["init", "invoke"], limit: _Limit) -> Failure | None:
        """Start a process, and wait until it asks for an invocation."""
        host, port = self._runner.addresses[0]
        environment = {
            **os.environ,
            **self.function.environment(f"{host}:{port}"),
            "LAMBDA_TASK_ROOT": str(self._program.task_root),
            "_HANDLER": self._program.handler,
        }
        if self.function.max_concurrency is None:
            environment.pop("AWS_LAMBDA_MAX_CONCURRENCY", None)  # of whoever runs the emulator
        try:
            self._process = await FunctionProcess.start(
                self._program.arguments, environment, self._log
            )
        except OSError as error:
            failure: Failure | None = Failure("error", "Runtime.InvalidEntrypoint", str(error))
        else:
            failure = await self._until(self._init_end(), limit)
            await self._process.measure()
        if failure is not None:
            if self._process is not None:
                if self._api.init_error is not None:
                    await asyncio.wait({self._process.exit}, timeout=_LAST_WORDS_SECONDS)
                await self._process.kill()
            self._write(_report.init_failed(limit.spent(), phase, failure))
        return failure

    async def _init_end(self) -> None:
        with contextlib.suppress(RuntimeError):  # of an init error, which `_until` tells
            await self._api.wait_for_poll()

    async def _until(self, event: Awaitable[object], limit: _Limit) -> Failure | None:
        """Wait for something that the process does; return what kept it from doing it."""
        if self._process is None:
            raise RuntimeError("there is no process to wait for")
        happening = asyncio.ensure_future(event)
        exit_code = self._process.exit
        try:
            await asyncio.wait(
                {happening, exit_code},
                timeout=limit.seconds - limit.spent(),
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            happening.cancel()  # which is nothing to one that has happened
        if (told := self._api.init_error) is not None:
            error_type = told.error_type or "Runtime.Unknown"
            return Failure("error", error_type, _describe(told))
        if happening.done():
            return None
        if exit_code.done():
            return Failure("error", "Runtime.ExitError", exit_reason(exit_code.result()))
        reason = f"Task timed out after {limit.seconds:.2f} seconds"
        return Failure("timeout", "Sandbox.Timedout", reason)

    async def _discard(self, reason: str) -> None:
        """End the process, so that another can start."""
        if self._process is not None:
            await self._process.kill()
            self._process = None
        self._api.process_exited(reason)

    def _write(self, text: str) -> None:
        """Write lines of Lambda's own after all that the function has written."""
        self._drain()
        self._log.write_platform(text)

    def _drain(self) -> None:
        if self._process is not None:
            self._process.drain()


def _payload(request_id: str, failure: Failure) -> bytes:
    message = f"RequestId: {request_id} Error: {failure.reason}"
    told = {"errorType": failure.error_type, "errorMessage": message}
    return json.dumps(told, separators=(",", ":")).encode()


def _describe(error: Outcome) -> str:
    """Return what a runtime told of its failure, for people."""
    try:
        told = error.json()
        return f"{told['errorType']}: {told['errorMessage']}"
    except (ValueError, LookupError, TypeError):
        return error.body.decode(errors="replace")
