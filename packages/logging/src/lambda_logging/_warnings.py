"""Python's warnings, as records of the level WARN."""

from __future__ import annotations

import warnings

from ._record import Record
from ._settings import SEVERITY, settings
from ._writer import write

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TextIO

_print = warnings.showwarning
LOGGER = "py.warnings"
"""The logger that the standard library uses for warnings."""


def set_up() -> None:
    """Make warnings records of the platform's log."""
    warnings.showwarning = _show


def _show(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    if file is not None:
        _print(message, category, filename, lineno, file, line)
        return
    severity = SEVERITY["WARN"]
    record = Record(severity, "WARN", f"{filename}:{lineno}: {category.__name__}: {message}", {})
    record.logger = LOGGER
    write(record, is_wanted=severity >= settings.level)
