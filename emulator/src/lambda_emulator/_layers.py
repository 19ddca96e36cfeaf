"""Layers: directories that are ``/opt`` for a function.

https://docs.aws.amazon.com/lambda/latest/dg/packaging-layers.html

The function is started by this file, as a program. It mounts the layers at ``/opt`` for itself
alone, in a namespace of Linux, sets the variables that lead there, and becomes the function. Where
nothing can be mounted, the variables lead to the directories themselves.
"""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_OPT = "/opt"
_CLONE_NEWNS, _CLONE_NEWUSER = 0x20000, 0x10000000
_MS_BIND, _MS_REC, _MS_PRIVATE = 0x1000, 0x4000, 0x40000


def with_layers(
    arguments: "Sequence[str]", layers: "Sequence[Path]", python: str
) -> tuple[str, ...]:
    """Return the command that runs a command with layers.

    Args:
        arguments: The command.
        layers: Their absolute directories; of two files of one name, that of the later counts.
        python: The Python of the function.
    """
    if not layers:
        return tuple(arguments)
    return (python, "-I", "-S", __file__, *map(str, layers), "--", *arguments)


def import_paths(layers: "Sequence[Path]", version: str) -> list[str]:
    """Return where the modules of layers are found, in the order of the search.

    Args:
        layers: Their directories.
        version: The version of the Python that imports them.
    """
    folders = _python_folders(version)
    return [f"{layer}/{folder}" for layer in reversed(layers) for folder in folders]


def _python_folders(version: str) -> tuple[str, ...]:
    minor = ".".join(version.split(".")[:2])
    return f"python/lib/python{minor}/site-packages", "python"


def _main() -> None:
    end = sys.argv.index("--")
    layers, command = sys.argv[1:end], sys.argv[end + 1 :]
    roots = layers[::-1]
    try:
        _mount(layers)
        roots = [_OPT]
    except OSError as error:
        where = ", ".join(layers)
        reason = error.strerror or error
        sys.stderr.write(f"Layers cannot be mounted at {_OPT} here ({reason}): see {where}.\n")
    for name, folders in (
        ("PYTHONPATH", _python_folders(sys.version)),
        ("LD_LIBRARY_PATH", ("lib",)),
    ):
        paths = [f"{root}/{folder}" for root in roots for folder in folders]
        os.environ[name] = ":".join([*paths, *filter(None, [os.environ.get(name)])])
    paths = [os.environ.get("PATH", os.defpath), *(f"{root}/bin" for root in roots)]
    os.environ["PATH"] = ":".join(paths)
    os.execvp(command[0], command)  # noqa: S606 (it is the user's own command)


def _mount(layers: list[str]) -> None:
    """Mount layers at /opt, over what is there, for this process and those that it starts."""
    if sys.platform != "linux":
        raise OSError("it needs Linux")
    if not os.path.isdir(_OPT):  # noqa: PTH112 (pathlib is not free)
        raise OSError(f"there is no {_OPT}")
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
    lower = ":".join(_escape(path) for path in (*reversed(layers), _OPT))
    try:
        options = f"lowerdir={lower}".encode()
        call("mount", b"overlay", _OPT.encode(), b"overlay", 0, options)
    except OSError:  # an old kernel, or a file system that cannot be a part of one
        here = {os.path.realpath(path) for path in (sys.executable, sys.base_prefix, sys.prefix)}
        if len(layers) > 1 or any(path.startswith(f"{_OPT}/") for path in here):
            raise
        call("mount", layers[0].encode(), _OPT.encode(), None, _MS_BIND, None)


def _escape(path: str) -> str:
    return path.replace("\\", "\\\\").replace(":", "\\:").replace(",", "\\,")


if __name__ == "__main__":
    _main()
