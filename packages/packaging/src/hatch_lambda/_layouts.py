"""The layouts: which parts an archive has, and where they are in it and in Lambda."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Layout = Literal["bundle", "wrapper", "layer", "image", "runtime", "function"]
Architecture = Literal["x86_64", "arm64"]
Part = Literal["interpreter", "dependencies", "function"]

_TASK = "/var/task"
_RUNTIME = "/var/runtime"
_ARTIFACTS = {"layer": "{}-layer.zip", "image": "{}-image", "runtime": "{}-runtime"}


@dataclass(frozen=True)
class Place:
    """The place of a part."""

    archived: str
    """The folder in the archive or build context, with a slash at the end; empty at the top."""
    deployed: str
    """The folder in Lambda."""


PLACES: dict[Layout, dict[Part, Place]] = {
    "bundle": {
        "interpreter": Place("interpreter/", f"{_TASK}/interpreter"),
        "dependencies": Place("", _TASK),
        "function": Place("", _TASK),
    },
    "wrapper": {"dependencies": Place("", _TASK), "function": Place("", _TASK)},
    "layer": {
        "interpreter": Place("interpreter/", "/opt/interpreter"),
        "dependencies": Place("python/", "/opt/python"),
    },
    "image": {
        "interpreter": Place("interpreter/", f"{_TASK}/interpreter"),
        "dependencies": Place("dependencies/", _TASK),
        "function": Place("function/", _TASK),
    },
    # Lambda puts the function's archive into /var/task, and its layers into /opt.
    "runtime": {
        "interpreter": Place("interpreter/", f"{_RUNTIME}/interpreter"),
        "dependencies": Place("python/", f"{_RUNTIME}/python"),
    },
    "function": {"dependencies": Place("", _TASK), "function": Place("", _TASK)},
}
PARTS: dict[Layout, tuple[Part, ...]] = {layout: tuple(parts) for layout, parts in PLACES.items()}
"""The parts of each layout."""
CONTEXTS: frozenset[Layout] = frozenset({"image", "runtime"})
"""The layouts that are build contexts of images, so folders."""


def artifact(name: str, layout: Layout) -> str:
    """Return the name of the file or folder that is built.

    Args:
        name: The function's name.
        layout: The layout.
    """
    return _ARTIFACTS.get(layout, "{}.zip").format(name)
