"""The handler for ``logging`` as programs add it themselves: its first record configures us."""

from __future__ import annotations

from . import _stdlib
from ._config import configured
from ._stdlib import LambdaHandler, keep_request, root_handler

__all__ = ["LambdaHandler", "keep_request", "root_handler"]

_stdlib.configure = configured
