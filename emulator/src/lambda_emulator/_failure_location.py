"""Find the file and line of the function's code where a start failed."""

import json
import re
from pathlib import Path
from typing import Any

_FRAME = r'File "([^"\n]+)",? [Ll]ine (\d+)'
_NOT_OURS = frozenset({"site-packages", "dist-packages", ".venv", "venv"})


def location_in_report(report: bytes, root: Path) -> str:
    """Return where an error is from that a runtime has reported.

    Args:
        report: The description of the error, as JSON.
        root: The directory of the function's code.

    Returns:
        Such as ``app.py, line 3``; nothing if that is not known.
    """
    try:
        error: Any = json.loads(report)
        while isinstance(error, dict):
            trace = "".join(map(str, error.get("stackTrace") or []))
            if location := location_in_text(trace, root):
                return location
            error = error.get("errorCause")
    except (ValueError, TypeError, RecursionError):
        pass
    return ""


def location_in_text(text: str, root: Path) -> str:
    """Return where an error is from whose stack trace was printed.

    Args:
        text: Such as the end of a log. The last stack trace in it counts.
        root: The directory of the function's code.

    Returns:
        The same as `location_in_report`.
    """
    frames = re.findall(_FRAME, text.rpartition("Traceback (most recent call last)")[2])
    if not frames:
        return ""
    own = [(file, line) for file, line in frames if _is_own(Path(file), root)]
    file, line = (own or frames)[-1]
    path, here = Path(file), Path.cwd()
    return f"{path.relative_to(here) if path.is_relative_to(here) else path}, line {line}"


def _is_own(path: Path, root: Path) -> bool:
    return path.is_relative_to(root) and not _NOT_OURS & {*path.relative_to(root).parts}
