"""``breakpoint()`` in a function: a prompt in its output, and a developer who types."""

import asyncio
import os
import re
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress

_PROMPT = rb"(?:^|\n)(?:\(I?Pdb(?:\+\+)?\)|ipdb>) "
_READ_SIZE = 1 << 16


def is_prompt(output: bytes) -> bool:
    """Return whether a function waits for commands: what it wrote ends with a debugger's prompt.

    Args:
        output: The output that was written at once.
    """
    return output.endswith(b" ") and re.search(_PROMPT + rb"$", output[-32:]) is not None


def has_prompt(output: bytes) -> bool:
    """Return whether a function has asked for commands, even if it did not wait for any.

    A debugger that has no input to read ends at once, and its prompt is not the last that comes.

    Args:
        output: The output that was written at once.
    """
    return b"db" in output and re.search(_PROMPT, output) is not None


class Keyboard:
    """The keyboard of a terminal, for a function that asks for it.

    Attributes:
        stdin: A file descriptor, for the function's standard input.
    """

    def __init__(self, stdin: int, write_end: int) -> None:
        """Pass on nothing yet: what is typed may be for the shell.

        Args:
            stdin: The read end of a pipe.
            write_end: The other one, which is closed here.
        """
        self.stdin = stdin
        self._write_end = write_end
        self._reads = False

    def open(self) -> None:
        """Pass on what is typed, from now on."""
        if not self._reads and self._write_end >= 0:
            self._reads = True
            asyncio.get_running_loop().add_reader(0, self._pass_on)

    def close(self) -> None:
        """Pass on no more."""
        if self._reads:
            self._reads = False
            asyncio.get_running_loop().remove_reader(0)
        if self._write_end >= 0:
            os.close(self._write_end)
            self._write_end = -1

    def _pass_on(self) -> None:
        if os.tcgetpgrp(0) != os.getpgrp():  # moved into the background: it would be stopped
            self.close()
            return
        typed = os.read(0, _READ_SIZE)
        if not typed:
            self.close()
            return
        with suppress(BrokenPipeError):
            os.write(self._write_end, typed)


@contextmanager
def keyboard() -> Generator[Keyboard | None]:
    """Take what is typed in the terminal of this process.

    Yields:
        The keyboard; None if standard input and standard error are not a terminal.
    """
    if not (sys.stdin and os.isatty(0) and os.isatty(2)):
        yield None
        return
    stdin, write_end = os.pipe()
    typed = Keyboard(stdin, write_end)
    try:
        yield typed
    finally:
        typed.close()
        os.close(stdin)
