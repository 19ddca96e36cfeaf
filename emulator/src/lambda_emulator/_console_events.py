"""Events that are saved beside a function: ``event.json``, and the files in ``events/``."""

import re
from pathlib import Path

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_DEFAULT = "event"


def is_event_name(name: str) -> bool:
    """Return whether an event may have a name: one that is a file's in every file system.

    Args:
        name: Any text.
    """
    return _NAME.fullmatch(name) is not None


def list_events(root: Path) -> list[str]:
    """Return the names of the saved events, ``event`` first.

    Args:
        root: The function's directory.
    """
    found = sorted(path.stem for path in (root / "events").glob("*.json") if path.is_file())
    names = [name for name in found if is_event_name(name) and name != _DEFAULT]
    return [_DEFAULT, *names] if _path(root, _DEFAULT).is_file() else names


def read_event(root: Path, name: str) -> bytes:
    """Return what is in an event's file.

    Args:
        root: The function's directory.
        name: The event's name.

    Raises:
        OSError: It cannot be read.
    """
    return _path(root, name).read_bytes()


def write_event(root: Path, name: str, event: bytes) -> Path:
    """Save an event, in place of one of the same name.

    Args:
        root: The function's directory.
        name: The event's name.
        event: JSON.

    Returns:
        The path of the file.

    Raises:
        OSError: It cannot be written.
    """
    path = _path(root, name)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(event if event.endswith(b"\n") else event + b"\n")
    return path


def _path(root: Path, name: str) -> Path:
    """Return an event's file; the one of ``lambda-emulator run`` is beside the function itself."""
    if not is_event_name(name):
        raise ValueError(f"{name!r} is not a name for an event.")
    return root / "event.json" if name == _DEFAULT else root / "events" / f"{name}.json"
