"""Facts of Lambda's contract, for servers that are built on this package."""

from lambda_runtime.contract import (
    MAX_PAYLOAD_BYTES,
    PRELUDE_CONTENT_TYPE,
    PRELUDE_END,
    exit_reason,
)

__all__ = ["MAX_PAYLOAD_BYTES", "PRELUDE_CONTENT_TYPE", "PRELUDE_END", "exit_reason"]
