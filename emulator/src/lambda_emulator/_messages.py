"""The emulator's own messages, for the developer at the terminal."""

import sys


def say(message: str) -> None:
    """Print a message on standard error.

    Args:
        message: Lines, without a line feed at the end.
    """
    sys.stderr.write(f"{message}\n")
    sys.stderr.flush()
