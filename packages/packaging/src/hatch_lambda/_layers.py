"""The layers below a function: what is at ``/opt`` for it."""

from __future__ import annotations

import os
import shutil
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile, ZipFile

from ._archive import Entry
from ._distributions import installed
from ._files import files_in
from ._handler import nearest
from ._opt import module_folders
from ._options import PREFIX, Options
from .errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

# Variables for the functions that are built: a layer below them stays one.
_OF_FUNCTIONS = {f"{PREFIX}LAYOUT", f"{PREFIX}PARTS"}
_DOWNLOAD = (
    ". If it is in AWS, download it: `aws lambda get-layer-version-by-arn --arn ARN --query "
    "Content.Location` prints the address."
)


@dataclass(frozen=True)
class Layers:
    """The files of a function's layers."""

    entries: dict[str, Entry] = field(default_factory=dict)
    """The files, by their names below ``/opt``; of two with one name, that of the later layer."""
    minor: str = ""
    """The version of Python that imports modules from them."""

    @property
    def modules(self) -> dict[str, Entry]:
        """The files that Python can import, by their names in the folder that it searches."""
        return {
            name.removeprefix(folder): entry
            for folder in reversed(self._folders)  # what is searched first counts
            for name, entry in self.entries.items()
            if name.startswith(folder)
        }

    @property
    def versions(self) -> dict[str, str]:
        """The versions of the distributions in them, by normalized name."""
        own = (entry.path for name, entry in self.modules.items() if name.count("/") == 1)
        return {name: each.version for name, each in installed(own).items()}

    @property
    def _folders(self) -> list[str]:
        return [f"{folder}/" for folder in module_folders(self.minor)]


def own_layer(name: str, function: Options, table: Mapping[str, Any], project: Path) -> Options:
    """Return the options of a layer that the project itself builds.

    Args:
        name: The name of the layer.
        function: The options of a function above it.
        table: The table of the layer.
        project: The project's folder.

    Raises:
        BuildError: It is not a layer, or for another Python or processor than the function.
    """
    environ = {key: value for key, value in os.environ.items() if key not in _OF_FUNCTIONS}
    options = Options.parse(table, environ, name=name, project=project)
    if options.layout != "layer":
        raise BuildError(f"layers: {name} is not a layer: its layout is {options.layout!r}.")
    targets = [f"Python {each.minor} on {each.architecture}" for each in (options, function)]
    if targets[0] != targets[1]:
        raise BuildError(f"layers: {name} is for {targets[0]}, and the function for {targets[1]}.")
    return options


def unpacked(name: str, project: Path, known: Collection[str], work: Path) -> dict[str, Entry]:
    """Return the files of a layer that was built elsewhere.

    They are copied: what starts with them may change them.

    Args:
        name: The path of its archive, or of the folder that is ``/opt``.
        project: The project's folder, for a path that is relative.
        known: The names of the project's own functions and layers.
        work: An empty folder for the copy.

    Raises:
        BuildError: It is not there, or not an archive.
    """
    path = project / Path(os.path.expandvars(name)).expanduser()
    if not path.exists():
        near = nearest(name, known)
        raise BuildError(
            f"layers: {name} is neither a layer of this project, nor a folder or a zip file"
            + (f": did you mean {near}?" if near else _DOWNLOAD)
        )
    if path.is_dir():
        for inner, source in files_in(path).items():
            shutil.copy(source, _with_parent(work / inner))
    else:
        try:
            with ZipFile(path) as file:
                _extract(file, work)
        except BadZipFile as error:
            raise BuildError(f"layers: {path} is not a zip file.") from error
    group = f"layer {path.name}"
    return {name: Entry(copy, group) for name, copy in files_in(work).items()}


def _extract(file: ZipFile, folder: Path) -> None:
    """Extract files with their modes, and links, which `ZipFile.extractall` would make files of."""
    links: list[tuple[Path, str]] = []
    for info in file.infolist():
        mode = info.external_attr >> 16
        if stat.S_ISLNK(mode):
            links.append((folder / info.filename, file.read(info).decode()))
        else:
            path = Path(file.extract(info, folder))
            if permissions := 0 if info.is_dir() else mode & 0o777:  # without, it is of Windows
                path.chmod(permissions | stat.S_IRUSR)
    for path, target in links:  # last, so that nothing is written through one
        if path.parent.resolve().is_relative_to(folder.resolve()) and not path.exists():
            _with_parent(path).symlink_to(target)


def _with_parent(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path
