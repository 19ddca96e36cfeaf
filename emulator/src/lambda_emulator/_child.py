"""A child process, whose end an event loop waits for.

asyncio's own knows process groups only on asyncio's own event loop, not on uvloop's.
"""

import asyncio
import contextlib
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path


class Child:
    """A process that was started.

    Attributes:
        pid: The id.
        exit: Becomes its exit code, negative for a signal, when it ends.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        group: int,
        environment: Mapping[str, str] | None = None,
        stdin: int = subprocess.DEVNULL,
        output: int = subprocess.DEVNULL,
        directory: Path | None = None,
    ) -> None:
        """Start a process, on the running event loop.

        Args:
            arguments: The command to run.
            group: The process group that it joins; 0 for one of its own.
            environment: All of its environment variables; by default those of this process.
            stdin: The source of its standard input, as for `subprocess.Popen`.
            output: The destination of its standard output and standard error, the same.
            directory: The working directory; None for that of this process.

        Raises:
            OSError: The command cannot be run.
        """
        self._process = subprocess.Popen(  # noqa: S603 (it is the user's own command)
            arguments,
            stdin=stdin,
            stdout=output,
            stderr=output,
            env=environment,
            process_group=group,
            cwd=directory,
        )
        self.pid = self._process.pid
        self._loop = asyncio.get_running_loop()
        self.exit: asyncio.Future[int] = self._loop.create_future()
        threading.Thread(target=self._wait, name=f"wait for {self.pid}", daemon=True).start()

    def close_stdin(self) -> None:
        """Let it read the end of its standard input, if that is a pipe."""
        if self._process.stdin is not None:
            self._process.stdin.close()

    def _wait(self) -> None:
        code = self._process.wait()
        with contextlib.suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(self._set_exit, code)

    def _set_exit(self, code: int) -> None:
        if not self.exit.done():
            self.exit.set_result(code)
