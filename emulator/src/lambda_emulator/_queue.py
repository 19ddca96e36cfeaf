"""Asynchronous invocations: a queue, retries, and the records of how they ended.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
"""

import asyncio
import json
import logging
import time
import uuid
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any, Literal, Self, Unpack

from lambda_testing import InvocationOptions

from . import _platform
from ._blocking import in_thread
from ._destination import (
    Destination,
    parse_dead_letter_queue,
    parse_destination,
    send_event,
    send_record,
)
from ._invocation import EmulatedInvocation, ExecutionOptions, Throttled
from ._messages import say
from ._service import FunctionService
from ._trace import complete_trace

_MAX_BYTES = 256 << 20  # of all events that wait
_LOG = logging.getLogger(__name__)

EventState = Literal["waiting", "running", "delayed"]
"""The state of an event: waiting for an environment, handled, or waiting for its next attempt."""


class EventQueue:
    """Events that wait to be handled asynchronously by one function.

    It works from entering the context to leaving it.
    """

    def __init__(self, service: FunctionService, deliver: Callable[[str, bytes], None]) -> None:
        """Begin empty.

        Args:
            service: Runs the invocations.
            deliver: Takes the record for another function, by its name.

        Raises:
            ValueError: A destination or the dead-letter queue cannot be used.
        """
        self._service = service
        self._deliver = deliver
        self._config = config = service.config.event_invoke
        success, failure, queue = config.on_success, config.on_failure, config.dead_letter_queue
        self._on_success = parse_destination(success) if success else None
        self._on_failure = parse_destination(failure) if failure else None
        self._dead_letter_queue = parse_dead_letter_queue(queue) if queue else None
        if service.config.durable and (self._on_success or self._on_failure):
            say(
                f"Records of {service.function.name} go nowhere: a durable function has no"
                " destinations, on AWS either. A dead-letter queue takes events that fail."
            )
        self._events: dict[asyncio.Task[None], EventState] = {}
        self._bytes = 0
        self._order = asyncio.Lock()  # the event that has waited for the longest time is next
        self._closed = False

    @property
    def receivers(self) -> tuple[str, ...]:
        """The names of the functions that its records go to."""
        destinations = (self._on_success, self._on_failure)
        return tuple(each.target for each in destinations if each and each.service == "function")

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
        for task in self._events:
            task.cancel()
        if self._events:
            await asyncio.wait(self._events)

    def count(self, state: EventState) -> int:
        """Return how many events are in a state.

        Args:
            state: The state.
        """
        return sum(each == state for each in self._events.values())

    def put(self, event: bytes, **options: Unpack[InvocationOptions]) -> str:
        """Invoke the function when it is free, and again when it fails.

        Args:
            event: The event, as JSON.
            **options: See `InvocationOptions`.

        Returns:
            The request id of each attempt.

        Raises:
            Throttled: Too many events wait.
            MissingTenant: The function isolates tenants, and there is none.
            ConnectionAbortedError: The emulator was stopped.
        """
        self._service.check_tenant(options.get("tenant_id"))
        if self._service.config.durable:
            return self.start(event, **options).request_id
        self._check_room(event)
        request_id = options.get("request_id") or str(uuid.uuid4())
        # All attempts have one id, and belong to one trace.
        options["request_id"] = request_id
        options["trace_id"] = complete_trace(options.get("trace_id"))
        self._follow(event, self._process(event, options), "waiting")
        return request_id

    def start(
        self,
        event: bytes,
        execution: ExecutionOptions | None = None,
        **options: Unpack[InvocationOptions],
    ) -> EmulatedInvocation:
        """Start a durable execution at once; an event whose execution fails is given up.

        It is not tried again, and there are no records of it, as on AWS.

        Args:
            event: The event, as JSON.
            execution: The options of a durable execution.
            **options: See `InvocationOptions`.

        Returns:
            The invocation, which ends with the execution.

        Raises:
            Throttled: Too many events are executed.
            ConnectionAbortedError: The emulator was stopped.
        """
        self._check_room(event)
        invocation = self._service.invoke(event, kind="Event", execution=execution, **options)
        if invocation.execution is None or not invocation.execution.is_repeated:
            self._follow(event, self._conclude_execution(event, invocation), "running")
        return invocation

    def _check_room(self, event: bytes) -> None:
        if self._closed:
            raise ConnectionAbortedError("the emulator was stopped")
        if len(self._events) >= self._config.max_events or self._bytes + len(event) > _MAX_BYTES:
            raise Throttled(self._service.function.name)

    def _follow(self, event: bytes, work: Coroutine[Any, Any, None], state: EventState) -> None:
        """Work on an event in the background."""
        task = asyncio.create_task(work)
        self._events[task] = state
        self._bytes += len(event)

        def forget(_: object) -> None:
            del self._events[task]
            self._bytes -= len(event)

        task.add_done_callback(forget)

    async def _conclude_execution(self, event: bytes, invocation: EmulatedInvocation) -> None:
        await invocation
        if invocation.is_error and (queue := self._dead_letter_queue):
            request_id, error = invocation.request_id, _error(invocation)
            await _try_to_send(queue, send_event, event, request_id, 200, error)

    async def _process(self, event: bytes, options: InvocationOptions) -> None:
        """Try until it succeeds, or may not be tried again."""
        config = self._config
        expires = time.monotonic() + config.max_age
        attempt = 0
        invocation: EmulatedInvocation | None = None
        while True:
            condition = "EventAgeExceeded"
            try:
                async with asyncio.timeout_at(_loop_time(expires)), self._order:
                    await self._service.wait_for_room(options.get("tenant_id"))
                    invocation = self._service.invoke(
                        event, kind="Event", attempt=attempt + 1, **options
                    )
            except TimeoutError:
                break
            attempt += 1
            self._note("running")
            await invocation
            await invocation.wait_for_report()
            condition = "RetriesExhausted" if invocation.is_error else "Success"
            if not invocation.is_error or attempt > config.max_retries:
                break
            delay = config.retry_delay * attempt
            if time.monotonic() + delay > expires:
                condition = "EventAgeExceeded"
                break
            self._note("delayed")
            await asyncio.sleep(delay)
            self._note("waiting")
        self._note("running")  # until the record is sent
        await self._conclude(event, options, invocation, condition, attempt)

    async def _conclude(
        self,
        event: bytes,
        options: InvocationOptions,
        invocation: EmulatedInvocation | None,
        condition: str,
        attempts: int,
    ) -> None:
        """Send the record of the end to its destination, and a failed event to its queue."""
        succeeded = condition == "Success"
        if destination := self._on_success if succeeded else self._on_failure:
            record = self._record(event, options, invocation, condition, attempts)
            if destination.service == "function":
                self._deliver(destination.target, json.dumps(record).encode())
            else:
                await _try_to_send(destination, send_record, record)
        if (queue := self._dead_letter_queue) and not succeeded:
            status, error = (
                (429, "Rate Exceeded.") if invocation is None else (200, _error(invocation))
            )
            request_id = options.get("request_id") or ""
            await _try_to_send(queue, send_event, event, request_id, status, error)

    def _note(self, state: EventState) -> None:
        """Note the state of the event that the current task processes."""
        if (task := asyncio.current_task()) is not None:
            self._events[task] = state

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


async def _try_to_send(
    destination: Destination, send: Callable[..., None], *arguments: object
) -> None:
    """Send something; what the destination does not take is lost, as on Lambda, and logged."""
    try:
        if destination.service == "file":
            send(destination, *arguments)
        else:
            await in_thread(send, destination, *arguments)
    except Exception as error:  # noqa: BLE001 (of boto3, or of the file system)
        _LOG.error("Cannot send to %s: %s", destination.target, error)


def _error(invocation: EmulatedInvocation) -> str:
    """Return the message of an invocation's error."""
    error = _value(invocation.payload)
    message = error.get("errorMessage") if isinstance(error, dict) else None
    return str(message or invocation.error_type or "")


def _value(payload: bytes) -> Any:
    """Return a response as JSON has it; one that is not JSON is text there."""
    try:
        return json.loads(payload)
    except (ValueError, RecursionError):
        return payload.decode(errors="replace")


def _loop_time(moment: float) -> float:
    return asyncio.get_running_loop().time() + moment - time.monotonic()
