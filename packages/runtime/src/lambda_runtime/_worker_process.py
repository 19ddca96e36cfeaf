"""One worker's place, as its supervisor has it, and the process that is there at present."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from mmap import mmap

from ._duplicates import Duplicates
from ._in_flight import POLLER_BYTES, arrivals_in, slots_in
from ._worker import describe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._environment import Environment


class WorkerProcess:
    """One worker's place, and the process that has it at present."""

    def __init__(self, index: int, pollers: int, *, forked: bool) -> None:
        self.index = index
        size = pollers * POLLER_BYTES
        self.descriptor = -1 if forked else _unnamed_file(size)
        self.memory = mmap(self.descriptor, size)  # -1 is memory that forks share
        self.slots = slots_in(self.memory)
        self.arrivals = arrivals_in(self.memory)
        self.duplicates = Duplicates(pollers)
        self.checks = 0  # how often it was not yet dead, after it had closed its end
        self.pid = 0  # none yet, or no more
        self.lifeline = -1
        self.started = 0.0
        self.early_deaths = 0
        self.due = 0.0  # when to start it, by the monotonic clock

    def release(self) -> None:
        """Let go of a process that has ended, or that could not be started."""
        self.pid = 0
        self.duplicates.close()
        if self.lifeline >= 0:
            os.close(self.lifeline)
            self.lifeline = -1


def spawn(process: WorkerProcess, lifeline: int, control: int, environment: Environment) -> int:
    """Start the program again as a worker; return its process id."""
    inherited = (process.descriptor, lifeline, control)
    for descriptor in inherited:
        os.set_inheritable(descriptor, True)
    try:
        program = sys.executable or sys.orig_argv[0]
        environ = environment.for_worker(describe(process.index, *inherited))
        here = os.open(".", getattr(os, "O_PATH", os.O_RDONLY))  # it may be deleted: not by name
        try:
            # The folder that this program was started in: its path, and those of its imports, may
            # be relative.
            with suppress(OSError):  # it is gone; what has no relative path works without it
                os.chdir(environment.directory)
            return os.posix_spawnp(program, [program, *sys.orig_argv[1:]], environ, setpgroup=0)
        finally:
            os.fchdir(here)
            os.close(here)
    finally:
        for descriptor in inherited:
            os.set_inheritable(descriptor, False)


def _unnamed_file(size: int) -> int:
    """Return the descriptor of a file that is full of zeros, and ends with its last descriptor."""
    from tempfile import TemporaryFile

    with TemporaryFile() as file:
        # Written, because a hole in a file kills the process that cannot fill it for want of space.
        file.write(bytes(size))
        file.flush()
        return os.dup(file.fileno())
