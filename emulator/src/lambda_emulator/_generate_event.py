"""Sample events by name, made by the builders of lambda-events."""

import inspect
import json
import re
from collections.abc import Collection, Mapping
from importlib import import_module
from typing import Any

from ._similar import did_you_mean, similar

# Common names of services, and the beginning of the names of their events.
_SHORT_FOR = {
    "apigw": "apigateway",
    "cron": "scheduled",
    "ddb": "dynamodb",
    "edge": "cloudfront",
    "elb": "alb",
    "httpapi": "apigatewayv2http",
    "lambda@edge": "cloudfront",
    "lambdaurl": "lambdafunctionurl",
    "msk": "kafka",
    "restapi": "apigatewayproxy",
}


class UnknownEventError(ValueError):
    """There is no such event, or it cannot be built so; the message says what there is."""


def list_events() -> list[str]:
    """Return the names of all models that can be built.

    Raises:
        UnknownEventError: lambda-events is not installed.
    """
    events = _events()
    return [name for name in sorted(events.__all__) if hasattr(getattr(events, name), "build")]


def generate_event(name: str, arguments: Mapping[str, str]) -> str:
    """Return an event as JSON.

    Args:
        name: The name of a model, in any case, with or without ``Event``: ``SQSEvent``, ``sqs``.
        arguments: Arguments of its builder: JSON, or other text.

    Returns:
        The event, indented.

    Raises:
        UnknownEventError: There is no such event, or its builder takes no such arguments.
    """
    found = name if hasattr(getattr(_events(), name, None), "build") else _find_event(name)
    if not arguments:
        from ._console_samples import build_plain

        if (sample := build_plain(_events(), found)) is not None:
            return json.dumps(json.loads(sample), indent=2, ensure_ascii=False)
    build = getattr(_events(), found).build
    try:
        event = build(**{key: _value(text) for key, text in arguments.items()})
    except (TypeError, ValueError) as error:
        raise UnknownEventError(f"{found} cannot be built: {error}. {_usage(build)}") from error
    return json.dumps(json.loads(_events().dumps(event)), indent=2, ensure_ascii=False)


def _events() -> Any:
    try:
        return import_module("lambda_events")
    except ImportError as error:
        raise UnknownEventError(
            "Sample events need lambda-events: pip install 'lambda-emulator[events]'."
        ) from error


def _find_event(name: str) -> str:
    known = {known.lower(): known for known in list_events()}
    wanted = name.lower()
    found = known.get(wanted) or known.get(f"{wanted}event")
    if found is None:
        meant = did_you_mean(_similar_events(name, known.values()))
        hint = meant or "`lambda-emulator generate-event` lists all."
        raise UnknownEventError(f"There is no event {name!r}: {hint}")
    return found


def _similar_events(name: str, known: Collection[str]) -> list[str]:
    """Return the events that were probably meant, the likeliest first."""
    plain = re.sub(r"[^a-z0-9@]", "", name.lower()).removesuffix("event")
    plain = next((full for short, full in _SHORT_FOR.items() if plain.startswith(short)), plain)
    by_plain = {each.lower().removesuffix("event"): each for each in known}
    within = [each for each in by_plain if plain and plain in each]
    within.sort(key=lambda each: (not each.startswith(plain), len(each)))
    if within:
        return [by_plain[each] for each in within]
    return similar(f"{plain}event", known) or [by_plain[each] for each in similar(plain, by_plain)]


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _usage(build: Any) -> str:
    return f"It takes: {', '.join(inspect.signature(build).parameters)}."
