"""What goes wrong in a build, in words for whoever started it."""

from __future__ import annotations


class BuildError(Exception):
    """Nothing that Lambda could run can be built; the message says why, and what to do.

    ``hatch build`` prints it and ends with exit code 1.
    """
