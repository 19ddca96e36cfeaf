"""Sample events, made by the builders of lambda-events where that is installed."""

from __future__ import annotations

import inspect
import json
from functools import cache
from importlib import import_module
from typing import Any

_CONTENT = {"message": "Hello"}
# The content of an event, by the name of the builder's parameter.
_ARGUMENTS: dict[str, Any] = {
    "arguments": {"id": "1"},
    "bodies": [_CONTENT],
    "detail": _CONTENT,
    "field": "getItem",
    "function": "my-function",
    "intent": "MyIntent",
    "message": _CONTENT,
    "messages": ["Hello"],
    "new": {"id": "1", **_CONTENT},
    "payloads": [_CONTENT],
    "properties": {"Name": "example"},
    "values": [_CONTENT],
}


def list_samples() -> list[str]:
    """Return the names of all samples, those of their models; none without the package."""
    return list(_samples())


def build_sample(name: str) -> bytes | None:
    """Return a sample as JSON, or None if there is none of that name.

    Args:
        name: The name of a model, such as ``SQSEvent``.
    """
    return _samples().get(name)


@cache
def _samples() -> dict[str, bytes]:
    try:
        events: Any = import_module("lambda_events")
    except ImportError:
        return {}
    samples: dict[str, bytes] = {}
    for name in sorted(events.__all__):
        sample = build_plain(events, name)
        # Some models inherit the builder of a wider one, and get an event of that.
        if sample is not None and events.detect(json.loads(sample)) == name:
            samples[name] = sample
    return samples


def build_plain(events: Any, name: str) -> bytes | None:
    """Return an event with plain content, or None if its builder wants more than is known here.

    The events of some services have the right frame, and content of no such service.

    Args:
        events: The module lambda_events.
        name: The name of a model.
    """
    build = getattr(getattr(events, name), "build", None)
    if build is None:
        return None
    parameters = inspect.signature(build).parameters
    arguments = {key: _ARGUMENTS[key] for key in parameters if key in _ARGUMENTS}
    missing = [
        key
        for key, parameter in parameters.items()
        if parameter.default is parameter.empty and key not in arguments
    ]
    if missing:
        return None
    sample: bytes = events.dumps(build(**arguments))
    return sample
