"""Reading JSON: small documents by the C code below Python's own `json`, all others by ujson.

ujson is quicker for large ones, but takes as long to load as a cold start spends on events.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, NoReturn

_LARGE = 4096  # bytes; bodies of messages are smaller, and whole events of batches are not


def read(document: Any) -> Any:
    """Return the value of a JSON document.

    Args:
        document: JSON, as text or as bytes in UTF-8.

    Raises:
        TypeError: It is neither bytes nor text.
        ValueError: It is not JSON.
    """
    if isinstance(document, (bytes, str)) and len(document) < _LARGE:
        try:
            text = document if isinstance(document, str) else document.decode()
            text = text.strip(" \t\n\r")
            value, end = _scan(text, 0)
            if end == len(text):
                return value
        # Not only a ValueError: Python 3.11 raises a SystemError as long as `json` is not loaded,
        # and later versions load it, which may be the function's own json.py.
        except Exception:  # noqa: BLE001, S110
            pass  # ujson takes more for JSON, or says what is wrong
    return _read_large(document)


def read_exactly(document: Any) -> Any:
    """Return the value of a JSON document, whose numbers keep the digits they are written with.

    Args:
        document: JSON, as text or as bytes in UTF-8.

    Raises:
        TypeError: It is neither bytes nor text.
        ValueError: It is not JSON.
    """
    from json import loads

    from ._scalars import ExactFloat

    try:
        return loads(document, parse_float=ExactFloat, parse_constant=_refuse)
    except RecursionError as error:
        raise ValueError(str(error)) from None


def _read_first_large(document: Any) -> Any:
    """Load ujson, which reads all later ones: even a repeated import costs a tenth of one."""
    global _read_large  # noqa: PLW0603 (one assignment, and so right in any thread)
    from ujson import loads

    _read_large = loads
    return loads(document)


_read_large: Callable[[Any], Any] = _read_first_large


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


class _Rules:
    strict = True
    object_hook = object_pairs_hook = None
    parse_float, parse_int, parse_constant = float, int, staticmethod(_refuse)


_scan: Callable[[str, int], tuple[Any, int]]
try:
    from _json import make_scanner
except ImportError:  # not every Python has it, and its own `json` does without it, too
    from json import JSONDecoder

    _scan = JSONDecoder(parse_constant=_refuse).raw_decode
else:
    _scan = make_scanner(_Rules)  # type: ignore[arg-type]
