"""Records the invocations of one environment, and publishes them while anyone listens."""

import asyncio
import time
from contextlib import suppress

from ._bus import Bus
from ._history import MAX_RESPONSE, Log, Record
from ._invocation import EmulatedInvocation
from ._report import Reported


class Publisher:
    """Records invocations of a function, and follows their responses while anyone listens.

    Without a listener no event is made: what a record holds is there anyway.
    """

    def __init__(self, function: str, bus: Bus) -> None:
        """Begin with no invocation.

        Args:
            function: The function's name.
            bus: The bus for the events; it has the history, too.
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
        record = Record(self._function, invocation)
        self._records[invocation] = record
        self._bus.history.add(record)
        if self._bus.heard:
            from ._record_events import invoked

            self._bus.publish(invoked(record, invocation))
            self._follow(invocation, record)

    def logged(self, invocation: EmulatedInvocation | None, data: bytes, *, platform: bool) -> None:
        """Record that something was written to the log.

        Args:
            invocation: The one that it belongs to, or None.
            data: The bytes.
            platform: True if Lambda wrote the text.
        """
        record = self._records.get(invocation) if invocation is not None else None
        if record is not None:
            log, request_id = record.log, record.request_id
        else:
            log = self._bus.history.outside.setdefault(self._function, Log())
            request_id = ""
        log.write(data, platform)
        if self._bus.heard:
            from ._record_events import log_written

            self._bus.publish(log_written(self._function, request_id, data, platform))

    async def reported(self, invocation: EmulatedInvocation, report: Reported) -> None:
        """Record the end of an invocation, and publish it after its response.

        Args:
            invocation: One that is done.
            report: The numbers of its REPORT line.
        """
        record = self._records.pop(invocation)
        if (following := self._following.pop(invocation, None)) is not None:
            await following
        if record.is_long():
            from ._record_events import shorten

            record.keep(shorten(record, MAX_RESPONSE))
        self._bus.history.end(record)
        self._bus.publish(report)

    async def close(self) -> None:
        """Record and publish no more."""
        self._bus.on_subscribe.discard(self._follow_all)
        tasks = set(self._following.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        for record in self._records.values():
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
        from ._record_events import answered, chunk_sent, response_started

        with suppress(ConnectionAbortedError):  # the emulator was stopped: no listener is left
            await invocation.head()
            if invocation.streamed:
                self._bus.publish(response_started(record, invocation))
                index = 0
                async for data in invocation.stream(hold=False):
                    self._bus.publish(chunk_sent(record, data, index, time.time()))
                    index += 1
            await invocation
            self._bus.publish(answered(record, invocation))
