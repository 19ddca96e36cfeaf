"""Failures of an application that its caller only sees the status of."""

from __future__ import annotations


def log_failure(message: str, error: BaseException | None) -> None:
    """Log a failure with its traceback.

    Args:
        message: The failure.
        error: The exception, or None.
    """
    import logging

    # Not the exception itself: logging asks if that is true.
    info = None if error is None else (type(error), error, error.__traceback__)
    logging.getLogger("lambda_asgi").error(message, exc_info=info)
