"""The OpenTelemetry resource of a function, from its environment variables."""

from __future__ import annotations

import os

from opentelemetry.sdk.resources import Resource, ResourceDetector

_SCHEMA = "https://opentelemetry.io/schemas/1.43.0"


class LambdaResourceDetector(ResourceDetector):
    """Describes the function, its version, its execution environment and its log.

    ``OTEL_EXPERIMENTAL_RESOURCE_DETECTORS=lambda_runtime`` has the SDK use it.
    """

    def detect(self) -> Resource:
        """Return the resource; it is empty outside of Lambda."""
        get = os.environ.get
        name = get("AWS_LAMBDA_FUNCTION_NAME")
        if not name:
            return Resource.get_empty()
        attributes: dict[str, str | int | list[str]] = {
            "cloud.provider": "aws",
            "cloud.platform": "aws_lambda",
            "faas.name": name,
            "service.name": name,
        }
        for key, variable in _VARIABLES.items():
            if value := get(variable):
                attributes[key] = value
        for key, variable in (
            ("aws.log.group.names", "AWS_LAMBDA_LOG_GROUP_NAME"),
            ("aws.log.stream.names", "AWS_LAMBDA_LOG_STREAM_NAME"),
        ):
            if value := get(variable):
                attributes[key] = [value]
        megabytes = get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "")
        if megabytes.isdecimal():
            attributes["faas.max_memory"] = int(megabytes) * 1024 * 1024
        return Resource(attributes, _SCHEMA)


_VARIABLES = {
    "cloud.region": "AWS_REGION",
    "faas.instance": "AWS_LAMBDA_LOG_STREAM_NAME",
    "faas.version": "AWS_LAMBDA_FUNCTION_VERSION",
}
