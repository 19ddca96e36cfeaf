"""Processes that are measured: their environment, and what the kernel says of them."""

from __future__ import annotations

import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path


def environment() -> dict[str, str]:
    """Return the variables of a process: byte code is kept, as it is of what is installed."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def tree(pid: int) -> list[int]:
    """Return a process and all its descendants, the ancestors first.

    Args:
        pid: The process.
    """
    pids = [pid]
    for each in pids:
        for task in Path(f"/proc/{each}/task").glob("*/children"):
            with suppress(OSError):  # the thread has ended
                pids += map(int, task.read_text("ascii").split())
    return pids


def cpu_seconds(pid: int) -> float:
    """Return the time that a process has spent on a processor, from the process's own clock.

    Args:
        pid: The process.
    """
    return time.clock_gettime((~pid << 3) | 2) if sys.platform == "linux" else 0.0


def proportional_bytes(pid: int) -> int:
    """Return the proportional set size (PSS) of a process.

    A page that several processes have is divided among them, so that the sum over processes is
    what they use together.

    Args:
        pid: The process.
    """
    return _field(f"/proc/{pid}/smaps_rollup", "Pss")


def resident_bytes(pid: int) -> int:
    """Return the resident set size of a process.

    Args:
        pid: The process.
    """
    return _field(f"/proc/{pid}/status", "VmRSS")


def peak_bytes(pid: int) -> int:
    """Return the largest resident set size that a process has had.

    Args:
        pid: The process.
    """
    return _field(f"/proc/{pid}/status", "VmHWM")


def kill_tree(pid: int) -> None:
    """End a process, which has to be this one's child, and then its descendants.

    Args:
        pid: The process.
    """
    for each in tree(pid):
        with suppress(ProcessLookupError):  # some end when their parent does
            os.kill(each, signal.SIGKILL)


def _field(path: str, name: str) -> int:
    for line in Path(path).read_text("ascii").splitlines():
        key, _, value = line.partition(":")
        if key == name:
            return int(value.removesuffix("kB")) * 1024
    raise LookupError(f"{path} has no field {name}")
