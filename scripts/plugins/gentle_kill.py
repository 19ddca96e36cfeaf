"""A pytest plugin: processes that a test kills may first write what they have covered."""

from __future__ import annotations

import signal
import subprocess
from contextlib import suppress
from typing import Any

SECONDS = 1

_send_signal = subprocess.Popen.send_signal


def send_signal(process: subprocess.Popen[Any], number: int) -> None:
    """Ask by the signal that `sitecustomize` answers, before SIGKILL."""
    if number == signal.SIGKILL and process.poll() is None:
        _send_signal(process, signal.SIGUSR2)
        with suppress(subprocess.TimeoutExpired):
            process.wait(SECONDS)
    _send_signal(process, number)


def kill(process: subprocess.Popen[Any]) -> None:
    """Do as ``Popen.kill``, by the function above."""
    send_signal(process, signal.SIGKILL)


_replaced = {"send_signal": send_signal, "kill": kill}
for name, function in _replaced.items():
    setattr(subprocess.Popen, name, function)
