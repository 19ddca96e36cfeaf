"""Starts a program under the limits of a Lambda function. Linux only; run by its path.

    python _confine.py MEMORY_MB|- WRITABLE|- COMMAND [ARGUMENT ...]

https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""

from __future__ import annotations

import ctypes
import os
import resource
import struct
import sys

OPEN_FILES = 1024
"""The number of files that a function may have open."""

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION = 1
_PATH_BENEATH = 1
_SET_NO_NEW_PRIVILEGES = 38
# The rights that change files: to write, remove and make; since version 2 to link and rename
# between folders, since version 3 to truncate.
_CHANGES = 1 << 1 | sum(1 << bit for bit in range(4, 13))
_CHANGES_SINCE = {2: 1 << 13, 3: 1 << 14}


def limit_memory(megabytes: int) -> None:
    """Limit what the process may allocate, and how many files it may open.

    Args:
        megabytes: The memory size; allocations beyond it fail.
    """
    size = megabytes * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_DATA, (size, size))
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))


def make_read_only(writable: str) -> None:
    """Let the process, and what it starts, change no files but those below a folder and devices.

    https://docs.kernel.org/userspace-api/landlock.html

    Args:
        writable: The folder.

    Raises:
        OSError: The kernel has no Landlock.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    version = _checked(libc.syscall(_CREATE_RULESET, None, 0, _VERSION))
    rights = _CHANGES
    for since, right in _CHANGES_SINCE.items():
        if version >= since:
            rights |= right
    ruleset = _checked(libc.syscall(_CREATE_RULESET, struct.pack("=Q", rights), 8, 0))
    for folder in (writable, "/dev"):
        descriptor = os.open(folder, os.O_PATH | os.O_CLOEXEC)
        rule = struct.pack("=Qi", rights, descriptor)
        _checked(libc.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, rule, 0))
        os.close(descriptor)
    _checked(libc.prctl(_SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0))
    _checked(libc.syscall(_RESTRICT_SELF, ruleset, 0))
    os.close(ruleset)


def _checked(result: int) -> int:
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"Landlock is not available: {os.strerror(error)}")
    return result


if __name__ == "__main__":
    _, memory, writable_folder, *command = sys.argv
    if writable_folder != "-":
        make_read_only(writable_folder)
    if memory != "-":
        limit_memory(int(memory))
    os.execvp(command[0], command)  # noqa: S606 (there is no shell to be had, or wanted)
