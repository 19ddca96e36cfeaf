"""Stands for awslambdaric in a process of this runtime; see `lambda_runtime.compatibility`."""

from __future__ import annotations

from lambda_runtime._version import __version__

__all__ = ["__version__"]
