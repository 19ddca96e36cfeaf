"""The values of options, checked: each as ``pyproject.toml`` or a variable has it."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from ._layouts import Architecture, Layout
from .errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Callable

TABLE = "tool.hatch.build.targets.lambda"
ARCHITECTURES: tuple[Architecture, ...] = get_args(Architecture)
LISTS = frozenset(
    (
        *("parts", "extras", "groups", "without", "drop", "keep", "layers", "requirements"),
        "dependencies",
    )
)
"""The options that are lists; variables have commas between their items."""


def read(key: str, value: object) -> Any:
    """Return the value of an option.

    Args:
        key: The option.
        value: The value in ``pyproject.toml``, or in a variable.

    Raises:
        BuildError: The option cannot have it.
    """
    return _READ.get(key, _text)(key, value)


def _text(key: str, value: object) -> str:
    if not isinstance(value, str) or not value:
        raise BuildError(f"[{TABLE}] {key}: expected a string, found {value!r}.")
    return value


def _texts(key: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise BuildError(f"[{TABLE}] {key}: expected an array of strings, found {value!r}.")
    return tuple(_text(key, item) for item in value)


def _flag(key: str, value: object) -> bool:
    flags = {True: True, False: False, "1": True, "true": True, "0": False, "false": False}
    if not isinstance(value, (bool, str)) or value not in flags:
        raise BuildError(f"[{TABLE}] {key}: expected true or false, found {value!r}.")
    return flags[value]


def _path(key: str, value: object) -> Path | None:
    text = _text(key, value)
    return None if text == "uv" else Path(os.path.expandvars(text)).expanduser()


def _one_of(choices: tuple[str, ...]) -> Callable[[str, object], str]:
    def check(key: str, value: object) -> str:
        if value not in choices:
            raise BuildError(
                f"[{TABLE}] {key}: expected one of {', '.join(choices)}, found {value!r}."
            )
        return str(value)

    return check


def _matching(pattern: str, example: str) -> Callable[[str, object], str]:
    def check(key: str, value: object) -> str:
        if not re.fullmatch(pattern, text := _text(key, value)):
            raise BuildError(f"[{TABLE}] {key}: expected a value like {example}, found {text!r}.")
        return text

    return check


def _architectures(key: str, value: object) -> tuple[str, ...]:
    each = value if isinstance(value, list) else str(value).split(",")
    if not each:
        raise BuildError(f"[{TABLE}] {key}: expected one of {', '.join(ARCHITECTURES)}, found [].")
    return tuple(dict.fromkeys(_one_of(ARCHITECTURES)(key, one) for one in each))


def _size(key: str, value: object) -> int:
    match = re.fullmatch(r"(\d+(?:_\d+)*(?:\.\d+)?) ?([kKMG]i?B|B|)", str(value))
    if isinstance(value, (bool, float)) or not match:
        raise BuildError(
            f'[{TABLE}] {key}: expected a size such as "5 MB" or bytes, found {value!r}.'
        )
    number, unit = match.groups()
    base = 1024 if "i" in unit else 1000
    power = ("", "K", "M", "G").index(unit.upper().rstrip("B").rstrip("I"))
    return int(float(number) * base**power)


def _variables(key: str, value: object) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, dict):
        raise BuildError(f"[{TABLE}] {key}: expected a table of strings, found {value!r}.")
    for name, own in value.items():
        if not isinstance(own, str):
            raise BuildError(f"[{TABLE}] {key}.{name}: expected a string, found {own!r}.")
    return tuple(value.items())


_READ: dict[str, Callable[[str, Any], Any]] = {
    **dict.fromkeys(LISTS, _texts),
    "layout": _one_of(get_args(Layout)),
    "architecture": _architectures,
    "handler": _matching(r"\S+[.:]\w+", "module.function or __main__.py"),
    "python": _matching(r"3\.(1[1-9]|[2-9]\d)(\.\d+)?", "3.13 (3.11 or newer)"),
    "runtime": _matching(r"provided\.al2(023)?|python3\.\d+", "provided.al2023 or python3.13"),
    "glibc": _matching(r"2\.\d+", "2.34"),
    "interpreter": _path,
    "provided": _path,
    "report": _flag,
    "check": _flag,
    "max-size": _size,
    "environment": _variables,
}
