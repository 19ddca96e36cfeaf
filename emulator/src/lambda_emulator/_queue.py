"""Asynchronous invocations: a queue, retries, and where the records of their ends go.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
"""

import asyncio
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lambda_testing import InvocationOptions

from . import _platform
from ._call import Answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from ._service import FunctionService

Condition = str


class EventQueue:
    """What waits to be run asynchronously by one function.

    Attributes:
        deliver: Takes the records for another function, by its name.
    """

    def __init__(self, service: "FunctionService") -> None:
        """Begin empty.

        Args:
            service: Who runs what comes.
        """
        self.deliver: Callable[[str, bytes], None] | None = None
        self._service = service
        self._config = service.config.event_invoke
        self._tasks: set[asyncio.Task[None]] = set()

    def put(self, event: bytes, options: InvocationOptions) -> None:
        """Take an invocation.

        Args:
            event: The event, as JSON.
            options: What else is known of it, its request id included.
        """
        task = asyncio.create_task(self._process(event, options))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Give up all that wait."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _process(self, event: bytes, options: InvocationOptions) -> None:
        """Try until it succeeds, or may not be tried again."""
        config = self._config
        expires = time.monotonic() + config.max_age
        attempt = 0
        answer: Answer | None = None
        while True:
            condition = "EventAgeExceeded"
            try:
                async with asyncio.timeout_at(_loop_time(expires)):
                    await self._service.wait_for_room()
            except TimeoutError:
                break
            attempt += 1
            call = self._service.start(event, kind="Event", attempt=attempt, **options)
            answer = await call.answer()
            await call.report()
            condition = "RetriesExhausted" if answer.is_error else "Success"
            if not answer.is_error or attempt > config.max_retries:
                break
            delay = config.retry_delay * attempt
            if time.monotonic() + delay > expires:
                condition = "EventAgeExceeded"
                break
            await asyncio.sleep(delay)
        destination = config.on_success if condition == "Success" else config.on_failure
        if destination is not None:
            self._send(destination, self._record(event, options, answer, condition, attempt))

    def _record(
        self,
        event: bytes,
        options: InvocationOptions,
        answer: Answer | None,
        condition: Condition,
        attempts: int,
    ) -> dict[str, Any]:
        """Return what a destination gets."""
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
        if answer is not None:
            record["responseContext"] = {"statusCode": 200, "executedVersion": function.version}
            if answer.is_error:
                record["responseContext"]["functionError"] = "Unhandled"
            record["responsePayload"] = _value(answer.payload)
        return record

    def _send(self, destination: str, record: dict[str, Any]) -> None:
        kind, _, name = destination.partition(":")
        if kind == "function" and self.deliver is not None:
            self.deliver(name, json.dumps(record).encode())
            return
        with Path(destination).open("a", encoding="utf-8") as file:
            file.write(f"{json.dumps(record)}\n")


def _value(payload: bytes) -> Any:
    """Return a response as JSON has it; one that is no JSON is text there."""
    try:
        return json.loads(payload)
    except ValueError:
        return payload.decode(errors="replace")


def _loop_time(moment: float) -> float:
    return asyncio.get_running_loop().time() + moment - time.monotonic()
