"""The environment variables that Lambda sets: read once, here and nowhere else."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

_FUNCTION = (
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
)
# Agents that put their own handler into _HANDLER keep the function's there.
_BEHIND_AGENTS = (
    "DD_LAMBDA_HANDLER",
    "ORIG_HANDLER",  # OpenTelemetry's layers
    "NEW_RELIC_LAMBDA_HANDLER",
    "LUMIGO_ORIGINAL_HANDLER",
    "ELASTICAPM_ORIGINAL_HANDLER",
    "SENTRY_INITIAL_HANDLER",
    "HANDLER_ENV_NAME_FOR_CODEGURU",
    "EPSAGON_HANDLER",
    "CATCHPOINT_LAMBDA_HANDLER",
)
TRACE_ID = "_X_AMZN_TRACE_ID"
"""The variable with the trace of the invocation: the AWS and X-Ray SDKs look nowhere else."""
_WORKER = "_LAMBDA_RUNTIME_WORKER"


class Environment:
    """The settings of an execution environment.

    Attributes:
        api: ``host:port`` of the Runtime API, or empty outside of Lambda.
        concurrency: The number of invocations that are served at the same time, as text; None for
            one at a time.
        directory: The working directory at the start, or empty if it does not exist any more.
        function: The function's name, version, memory and logs, by their variables' names.
        handler: The handler's name, or empty.
        handler_behind_agent: The name of the function's own handler, where ``_HANDLER`` is an
            agent's; empty otherwise.
        log_socket: The path of the socket that gives workers their own output, or empty.
        logs_json: True if the platform wants its records as JSON.
        snapshot: True if Lambda takes a snapshot of the started function.
        task_root: The folder of the function's code, or empty.
        trace_id: The X-Ray trace header that the process was started with, or None.
        variables: The environment variables themselves, which workers are started with.
        worker: The description of the worker that this process is, or empty.
    """

    def __init__(self, variables: MutableMapping[str, str] = os.environ) -> None:
        """Read the variables.

        Args:
            variables: The environment variables. The worker's description is removed, so that no
                process that the function starts takes itself for a worker.
        """
        get = variables.get
        self.api = get("AWS_LAMBDA_RUNTIME_API", "")
        self.concurrency = get("AWS_LAMBDA_MAX_CONCURRENCY")
        try:
            self.directory = os.getcwd()  # noqa: PTH109 (pathlib is slow to import)
        except OSError:
            self.directory = ""
        self.function: Mapping[str, str] = {
            name: variables[name] for name in _FUNCTION if name in variables
        }
        self.handler = get("_HANDLER", "")
        self.handler_behind_agent = ""
        for name in _BEHIND_AGENTS:
            if name in variables:
                self.handler_behind_agent = variables[name]
                break
        self.log_socket = get("_LAMBDA_TELEMETRY_LOG_FD_PROVIDER_SOCKET", "")
        self.logs_json = get("AWS_LAMBDA_LOG_FORMAT", "").upper() == "JSON"
        self.snapshot = get("AWS_LAMBDA_INITIALIZATION_TYPE") == "snap-start"
        self.task_root = get("LAMBDA_TASK_ROOT", "")
        self.worker = variables.pop(_WORKER, "")
        self.trace_id = get(TRACE_ID)
        self.variables = variables

    def for_worker(self, description: str) -> dict[str, str]:
        """Return the environment variables of a fresh process that becomes a worker.

        Args:
            description: The worker's description, which the process finds in `worker`.
        """
        return {**self.variables, _WORKER: description}
