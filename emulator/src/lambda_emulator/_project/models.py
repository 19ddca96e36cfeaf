"""Models of REST APIs: JSON schemas that refer to each other."""

import re
from collections.abc import Mapping
from typing import Any

_MODEL = re.compile(r"https?://apigateway\.[^/]*/restapis/[^/]+/models/([A-Za-z0-9]+)(.*)")


def with_models(schema: Mapping[str, Any], models: Mapping[str, Any]) -> dict[str, Any]:
    """Return a schema in which references to models lead to definitions of its own.

    Args:
        schema: The schema; other models are at URLs such as
            ``https://apigateway.amazonaws.com/restapis/ID/models/NAME``.
        models: The schemas of all models, by name.
    """
    if not _MODEL.search(str(schema)):
        return dict(schema)
    own: Any = _local(schema)
    definitions: Any = _local({name: models[name] for name in models})
    return {**own, "definitions": {**definitions, **own.get("definitions", {})}}


def _local(value: Any) -> Any:
    if isinstance(value, list):
        return [_local(each) for each in value]
    if not isinstance(value, Mapping):
        return value
    changed = {key: _local(each) for key, each in value.items()}
    reference = value.get("$ref")
    if isinstance(reference, str) and (match := _MODEL.fullmatch(reference)):
        changed["$ref"] = f"#/definitions/{match[1]}{match[2].removeprefix('#')}"
    return changed
