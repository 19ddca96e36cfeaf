"""The API keys of a stack, the REST APIs that take them, and the limits of their usage plans."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from lambda_emulator._project.description import Quota, UsagePlan
from lambda_emulator._project.stack import Resource, Stack
from lambda_emulator._project.template_file import text_of
from lambda_emulator._project.throttles import read_throttle

_KEY = "AWS::ApiGateway::ApiKey"
_PLAN = "AWS::ApiGateway::UsagePlan"
_PERIODS: dict[str, Literal["DAY", "WEEK", "MONTH"]] = {
    "DAY": "DAY",
    "WEEK": "WEEK",
    "MONTH": "MONTH",
}


def read_api_keys(stack: Stack, api: Resource, stage: str) -> dict[str, str]:
    """Return the ids of the API keys that an API takes, by the keys.

    Args:
        stack: The stack.
        api: The API.
        stage: The stage that is served.
    """
    named = [
        key
        for key in stack.of_kind(_KEY)
        if any(
            _is_stage(each, "RestApiId", "StageName", api, stage)
            for each in key.tables("StageKeys")
        )
    ]
    planned = [
        key for plan in stack.of_kind(_PLAN) if _stage_of(plan, api, stage) for key in _keys(plan)
    ]
    return {_value(each): each.id for each in [*named, *planned] if _is_enabled(each)}


def read_usage_plans(stack: Stack, api: Resource, stage: str) -> tuple[UsagePlan, ...]:
    """Return the usage plans of an API.

    Args:
        stack: The stack.
        api: The API.
        stage: The stage that is served.
    """
    plans: list[UsagePlan] = []
    for plan in stack.of_kind(_PLAN):
        described = _stage_of(plan, api, stage)
        if described is None:
            continue
        methods = {
            _method_key(name): read_throttle(values)
            for name, values in (described.get("Throttle") or {}).items()
        }
        plans.append(
            UsagePlan(
                name=plan.id,
                keys=tuple(_value(each) for each in _keys(plan) if _is_enabled(each)),
                throttle=read_throttle(plan.get("Throttle")),
                methods={name: limit for name, limit in methods.items() if limit is not None},
                quota=_quota(plan),
            )
        )
    return tuple(plans)


def _keys(plan: Resource) -> Iterator[Resource]:
    stack = plan.stack
    for link in stack.of_kind("AWS::ApiGateway::UsagePlanKey"):
        key = stack.find(link.raw("KeyId"), _KEY)
        if key is not None and stack.find(link.raw("UsagePlanId"), _PLAN) is plan:
            yield key


def _is_enabled(key: Resource) -> bool:
    return key.text("Enabled") == "true"


def _value(key: Resource) -> str:
    """Return the key itself; AWS makes one up if the template has none."""
    return key.text("Value") or f"key-of-{key.id}"


def _stage_of(plan: Resource, api: Resource, stage: str) -> Mapping[str, Any] | None:
    """Return what a plan says of the stage of an API, or None."""
    for each in plan.tables("ApiStages"):
        if _is_stage(each, "ApiId", "Stage", api, stage):
            return each
    return None


def _is_stage(
    described: Mapping[str, Any], api_key: str, stage_key: str, api: Resource, stage: str
) -> bool:
    return (
        text_of(described.get(api_key, "")) == api.name
        and text_of(described.get(stage_key, stage)) == stage
    )


def _method_key(name: str) -> str:
    """Return the key of a route for the one of a usage plan, such as ``/orders/GET``."""
    path, _, method = name.rpartition("/")
    return f"{method.upper()} {path or '/'}"


def _quota(plan: Resource) -> Quota | None:
    period = _PERIODS.get(plan.text("Quota", "Period").upper())
    if period is None:
        return None
    limit = plan.integer("Quota", "Limit", default=0)
    return Quota(limit=limit, period=period, offset=plan.integer("Quota", "Offset", default=0))
