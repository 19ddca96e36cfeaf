"""Start coverage in each Python process: this module is in a folder of PYTHONPATH.

A process that a test kills is asked to end by this signal, of which the code that is measured knows
nothing: coverage.py's own way, a handler of SIGTERM, is one that a runtime finds and leaves alone.
"""

import os
import signal
import sys


def _end(*_: object) -> None:
    """Write down what has been covered, and end as a process that is killed does."""
    coverage = sys.modules.get("coverage")
    if coverage and (current := coverage.Coverage.current()):
        current.stop()
        current.save()
    os.kill(os.getpid(), signal.SIGKILL)


signal.signal(signal.SIGUSR2, _end)
