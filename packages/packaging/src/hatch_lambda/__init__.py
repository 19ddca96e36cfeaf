"""A hatch build target, ``lambda``: from a project to a deployment package of AWS Lambda."""

from ._builder import LambdaBuilder
from ._elf import strip
from ._options import Options
from ._version import __version__
from .errors import BuildError

__all__ = ["BuildError", "LambdaBuilder", "Options", "__version__", "strip"]
