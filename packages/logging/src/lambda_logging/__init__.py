"""Logging for AWS Lambda: records in the forms that CloudWatch Logs understands."""

from ._platform import PlatformLog
from ._version import __version__

__all__ = ["PlatformLog", "__version__"]
