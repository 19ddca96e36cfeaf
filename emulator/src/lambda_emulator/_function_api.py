"""The operations of Lambda's API that describe functions, from their configuration.

https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html
"""

import math
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from . import _aws_error as aws_error
from ._config import FunctionConfig
from ._invoke_request import find_function
from ._operation import handler
from ._service import FunctionService

_FUNCTIONS_PATH = "/2015-03-31/functions"
_SETTINGS_PATH = "/2016-08-19/account-settings"
_PAGE_SIZE = 50
_MAX_ITEMS = 10_000
_ACCOUNT_CONCURRENCY = 1000
# Lambda's quotas, in bytes: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
_CODE_QUOTAS = {
    "TotalCodeSize": 75 << 30,
    "CodeSizeUnzipped": 250 << 20,
    "CodeSizeZipped": 50 << 20,
}
_INT_DIGITS = 10
_ARCHITECTURES = {"aarch64": "arm64", "arm64": "arm64"}


class FunctionAPI:
    """Describes functions."""

    def __init__(self, functions: Mapping[str, FunctionService]) -> None:
        """Describe functions.

        Args:
            functions: The functions by name; at least one.
        """
        self._functions = functions
        self._started = datetime.now(UTC)

    def routes(self) -> list[web.RouteDef]:
        """Return the routes for an application."""
        one = f"{_FUNCTIONS_PATH}/{{function}}"
        operations = {
            _FUNCTIONS_PATH: self._list_functions,
            one: self._get_function,
            f"{one}/configuration": self._get_configuration,
            _SETTINGS_PATH: self._get_settings,
        }
        # AWS's SDKs knew some of these paths with a slash at the end.
        return [
            web.get(path + slash, handler(operation))
            for path, operation in operations.items()
            for slash in ("", "/")
        ]

    async def _get_function(self, request: web.Request, request_id: str) -> web.Response:
        service, qualifier = find_function(request, self._functions)
        config = service.config
        body = {
            "Configuration": self._describe(config, qualifier),
            "Code": {"Location": config.program.task_root.as_uri()},
            "Concurrency": {"ReservedConcurrentExecutions": config.concurrency},
        }
        return _answer(body, request_id)

    async def _get_configuration(self, request: web.Request, request_id: str) -> web.Response:
        service, qualifier = find_function(request, self._functions)
        return _answer(self._describe(service.config, qualifier), request_id)

    async def _list_functions(self, request: web.Request, request_id: str) -> web.Response:
        names = sorted(self._functions)
        marker = request.query.get("Marker") or None
        if marker is not None and marker not in names:
            raise aws_error.invalid_parameter(f"Invalid Marker: {marker}")
        first = 0 if marker is None else names.index(marker)
        end = first + min(_max_items(request.query.get("MaxItems")), _PAGE_SIZE)
        qualifier = "$LATEST" if request.query.get("FunctionVersion") == "ALL" else None
        page = [
            self._describe(self._functions[name].config, qualifier) for name in names[first:end]
        ]
        body: dict[str, Any] = {"Functions": page}
        if end < len(names):
            body["NextMarker"] = names[end]
        return _answer(body, request_id)

    async def _get_settings(self, _request: web.Request, request_id: str) -> web.Response:
        reserved = sum(service.config.concurrency for service in self._functions.values())
        concurrency = max(_ACCOUNT_CONCURRENCY, reserved)
        body = {
            "AccountLimit": {
                **_CODE_QUOTAS,
                "ConcurrentExecutions": concurrency,
                "UnreservedConcurrentExecutions": concurrency - reserved,
            },
            "AccountUsage": {"TotalCodeSize": 0, "FunctionCount": len(self._functions)},
        }
        return _answer(body, request_id)

    def _describe(self, config: FunctionConfig, qualifier: str | None) -> dict[str, Any]:
        """Return a function's configuration as AWS's model has it; there is no archive of it."""
        function = config.function
        machine = os.uname().machine
        python = ".".join(config.program.interpreter.version.split(".")[:2])
        is_handler = config.program.handler != "bootstrap"
        described: dict[str, Any] = {
            "FunctionName": function.name,
            "FunctionArn": f"{function.arn}:{qualifier}" if qualifier else function.arn,
            "Runtime": f"python{python}" if is_handler else "provided.al2023",
            "Role": f"arn:aws:iam::{function.account}:role/lambda-emulator",
            "Handler": config.program.handler,
            "Description": "",
            "Timeout": math.ceil(function.timeout),
            "MemorySize": function.memory_mb,
            "LastModified": f"{self._started:%Y-%m-%dT%H:%M:%S.000+0000}",
            "Version": config.version(qualifier),
            "Environment": {"Variables": dict(config.environment)},
            "TracingConfig": {"Mode": "PassThrough"},
            "State": "Active",
            "LastUpdateStatus": "Successful",
            "PackageType": "Zip",
            "Architectures": [_ARCHITECTURES.get(machine, "x86_64")],
            "SnapStart": {
                "ApplyOn": "PublishedVersions" if function.snap_start else "None",
                "OptimizationStatus": "On" if function.snap_start else "Off",
            },
            "LoggingConfig": {
                "LogFormat": "JSON" if config.log_format == "json" else "Text",
                "LogGroup": f"/aws/lambda/{function.name}",
            },
        }
        if config.event_invoke.dead_letter_queue is not None:
            described["DeadLetterConfig"] = {"TargetArn": config.event_invoke.dead_letter_queue}
        if config.tenancy:
            described["TenancyConfig"] = {"TenantIsolationMode": "PER_TENANT"}
        if (durable := config.durable) is not None:
            described["DurableConfig"] = {
                "ExecutionTimeout": durable.execution_timeout,
                "RetentionPeriodInDays": durable.retention_days,
            }
        if function.max_concurrency is not None:
            capacity = {"PerExecutionEnvironmentMaxConcurrency": function.max_concurrency}
            described["CapacityProviderConfig"] = {
                "LambdaManagedInstancesCapacityProviderConfig": capacity
            }
        return described


def _max_items(text: str | None) -> int:
    if text is None:
        return _PAGE_SIZE
    value = int(text) if text.isascii() and text.isdigit() and len(text) < _INT_DIGITS else 0
    if value < 1:
        raise aws_error.invalid("maxItems", text, "have value greater than or equal to 1")
    if value > _MAX_ITEMS:
        limit = f"have value less than or equal to {_MAX_ITEMS}"
        raise aws_error.invalid("maxItems", text, limit)
    return value


def _answer(body: Mapping[str, Any], request_id: str) -> web.Response:
    return web.json_response(body, headers={"x-amzn-RequestId": request_id})
