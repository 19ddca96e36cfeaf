"""Event sources as the command line names them: ``[NAME:]KIND=SOURCE[,OPTION=VALUE]...``."""

import re
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ._project.description import EventSource, Place, Trigger
from ._similar import did_you_mean, similar

_USAGE = {
    "sqs": "sqs=URL-OF-A-QUEUE",
    "kinesis": "kinesis=ARN",
    "dynamodb": "dynamodb=ARN",
    "kafka": "kafka=TOPIC,brokers=HOST:PORT",
    "schedule": "schedule=rate(5 minutes)",
    "rule": "rule=EVENT-PATTERN",
    "s3": "s3=BUCKET",
}
_POLLED = ("sqs", "kinesis", "dynamodb", "kafka")
_PLACE = Place(path=Path("command line"))


class SourceError(ValueError):
    """An event source cannot be used; the message says why."""


def parse_source(text: str, functions: Sequence[str]) -> EventSource | Trigger:
    """Parse an event source.

    Args:
        text: ``[NAME:]KIND=SOURCE``: the URL or the ARN of a queue, the ARN or the name of a
            stream or a table, a topic of Kafka, the expression of a schedule, an event pattern, a
            bucket. Options follow after commas, such as ``batch-size=5``.
        functions: The names of the functions; the first is meant where none is named.

    Raises:
        SourceError: The text does not name one, or it cannot be used.
    """
    before, _, rest = text.partition("=")
    name, _, kind = before.rpartition(":")
    if kind not in _USAGE or not rest:
        usage = [_USAGE[kind]] if kind in _USAGE else [*_USAGE.values()]
        raise SourceError(f"{text!r} is not an event source: use {', '.join(usage)}.")
    options: dict[str, Any] = {}
    if kind != "rule":  # a pattern may have anything in it
        rest, *pairs = re.split(r",(?=[a-z_-]+=)", rest)
        for pair in pairs:
            option, _, value = pair.partition("=")
            field, parsed = _parse_option(kind, option.replace("-", "_"), value)
            options[field] = (*options.get(field, ()), *parsed) if field == "filters" else parsed
    if (kind == "sqs" and not _is_queue(rest)) or not _is_sound(kind, rest):
        raise SourceError(f"{text!r} is not an event source: use {_USAGE[kind]}.")
    package, extra = ("aiokafka", "kafka") if kind == "kafka" else ("boto3", "aws")
    if kind in _POLLED and find_spec(package) is None:
        raise SourceError(f"Event sources need {package}: pip install 'lambda-emulator[{extra}]'.")
    name = name or functions[0]
    if name not in functions:
        meant = did_you_mean(similar(name, functions))
        hint = f": {meant}" if meant else "."
        raise SourceError(f"There is no function {name!r} for the event source {text!r}{hint}")
    if kind in _POLLED:
        return _source(text, kind, rest, name, options)
    return _trigger(kind, rest, name, options)


def _source(text: str, kind: Any, source: str, name: str, options: dict[str, Any]) -> EventSource:
    from ._sources.filters import compile_filters
    from ._sources.pattern import PatternError

    if kind == "kafka":
        if not options.get("brokers"):
            raise SourceError(f"{text!r} names no broker: use {_USAGE[kind]}.")
        options["topics"] = (source,)
    try:
        compile_filters(kind, options.get("filters", ()))
    except PatternError as error:
        raise SourceError(f"{text!r} has a wrong filter: {error}") from None
    options = {"partial_failures": True, **options}
    return EventSource(kind=kind, source=source, function=name, place=_PLACE, **options)


def _trigger(kind: Any, text: str, name: str, options: dict[str, Any]) -> Trigger:
    from ._sources.cron import ScheduleError
    from ._sources.pattern import PatternError, compile_pattern
    from ._sources.schedule import parse_schedule

    title = options.pop("name", f"{name}-{kind}")
    try:
        match kind:
            case "schedule":
                parse_schedule(text, options.get("timezone", "UTC"))
                options["expression"] = text
            case "rule":
                compile_pattern(text)
                options["pattern"] = text
            case _:
                options = {"events": ("s3:ObjectCreated:*",), **options, "bucket": text}
    except (ScheduleError, PatternError) as error:
        raise SourceError(str(error)) from None
    return Trigger(kind=kind, name=title, function=name, place=_PLACE, **options)


def _is_sound(kind: str, source: str) -> bool:
    """Return whether a source that is an ARN has all parts of one, and is of the kind's service."""
    parts = source.split(":", 5)
    return parts[0] != "arn" or (len(parts) == 6 and parts[2] == kind and bool(parts[5]))


def _is_queue(source: str) -> bool:
    try:
        parts = urlsplit(source)
    except ValueError:  # brackets that hold no address
        return False
    is_url = parts.scheme in {"http", "https"} and bool(parts.path.strip("/"))
    return is_url or source.startswith("arn:")


def _parse_bool(text: str) -> bool:
    return {"true": True, "false": False}[text.lower()]


def _parse_words(text: str) -> tuple[str, ...]:
    return tuple(text.split(";"))


def _between(low: int, high: int, *, forever: bool = False) -> Callable[[str], int]:
    def parse(text: str) -> int:
        value = int(text)
        if not (low <= value <= high or (forever and value == -1)):
            raise ValueError(text)
        return value

    return parse


def _parse_position(text: str) -> str:
    position = text.upper().replace("-", "_")
    if position not in {"LATEST", "TRIM_HORIZON", "AT_TIMESTAMP"}:
        raise ValueError(text)
    return position


# The options by kind, each with its field and what parses it. The limits are Lambda's.
_BATCHES: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    "batch_size": ("batch_size", _between(1, 10_000)),
    "window": ("window", _between(0, 300)),
    "filter": ("filters", lambda text: (text,)),
    "partial_failures": ("partial_failures", _parse_bool),
}
_RETRIES: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    "starting_position": ("starting_position", _parse_position),
    "starting_timestamp": ("starting_timestamp", float),
    "max_retries": ("max_retries", _between(0, 10_000, forever=True)),
    "max_record_age": ("max_record_age", _between(60, 604_800, forever=True)),
    "bisect": ("bisect", _parse_bool),
    "on_failure": ("on_failure", str),
}
_SHARDS: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    "parallelization": ("parallelization", _between(1, 10)),
    "tumbling_window": ("tumbling_window", _between(0, 900)),
}
_OPTIONS: Mapping[str, Mapping[str, tuple[str, Callable[[str], Any]]]] = {
    "sqs": {**_BATCHES, "max_concurrency": ("max_concurrency", _between(1, 1000))},
    "kinesis": {**_BATCHES, **_RETRIES, **_SHARDS},
    "dynamodb": {**_BATCHES, **_RETRIES, **_SHARDS},
    "kafka": {**_BATCHES, **_RETRIES, "brokers": ("brokers", _parse_words)},
    "schedule": {
        "name": ("name", str),
        "timezone": ("timezone", str),
        "input": ("input", str),
    },
    "s3": {
        "name": ("name", str),
        "events": ("events", _parse_words),
        "prefix": ("prefix", str),
        "suffix": ("suffix", str),
    },
}


def _parse_option(kind: str, option: str, value: str) -> tuple[str, Any]:
    known = _OPTIONS[kind]
    if option not in known:
        meant = did_you_mean(similar(option, known)) or f"it has {', '.join(known)}."
        raise SourceError(f"The event source {kind} has no option {option!r}: {meant}")
    field, parse = known[option]
    try:
        return field, parse(value)
    except (ValueError, KeyError):
        raise SourceError(f"{value!r} cannot be the {option} of {kind}.") from None
