"""The API keys of a stack, and the REST APIs that take them by their usage plans."""

from collections.abc import Iterator
from typing import Any

from lambda_emulator._project.stack import Resource, Stack
from lambda_emulator._project.template_file import text_of

_KEY = "AWS::ApiGateway::ApiKey"
_PLAN = "AWS::ApiGateway::UsagePlan"


def read_api_keys(stack: Stack, api: Resource, stage: str) -> dict[str, str]:
    """Return the ids of the API keys that an API takes, by the keys.

    Args:
        stack: The stack.
        api: The API.
        stage: The stage that is served.
    """
    found = [each for each in _keys(stack, api, stage) if each.text("Enabled") == "true"]
    # AWS makes a key up if there is none.
    return {each.text("Value") or f"key-of-{each.id}": each.id for each in found}


def _keys(stack: Stack, api: Resource, stage: str) -> Iterator[Resource]:
    for key in stack.of_kind(_KEY):
        if any(
            _is_stage(each, "RestApiId", "StageName", api, stage) for each in key.items("StageKeys")
        ):
            yield key
    for link in stack.of_kind("AWS::ApiGateway::UsagePlanKey"):
        plan = stack.find(link.raw("UsagePlanId"), _PLAN)
        linked = stack.find(link.raw("KeyId"), _KEY)
        if plan is None or linked is None:
            continue
        if any(_is_stage(each, "ApiId", "Stage", api, stage) for each in plan.items("ApiStages")):
            yield linked


def _is_stage(described: Any, api_key: str, stage_key: str, api: Resource, stage: str) -> bool:
    return (
        isinstance(described, dict)
        and text_of(described.get(api_key, "")) == api.id
        and text_of(described.get(stage_key, stage)) == stage
    )
