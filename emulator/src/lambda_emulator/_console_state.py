"""The emulator's state for the console: environments, queues and event sources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ._event_source import SourceStatus
    from ._queue import EventQueue
    from ._service import FunctionService


def describe_state(
    functions: Mapping[str, FunctionService],
    queues: Mapping[str, EventQueue],
    sources: Sequence[SourceStatus],
) -> dict[str, Any]:
    """Return the state of the emulator, for JSON.

    Args:
        functions: The functions by name.
        queues: Their asynchronous invocations, by the same names.
        sources: The event sources that are polled.
    """
    environments = [
        {
            "function": name,
            "state": environment.state,
            "pid": environment.pid,
            "memory_mb": environment.memory_mb,
            "memory_limit_mb": service.function.memory_mb,
            "tenant_id": environment.tenant_id,
            "active": environment.active,
        }
        for name, service in functions.items()
        for environment in service.environments
    ]
    waiting = [
        {
            "function": name,
            "waiting": queue.count("waiting"),
            "running": queue.count("running"),
            "delayed": queue.count("delayed"),
        }
        for name, queue in queues.items()
    ]
    return {
        "environments": environments,
        "queues": waiting,
        "sources": [vars(source) for source in sources],
    }
