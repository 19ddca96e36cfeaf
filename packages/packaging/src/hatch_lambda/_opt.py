"""A program that has a folder as ``/opt``, where Lambda puts the layers of a function.

This file is run as a program, too. It mounts the folder at ``/opt`` for itself alone, in a
namespace of Linux, sets the variables that lead there, and becomes the other program. Where nothing
can be mounted, the variables lead to the folder itself.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

OPT = "/opt"
_CLONE_NEWNS, _CLONE_NEWUSER = 0x20000, 0x10000000
_MS_BIND, _MS_REC, _MS_PRIVATE = 0x1000, 0x4000, 0x40000


def module_folders(minor: str) -> tuple[str, ...]:
    """Return the folders of layers that modules are imported from, in the order of the search.

    Args:
        minor: The version of the Python that imports them.
    """
    return f"python/lib/python{minor}/site-packages", "python"


def with_opt(
    command: Sequence[str | Path], opt: Path, minor: str, *, used: Iterable[Path]
) -> list[str | Path]:
    """Return the command that runs another one with a folder as ``/opt``.

    Args:
        command: The other one.
        opt: The folder.
        minor: The version of its Python.
        used: Files that it needs. If one is in this machine's own ``/opt``, nothing is mounted.
    """
    hides = any(path.resolve().is_relative_to(OPT) for path in used)
    return [sys.executable, "-I", "-S", __file__, opt, "" if hides else OPT, minor, *command]


def _main() -> None:
    opt, place, minor, *command = sys.argv[1:]
    if place:
        try:
            _mount(opt, place)
        except OSError:  # without the permission, or on another system
            place = ""
    root = place or opt
    modules = [f"{root}/{folder}" for folder in module_folders(minor)]
    _lead("PYTHONPATH", *modules, os.environ.get("PYTHONPATH"))
    _lead("LD_LIBRARY_PATH", f"{root}/lib", os.environ.get("LD_LIBRARY_PATH"))
    _lead("PATH", os.environ.get("PATH", os.defpath), f"{root}/bin")
    os.execvp(command[0], command)  # noqa: S606 (it is what this is for)


def _lead(name: str, *paths: str | None) -> None:
    os.environ[name] = ":".join(filter(None, paths))


def _mount(folder: str, place: str) -> None:
    """Mount a folder over what is there, for this process and those that it starts."""
    if sys.platform != "linux":
        raise OSError("it needs Linux")
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)

    def call(name: str, *arguments: object) -> None:
        if getattr(libc, name)(*arguments):
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))

    user, group = os.getuid(), os.getgid()
    try:
        call("unshare", _CLONE_NEWNS)
    except PermissionError:  # not root: root of a namespace of its own
        call("unshare", _CLONE_NEWNS | _CLONE_NEWUSER)
        for name, text in (
            ("setgroups", "deny"),
            ("uid_map", f"{user} {user} 1"),
            ("gid_map", f"{group} {group} 1"),
        ):
            with open(f"/proc/self/{name}", "w", encoding="ascii") as file:  # noqa: PTH123
                file.write(text)
    call("mount", None, b"/", None, _MS_REC | _MS_PRIVATE, None)
    call("mount", folder.encode(), place.encode(), None, _MS_BIND, None)


if __name__ == "__main__":
    _main()
