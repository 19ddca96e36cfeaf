"""The wheels that a function can use: uv's options for them, and what to do without one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ._options import Options

# The platforms that uv has names for, by the minor version of glibc: the newest that is not newer.
_MANYLINUX = (17, 28, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40)
_MACHINES = {"x86_64": "x86_64", "arm64": "aarch64"}
_NO_WHEEL = re.compile(
    r"Package `([^`]+)` can't be installed because|Wheels are required for `([^`]+)`"
    r"|([\w.-]+)(?:[<=>~]\S+)? has no (?:usable )?wheels"
    r"|[(/]([^-/(]+)-[^/]*\.whl\) dependency is incompatible"
    r"|Failed to (?:download and )?build `?([\w.-]+)"
)


def platform(options: Options) -> tuple[str, ...]:
    glibc = max(minor for minor in _MANYLINUX if minor <= max(17, int(options.glibc[2:])))
    machine = _MACHINES[options.architecture]
    python = ("--python-version", options.python)
    return (*python, "--python-platform", f"{machine}-manylinux_2_{glibc}")


def wheels_only(options: Options, sources: Iterable[str] = ()) -> tuple[str, ...]:
    """Return uv's options for wheels of the place, except for packages that are built."""
    built = (word for name in sources for word in ("--no-binary", name))
    return (*platform(options), "--only-binary", ":all:", *built)


def explain(error: str, options: Options, sources: Sequence[str]) -> str:
    names = {name for match in _NO_WHEEL.findall(error) for name in match if name}
    if not names:
        return f"The dependencies cannot be installed for {options.target}.\n{error}"
    name = min(names, key=lambda each: (each not in sources, len(each)))
    return f"{no_wheel(name, options)}\n{error}"


def no_wheel(name: str, options: Options) -> str:
    return (
        f"{name} has no wheel for {options.target}, and nothing is compiled here: that would be "
        f"for this machine. Take a version of {name} that has one, build one in a container of "
        f"that system and add it as a path source, or leave it out with without = [{name!r}]."
    )
