"""The requests around a start: a failed one is reported, and a snapshot is restored.

Contract: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

from __future__ import annotations

from ._http1 import Request
from ._invocation import ERROR_TYPE, PREFIX

RESTORE_NEXT = Request("GET", f"{PREFIX}/restore/next", "the restoration of the snapshot")


def init_error_request(body: bytes, error_type: str) -> Request:
    """Return the request that reports a function that cannot start.

    Args:
        body: The error object's JSON.
        error_type: The error type for Lambda's metrics.
    """
    return _error_request("init", "the report of a failed start", body, error_type)


def restore_error_request(body: bytes, error_type: str) -> Request:
    """Return the request that reports a snapshot that cannot be restored.

    Args:
        body: The error object's JSON.
        error_type: The error type for Lambda's metrics.
    """
    return _error_request("restore", "the report of a failed restore", body, error_type)


def _error_request(phase: str, subject: str, body: bytes, error_type: str) -> Request:
    headers = (("Content-Type", "application/json"), (ERROR_TYPE, error_type))
    return Request("POST", f"{PREFIX}/{phase}/error", subject, headers, body)
