"""The size of an archive: its budget, and what has changed since the last build."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ._output import whole
from .errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from ._archive import Size

_KB, _MB = 1_000, 1_000_000
_SMALL = 10_000  # bytes that are not worth a word


def describe(target: Path, sizes: Mapping[str, Size]) -> str:
    """Return a sentence with the size, and what is new or has grown; note it for the next build.

    Args:
        target: The archive, or the folder of an image.
        sizes: The size of each part of it.
    """
    record = target.parent / ".hatch-lambda" / f"{target.name}.json"
    zipped = target.stat().st_size if target.is_file() else 0
    unzipped = sum(size.unzipped for size in sizes.values())
    parts = {name: size.zipped or size.unzipped for name, size in sorted(sizes.items())}
    text = (
        f"{target.name}: {f'{_bytes(zipped)} zipped, ' * bool(zipped)}{_bytes(unzipped)} unzipped"
    )
    before = _read(record)
    if before and (changes := ", ".join(_changes(before, parts))):
        difference = sum(parts.values()) - sum(before.values())
        text += (
            f" ({'+' if difference >= 0 else '-'}{_bytes(abs(difference))} since the last build: "
        )
        text += f"{changes})"
    record.parent.mkdir(parents=True, exist_ok=True)
    with whole(record) as made:
        made.write_text(json.dumps(parts, indent=1) + "\n", "utf-8")
    return text


def require(target: Path, sizes: Mapping[str, Size], budget: int) -> None:
    """Check the size of an archive against its budget.

    Args:
        target: The archive, or the folder of an image.
        sizes: The size of each part of it.
        budget: The most bytes that it may have: zipped, if it is a zip file.

    Raises:
        BuildError: It is larger; the message names the largest parts.
    """
    whole = target.stat().st_size if target.is_file() else 0
    parts = {name: size.zipped if whole else size.unzipped for name, size in sizes.items()}
    whole = whole or sum(parts.values())
    if whole <= budget:
        return
    largest = sorted(parts.items(), key=lambda part: -part[1])[:5]
    raise BuildError(
        f"{target.name} is {_bytes(whole)}, and max-size is {_bytes(budget)}. The largest parts: "
        f"{', '.join(f'{name} ({_bytes(size)})' for name, size in largest)}."
    )


def _changes(before: Mapping[str, int], parts: Mapping[str, int]) -> Iterator[str]:
    grown = {name: size - before.get(name, 0) for name, size in parts.items()}
    for name, more in sorted(grown.items(), key=lambda part: -part[1]):
        if name not in before:
            yield f"{name} is new, {_bytes(more)}"
        elif more > _SMALL:
            yield f"{name} has grown by {_bytes(more)}"
    yield from (f"{name} is gone" for name in before if name not in parts)


def _read(record: Path) -> dict[str, int]:
    try:
        return {str(name): int(size) for name, size in json.loads(record.read_bytes()).items()}
    except (OSError, ValueError, AttributeError, TypeError):  # the first build, or not ours
        return {}


def _bytes(size: int) -> str:
    return f"{size / _KB:.1f} kB" if size < _MB / 10 else f"{size / _MB:.2f} MB"
