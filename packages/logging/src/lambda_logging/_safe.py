"""The long way to JSON, for records with values that JSON cannot express. Nothing here raises."""

from __future__ import annotations

from ._cut import KEPT, fit
from ._plain import plain, text
from ._redact import redact
from ._small_json import to_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


def encode_anything(record: Mapping[str, Any], max_bytes: int, secrets: frozenset[str]) -> bytes:
    """Return the JSON line of a record with any values.

    Args:
        record: The keys of a record, and their values.
        max_bytes: The size that it is cut to.
        secrets: The keys whose values are not written, in lower case.

    Returns:
        UTF-8, with a line feed at the end.
    """
    try:
        safe = plain(record)
        if secrets:
            safe = redact(safe, secrets)
        line = to_json(safe)
        return (line if len(line) < max_bytes else fit(safe, line, max_bytes)) + b"\n"
    except Exception as error:  # noqa: BLE001 (the record must not be lost)
        least = {key: text(record[key])[:1024] for key in KEPT if key in record}
        least["logError"] = f"{type(error).__name__}: {text(error)[:1024]}"
        return to_json(least) + b"\n"
