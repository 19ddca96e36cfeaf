"""Stack traces as the managed runtime formats them, of the function's own frames.

The standard library's `traceback` would do, but it loads a dozen modules. Each takes a file
descriptor, and may be found in the function's folder instead. Nothing is loaded here.
"""

from __future__ import annotations

from _io import open as open_file
from sys import modules

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import FrameType, TracebackType
    from typing import Any, TypeAlias

    Frame: TypeAlias = tuple[str, int, str, str]
    """A file, a line's number, a function, and the line."""

_OURS = frozenset(
    ("lambda_runtime", "lambda_events", "lambda_logging", "lambda_asgi", "lambda_otel")
)
# Packages that ours call, down to a wrong value. Their frames are shown if others call them.
_BELOW_OURS = frozenset(("attr", "attrs", "cattr", "cattrs"))
_MAX_FRAMES = 2000
_OUTERMOST = 100
_MAX_LINE_CHARS = 1000
_MAX_SOURCE_BYTES = 16 * 1024 * 1024
_SHOWN_REPETITIONS = 3


def frames_of(traceback: TracebackType | None) -> list[Frame]:
    """Return the frames of a traceback, outermost first, without this project's and imports'.

    Args:
        traceback: The traceback, or None.

    Returns:
        At most some thousand, with empty lines where the source cannot be read.
    """
    found: list[tuple[FrameType, int]] = []
    below_ours = False
    while traceback is not None:
        frame, line = traceback.tb_frame, traceback.tb_lineno
        traceback = traceback.tb_next
        package = _package(frame)
        if package in _OURS:
            below_ours = True
        elif package != "-" and not (below_ours and package in _BELOW_OURS):
            below_ours = False
            found.append((frame, line))
    if len(found) > _MAX_FRAMES:
        del found[_OUTERMOST : len(found) - _MAX_FRAMES + _OUTERMOST]
    sources: dict[str, Sequence[str]] = {}
    return [_frame(frame, line or 0, sources) for frame, line in found]


def _package(frame: FrameType) -> str:
    """Return the package that a frame's code belongs to; ``-`` is the import system."""
    path = frame.f_code.co_filename
    if path.startswith("<"):
        if path.startswith("<frozen importlib."):
            return "-"
        # Code that is made for a class: "<cattrs generated structure app.Order>".
        library, _, generated = path[1:].partition(" ")
        if generated.startswith("generated"):
            return library
    name = frame.f_globals.get("__name__")
    return name.partition(".")[0] if type(name) is str else ""


def _frame(frame: FrameType, line: int, sources: dict[str, Sequence[str]]) -> Frame:
    code = frame.f_code
    path = code.co_filename
    if path not in sources:
        try:
            sources[path] = _source(path, frame.f_globals)
        except BaseException:  # noqa: BLE001 (a loader may raise anything, and files may be gone)
            sources[path] = ()
    lines = sources[path]
    text = lines[line - 1].strip() if 0 < line <= len(lines) else ""
    return (path, line, code.co_name, text[:_MAX_LINE_CHARS])


def _source(path: str, names: Mapping[str, Any]) -> Sequence[str]:
    """Return the lines of a file, or of what a loader or the cache of `linecache` has for it."""
    try:
        with open_file(path, "rb") as file:
            data: bytes = file.read(_MAX_SOURCE_BYTES)
    except (OSError, ValueError):
        cached = getattr(modules.get("linecache"), "cache", {}).get(path, ())
        if len(cached) == 4:  # size, time, lines, name
            return [str(line) for line in cached[2]]
        if path.startswith("<") and path.endswith(">"):
            return ()  # code that was made, such as a dataclass's: its module has other lines
        spec = names.get("__spec__")
        source = names["__loader__"].get_source(spec.name if spec else names["__name__"])
        return str(source).splitlines()
    text = _decoded(data.removeprefix(b"\xef\xbb\xbf"))
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _decoded(data: bytes) -> str:
    for line in data.split(b"\n", 2)[:2]:  # https://peps.python.org/pep-0263/
        if line.lstrip().startswith(b"#"):
            _, found, name = line.partition(b"coding")
            if found and name[:1] in (b":", b"="):
                name = name[1:].strip().split()[0]
                return data.decode(name.decode("ascii"), "replace")
    return data.decode("utf-8", "replace")


def formatted(frames: Sequence[Frame]) -> list[str]:
    """Return frames as strings, as `traceback.format_list` does.

    Args:
        frames: The frames, outermost first.
    """
    lines: list[str] = []
    last, times = None, 0
    for frame in frames:
        path, line, function, text = frame
        if frame[:3] != last:
            lines += _repeated(times)
            last, times = frame[:3], 0
        times += 1
        if times <= _SHOWN_REPETITIONS:
            code = f"    {text}\n" if text else ""
            lines.append(f'  File "{path}", line {line}, in {function}\n{code}')
    return lines + _repeated(times)


def _repeated(times: int) -> list[str]:
    more = times - _SHOWN_REPETITIONS
    if more <= 0:
        return []
    return [f"  [Previous line repeated {more} more time{'s' if more > 1 else ''}]\n"]
