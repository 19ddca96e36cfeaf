"""The arguments of the commands that measure: what they mean, and why they are refused."""

from __future__ import annotations

import os
import subprocess
from argparse import ArgumentTypeError
from tempfile import TemporaryDirectory

from uv import find_uv_bin

_OLDEST = (3, 11)  # on which the runtime runs


def positive(text: str) -> int:
    """Read a number of at least 1."""
    if not (text.isdecimal() and int(text)):
        raise ArgumentTypeError(f"{text!r} is not a number of at least 1")
    return int(text)


def shares(text: str) -> list[float]:
    """Read shares of a processor, between commas."""
    processors = os.cpu_count() or 1
    try:
        found = [float(share) for share in text.split(",")]
    except ValueError:
        found = []
    if not found or not all(0 < share <= processors for share in found):
        raise ArgumentTypeError(
            f"{text!r} is not a list of shares: each is above 0 and at most {processors}, the"
            " processors here, as in 0.07,0.58"
        )
    return found


def pythons(text: str) -> list[str]:
    """Read versions and programs of Python, between commas."""
    # A shell expands a tilde only at the beginning of a word.
    return [os.path.expanduser(name) for name in text.split(",")]  # noqa: PTH111 (or a version)


def unfit_python(name: str) -> str:
    """Return why a Python cannot be measured here, or nothing if it can.

    Args:
        name: The version or program, as ``uv venv --python`` takes it.
    """
    with TemporaryDirectory() as folder:
        make = ["venv", "--quiet", "--no-python-downloads", "--python", name, folder]
        made = subprocess.run([find_uv_bin(), *make], capture_output=True, text=True, check=False)
        if made.returncode:
            return (
                f"there is no Python {name!r}: name a version that is installed, or a program."
                f" uv says: {made.stderr.strip()}"
            )
        old = f"import sys; sys.exit(sys.version_info < {_OLDEST})"
        if subprocess.run([f"{folder}/bin/python", "-c", old], check=False).returncode:
            return f"{name!r} is older than Python 3.11, the oldest that the runtime supports"
    return ""
