"""The machine and the versions that belong with figures."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def setting(distributions: Iterable[str], repeats: str) -> str:
    """Return where and with what figures were measured, in a line.

    Args:
        distributions: The packages whose versions count.
        repeats: The number of measurements of each figure, in words.
    """
    versions = ", ".join(f"{name} {version(name)}" for name in distributions)
    return (
        f"{platform.machine()}, {_processor()}{os.cpu_count()} processors, {platform.system()}, "
        f"Python {platform.python_version()}, {versions}, {repeats}"
    )


def _processor() -> str:
    """Return the processor's name and a comma, or nothing where the system does not say."""
    try:
        text = Path("/proc/cpuinfo").read_text("utf-8")
    except OSError:
        return ""
    names = [line.partition(":")[2] for line in text.splitlines() if line.startswith("model name")]
    return f"{names[0].strip()}, " if names else ""
