"""Tells the bus what happens to the invocations of one environment."""

import asyncio

from . import _platform
from ._bus import Answered, Bus, ChunkSent, Invoked, LogWritten, Reported, Status
from ._call import Answer, Call, Head
from ._config import FunctionConfig
from ._platform import Failure, Usage
from ._sandbox import Sandbox


class Reporter:
    """Tells the bus, and the callers, what happens in an environment."""

    def __init__(self, config: FunctionConfig, bus: Bus) -> None:
        """Begin with nothing to tell.

        Args:
            config: What is run.
            bus: Who is told.
        """
        self._name = config.function.name
        self._bus = bus
        self._following: dict[Call, asyncio.Task[None]] = {}

    def invoked(self, call: Call) -> None:
        """Tell that an invocation begins.

        Args:
            call: Which one.
        """
        if self._bus.heard:
            self._bus.publish(
                Invoked(
                    function=self._name,
                    request_id=call.request_id,
                    event=call.event,
                    kind=call.kind,
                    attempt=call.attempt,
                )
            )
            self._follow(call)

    def logged(self, request_id: str, data: bytes, *, platform: bool) -> None:
        """Tell that something was written to the log.

        Args:
            request_id: The invocation that it belongs to; empty for none.
            data: What was written.
            platform: Whether Lambda wrote it.
        """
        if self._bus.heard:
            self._bus.publish(
                LogWritten(function=self._name, request_id=request_id, data=data, platform=platform)
            )

    def began(self, call: Call, head: Head) -> None:
        """Tell that a response begins, and what comes of it.

        Args:
            call: Whose response.
            head: How it begins.
        """
        call.begin(head)
        self._follow(call)

    async def ended(
        self, call: Call, sandbox: Sandbox, usage: Usage, failure: Failure | None, *, managed: bool
    ) -> None:
        """Write the report of an invocation, and tell of it.

        Args:
            call: One that has its answer.
            sandbox: Where it ran.
            usage: What it took.
            failure: What ended it, if the function did not.
            managed: Whether it was one of several.
        """
        answer: Answer = await call.answer()
        status: Status = "success" if failure is None else failure.status
        if failure is None and answer.is_error:
            status = "failure"
        request_id, size = call.request_id, len(answer.payload)
        sandbox.write(_platform.runtime_done(request_id, usage.duration, size, status, failure))
        sandbox.write(_platform.report(request_id, usage, status, failure, managed=managed))
        init = usage.init_duration
        report = Reported(
            function=self._name,
            request_id=request_id,
            status=status,
            error_type=answer.error_type,
            duration_ms=round(usage.duration * 1000, 3),
            billed_ms=usage.billed_ms,
            memory_mb=usage.memory_size,
            peak_memory_mb=usage.peak_memory,
            init_ms=None if init is None else round(init * 1000, 3),
        )
        call.end(report, sandbox.log.tail)
        self._follow(call)
        if (told := self._following.pop(call, None)) is not None:
            await told
        self._bus.publish(report)

    async def close(self) -> None:
        """Tell no more."""
        tasks = set(self._following.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def _follow(self, call: Call) -> None:
        """Tell of the response as it comes, if anyone listens."""
        if self._bus.heard and call not in self._following:
            self._following[call] = asyncio.create_task(self._tell(call))

    async def _tell(self, call: Call) -> None:
        name, request_id = self._name, call.request_id
        if (await call.head()).streamed:
            index = 0
            async for data in call.chunks(hold=False):
                self._bus.publish(
                    ChunkSent(function=name, request_id=request_id, data=data, index=index)
                )
                index += 1
        answer = await call.answer()
        self._bus.publish(
            Answered(
                function=name,
                request_id=request_id,
                payload=b"" if answer.streamed and not answer.is_error else answer.payload,
                error_type=answer.error_type,
                content_type=answer.content_type,
                streamed=answer.streamed,
            )
        )
