"""The error of a build."""

from __future__ import annotations


class BuildError(Exception):
    """The build failed; the message says why, and what to do.

    ``hatch build`` prints it and ends with exit code 1.
    """
