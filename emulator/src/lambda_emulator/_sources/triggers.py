"""Triggers, which push events to functions: schedules, rules of event buses, notifications."""

import asyncio
import json
import logging
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lambda_emulator._blocking import in_thread
from lambda_emulator._destination import parse_dead_letter_queue, send_dead_letter
from lambda_emulator._invocation import Throttled
from lambda_emulator._project.description import Trigger

from .clients import ServiceError
from .iot_sql import MISSING
from .pattern import Matcher, compile_pattern
from .schedule import Schedule, parse_schedule, within
from .target import Message, Put
from .topic_rule import TopicRule, read_message
from .topics import TopicMessage, filtered_part
from .transform import fill_template, make_input

_LONGEST_SLEEP = 30.0  # a clock may be set, and a machine may sleep
_RETRY_SECONDS = 1.0
_DEFAULT_RETRIES = 185  # of EventBridge
_LOG = logging.getLogger(__name__)


@dataclass
class TriggerStatus:
    """The state of a schedule, a rule or a bucket.

    Attributes:
        fired: The number of invocations of the function for it.
        last: The time of the last one, in seconds of Unix time; None for never.
        next: The next time of a schedule; None if there is none.
    """

    fired: int = 0
    last: float | None = None
    next: float | None = None


class ActiveTrigger:
    """A trigger at work.

    Attributes:
        trigger: The description.
        status: The state of the trigger.
        schedule: The schedule, or None.
    """

    def __init__(self, trigger: Trigger, put: Put, account: str, region: str) -> None:
        """Prepare to send events.

        Args:
            trigger: The description.
            put: Gives an event to the target.
            account: The id of the account.
            region: The region.

        Raises:
            PatternError: The pattern of a rule, or a filter policy, is not valid.
            ScheduleError: The expression of a schedule is not valid.
            ValueError: The dead-letter queue cannot be used, or the SQL of a rule is not
                understood.
        """
        self.trigger = trigger
        self.status = TriggerStatus()
        self.schedule: Schedule | None = None
        self._put = put
        self._account = account
        self._region = region
        self._pattern: Matcher | None = None
        dead_letters = trigger.dead_letter_queue
        self._dead_letters = parse_dead_letter_queue(dead_letters) if dead_letters else None
        if trigger.kind == "schedule":
            schedule = parse_schedule(trigger.expression, trigger.timezone)
            self.schedule = within(schedule, trigger.start, trigger.end)
        elif trigger.kind == "rule" or trigger.pattern:
            self._pattern = compile_pattern(trigger.pattern)
        self._topic_rule = TopicRule(trigger.sql) if trigger.sql else None

    @property
    def arn(self) -> str:
        """The ARN of the rule or the schedule."""
        trigger = self.trigger
        if trigger.scheduler:
            start = f"arn:aws:scheduler:{self._region}:{self._account}:schedule"
            return f"{start}/{trigger.group}/{trigger.name}"
        bus = "" if trigger.bus == "default" else f"{trigger.bus.rpartition('/')[2]}/"
        return f"arn:aws:events:{self._region}:{self._account}:rule/{bus}{trigger.name}"

    def takes(self, event: Mapping[str, Any], bus: str) -> bool:
        """Return whether a rule lets an event through.

        Args:
            event: The event.
            bus: The name of the event bus that it has come to.
        """
        own_bus = self.trigger.bus.rpartition("/")[2]
        return (
            self.trigger.kind == "rule"
            and self._pattern is not None
            and own_bus == bus
            and self._pattern(event)
        )

    def takes_message(self, message: TopicMessage) -> bool:
        """Return whether a subscription to a topic lets a message through.

        Args:
            message: The message.
        """
        if self.trigger.kind != "sns" or self.trigger.name != message.topic:
            return False
        if self._pattern is None:
            return True
        part = filtered_part(message, self.trigger.filter_scope)
        return part is not None and self._pattern(part)

    def select(self, topic: str, data: str) -> bytes | None:
        """Return what a rule of IoT selects of a message, as JSON; None for nothing.

        Args:
            topic: The topic of the message, or the name of the rule.
            data: The message.
        """
        if self.trigger.kind != "iot":
            return None
        rule = self._topic_rule
        is_named = topic == self.trigger.name
        if rule is None:
            return _dump(read_message(topic, data).payload) if is_named else None
        if not is_named and not rule.takes(topic):
            return None
        selected = rule.select(read_message(rule.topic_filter if is_named else topic, data))
        return None if selected is MISSING else _dump(selected)

    async def run(self) -> None:
        """Fire a schedule each time that it is due."""
        if self.schedule is None:
            return
        moment = datetime.now(UTC)
        while (following := self.schedule.next_after(moment)) is not None:
            self.status.next = following.timestamp()
            await _sleep_until(following)
            await self.fire(following)
            moment = max(following, datetime.now(UTC))  # what was slept through is left out
        self.status.next = None

    async def fire(self, moment: datetime | None = None) -> str:
        """Send the event of a schedule.

        Args:
            moment: The time at which it was due; None for now.

        Returns:
            The id of the invocation or the message; empty if the event is given up.
        """
        return await self.send(self._message(self.scheduled_input(moment or datetime.now(UTC))))

    def scheduled_input(self, moment: datetime) -> bytes:
        """Return what the function gets when the schedule fires.

        Args:
            moment: The time at which it was due.
        """
        trigger = self.trigger
        time = f"{moment:%Y-%m-%dT%H:%M:%SZ}"
        execution = str(uuid.uuid4())
        event: dict[str, Any] = {
            "version": "0",
            "id": execution,
            "detail-type": "Scheduled Event",
            "source": "aws.scheduler" if trigger.scheduler else "aws.events",
            "account": self._account,
            "time": time,
            "region": self._region,
            "resources": [self.arn],
            "detail": "{}" if trigger.scheduler else {},
        }
        payload = make_input(trigger, event, self.arn)
        if not trigger.scheduler:
            return payload
        values = {
            "aws.scheduler.schedule-arn": self.arn,
            "aws.scheduler.scheduled-time": time,
            "aws.scheduler.execution-id": execution,
            "aws.scheduler.attempt-number": "1",
        }
        return fill_template(payload.decode(), values).encode()

    async def deliver(self, event: Mapping[str, Any]) -> str:
        """Send what the function or the queue gets of an event.

        Args:
            event: The event.

        Returns:
            The id of the invocation or the message; empty if the event is given up.
        """
        return await self.send(self._message(make_input(self.trigger, event, self.arn)))

    async def send(self, message: Message) -> str:
        """Invoke the function, or fill the queue; what is not taken is given up in the end.

        Args:
            message: The event.

        Returns:
            The id of the invocation or the message; empty if the event is given up.
        """
        retries = self.trigger.max_retries
        left = _DEFAULT_RETRIES if retries is None else retries
        while True:
            try:
                sent = await self._put(message)
            except Throttled:
                if not left:
                    await self._give_up(message.body, "too many events wait")
                    return ""
                left -= 1
                await asyncio.sleep(_RETRY_SECONDS)
            except ServiceError as error:
                await self._give_up(message.body, str(error))
                return ""
            else:
                self.status.fired += 1
                self.status.last = datetime.now(UTC).timestamp()
                return sent

    def _message(self, body: bytes) -> Message:
        return Message(body, group=self.trigger.message_group or None)

    async def _give_up(self, payload: bytes, reason: str) -> None:
        trigger = self.trigger
        if trigger.destination or self._dead_letters is None:
            _LOG.error("An event of %s for %s is lost: %s", trigger.name, trigger.target, reason)
            return
        attributes = {
            "RULE_ARN": self.arn,
            "TARGET_ARN": trigger.function,
            "ERROR_CODE": "THROTTLING",
            "ERROR_MESSAGE": "Rate Exceeded.",
        }
        try:
            await in_thread(send_dead_letter, self._dead_letters, payload.decode(), attributes)
        except Exception as error:  # noqa: BLE001 (of boto3)
            _LOG.error("Nothing could be sent to %s: %s", self._dead_letters.target, error)

    def describe(self) -> dict[str, Any]:
        """Return all of it, for JSON."""
        trigger = self.trigger
        return {
            "kind": trigger.kind,
            "name": trigger.name,
            "function": trigger.target,
            "rule": trigger.rule,
            "timezone": trigger.timezone,
            **vars(self.status),
        }


def _dump(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


async def _sleep_until(moment: datetime) -> None:
    left = (moment - datetime.now(UTC)).total_seconds()
    if left > 0:
        await asyncio.sleep(min(left, _LONGEST_SLEEP))
        await _sleep_until(moment)


def explain_limits(trigger: Trigger) -> str:
    """Return what of a trigger the emulator leaves out, and why; empty for nothing.

    Args:
        trigger: The trigger.
    """
    if not trigger.flexible_window:
        return ""
    return (
        f"The schedule {trigger.name} fires at the beginning of its flexible window of"
        f" {trigger.flexible_window} minutes: that is where a local run can be waited for."
    )
