"""The last steps of each part of an archive: its binaries are checked, its modules compiled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._archive import Entry, require_room
from ._binaries import check_binaries
from ._bytecode import compile_folder
from ._elf import strip
from ._files import files_in
from ._installed import recorded
from ._layouts import CONTEXTS, PLACES
from ._machines import machine

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ._layouts import Part
    from ._options import Options


def finish(part: Part, options: Options, folder: Path, python: Path) -> dict[str, Entry]:
    """Check, strip and compile what is in a folder.

    Args:
        part: The part that is in the folder.
        options: The options of the function.
        folder: The folder.
        python: The Python that compiles.

    Returns:
        The files, by their names in the folder.

    Raises:
        BuildError: A binary is for another machine, or the files are larger than Lambda takes.
    """
    groups = _groups(folder, part, options)
    check_binaries(folder, part, options, lambda name: groups.get(name, part))
    if part != "function":  # its files are the user's, and stay as they are
        for path in files_in(folder).values():
            if machine(path):
                strip(path)

    def entries() -> dict[str, Entry]:
        files = files_in(folder)
        return {name: Entry(path, _group(groups, name, part)) for name, path in files.items()}

    if options.layout not in CONTEXTS:  # byte code takes its time, and only adds to it
        require_room("Without its byte code, the archive", entries())
    deployed = PLACES[options.layout][part].deployed
    compile_folder(python, folder, deployed, columns=part == "function")
    return entries()


def _groups(folder: Path, part: Part, options: Options) -> dict[str, str]:
    """Return the distribution that each installed file belongs to."""
    if part == "interpreter":
        return {"": f"Python {options.minor}"}
    groups: dict[str, str] = {}
    for record in sorted(folder.glob("*.dist-info/RECORD")):
        groups |= dict.fromkeys(recorded(record), record.parent.name.split("-")[0])
    return groups


def _group(groups: Mapping[str, str], name: str, part: Part) -> str:
    """Return the group of a file; byte code is in the group of its source."""
    folder, _, file = name.rpartition("__pycache__/")
    source = f"{folder}{file.split('.')[0]}.py" if file.endswith(".pyc") else name
    return groups.get(source) or groups.get("") or part
