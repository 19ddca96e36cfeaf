"""Asynchronous invocations: a queue, retries, and the records of how they ended.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
"""

import asyncio
import json
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self, Unpack

from lambda_testing import InvocationOptions

from . import _platform
from ._invocation import EmulatedInvocation
from ._service import FunctionService


class EventQueue:
    """Events that wait to be handled asynchronously by one function.

    It works from entering the context to leaving it.

    Attributes:
        running: How many are handled now.
        delayed: How many have failed, and wait for their next attempt.
    """

    def __init__(self, service: FunctionService, deliver: Callable[[str, bytes], None]) -> None:
        """Begin empty.

        Args:
            service: Runs the invocations.
            deliver: Takes the record for another function, by its name.
        """
        self._service = service
        self._deliver = deliver
        self._config = service.config.event_invoke
        self._tasks: set[asyncio.Task[None]] = set()
        self.running = self.delayed = 0
        self._closed = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Give up all that wait."""
        self._closed = True
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    @property
    def waiting(self) -> int:
        """How many wait for a free environment."""
        return len(self._tasks) - self.running - self.delayed

    def put(self, event: bytes, **options: Unpack[InvocationOptions]) -> str:
        """Invoke the function when it is free, and again when it fails.

        Args:
            event: The event, as JSON.
            **options: See `InvocationOptions`.

        Returns:
            The request id of each attempt.

        Raises:
            ConnectionAbortedError: The emulator was stopped.
        """
        if self._closed:
            raise ConnectionAbortedError("the emulator was stopped")
        request_id = options.get("request_id") or str(uuid.uuid4())
        task = asyncio.create_task(self._process(event, {**options, "request_id": request_id}))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return request_id

    async def _process(self, event: bytes, options: InvocationOptions) -> None:
        """Try until it succeeds, or may not be tried again."""
        config = self._config
        expires = time.monotonic() + config.max_age
        attempt = 0
        invocation: EmulatedInvocation | None = None
        while True:
            condition = "EventAgeExceeded"
            try:
                async with asyncio.timeout_at(_loop_time(expires)):
                    await self._service.wait_for_room()
            except TimeoutError:
                break
            attempt += 1
            invocation = self._service.invoke(event, kind="Event", attempt=attempt, **options)
            self.running += 1
            try:
                await invocation
                await invocation.wait_for_report()
            finally:
                self.running -= 1
            condition = "RetriesExhausted" if invocation.is_error else "Success"
            if not invocation.is_error or attempt > config.max_retries:
                break
            delay = config.retry_delay * attempt
            if time.monotonic() + delay > expires:
                condition = "EventAgeExceeded"
                break
            self.delayed += 1
            try:
                await asyncio.sleep(delay)
            finally:
                self.delayed -= 1
        destination = config.on_success if condition == "Success" else config.on_failure
        if destination is not None:
            self._send(destination, self._record(event, options, invocation, condition, attempt))

    def _record(
        self,
        event: bytes,
        options: InvocationOptions,
        invocation: EmulatedInvocation | None,
        condition: str,
        attempts: int,
    ) -> dict[str, Any]:
        """Return the record for a destination."""
        function = self._service.function
        record: dict[str, Any] = {
            "version": "1.0",
            "timestamp": _platform.now(),
            "requestContext": {
                "requestId": options.get("request_id"),
                "functionArn": f"{function.arn}:{function.version}",
                "condition": condition,
                "approximateInvokeCount": attempts,
            },
            "requestPayload": json.loads(event),
        }
        if invocation is not None:
            record["responseContext"] = {"statusCode": 200, "executedVersion": function.version}
            if invocation.is_error:
                record["responseContext"]["functionError"] = "Unhandled"
            record["responsePayload"] = _value(invocation.payload)
        return record

    def _send(self, destination: str, record: dict[str, Any]) -> None:
        kind, _, name = destination.partition(":")
        if kind == "function":
            self._deliver(name, json.dumps(record).encode())
            return
        with Path(destination).open("a", encoding="utf-8") as file:
            file.write(f"{json.dumps(record)}\n")


def _value(payload: bytes) -> Any:
    """Return a response as JSON has it; one that is not JSON is text there."""
    try:
        return json.loads(payload)
    except ValueError:
        return payload.decode(errors="replace")


def _loop_time(moment: float) -> float:
    return asyncio.get_running_loop().time() + moment - time.monotonic()
