"""Fields that tools add to every record of the function's log."""

from __future__ import annotations

from lambda_logging.runtime import add_record_fields

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any


def register_log_fields(fields: Callable[[], Mapping[str, Any]] | None) -> None:
    """Add fields to every record of the function's log, as tracing does with its ids.

    Records of lambda-logging have them, and those of the standard library's `logging` that go
    through its handler, as the runtime's own do in JSON.

    Args:
        fields: Returns the fields by name, for the record that is being written. It
            replaces the last one. None removes it.
    """
    add_record_fields(fields)
