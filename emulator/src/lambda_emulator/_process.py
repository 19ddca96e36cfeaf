"""The process of a function, with all that it starts, and never longer than the emulator's own.

The function runs in a process group of its own: Ctrl-C in the terminal reaches the emulator alone,
and one signal ends the function together with its children. The leader of that group is a shell
that waits on a pipe from the emulator. However the emulator ends, be it killed outright, the kernel
closes the pipe, and the shell kills the group, itself included.
"""

import asyncio
import contextlib
import math
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self

from ._child import Child

_LEASH = ("/bin/sh", "-c", "trap '' HUP INT TERM; read -r _; kill -KILL 0")
_MEMORY_SECONDS = 0.05  # between two looks at how much memory the function holds
_STATUS_SIZE = 1 << 12  # more than the status of a process has on Linux
_PIPE_SIZE = 1 << 16  # what a pipe holds: one read takes all that has been written


class FunctionProcess:
    """A function that runs; made by `start`.

    Attributes:
        pid: The id of the function's process.
        exit: Becomes the exit code, negative for a signal, when the function's process ends.
        others: The same of the programs that run beside it.
        memory_exceeded: Is done when the process was seen to hold more memory than it may.
    """

    def __init__(
        self,
        leash: Child,
        process: Child,
        output: int,
        write_end: int,
        write: Callable[[bytes], object],
        memory_limit: float,
    ) -> None:
        self.others: list[asyncio.Future[int]] = []
        self._write_end = write_end
        self.exit = process.exit
        self._leash = leash
        self.pid = process.pid
        self._status = -1
        self._output = output
        self._write = write
        self._peak_memory = 0
        self._memory_limit = memory_limit
        self._uses = 0
        self._next_look: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(output, self.drain)
        self.memory_exceeded: asyncio.Future[None] = self._loop.create_future()

    @classmethod
    def start(
        cls,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        write: Callable[[bytes], object],
        memory_limit: float = math.inf,
        stdin: int | None = None,
        directory: Path | None = None,
    ) -> Self:
        """Start a function.

        Args:
            arguments: The command to run.
            environment: All of its environment variables.
            write: Is called with its standard output and standard error, in the order in which
                they are written.
            memory_limit: The memory that it may hold, in MB, where the system reports how much it
                is.
            stdin: A file descriptor for its standard input; None for an empty one.
            directory: The working directory; None for that of this process.

        Returns:
            The process.

        Raises:
            OSError: The command cannot be run.
        """
        output, write_end = os.pipe()
        os.set_blocking(output, False)
        leash = None
        try:
            leash = Child(_LEASH, group=0, stdin=subprocess.PIPE)
            process = Child(
                arguments,
                group=leash.pid,
                environment=environment,
                stdin=subprocess.DEVNULL if stdin is None else stdin,
                output=write_end,
                directory=directory,
            )
        except BaseException:
            os.close(output)
            os.close(write_end)
            if leash is not None:
                leash.close_stdin()
            raise
        return cls(leash, process, output, write_end, write, memory_limit)

    def start_more(
        self, arguments: Sequence[str], environment: Mapping[str, str]
    ) -> asyncio.Future[int]:
        """Start a program beside the function, which ends with it at the latest.

        Args:
            arguments: The command to run.
            environment: All of its environment variables.

        Returns:
            Its exit code, when it has ended.

        Raises:
            OSError: The command cannot be run.
        """
        process = Child(
            arguments, group=self._leash.pid, environment=environment, output=self._write_end
        )
        self.others.append(process.exit)
        return process.exit

    def drain(self) -> None:
        """Pass on all that the function has written until now."""
        if self._output < 0:
            return
        try:
            self._write(os.read(self._output, _PIPE_SIZE))
        except BlockingIOError:  # it has written nothing
            return

    async def measure(self) -> int:
        """Find out how much memory the function has used.

        Returns:
            The most that its process has used, in MB; what the last call found if it is gone.
        """
        with contextlib.suppress(OSError, LookupError, ValueError):
            if sys.platform == "linux":
                kilobytes = self._kilobytes(b"VmHWM:")
            else:
                kilobytes = await _resident_kilobytes(self.pid)
            self._peak_memory = max(self._peak_memory, kilobytes // 1024)
        return self._peak_memory

    def begin_use(self) -> None:
        """Note that the process works, or starts: its memory is looked at until `end_use`."""
        self._uses += 1
        self._plan_look()

    def end_use(self) -> None:
        """Note the end of what `begin_use` began."""
        self._uses -= 1

    def _plan_look(self) -> None:
        if self._next_look is None and self._memory_limit < math.inf:
            self._next_look = self._loop.call_later(_MEMORY_SECONDS, self._look_at_memory)

    def _look_at_memory(self) -> None:
        self._next_look = None
        if not self._uses or self.memory_exceeded.done():
            return
        if self.resident_mb() > self._memory_limit:
            self.memory_exceeded.set_result(None)
        else:
            self._plan_look()

    def resident_mb(self) -> int:
        """Return how much memory the process holds now, in MB; 0 where that cannot be known."""
        with contextlib.suppress(OSError, LookupError, ValueError):
            if sys.platform == "linux":
                return self._kilobytes(b"VmRSS:") // 1024
        return 0

    def freeze(self) -> None:
        """Let the function and its children stand still until `thaw`."""
        self._signal(signal.SIGSTOP)
        # All but the leash, which must go on to look after them.
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._leash.pid, signal.SIGCONT)

    def thaw(self) -> None:
        """Let the function and its children go on."""
        self._signal(signal.SIGCONT)

    async def end(self, number: signal.Signals, seconds: float) -> None:
        """Signal the function to end, and make all that it has started, and all beside it, end too.

        Args:
            number: The signal for the function; the programs beside it get none.
            seconds: The time that they have.
        """
        if not self.exit.done():  # else the id may be another's
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)
        await asyncio.wait({self.exit, *self.others}, timeout=seconds)
        await self.kill()

    async def kill(self) -> None:
        """End the function and its children at once. Nothing happens if that is done."""
        self._signal(signal.SIGKILL)
        self._leash.close_stdin()
        await asyncio.wait({self._leash.exit, self.exit, *self.others})
        self.drain()
        self._close_output()

    def _kilobytes(self, name: bytes) -> int:
        """Read how much memory the process holds, or has held at most, from Linux."""
        if self._status < 0:
            self._status = os.open(f"/proc/{self.pid}/status", os.O_RDONLY)
        status = os.pread(self._status, _STATUS_SIZE, 0)
        return int(status.partition(name)[2].split(maxsplit=1)[0])

    def _signal(self, number: signal.Signals) -> None:
        if not self._leash.exit.done():  # while its leader is there, the group's id is ours
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._leash.pid, number)

    def _close_output(self) -> None:
        if self._output >= 0:
            self._loop.remove_reader(self._output)
            os.close(self._output)
            os.close(self._write_end)
            self._output = -1
        if self._status >= 0:
            os.close(self._status)
            self._status = -1


async def _resident_kilobytes(pid: int) -> int:
    """Ask how much a process holds now: macOS does not say how much another has held at most."""
    ps = await asyncio.create_subprocess_exec(
        *("ps", "-o", "rss=", "-p", str(pid)), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    output, _ = await ps.communicate()
    return int(output)
