"""Records the invocations of one environment, and publishes them while anyone listens."""

import asyncio
from contextlib import suppress

from ._bus import Bus
from ._bus_events import Answered, ChunkSent, LogWritten, Reported, ResponseStarted
from ._history import Record
from ._invocation import EmulatedInvocation

_TENANT = "Lambda-Runtime-Aws-Tenant-Id"


class Publisher:
    """Records invocations of a function, and follows their responses while anyone listens.

    Without a listener no event is made: what a record holds is there anyway.
    """

    def __init__(self, function: str, bus: Bus) -> None:
        """Begin with no invocation.

        Args:
            function: The function's name.
            bus: Where to publish; it has the history, too.
        """
        self._function = function
        self._bus = bus
        self._records: dict[EmulatedInvocation, Record] = {}
        self._following: dict[EmulatedInvocation, asyncio.Task[None]] = {}
        bus.on_subscribe.add(self._follow_all)

    def invoked(self, invocation: EmulatedInvocation) -> None:
        """Record that an invocation begins.

        Args:
            invocation: A new one.
        """
        record = Record(
            self._function,
            invocation,
            invocation.kind,
            invocation.attempt,
            invocation.headers.get(_TENANT),
        )
        self._records[invocation] = record
        self._bus.history.add(record)
        if self._bus.heard:
            self._bus.publish(record.invoked())
            self._follow(invocation, record)

    def logged(self, invocation: EmulatedInvocation | None, data: bytes, *, platform: bool) -> None:
        """Record that something was written to the log.

        Args:
            invocation: The one that it belongs to, or None.
            data: The bytes.
            platform: Whether Lambda wrote it.
        """
        record = self._records.get(invocation) if invocation is not None else None
        log = self._bus.history.outside(self._function) if record is None else record.log
        log.write(data, platform=platform)
        if self._bus.heard:
            request_id = "" if record is None else record.request_id
            written = LogWritten(
                function=self._function, request_id=request_id, data=data, platform=platform
            )
            self._bus.publish(written)

    async def reported(self, invocation: EmulatedInvocation, report: Reported) -> None:
        """Record the end of an invocation, and publish it after its response.

        Args:
            invocation: One that is done.
            report: The numbers of its REPORT line.
        """
        record, following = self._records.pop(invocation), self._following.pop(invocation, None)
        if following is None:
            record.answer = self._answer(invocation)
        else:
            await following
        record.end(report)
        self._bus.history.ended(record)
        self._bus.publish(report)

    async def close(self) -> None:
        """Record and publish no more."""
        self._bus.on_subscribe.discard(self._follow_all)
        tasks = set(self._following.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        for invocation, record in self._records.items():
            self._bus.history.discard(record)
        self._records.clear()

    def _follow_all(self) -> None:
        for invocation, record in self._records.items():
            self._follow(invocation, record)

    def _follow(self, invocation: EmulatedInvocation, record: Record) -> None:
        """Publish a response as it comes, unless that is being done."""
        if invocation not in self._following:
            task = asyncio.create_task(self._publish_response(invocation, record))
            self._following[invocation] = task

    async def _publish_response(self, invocation: EmulatedInvocation, record: Record) -> None:
        with suppress(ConnectionAbortedError):  # the emulator was stopped: nobody is left to tell
            await invocation.head()
            if invocation.streamed:
                await self._publish_stream(invocation)
            await invocation
            record.answer = self._answer(invocation)
            self._bus.publish(record.answer)

    async def _publish_stream(self, invocation: EmulatedInvocation) -> None:
        function, request_id = self._function, invocation.request_id
        self._bus.publish(
            ResponseStarted(
                function=function, request_id=request_id, content_type=invocation.content_type
            )
        )
        index = 0
        async for data in invocation.stream(hold=False):
            self._bus.publish(
                ChunkSent(function=function, request_id=request_id, data=data, index=index)
            )
            index += 1

    def _answer(self, invocation: EmulatedInvocation) -> Answered:
        failed, streamed = invocation.is_error, invocation.streamed
        content_type = "application/json" if streamed else None
        return Answered(
            function=self._function,
            request_id=invocation.request_id,
            payload=b"" if streamed and not failed else invocation.payload,
            error_type=invocation.error_type,
            content_type=content_type if failed else invocation.content_type,
            streamed=streamed,
        )
