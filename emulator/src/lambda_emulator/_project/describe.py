"""Listings of a project, for people and for programs."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from lambda_emulator._project.description import (
    Api,
    EventSource,
    FunctionDescription,
    Place,
    Project,
    Route,
    Trigger,
    Warned,
)
from lambda_emulator._project.listener_description import Condition, Rule


def as_json(project: Project) -> str:
    """Return the description as JSON, with the names of its fields.

    Args:
        project: The project.
    """
    return json.dumps(_plain(project), indent=2)


def as_text(project: Project) -> str:
    """Return the description as lines for people; warnings are the last ones.

    Args:
        project: The project.
    """
    sections = (
        ("Parameters of samconfig.toml", list(project.configured)),
        ("Functions", [line for each in project.functions for line in _function(each)]),
        *((_api_title(each), [*_routes(each)]) for each in project.apis),
        *((f"Load balancer {each.name}", [*map(_rule, each.rules)]) for each in project.listeners),
        ("Event sources", [_source(each) for each in project.sources]),
        ("Triggers", [_trigger(each) for each in project.triggers]),
        ("Outputs", [f"{name}: {value}" for name, value in project.outputs.items()]),
        ("Refused by AWS", warning_lines(project.refused_by_aws)),
        ("Warnings", warning_lines(project.warnings)),
    )
    return "\n\n".join(
        "\n".join([title, *(f"  {line}" for line in lines)]) for title, lines in sections if lines
    )


def warning_lines(warnings: Sequence[Warned]) -> list[str]:
    """Return warnings with their files and lines; one that several places share comes once.

    Args:
        warnings: The warnings.
    """
    places: dict[str, list[Place]] = {}
    for each in warnings:
        places.setdefault(each.message, []).append(each.place)
    return [_warning(message, *of_message) for message, of_message in places.items()]


def _warning(message: str, first: Place, *others: Place) -> str:
    more = f" and {len(others)} more" if others else ""
    name = f"{first.name}{more}: " if first.name else ""
    return f"{_where(first)}: {name}{message}"


def _where(place: Place) -> str:
    here = Path.cwd()
    path = place.path.resolve()
    shown = path.relative_to(here) if path.is_relative_to(here) else path
    return f"{shown}:{place.line}" if place.line else str(shown)


def _function(function: FunctionDescription) -> Iterator[str]:
    about = [each for each in (function.runtime, function.handler) if each]
    if function.not_served:
        yield f"{function.name}  {' '.join(about)}  not served: {function.not_served}"
        return
    about.append(f"in {_folder(function.code)}")
    about.append(f"{function.timeout:g} s, {function.memory_mb} MB")
    for label, value in (
        ("layers", len(function.layers)),
        ("concurrency", function.concurrency),
        ("at a time", function.max_concurrency),
    ):
        if value is not None and value != 0:
            about.append(f"{label} {value}")
    about += [
        word
        for word, is_so in (
            ("function URL", function.url is not None),
            ("streams", function.url is not None and function.url.invoke_mode != "BUFFERED"),
            ("isolates tenants", function.tenancy),
            ("SnapStart", function.snap_start),
            (_durable(function), function.durable is not None),
            ("JSON log", function.log_format == "json"),
        )
        if is_so
    ]
    yield f"{function.name}  {', '.join(about)}"
    if function.environment:
        yield f"  environment: {', '.join(function.environment)}"
    config = function.event_invoke
    for label, target in (
        ("on success", config.on_success),
        ("on failure", config.on_failure),
        ("dead letters", config.dead_letter_queue),
    ):
        if target is not None:
            yield f"  {label}: {target}"


def _durable(function: FunctionDescription) -> str:
    qualifier = function.durable.qualifier if function.durable else "$LATEST"
    return "durable" if qualifier == "$LATEST" else f"durable as {qualifier}"


def _folder(path: Path | None) -> str:
    if path is None:
        return "no folder"
    here = Path.cwd()
    return f"{path.relative_to(here)}/" if path.is_relative_to(here) else f"{path}/"


def _api_title(api: Api) -> str:
    kind = {"http": "HTTP API", "rest": "REST API", "websocket": "WebSocket API"}[api.kind]
    about = [f"stage {api.stage}"] if api.stage != "$default" else []
    about += [f"under /{path}" for path in api.base_paths if path]
    if api.cors is not None:
        about.append(f"CORS for {', '.join(api.cors.allow_origins)}")
    return f"{kind} {api.name}" + (f" ({'; '.join(about)})" if about else "")


def _routes(api: Api) -> Iterator[str]:
    if not api.routes:
        yield "no routes"
    for route in api.routes:
        if route.mock is None or route.method != "OPTIONS":  # which every path of an API may have
            yield _route(api, route)


def _route(api: Api, route: Route) -> str:
    key = f"{route.method} {route.path}".strip()
    more: list[str] = []
    if route.authorizer is not None and (each := api.authorizers.get(route.authorizer)):
        who = each.function or each.issuer or ""
        more.append(f"authorizer {each.name}: {each.kind}{who and f' {who}'}")
    if route.streams:
        more.append("streams")
    if route.api_key:
        more.append("API key")
    if route.throttle is not None:
        more.append(f"{route.throttle.rate:g} a second, {route.throttle.burst} at once")
    if route.body_schemas or route.required_parameters:
        more.append("requests are checked")
    about = f" ({'; '.join(more)})" if more else ""
    target = route.function
    if route.mock is not None:
        target = "answers by a template" if route.custom else f"answers {route.mock.status or 500}"
    elif route.upstream is not None:
        target = route.upstream.url
    return f"{key} -> {target}{about}"


def _rule(rule: Rule) -> str:
    conditions = " and ".join(_condition(each) for each in rule.conditions)
    action = rule.action
    targets = " or ".join(group.function or "503" for group in action.groups)
    answer = f"redirects to {action.location}" if action.location else f"answers {action.status}"
    return f"{conditions or 'all requests'} -> {targets or answer}"


def _condition(condition: Condition) -> str:
    pairs = zip_longest(condition.keys, condition.values, fillvalue="")
    values = [f"{key}={value}" if key else value for key, value in pairs]
    part = f"{condition.part} {condition.header}".rstrip()
    return f"{part} {' or '.join((*values, *condition.patterns))}"


def _source(source: EventSource) -> str:
    more = [
        word
        for word, is_so in (
            (f"batches of {source.batch_size}", source.batch_size is not None),
            (f"within {source.window:g} s", source.window > 0),
            (f"filters: {len(source.filters)}", bool(source.filters)),
            ("partial failures", source.partial_failures),
            (f"on failure {source.on_failure}", source.on_failure is not None),
            ("disabled", not source.enabled),
        )
        if is_so
    ]
    about = f" ({'; '.join(more)})" if more else ""
    return f"{source.kind} {source.source} -> {source.function}{about}"


def _trigger(trigger: Trigger) -> str:
    bus = f"{trigger.bus} " if trigger.kind == "rule" else ""
    disabled = "" if trigger.enabled else " (disabled)"
    kind = "" if trigger.function else f"{trigger.target_kind} "
    return f"{trigger.kind} {trigger.name}: {bus}{trigger.rule} -> {kind}{trigger.target}{disabled}"


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
    if hasattr(value, "_asdict"):
        return _plain(value._asdict())
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    return str(value) if isinstance(value, Path) else value
