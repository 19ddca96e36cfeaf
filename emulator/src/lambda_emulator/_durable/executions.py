"""Descriptions of executions, in the words of Lambda's API."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, NamedTuple

from aws_durable_execution_sdk_python_testing.execution import Execution

from .runner import DurableRunner

STATUSES = ("RUNNING", "PAUSING", "PAUSED", "SUCCEEDED", "FAILED", "TIMED_OUT", "STOPPED")
"""The statuses that an execution may have."""
_LISTED = frozenset(
    {
        "DurableExecutionArn",
        "DurableExecutionName",
        "EndTimestamp",
        "FunctionArn",
        "StartTimestamp",
        "Status",
    }
)
_PAUSE_SECONDS = 0.2  # for a function that is about to answer


class Pause(NamedTuple):
    """An execution that stands still.

    Attributes:
        requested: The time of the request.
        reason: The reason in the user's words, or None.
    """

    requested: datetime
    reason: str | None


class ListFilter(NamedTuple):
    """The filter for a list of a function's executions.

    Attributes:
        name: The name that they have, or None for any.
        version: The version that they run, or None for any.
        statuses: The statuses that they may have; none for any.
        after: They were started later, or None.
        before: They were started earlier, or None.
    """

    name: str | None
    version: str | None
    statuses: Sequence[str]
    after: datetime | None
    before: datetime | None


class Executions:
    """Describes and pauses the executions of a runner; for other threads than the event loop's."""

    def __init__(self, runner: DurableRunner) -> None:
        """Describe executions.

        Args:
            runner: Runs them.
        """
        self._runner = runner
        self._pauses: dict[str, Pause] = {}

    def status(self, execution: Execution) -> str:
        """Return the status of an execution.

        Args:
            execution: The execution.
        """
        if execution.close_status is not None:
            return execution.close_status.value
        if not execution.is_paused:
            return "RUNNING"
        active = execution.durable_execution_arn in self._runner.invoker.active
        return "PAUSING" if active else "PAUSED"

    def describe(self, execution: Execution, *, data: bool) -> dict[str, Any]:
        """Return an execution as ``GetDurableExecution`` does.

        Args:
            execution: The execution.
            data: True to include input and result.
        """
        arn = execution.durable_execution_arn
        answer = self._runner.executor.get_execution_details(arn).to_dict()
        started = execution.start_input
        answer |= {
            "Status": self.status(execution),
            "ExecutionDataIncluded": data,
            "DurableConfig": {
                "ExecutionTimeout": started.execution_timeout_seconds,
                "RetentionPeriodInDays": started.execution_retention_period_days,
            },
            "ExpectedExecutionTimeoutTimestamp": answer["StartTimestamp"].timestamp()
            + started.execution_timeout_seconds,
        }
        if header := (started.trace_fields or {}).get("TraceHeader"):
            answer["TraceHeader"] = {"XAmznTraceId": header}
        if execution.is_paused and (pause := self._pauses.get(arn)):
            answer["PauseDetails"] = {
                "PauseRequestTimestamp": pause.requested,
                "ExecutionTimeoutPaused": False,
                **({"Reason": pause.reason} if pause.reason else {}),
            }
        if not data:
            for member in ("InputPayload", "Result", "Error"):
                answer.pop(member, None)
        return answer

    def history(
        self,
        execution: Execution,
        *,
        data: bool,
        newest_first: bool,
        marker: str | None,
        max_items: int | None,
    ) -> dict[str, Any]:
        """Return what has happened to an execution as ``GetDurableExecutionHistory`` does.

        Args:
            execution: The execution.
            data: True to include inputs and results.
            newest_first: True for the newest event first, False for the oldest.
            marker: The marker that the page before returned, or None.
            max_items: The number of events, at most; None for the default.
        """
        answer = self._runner.executor.get_execution_history(
            execution.durable_execution_arn, data, newest_first, marker, max_items
        ).to_dict()
        # The runner knows the numbers of each invocation, and loses them when it numbers events.
        ends = {each.end_timestamp: each.to_dict() for each in execution.invocation_completions}
        for event in answer["Events"]:
            if event["EventType"] == "InvocationCompleted":
                event["InvocationCompletedDetails"] = ends[event["EventTimestamp"]]
        return answer

    def list(
        self, function: str, wanted: ListFilter, *, oldest_first: bool
    ) -> list[dict[str, Any]]:
        """Return the executions of a function as ``ListDurableExecutionsByFunction`` does.

        Args:
            function: The function's name.
            wanted: The filter.
            oldest_first: True for the oldest execution first, False for the newest.
        """
        found = [
            {key: value for key, value in described.items() if key in _LISTED}
            for execution in self._runner.store.list_all()
            if execution.start_input.function_name == function
            and _fits(described := self.describe(execution, data=False), wanted)
        ]
        return found if oldest_first else found[::-1]

    def pause(self, execution: Execution, reason: str | None) -> None:
        """Let an execution stand still, once its function has come to its next checkpoint.

        Args:
            execution: The execution, which has not ended.
            reason: The reason, or None.
        """
        arn = execution.durable_execution_arn
        if not execution.is_paused:
            self._pauses[arn] = Pause(datetime.now(UTC), reason)
        with suppress(TimeoutError):  # it stands still when its function is done
            self._runner.executor.pause_execution(arn, timeout=_PAUSE_SECONDS)


def _fits(described: Mapping[str, Any], wanted: ListFilter) -> bool:
    return (
        wanted.name in (None, described["DurableExecutionName"])
        and wanted.version in (None, described["Version"])
        and (not wanted.statuses or described["Status"] in wanted.statuses)
        and (wanted.after is None or described["StartTimestamp"] > wanted.after)
        and (wanted.before is None or described["StartTimestamp"] < wanted.before)
    )
