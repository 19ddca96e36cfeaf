"""AWS Lambda on your own machine, without Docker: the command ``lambda-emulator``."""

from ._version import __version__

__all__ = ["__version__"]
