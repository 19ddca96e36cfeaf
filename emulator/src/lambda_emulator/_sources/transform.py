"""The input of a target: the event, a part of it, a template that it fills, or other JSON.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from lambda_emulator._project.description import Trigger

_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+|\*)\]|\['([^']+)'\]")
_VARIABLE = re.compile(r"<([A-Za-z0-9_.-]+)>")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')


def make_input(trigger: Trigger, event: Mapping[str, Any], rule_arn: str) -> bytes:
    """Return what a function gets, as JSON.

    Args:
        trigger: Says what of the event it gets.
        event: The event.
        rule_arn: The ARN of the rule or the schedule.
    """
    if trigger.input is not None:
        return _as_json(trigger.input)
    if trigger.input_path is not None:
        return _dump(find_path(event, trigger.input_path))
    if trigger.input_template is None:
        return _dump(event)
    paths, template = trigger.input_template
    values = {name: find_path(event, path) for name, path in paths.items()}
    values |= {
        "aws.events.rule-arn": rule_arn,
        "aws.events.rule-name": trigger.name,
        "aws.events.event.ingestion-time": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "aws.events.event": {key: each for key, each in event.items() if key != "detail"},
        "aws.events.event.json": event,
    }
    return _as_json(fill_template(template, values))


def find_path(event: Any, path: str) -> Any:
    """Return a part of an event; None if it is not there.

    Args:
        event: The event.
        path: A path such as ``$.detail.items[0].id``.
    """
    value: Any = event
    for name, index, quoted in _STEP.findall(path.removeprefix("$")):
        key = name or quoted
        if index == "*":
            if not isinstance(value, list):
                return None
        elif index:
            is_there = isinstance(value, list) and int(index) < len(value)
            value = value[int(index)] if is_there else None
        else:
            value = value.get(key) if isinstance(value, Mapping) else None
    return value


def fill_template(template: str, values: Mapping[str, Any]) -> str:
    """Return a template with values in the place of its variables.

    Within a string of JSON a variable becomes text, and elsewhere JSON.

    Args:
        template: JSON or a string, with variables such as ``<name>``.
        values: The values by the names of their variables; others stay as they are.
    """

    def within(match: re.Match[str]) -> str:
        if match[1] not in values:
            return match[0]
        value = values[match[1]]
        text = value if isinstance(value, str) else "" if value is None else json.dumps(value)
        return json.dumps(text, ensure_ascii=False)[1:-1]

    def outside(match: re.Match[str]) -> str:
        return json.dumps(values[match[1]]) if match[1] in values else match[0]

    parts: list[str] = []
    end = 0
    for string in _STRING.finditer(template):
        parts.append(_VARIABLE.sub(outside, template[end : string.start()]))
        parts.append(_VARIABLE.sub(within, string[0]))
        end = string.end()
    parts.append(_VARIABLE.sub(outside, template[end:]))
    return "".join(parts)


def _as_json(text: str) -> bytes:
    """Return JSON as it is, and other text as a string of JSON."""
    try:
        json.loads(text)
    except ValueError:
        return _dump(text)
    return text.encode()


def _dump(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
