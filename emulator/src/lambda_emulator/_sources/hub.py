"""All event sources of an emulator: those that are polled, and those that are pushed."""

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from lambda_emulator._limits import MAX_SYNCHRONOUS_EXECUTION
from lambda_emulator._messages import say
from lambda_emulator._project.description import EventSource, Trigger
from lambda_emulator._queue import EventQueue
from lambda_emulator._service import FunctionService

from .clients import Clients
from .mapping import EventSourceMapping
from .messages import sns_envelope, sns_event, sns_raw
from .pollers import poll
from .s3 import is_notified, to_bus_event
from .target import Message, Put, QueueSender, to_function
from .topics import TopicMessage, make_message
from .triggers import ActiveTrigger, explain_limits


class Sent(NamedTuple):
    """An event that was sent to a function, a queue or a topic.

    Attributes:
        target: The name of the target.
        id: The request id of the invocation, or the id of the message; empty if it is lost.
        kind: The kind of the target.
    """

    target: str
    id: str
    kind: Literal["function", "queue", "topic"] = "function"


class EventSources:
    """The event sources of an emulator, and how they are doing.

    Attributes:
        functions: The functions by name.
        queues: Their asynchronous invocations, by the same names.
        mappings: The sources to poll.
        triggers: Schedules, rules, buckets and topics.
        clients: Clients of AWS's services.
        sender: Sends messages to queues.
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
        self.sender = QueueSender(self.clients, self.mappings, self.region)

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
                await asyncio.get_running_loop().create_future()  # forever
        finally:
            self.mappings.clear()
            self.triggers.clear()

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
                active = ActiveTrigger(trigger, self._put(trigger), self.account, self.region)
            except (KeyError, ValueError) as error:
                say(f"The {trigger.kind} {trigger.name} is left out: {_reason(trigger, error)}")
            else:
                self.triggers.append(active)
                if limits := explain_limits(trigger):
                    say(limits)

    def _put(self, trigger: Trigger) -> Put:
        """Return the function that gives events to the target of a trigger."""
        if trigger.target_kind == "queue":
            return self.sender.to_queue(trigger.destination)
        if trigger.target_kind == "topic":
            return self._to_topic(trigger.target)
        _check_no_tenants(self.functions[trigger.function])
        return to_function(self.queues[trigger.function])

    def _to_topic(self, topic: str) -> Put:
        async def put(message: Message) -> str:
            published = make_message(topic, message.body.decode(), {}, message.group)
            await self.publish(published, to_services=True)
            return published.id

        return put

    def describe(self) -> dict[str, Any]:
        """Return how all of them are doing, for JSON."""
        return {
            "sources": [mapping.status.describe() for mapping in self.mappings],
            "triggers": [trigger.describe() for trigger in self.triggers],
        }

    async def put_event(self, event: Mapping[str, Any], bus: str) -> list[Sent]:
        """Send an event to the targets of the rules that let it through.

        Args:
            event: The event.
            bus: The name of the event bus.

        Returns:
            The targets that it was sent to.
        """
        takers = [each for each in self.triggers if each.takes(event, bus)]
        return [_sent(each, await each.deliver(event)) for each in takers]

    async def publish(self, message: TopicMessage, *, to_services: bool) -> list[Sent]:
        """Send a message of a topic to the subscriptions that let it through.

        Args:
            message: The message.
            to_services: False if the topic itself has sent it to its queues.

        Returns:
            The targets that it was sent to.
        """
        return [
            _sent(each, await each.send(formed))
            for each in self._takers(to_services=to_services)
            if each.takes_message(message)
            and (formed := self._message_for(each, message)) is not None
        ]

    def _message_for(self, subscription: ActiveTrigger, message: TopicMessage) -> Message | None:
        """Return a message of a topic as a subscription gets it; None if it does not."""
        if subscription.trigger.function:
            event = sns_event(message, self.account, self.region)
            return Message(json.dumps(event).encode())
        if subscription.trigger.raw_delivery:
            return sns_raw(message)
        return sns_envelope(message, self.account, self.region)

    async def publish_to_rules(self, topic: str, data: str) -> list[Sent]:
        """Invoke the functions whose rules of IoT select something of a message.

        Args:
            topic: The topic of the message, or the name of a rule.
            data: The message.

        Returns:
            The targets that it was sent to.
        """
        selected = [(each, each.select(topic, data)) for each in self.triggers]
        return [
            _sent(each, await each.send(Message(payload)))
            for each, payload in selected
            if payload is not None
        ]

    async def notify(self, record: Mapping[str, Any], *, to_services: bool) -> list[Sent]:
        """Send a record of a notification of S3 to the targets of its bucket.

        Rules of the default event bus get it, too, as if the bucket sent its events there.

        Args:
            record: The record.
            to_services: False if the bucket itself has sent it to its queues and topics.

        Returns:
            The targets that it was sent to.
        """
        takers = [
            each
            for each in self._takers(to_services=to_services)
            if each.trigger.kind == "s3" and is_notified(each.trigger, record)
        ]
        event = {"Records": [record]}
        sent = [_sent(each, await each.deliver(event)) for each in takers]
        if (bus_event := to_bus_event(record, self.account)) is not None:
            sent += await self.put_event(bus_event, "default")
        return sent

    def _takers(self, *, to_services: bool) -> list[ActiveTrigger]:
        return [each for each in self.triggers if to_services or each.trigger.function]


def summarize(sent: Iterable[Sent]) -> dict[str, Any]:
    """Return what was sent, for JSON.

    Args:
        sent: The events that were sent.
    """
    summary: dict[str, list[dict[str, str]]] = {"invocations": []}
    for each in sent:
        if each.kind == "function":
            found = {"function": each.target, "request_id": each.id}
            summary["invocations"].append(found)
        else:
            found = {each.kind: each.target, "message_id": each.id}
            summary.setdefault("messages", []).append(found)
    return summary


def _sent(trigger: ActiveTrigger, sent_id: str) -> Sent:
    return Sent(trigger.trigger.target, sent_id, trigger.trigger.target_kind)


def _check_no_tenants(service: FunctionService) -> None:
    if service.config.tenancy:
        name = service.function.name
        raise ValueError(f"{name} isolates tenants, and its events name none, on AWS either.")


def _reason(described: EventSource | Trigger, error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"there is no function {described.function!r} here."
    return str(error)
