"""All event sources of an emulator: those that are polled, and those that are pushed."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lambda_emulator._limits import MAX_SYNCHRONOUS_EXECUTION
from lambda_emulator._messages import say
from lambda_emulator._project.description import EventSource, Trigger
from lambda_emulator._queue import EventQueue
from lambda_emulator._service import FunctionService

from .clients import Clients
from .mapping import EventSourceMapping
from .messages import sns_event
from .pollers import poll
from .s3 import is_notified, to_bus_event
from .topics import TopicMessage
from .triggers import ActiveTrigger, explain_limits


class EventSources:
    """The event sources of an emulator, and how they are doing.

    Attributes:
        functions: The functions by name.
        queues: Their asynchronous invocations, by the same names.
        mappings: The sources to poll.
        triggers: Schedules, rules and buckets.
        clients: Clients of AWS's services.
    """

    def __init__(
        self, functions: Mapping[str, FunctionService], queues: Mapping[str, EventQueue]
    ) -> None:
        """Begin without event sources.

        Args:
            functions: The functions by name, at least one.
            queues: Their asynchronous invocations, by the same names.
        """
        self.functions = functions
        self.queues = queues
        self.mappings: list[EventSourceMapping] = []
        self.triggers: list[ActiveTrigger] = []
        self.clients = Clients()
        first = next(iter(functions.values())).function
        self.region = first.region
        self.account = first.arn.split(":")[4]

    async def run(
        self,
        sources: Sequence[EventSource],
        triggers: Sequence[Trigger],
        say: Callable[[str], object] = say,
    ) -> None:
        """Poll, and fire schedules, until this is cancelled.

        A source is left out if it is disabled or not valid, or if its function is not served.

        Args:
            sources: The sources to poll.
            triggers: The triggers.
            say: Called with messages for the developer.
        """
        self.add(sources, triggers, say)
        try:
            async with asyncio.TaskGroup() as tasks:
                for mapping in self.mappings:
                    tasks.create_task(poll(mapping))
                for trigger in self.triggers:
                    tasks.create_task(trigger.run())
                await asyncio.get_running_loop().create_future()  # for ever
        finally:
            self.mappings, self.triggers = [], []

    def add(
        self,
        sources: Sequence[EventSource],
        triggers: Sequence[Trigger],
        say: Callable[[str], object] = say,
    ) -> None:
        """Take in event sources, without polling and without a clock.

        Args:
            sources: The sources to poll.
            triggers: The triggers.
            say: Called with messages for the developer.
        """
        for source in sources:
            if not source.enabled:
                continue
            try:
                service = self.functions[source.function]
                _check_no_tenants(service)
                self.mappings.append(EventSourceMapping(source, service, self.clients, say))
            except (KeyError, ValueError) as error:
                say(f"The event source {source.source} is left out: {_reason(source, error)}")
            else:
                if source.on_failure and source.kind in {"sqs", "kafka"}:
                    say(f"Records of {source.source} that are given up go nowhere here.")
                durable = service.config.durable
                if durable and durable.execution_timeout > MAX_SYNCHRONOUS_EXECUTION:
                    say(
                        f"On AWS, {source.source} cannot be an event source of {source.function},"
                        f" whose execution timeout is above {MAX_SYNCHRONOUS_EXECUTION} seconds."
                        " Here its executions end after that time."
                    )
        for trigger in triggers:
            if not trigger.enabled:
                continue
            try:
                _check_no_tenants(self.functions[trigger.function])
                queue = self.queues[trigger.function]
                active = ActiveTrigger(trigger, queue, self.account, self.region)
            except (KeyError, ValueError) as error:
                say(f"The {trigger.kind} {trigger.name} is left out: {_reason(trigger, error)}")
            else:
                self.triggers.append(active)
                if limits := explain_limits(trigger):
                    say(limits)

    def describe(self) -> dict[str, Any]:
        """Return how all of them are doing, for JSON."""
        return {
            "sources": [mapping.status.describe() for mapping in self.mappings],
            "triggers": [trigger.describe() for trigger in self.triggers],
        }

    async def put_event(self, event: Mapping[str, Any], bus: str) -> list[tuple[str, str]]:
        """Invoke the functions whose rules let an event through.

        Args:
            event: The event.
            bus: The name of the event bus.

        Returns:
            The functions, each with the request id of its invocation.
        """
        takers = [each for each in self.triggers if each.takes(event, bus)]
        return [(each.trigger.function, await each.deliver(event)) for each in takers]

    async def publish(self, message: TopicMessage) -> list[tuple[str, str]]:
        """Invoke the functions whose subscriptions to a topic let a message through.

        Args:
            message: The message.

        Returns:
            The functions, each with the request id of its invocation.
        """
        payload = json.dumps(sns_event(message, self.account, self.region)).encode()
        takers = [each for each in self.triggers if each.takes_message(message)]
        return [(each.trigger.function, await each.invoke(payload)) for each in takers]

    async def publish_to_rules(self, topic: str, data: str) -> list[tuple[str, str]]:
        """Invoke the functions whose rules of IoT select something of a message.

        Args:
            topic: The topic of the message, or the name of a rule.
            data: The message.

        Returns:
            The functions, each with the request id of its invocation.
        """
        selected = [(each, each.select(topic, data)) for each in self.triggers]
        return [
            (each.trigger.function, await each.invoke(payload))
            for each, payload in selected
            if payload is not None
        ]

    async def notify(self, record: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Invoke the functions that get a record of a notification of S3.

        Rules of the default event bus get it, too, as if the bucket sent its events there.

        Args:
            record: The record.

        Returns:
            The functions, each with the request id of its invocation.
        """
        takers = [
            each
            for each in self.triggers
            if each.trigger.kind == "s3" and is_notified(each.trigger, record)
        ]
        event = {"Records": [record]}
        sent = [(each.trigger.function, await each.deliver(event)) for each in takers]
        if (bus_event := to_bus_event(record, self.account)) is not None:
            sent += await self.put_event(bus_event, "default")
        return sent


def _check_no_tenants(service: FunctionService) -> None:
    if service.config.tenancy:
        name = service.function.name
        raise ValueError(f"{name} isolates tenants, and its events name none, on AWS either.")


def _reason(described: EventSource | Trigger, error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"there is no function {described.function!r} here."
    return str(error)
