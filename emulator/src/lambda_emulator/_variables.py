"""The environment variables of a function's process."""

import os
from collections.abc import Mapping
from pathlib import Path

from ._config import FunctionConfig

# They say what a function is, and would be of whoever runs the emulator.
_NOT_INHERITED = frozenset(
    {"AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME", "AWS_LAMBDA_MAX_CONCURRENCY"}
)

_ENDPOINTS = frozenset({"OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"})
# The variables in which AWS's SDKs find credentials; the emulator accepts any.
_CREDENTIALS = frozenset(
    {
        "AWS_ACCESS_KEY_ID",
        "AWS_PROFILE",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
    }
)


def function_variables(config: FunctionConfig, runtime_api: str) -> dict[str, str]:
    """Return the variables of a function: the user's own, Lambda's, and those of the function.

    Args:
        config: The function, and how it is run.
        runtime_api: ``host:port`` of its Runtime API.
    """
    inherited = {name: value for name, value in os.environ.items() if name not in _NOT_INHERITED}
    given = {**inherited, **config.environment}
    return {
        **_collector(config.otlp_endpoint, given),
        **_lambda_endpoint(config.lambda_endpoint, given),
        **inherited,
        "AWS_LAMBDA_LOG_FORMAT": "JSON" if config.log_format == "json" else "Text",
        **config.function.environment(runtime_api),
        "LAMBDA_TASK_ROOT": str(config.program.task_root),
        "_HANDLER": config.program.handler,
        **({"AWS_LAMBDA_LOG_LEVEL": config.log_level.upper()} if config.log_level else {}),
        **config.environment,
    }


def _lambda_endpoint(endpoint: str | None, given: Mapping[str, str]) -> dict[str, str]:
    """Return what has AWS's SDKs call the emulator, with credentials if there are none."""
    if endpoint is None or "AWS_ENDPOINT_URL_LAMBDA" in given:
        return {}
    variables = {"AWS_ENDPOINT_URL_LAMBDA": endpoint}
    settings = os.path.expanduser("~/.aws")  # noqa: PTH111 (it stays so for users without a home)
    if not _CREDENTIALS.intersection(given) and not Path(settings).is_dir():
        variables |= {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}
    return variables


def _collector(endpoint: str | None, given: Mapping[str, str]) -> dict[str, str]:
    """Return what has a function send its traces to the emulator, if it does not say where to."""
    if endpoint is None or _ENDPOINTS.intersection(given):
        return {}
    return {"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"}
