"""Rules of AWS IoT: which messages of which topics functions get, and which parts of them.

https://docs.aws.amazon.com/iot/latest/developerguide/iot-rules.html
"""

import base64
import json
import re
from collections.abc import Mapping
from typing import Any

from .iot_sql import MISSING, Message, Path, SqlError, parse

_FROM = re.compile(r"\bFROM\s+'(?:[^']|'')*'", re.IGNORECASE)


class TopicRule:
    """A rule."""

    def __init__(self, sql: str) -> None:
        """Understand a rule.

        Args:
            sql: The statement.

        Raises:
            SqlError: The emulator does not understand it.
        """
        self._statement = parse(sql)

    @property
    def topic_filter(self) -> str:
        """The topics, with ``+`` for one level and ``#`` for all that follow."""
        return self._statement.topic_filter

    def takes(self, topic: str) -> bool:
        """Return whether it is for the messages of a topic.

        Args:
            topic: The topic.
        """
        levels, wanted = topic.split("/"), self.topic_filter.split("/")
        if topic.startswith("$") and wanted[0] != levels[0]:
            return False  # a wildcard does not stand for a reserved topic
        if wanted[-1] == "#":
            wanted.pop()
            if len(levels) < len(wanted):
                return False
            levels = levels[: len(wanted)]
        return len(levels) == len(wanted) and all(
            each in ("+", level) for each, level in zip(wanted, levels, strict=True)
        )

    def select(self, message: Message) -> Any:
        """Return what a function gets of a message; `MISSING` if the condition is not true.

        Args:
            message: The message.
        """
        _, items, condition = self._statement
        if condition is not None and condition(message) is not True:
            return MISSING
        if items == (("", Path(())),):
            return message.payload
        selected: dict[str, Any] = {}
        for name, value in items:
            found = value(message)
            if name and found is not MISSING:
                selected[name] = found
            elif not name and isinstance(found, Mapping):
                selected |= found
        return selected


def read_message(topic: str, data: str) -> Message:
    """Return a message.

    Args:
        topic: The topic that it is published to.
        data: The payload.
    """
    try:
        payload = json.loads(data)
    except (ValueError, RecursionError):
        payload = base64.b64encode(data.encode()).decode()
    return Message(topic, payload)


def check_sql(sql: str) -> str:
    """Return why the emulator does not understand a statement; empty if it does.

    Args:
        sql: The statement.
    """
    try:
        parse(sql)
    except SqlError as error:
        return str(error)
    return ""


def select_all(sql: str) -> str:
    """Return a statement for all messages of the topics that another names; empty for no topics.

    Args:
        sql: A statement that is not understood.
    """
    found = _FROM.search(sql)
    return f"SELECT * {found[0]}" if found else ""
