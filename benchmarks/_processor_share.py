"""A share of a processor for a process and its children, by a control group of Linux."""

from __future__ import annotations

import atexit
import os
from contextlib import suppress
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# A longer one, such as the kernel's own of 100 ms, would cut a start into a few long pieces.
_PERIOD_US = 20_000


def joining(processors: float) -> Callable[[], None]:
    """Return what a process calls to have no more than a share of a processor from then on.

    Args:
        processors: The share; 1 is a whole processor.

    Raises:
        OSError: There are no control groups here, or none that this process may make.
    """
    return partial(_join, os.fspath(_group(processors) / "cgroup.procs"))


def _join(processes: str) -> None:
    with open(processes, "w", encoding="ascii") as file:  # noqa: PTH123 (it runs after a fork)
        file.write("0")  # whoever writes


@cache
def _group(processors: float) -> Path:
    problem = OSError("the kernel has no control groups for processor time")
    quota = round(processors * _PERIOD_US)
    for parent, is_first_version in _parents():
        group = parent / f"benchmarks-{os.getpid()}-{processors:g}"
        try:
            group.mkdir()
            atexit.register(_remove, group)
            if is_first_version:
                (group / "cpu.cfs_period_us").write_text(str(_PERIOD_US), "ascii")
                (group / "cpu.cfs_quota_us").write_text(str(quota), "ascii")
            else:
                (group / "cpu.max").write_text(f"{quota} {_PERIOD_US}", "ascii")
        except OSError as error:
            problem = error
        else:
            return group
    raise problem


def _parents() -> Iterator[tuple[Path, bool]]:
    """Yield the control groups that this process is in, and whether each is of version 1."""
    try:
        groups = Path("/proc/self/cgroup").read_text("ascii").splitlines()
        mounts = Path("/proc/self/mounts").read_text("utf-8").splitlines()
    except OSError:  # not Linux
        return
    own: dict[str, str] = {}
    for line in groups:
        _, controllers, path = line.split(":", 2)
        own.update(dict.fromkeys(controllers.split(","), path))
    for line in mounts:
        _, place, kind, options, *_ = line.split()
        if kind == "cgroup" and "cpu" in options.split(","):
            yield Path(place + own.get("cpu", "")), True
        elif kind == "cgroup2":
            parent = Path(place + own.get("", ""))
            with suppress(OSError):  # a group that holds processes can pass nothing on
                (parent / "cgroup.subtree_control").write_text("+cpu", "ascii")
            yield parent, False


def _remove(group: Path) -> None:
    with suppress(OSError):  # a process in it has not quite ended
        group.rmdir()
