"""The emulator's state for the console: environments, queues and event sources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ._queue import EventQueue
    from ._service import FunctionService
    from ._sources.hub import EventSources


def describe_state(
    functions: Mapping[str, FunctionService],
    queues: Mapping[str, EventQueue],
    sources: EventSources,
    apis: Mapping[str, str],
) -> dict[str, Any]:
    """Return the state of the emulator, for JSON.

    Args:
        functions: The functions by name.
        queues: Their asynchronous invocations, by the same names.
        sources: The event sources.
        apis: The URLs of the APIs, by name.
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
        "apis": [{"name": name, "url": url} for name, url in apis.items()],
        **sources.describe(),
    }
