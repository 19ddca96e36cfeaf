"""A function with SnapStart, whose hooks do what ``HOOK`` says."""

import os
import sys
import time
from typing import Any

import snapshot_restore_py  # type: ignore[import-untyped] # AWS's

SEEN: list[str] = []


def note(what: str) -> None:
    SEEN.append(what)
    if os.environ.get("HOOK") == f"{what} fails":
        raise ValueError(f"{what}: no database")
    if os.environ.get("HOOK") == f"{what} exits":
        sys.stdout.flush()
        os._exit(7)
    if os.environ.get("HOOK") == f"{what} hangs":
        time.sleep(1000)


hooks: Any = snapshot_restore_py  # its types are wrong
hooks.register_before_snapshot(note, "before")
hooks.register_after_restore(note, "after")


def handler(event: dict[str, Any], context: Any) -> Any:
    if event.get("leave"):
        os._exit(1)
    return {
        "seen": SEEN,
        "process": os.getpid(),
        "type": os.environ["AWS_LAMBDA_INITIALIZATION_TYPE"],
        "log_stream": context.log_stream_name,
        "version": context.function_version,
    }
