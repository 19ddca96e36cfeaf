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
_TRACE_ID = "_X_AMZN_TRACE_ID"
_WORKER = "_LAMBDA_RUNTIME_WORKER"


class Environment:
    """The settings of an execution environment.

    Attributes:
        api: ``host:port`` of the Runtime API, or empty outside of Lambda.
        concurrency: The number of invocations that are served at the same time, as text; None for
            one at a time.
        function: The function's name, version, memory and logs, by their variables' names.
        handler: The handler's name, or empty.
        log_socket: The path of the socket that gives workers their own output, or empty.
        logs_json: Whether the platform wants its records as JSON.
        snapshot: Whether Lambda takes a snapshot of the started function.
        task_root: The folder of the function's code, or empty.
        worker: The description of the worker that this process is, or empty.
    """

    __slots__ = (
        "_trace_id",
        "_variables",
        "api",
        "concurrency",
        "function",
        "handler",
        "log_socket",
        "logs_json",
        "snapshot",
        "task_root",
        "worker",
    )

    def __init__(self, variables: MutableMapping[str, str] = os.environ) -> None:
        """Read the variables.

        Args:
            variables: The environment variables. The worker's description is removed, so that no
                process that the function starts takes itself for a worker.
        """
        get = variables.get
        self.api = get("AWS_LAMBDA_RUNTIME_API", "")
        self.concurrency = get("AWS_LAMBDA_MAX_CONCURRENCY")
        self.function: Mapping[str, str] = {
            name: variables[name] for name in _FUNCTION if name in variables
        }
        self.handler = get("_HANDLER", "")
        self.log_socket = get("_LAMBDA_TELEMETRY_LOG_FD_PROVIDER_SOCKET", "")
        self.logs_json = get("AWS_LAMBDA_LOG_FORMAT", "").upper() == "JSON"
        self.snapshot = get("AWS_LAMBDA_INITIALIZATION_TYPE") == "snap-start"
        self.task_root = get("LAMBDA_TASK_ROOT", "")
        self.worker = variables.pop(_WORKER, "")
        self._trace_id = get(_TRACE_ID)
        self._variables = variables

    def set_trace_id(self, trace_id: str | None) -> None:
        """Publish an invocation's trace, in the only place where the AWS and X-Ray SDKs look.

        Args:
            trace_id: The X-Ray trace header, or None for an invocation without one.
        """
        if trace_id == self._trace_id:
            return
        self._trace_id = trace_id
        if trace_id is None:
            self._variables.pop(_TRACE_ID, None)
        else:
            self._variables[_TRACE_ID] = trace_id

    def for_worker(self, description: str) -> dict[str, str]:
        """Return the environment variables of a fresh process that is to be a worker.

        Args:
            description: The worker's description, which the process finds in `worker`.
        """
        return {**self._variables, _WORKER: description}
