"""Publishes the events of the invocations of one environment."""

import asyncio

from ._bus import Answered, Bus, ChunkSent, Invoked, LogWritten, Reported
from ._invocation import EmulatedInvocation


class Publisher:
    """Publishes invocations of a function, and follows their responses as they come.

    Its users ask `Bus.heard` first, so that nothing is spent when no one listens.

    Attributes:
        following: The invocations whose responses are followed, and the tasks that do so.
    """

    def __init__(self, function: str, bus: Bus) -> None:
        """Begin with no invocation.

        Args:
            function: The function's name.
            bus: Where to publish.
        """
        self._function = function
        self._bus = bus
        self.following: dict[EmulatedInvocation, asyncio.Task[None]] = {}

    def invoked(self, invocation: EmulatedInvocation) -> None:
        """Publish that an invocation begins.

        Args:
            invocation: A new one.
        """
        self._bus.publish(
            Invoked(
                function=self._function,
                request_id=invocation.request_id,
                event=invocation.event,
                kind=invocation.kind,
                attempt=invocation.attempt,
            )
        )
        self.follow(invocation)

    def logged(self, request_id: str, data: bytes, *, platform: bool) -> None:
        """Publish that something was written to the log.

        Args:
            request_id: The invocation that it belongs to; empty for none.
            data: The bytes.
            platform: Whether Lambda wrote it.
        """
        self._bus.publish(
            LogWritten(function=self._function, request_id=request_id, data=data, platform=platform)
        )

    def follow(self, invocation: EmulatedInvocation) -> None:
        """Publish a response as it comes, unless that is being done.

        Args:
            invocation: One that is not reported.
        """
        if invocation not in self.following:
            self.following[invocation] = asyncio.create_task(self._publish_response(invocation))

    async def reported(self, invocation: EmulatedInvocation, report: Reported) -> None:
        """Publish the end of an invocation, after its response.

        Args:
            invocation: One that is done.
            report: The numbers of its REPORT line.
        """
        if self._bus.heard:
            self.follow(invocation)
        if (following := self.following.pop(invocation, None)) is not None:
            await following
        self._bus.publish(report)

    async def close(self) -> None:
        """Publish no more."""
        tasks = set(self.following.values())
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    async def _publish_response(self, invocation: EmulatedInvocation) -> None:
        function, request_id = self._function, invocation.request_id
        await invocation.head()
        if invocation.streamed:
            index = 0
            async for data in invocation.stream(hold=False):
                self._bus.publish(
                    ChunkSent(function=function, request_id=request_id, data=data, index=index)
                )
                index += 1
        await invocation
        failed, streamed = invocation.is_error, invocation.streamed
        content_type = "application/json" if streamed else None
        self._bus.publish(
            Answered(
                function=function,
                request_id=request_id,
                payload=b"" if streamed and not failed else invocation.payload,
                error_type=invocation.error_type,
                content_type=content_type if failed else invocation.content_type,
                streamed=streamed,
            )
        )
