"""The files of a function: those of its handler and of what it imports, or a project's choice."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from functools import cached_property
from os.path import realpath  # which takes links that lead to themselves
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from hatchling.builders.config import BuilderConfig
from hatchling.builders.plugin.interface import BuilderInterface

from . import _imports
from ._ignored import Ignored
from ._project import entry_points
from ._roots import find, find_named, place
from .errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ._options import Options

_CHOICES = {"include", "packages", "only-include", "only-packages"}
_TESTS = {"test", "tests", "conftest.py"}
_NOT_DATA = {*_TESTS, "build", "dist", "src", "venv", "node_modules"}


class LambdaConfig(BuilderConfig):
    """File selection: hatch's, with another default."""

    selection: tuple[str, ...] = ()

    @cached_property
    def vcs_exclusion_files(self) -> dict[str, list[str]]:
        """The files of patterns that hatchling reads: those of git are read by `Ignored`."""
        return {**super().vcs_exclusion_files, "git": []}

    @cached_property
    def _ignored(self) -> Ignored:
        return Ignored(Path(self.root))

    def path_is_excluded(self, relative_path: str) -> bool:
        """Return whether a file is excluded, by the project's options or by git."""
        if super().path_is_excluded(relative_path):
            return True
        if self.ignore_vcs or Path(self.root, relative_path) not in self._ignored:
            return False
        spec = self.exclude_spec  # in which a pattern with an exclamation mark includes a file
        return spec is None or spec.check_file(relative_path).include is not False

    def default_only_include(self) -> list[str]:
        """Return the files that are taken if the project does not select any."""
        own = {**self.build_config, **self.target_config}
        return [] if {"include", "packages"} & own.keys() else list(self.selection)


@dataclass
class Function:
    """The files of a function."""

    files: dict[str, Path] = field(default_factory=dict)
    """The files, by their names in the archive."""
    forced: tuple[Path, ...] = ()
    """Files and folders that the project or a build hook includes by name, from anywhere."""
    warnings: list[str] = field(default_factory=list)
    """Sentences about what its modules import, and the archive does not have."""
    imports: dict[str, str] = field(default_factory=dict)
    """The top-level modules that it needs from elsewhere, each with the file that imports it."""


def select(
    builder: BuilderInterface[Any, Any], options: Options, table: Mapping[str, Any]
) -> Function:
    """Return the files of a function.

    They are those of its handler, with the modules of the project that these import, and the files
    beside them that they read; or those that the project selects.

    Args:
        builder: The build target, which knows the project.
        options: The options, with the handler and its folder.
        table: The function's table, with hatch's options for files.

    Raises:
        BuildError: The handler's module does not exist.
    """
    chosen = bool(_CHOICES & {*builder.build_config, *table})
    selection = _Selection(builder, options, table, chosen=chosen)
    if not chosen:  # what the project selects is not added to
        for group, references in entry_points(builder.metadata).items():
            if group not in {"console_scripts", "gui_scripts"}:  # those are found at run time
                for reference in references.values():
                    selection.add_module(reference.partition(":")[0], "", required=False)
    units: dict[str, str] | None = None
    while units != selection.units:
        units = dict(selection.units)
        selection.collect()
        if chosen:
            break
    selection.warn_of_missing()
    return selection.function


class _Selection(BuilderInterface[Any, Any]):
    """hatch's walk over the files that a configuration selects, and what their modules import."""

    PLUGIN_NAME = "lambda"

    def __init__(
        self,
        builder: BuilderInterface[Any, Any],
        options: Options,
        table: Mapping[str, Any],
        *,
        chosen: bool,
    ) -> None:
        super().__init__(builder.root, builder.plugin_manager, metadata=builder.metadata)
        self._builder = builder
        self._table = table
        self._project = Path(builder.root)
        self._own, self._roots = place(options, self._project, chosen=chosen)
        self._home = self._roots[0].folder
        # The folder of a program's package, if that is not the archive's root.
        self._base = next((own.folder for own in self._roots if own.folder != own.stripped), None)
        self._parsed: set[Path] = set()
        self._missing: dict[str, str] = {}
        self._config = self._configure()
        self.function = Function()
        self.units = {self._own: self._home} if self._own else {}
        """The files and folders to take, each with what is stripped off its path."""

    @property
    def config(self) -> LambdaConfig:
        """The configuration of one function."""
        return self._config

    def get_version_api(self) -> dict[str, Callable[..., str]]:
        """Return nothing: nothing is built by this."""
        return {}

    def collect(self) -> None:
        """Take the files of all units, and read what their modules need."""
        self._config = self._configure()
        try:
            self.function.forced = tuple(map(Path, self._config.get_force_include()))
            self.function.files = dict(self._files())
        except (OSError, TypeError, ValueError) as error:  # as hatchling reports what is wrong
            raise BuildError(f"The files of the function cannot be selected: {error}") from error
        for name, path in self.function.files.items():
            tests = {*name.split("/")} & _TESTS or path.name.startswith("test_")
            if path.suffix == ".py" and path not in self._parsed and not tests:
                self._parsed.add(path)
                self._read(name, path)

    def add_module(self, module: str, importer: str, *, required: bool) -> None:
        """Take a module that is the project's own; note one that the function needs from elsewhere.

        Args:
            module: The full name.
            importer: The file that imports it.
            required: True if the function needs it.
        """
        parts = module.split(".")
        standard = parts[0] in sys.stdlib_module_names
        for root in self._roots[:1] if standard else self._roots:
            if found := find(self._project, root.folder, parts):
                unit, file = found
                self._add(unit, root.stripped)
                self._missing.setdefault(file, importer)
                return
        if required:
            self.function.imports.setdefault(parts[0], importer)

    def _add_named(self, name: str) -> None:
        """Take the package of a module that a string names, as settings name applications."""
        first = name.partition(".")[0]
        if first in sys.stdlib_module_names or first in _NOT_DATA:
            return
        for root in self._roots:
            if unit := find_named(self._project, root.folder, name):
                self._add(unit, root.stripped)
                return

    def warn_of_missing(self) -> None:
        """Name the modules of the project that are imported, and not in the archive."""
        files = {realpath(path) for path in self.function.files.values()}
        for name, importer in self._missing.items():
            if importer and realpath(self._project / name) not in files:
                reason = (
                    "git or the option exclude ignores it; to pack it, name it with the option "
                    "artifacts"
                    if self._is_ignored(name)
                    else "the options that select files do not"
                )
                self.function.warnings.append(
                    f"{importer} imports {name}, which is not in the archive: {reason}."
                )

    def _configure(self) -> LambdaConfig:
        builder = self._builder
        config = LambdaConfig(
            builder, builder.root, "lambda", builder.build_config, dict(self._table)
        )
        config.selection = tuple(getattr(self, "units", ()))
        made = builder.config  # with what build hooks add, such as a module with the version
        config.build_artifact_spec = made.build_artifact_spec
        config.build_force_include.update(made.build_force_include)
        config.build_reserved_paths.update(made.build_reserved_paths)
        return config

    def _files(self) -> Iterator[tuple[str, Path]]:
        for file in self.recurse_included_files():
            path = PurePosixPath(file.distribution_path)
            unit = next((str(up) for up in (path, *path.parents) if str(up) in self.units), None)
            if unit == str(path) != self._own and self._is_ignored(str(path)):
                continue  # hatch takes whatever is selected by its own path
            home = self.units[unit] if unit else self._home
            yield (
                str(path.relative_to(home) if path.is_relative_to(home) else path),
                Path(file.path),
            )

    def _read(self, name: str, path: Path) -> None:
        """Add what a module imports, and the files that it reads beside itself."""
        if not path.is_relative_to(self._project):
            return
        file = path.relative_to(self._project)
        folder = file.parent
        package = PurePosixPath(name).parts[:-1]
        if self._base and folder.is_relative_to(self._base):
            package = folder.relative_to(self._base).parts
        source = _imports.read(path, package)
        for module, required in source.imports.items():
            self.add_module(module, file.as_posix(), required=required)
        for named in source.names:
            self._add_named(named)
        unit = next((up for up in (file, *file.parents) if up.as_posix() in self.units), None)
        stripped = self.units[unit.as_posix()] if unit else self._home
        for text in source.paths:
            for beside, home in ((folder.as_posix(), stripped), (self._home, self._home)):
                found = PurePosixPath(beside, text)
                if text.split("/")[0] not in _NOT_DATA and (self._project / found).exists():
                    self._add(str(found), home)

    def _is_ignored(self, path: str) -> bool:
        config = self._config
        wanted = config.path_is_artifact(path) or config.path_is_build_artifact(path)
        return config.path_is_excluded(path) and not wanted

    def _add(self, path: str, stripped: str) -> None:
        up = PurePosixPath(path)
        if not any(str(each) in self.units for each in (up, *up.parents)):
            self.units[path] = stripped
