"""The files of a function: those of its handler and of what it imports, or a project's choice."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from hatchling.builders.config import BuilderConfig
from hatchling.builders.plugin.interface import BuilderInterface

from . import _handler, _imports
from ._project import entry_points
from .errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from ._options import Options

_CHOICES = {"include", "packages", "only-include", "only-packages"}
_TESTS = {"test", "tests", "conftest.py"}
_NOT_DATA = {*_TESTS, "build", "dist", "src", "venv", "node_modules"}


class LambdaConfig(BuilderConfig):
    """File selection: hatch's, with another default."""

    selection: tuple[str, ...] = ()

    def default_only_include(self) -> list[str]:
        """Return the files that are taken if the project does not select any."""
        own = {**self.build_config, **self.target_config}
        return [] if {"include", "packages"} & own.keys() else list(self.selection)


@dataclass
class Function:
    """The files of a function."""

    files: dict[str, Path] = field(default_factory=dict)
    """The files, by their names in the archive."""
    warnings: list[str] = field(default_factory=list)
    """Sentences about what its modules import, and the archive does not have."""
    imports: dict[str, str] = field(default_factory=dict)
    """The top-level modules that it needs from elsewhere, each with the file that imports it."""


@dataclass(frozen=True)
class _Root:
    """A folder that modules are imported from."""

    folder: str
    """The folder in the project; empty for the project itself."""
    stripped: str
    """The prefix that is removed from its files' paths, for their names in the archive."""


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
        self._own, self._roots = _place(options, self._project, chosen=chosen)
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
            module: Its full name.
            importer: The file that imports it.
            required: True if the function needs it.
        """
        parts = module.split(".")
        standard = parts[0] in sys.stdlib_module_names
        for root in self._roots[:1] if standard else self._roots:
            if found := _find(self._project, root.folder, parts):
                unit, file = found
                self._add(unit, root.stripped)
                self._missing.setdefault(file, importer)
                return
        if required:
            self.function.imports.setdefault(parts[0], importer)

    def warn_of_missing(self) -> None:
        """Name the modules of the project that are imported, and not in the archive."""
        files = {path.resolve() for path in self.function.files.values()}
        for name, importer in self._missing.items():
            if importer and (self._project / name).resolve() not in files:
                reason = (
                    "git or the option exclude ignores it; the option artifacts takes it all the "
                    "same"
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
        unit = next((up for up in (file, *file.parents) if up.as_posix() in self.units), None)
        stripped = self.units[unit.as_posix()] if unit else self._home
        for text in source.paths:
            for beside, home in ((folder.as_posix(), stripped), (self._home, self._home)):
                found = PurePosixPath(beside, text)
                if found.parts[0] not in _NOT_DATA and (self._project / found).exists():
                    self._add(str(found), home)

    def _is_ignored(self, path: str) -> bool:
        return self._config.path_is_excluded(path) and not self._config.path_is_artifact(path)

    def _add(self, path: str, stripped: str) -> None:
        up = PurePosixPath(path)
        if not any(str(each) in self.units for each in (up, *up.parents)):
            self.units[path] = stripped


def _place(options: Options, project: Path, *, chosen: bool) -> tuple[str | None, list[_Root]]:
    """Return the path of the handler's files, and the folders that its modules come from.

    The first of the folders is the archive's root. The others are those where Python looks for
    modules of a program, and those where it finds the project's in development.
    """
    handler = options.handler or ""
    name = _handler.parse(handler)
    if options.root is not None:
        if not _found(project / options.root, name.first):
            raise BuildError(
                f"{options.root} holds no {name.first} for the handler {handler!r}: name it as "
                "seen from the folder root."
            )
        home = PurePosixPath(options.root).as_posix()
        return home, _roots(project, home, name.program)
    for home in ("", "src"):
        if found := _found(project / home, name.first):
            unit = _top(project, found) if name.program else found
            return unit.relative_to(project).as_posix(), _roots(project, home, name.program)
    if chosen:
        return None, _roots(project, "", "")
    raise BuildError(
        f"There is no module for the handler {handler!r} in {project} or {project / 'src'}"
        f"{_suggestion(name, project)}: "
        "name it as module.function from there on, or the folder that it is in with "
        "the option root."
    )


def _found(folder: Path, name: str) -> Path | None:
    candidates = [folder / name] if name.endswith(".py") else [folder / f"{name}.py", folder / name]
    return next((path for path in candidates if name and path.exists()), None)


def _suggestion(name: _handler.Name, project: Path) -> str:
    """Return the handler with the name of a module that is there."""
    names = [
        path.relative_to(folder).with_suffix("").as_posix()
        for folder in (project, project / "src")
        for pattern in ("*.py", "*/*.py")
        for path in sorted(folder.glob(pattern))
    ]
    wrong = name.program.removesuffix(".py") or name.module.replace(".", "/")
    near = _handler.nearest(wrong, names)
    if not near:
        return ""
    right = f"{near}.py" if name.program else f"{near.replace('/', '.')}.{name.attribute}"
    return f" (did you mean {right}?)"


def _roots(project: Path, home: str, program: str) -> list[_Root]:
    roots = [_Root(home, home)]
    if "/" in program:
        folder = PurePosixPath(home, program).parent
        base = _top(project, project / folder / "__init__.py").parent.relative_to(project)
        roots += [_Root(base.as_posix(), home)] if base.as_posix() not in {home, "."} else []
        roots.append(_Root(folder.as_posix(), home))
    known = {root.folder for root in roots}
    return [*roots[:2], *(_Root(own, own) for own in ("", "src") if own not in known), *roots[2:]]


def _top(project: Path, path: Path) -> Path:
    """Return the top-level package that a file is in, or the file if it is in none."""
    while path.parent != project and (path.parent / "__init__.py").exists():
        path = path.parent
    return path


def _find(project: Path, folder: str, parts: Iterable[str]) -> tuple[str, str] | None:
    """Return the top-level module or package of a module, and the module's file, if it is here."""
    first, *rest = parts
    path = project / folder / first
    if path.with_suffix(".py").is_file() and not (path / "__init__.py").is_file():
        file = path.with_suffix(".py")
        name = file.relative_to(project).as_posix()
        return (name, name) if first else None
    unit, file = path, path / "__init__.py"
    for part in rest:
        if (path / f"{part}.py").is_file():
            file = path / f"{part}.py"
            break
        path /= part
        if (path / "__init__.py").is_file():
            file = path / "__init__.py"
    if not first or not file.is_file():  # nothing, or a folder that has no such module
        return None
    return unit.relative_to(project).as_posix(), file.relative_to(project).as_posix()
