"""The process of a function, with all that it starts, and never longer than the emulator's own.

The function runs in a process group of its own: Ctrl-C in the terminal reaches the emulator alone,
and one signal ends the function together with its children. The leader of that group is a shell
that waits on a pipe from the emulator. However the emulator ends, be it killed outright, the kernel
closes the pipe, and the shell kills the group, itself included.
"""

import asyncio
import contextlib
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from ._log import Log

_LEASH = ("/bin/sh", "-c", "trap '' HUP INT TERM; read -r _; kill -KILL 0")
_GRACE = 0.5  # seconds from SIGTERM to SIGKILL
_PIPE_SIZE = 1 << 16  # what a pipe holds: one read takes all that has been written


class FunctionProcess:
    """A function that runs; made by `start`.

    Attributes:
        exit: Becomes the exit code, negative for a signal, when the function's process ends.
    """

    def __init__(self, leash: Process, process: Process, output: int, log: Log) -> None:
        self.exit = asyncio.ensure_future(process.wait())
        self._leash = leash
        self._pid = process.pid
        self._output = output
        self._log = log
        self._peak_memory = 0
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(output, self.drain)

    @classmethod
    async def start(
        cls, arguments: Sequence[str], environment: Mapping[str, str], log: Log
    ) -> Self:
        """Start a function.

        Args:
            arguments: The command to run.
            environment: All of its environment variables.
            log: Gets what it writes to standard output and standard error, in the order in which
                it is written.

        Returns:
            The process.

        Raises:
            OSError: The command cannot be run.
        """
        output, write_end = os.pipe()
        os.set_blocking(output, False)
        leash = None
        try:
            leash = await asyncio.create_subprocess_exec(
                *_LEASH, stdin=PIPE, stdout=DEVNULL, stderr=DEVNULL, process_group=0
            )
            process = await asyncio.create_subprocess_exec(
                *arguments,
                stdin=DEVNULL,
                stdout=write_end,
                stderr=write_end,
                env=environment,
                process_group=leash.pid,
            )
        except BaseException:
            os.close(output)
            if leash is not None:
                await _release(leash)
            raise
        finally:
            os.close(write_end)
        return cls(leash, process, output, log)

    def drain(self) -> None:
        """Pass on what the function has written until now."""
        if self._output < 0:
            return
        with contextlib.suppress(BlockingIOError):
            data = os.read(self._output, _PIPE_SIZE)
            self._log.write(data)
            if not data:  # the function has closed its output, and may live on
                self._close_output()

    async def measure(self) -> int:
        """Find out how much memory the function has used.

        Returns:
            The most that its process has used, in MB; what the last call found if it is gone.
        """
        with contextlib.suppress(OSError, LookupError, ValueError):
            if sys.platform == "linux":
                kilobytes = _peak_kilobytes(self._pid)
            else:
                kilobytes = await _resident_kilobytes(self._pid)
            self._peak_memory = max(self._peak_memory, kilobytes // 1024)
        return self._peak_memory

    async def end(self) -> None:
        """Ask the function and its children to end, and make them if they do not."""
        self._signal(signal.SIGTERM)
        await asyncio.wait({self.exit}, timeout=_GRACE)
        await self.kill()

    async def kill(self) -> None:
        """End the function and its children at once. Nothing happens if that is done."""
        self._signal(signal.SIGKILL)
        await _release(self._leash)
        await self.exit
        self.drain()
        self._close_output()

    def _signal(self, number: signal.Signals) -> None:
        if self._leash.returncode is None:  # while its leader is there, the group's id is ours
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._leash.pid, number)

    def _close_output(self) -> None:
        if self._output >= 0:
            self._loop.remove_reader(self._output)
            os.close(self._output)
            self._output = -1


def exit_reason(code: int) -> str:
    """Say how a process ended, in Lambda's words.

    Args:
        code: Its exit code, negative for a signal.

    Returns:
        Such as ``Runtime exited with error: exit status 1``.
    """
    if code == 0:
        return "Runtime exited without providing a reason"
    if code > 0:
        return f"Runtime exited with error: exit status {code}"
    name = (signal.strsignal(-code) or str(-code)).partition(":")[0]  # macOS: "Killed: 9"
    return f"Runtime exited with error: signal: {name.lower()}"


async def _release(leash: Process) -> None:
    if leash.stdin is not None:
        leash.stdin.close()
    await leash.wait()


def _peak_kilobytes(pid: int) -> int:
    """Read a process's peak, as Linux tells it."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split(maxsplit=1)[0])


async def _resident_kilobytes(pid: int) -> int:
    """Ask for what a process holds now: macOS tells nobody another's peak."""
    ps = await asyncio.create_subprocess_exec(
        *("ps", "-o", "rss=", "-p", str(pid)), stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL
    )
    output, _ = await ps.communicate()
    return int(output)
