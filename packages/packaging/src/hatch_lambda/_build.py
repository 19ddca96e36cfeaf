"""The steps from a project to the files of an archive."""

from __future__ import annotations

import shutil
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any, NamedTuple

from . import _scripts
from ._archive import Entry
from ._bytecode import compiler
from ._comments import leave_out_comments
from ._dependencies import install
from ._dockerfile import dockerfile, folder as platform_folder
from ._docstrings import leave_out_docstrings, reads_docstrings
from ._files import files_in
from ._finish import finish
from ._function import Function, select
from ._installed import conflicts, describe_conflicts
from ._interpreter import copy, find, not_copied, require_any
from ._layers import Layers, own_layer, unpacked
from ._layouts import CONTEXTS, PLACES
from ._leaks import without_leaks
from ._options import for_dependencies, for_interpreter, functions
from ._project import direct_requirements, require_python, write_metadata
from ._provided import leave_out_provided, leave_out_same, listing, read
from ._prune import mentioned_of_dependencies, prune_dependencies
from ._source import check_source
from .errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hatchling.builders.plugin.interface import BuilderInterface

    from ._layouts import Part
    from ._options import Options
    from ._prune import LeftOut


class _Code(NamedTuple):
    """The uses that a function's code may make of dependencies.

    Attributes:
        mentioned: Names in it that may be those of files in dependencies.
        reads_docstrings: True if it may read docstrings; so may functions that are not known.
    """

    mentioned: frozenset[str] = frozenset()
    reads_docstrings: bool = True


class _Part(NamedTuple):
    """The interpreter or the dependencies, as they were made.

    Attributes:
        entries: The files.
        left_out: The files that were left out of it.
    """

    entries: dict[str, Entry]
    left_out: list[LeftOut]


class Build:
    """A build of functions, in a folder.

    Functions that differ only in their own code share what takes long: interpreter and dependencies
    are made once.

    Args:
        builder: The build target, which knows the project.
        work: The folder.
    """

    def __init__(self, builder: BuilderInterface[Any, Any], work: Path) -> None:
        self.builder = builder
        self.project = Path(builder.root)
        self.work = work
        self._left_out: dict[str, list[LeftOut]] = {}
        self._shared = cache(self._make)
        self._pythons = cache(self._find_pythons)
        self._layers = cache(self._find_layers)
        self._unpacked = cache(self._unpack)

    def entries(self, options: Options, table: Mapping[str, Any]) -> dict[str, Entry]:
        """Make all parts of a function, and return the files of its archive.

        Args:
            options: The options of the build.
            table: The function's table, for hatch's selection of files.

        Raises:
            BuildError: They cannot be made; the message says why.
        """
        require_python(self.builder.metadata, options)
        builds = [
            replace(options, architecture=one, architectures=())
            for one in options.architectures or (options.architecture,)
        ]
        for one in builds:
            self.python(one)  # what is missing is found before anything is fetched
        entries: dict[str, Entry] = {}
        self._left_out[options.name] = []
        for one in builds:
            home = platform_folder(one.architecture, options.architectures)
            for name, entry in self._entries(one, table).items():
                self._add(entries, home + name, entry)
        if options.layout == "runtime":
            brought = listing(entry.path for entry in entries.values())
            self._add_files(entries, {"requirements.txt": brought})
        if options.layout in CONTEXTS:
            self._add_files(entries, {"Dockerfile": dockerfile(options)})
        return entries

    def _entries(self, options: Options, table: Mapping[str, Any]) -> dict[str, Entry]:
        """Make all parts of a function for one architecture."""
        entries: dict[str, Entry] = {}
        uses = _Code()
        code: dict[str, Path] = {}  # by the names in /var/task
        function = Function()
        left_out = self._left_out[options.name]
        for part in reversed(options.parts):  # what takes longest is last
            if part == "function":
                folder = self._folder(part)
                function = select(self.builder, options, table)
                self._copy_function(function, table, folder)
                if "dependencies" in options.parts:
                    write_metadata(self.builder.metadata, folder)
                own = files_in(folder).values()
                uses = _Code(mentioned_of_dependencies(folder), reads_docstrings(own))
                made = finish(part, options, folder, self.python(options))
            else:
                made, missing = (
                    self._shared(part, for_interpreter(options), _Code())
                    if part == "interpreter"
                    else self._shared(part, for_dependencies(options), uses)
                )
                left_out += missing
            for name, entry in made.items():
                self._add(entries, PLACES[options.layout][part].archived + name, entry)
                if part != "interpreter":
                    code[name] = entry.path
        if "function" in options.parts:
            below = self.layers(options).modules
            code = {**{name: entry.path for name, entry in below.items()}, **code}
            for warning in check_source(options, function, code, self.python(options)):
                self._warn(warning)
        packed = [
            entry.path for name, entry in entries.items() if not name.startswith("interpreter/")
        ]
        texts, reasons = _scripts.texts(options, packed)
        for reason in reasons:
            self.builder.app.display_debug(f"hatch-lambda: the module site is loaded: {reason}")
        self._add_files(entries, texts)
        return entries

    def layers(self, options: Options) -> Layers:
        """Return the layers of a function.

        Raises:
            BuildError: One is not there, or is for another target than the function.
        """
        return self._layers(for_dependencies(options))

    def python(self, options: Options) -> Path:
        """Return the Python that compiles a function, and runs it here.

        Raises:
            BuildError: There is no such Python.
        """
        return self._pythons(for_interpreter(options))[1]

    def left_out(self, options: Options) -> list[LeftOut]:
        """Return the files of the interpreter and the dependencies that were left out."""
        return self._left_out.get(options.name, [])

    def _find_pythons(self, options: Options) -> tuple[Path | None, Path]:
        """Return the folder of the Python in the archive, if any, and the Python that compiles."""
        require_any(options)
        interpreter = find(options, self.project) if "interpreter" in options.parts else None
        return interpreter, compiler(options, interpreter or options.interpreter, self.project)

    def _find_layers(self, options: Options) -> Layers:
        tables = functions(self.builder.target_config, self.builder.metadata.core.name)
        entries: dict[str, Entry] = {}
        for name in options.layers:
            if name in tables:
                layer = own_layer(name, options, tables[name], self.project)
                entries |= self.entries(layer, tables[name])
            else:
                entries |= self._unpacked(name, tuple(tables))
        return Layers(entries, options.minor)

    def _unpack(self, name: str, known: tuple[str, ...]) -> dict[str, Entry]:
        return unpacked(name, self.project, known, self._folder("layer"))

    def _folder(self, part: str) -> Path:
        return Path(mkdtemp(prefix=f"{part}-", dir=self.work))

    def _make(self, part: Part, options: Options, code: _Code) -> _Part:
        """Make the interpreter or the dependencies.

        Args:
            part: ``interpreter`` or ``dependencies``.
            options: The options, without those of the function.
            code: The uses that the function may make of them.
        """
        folder = self._folder(part)
        interpreter, _ = self._pythons(for_interpreter(options))
        if part == "interpreter" and interpreter:
            deployed = PLACES[options.layout][part].deployed
            for warning in copy(options, interpreter, folder, deployed):
                self._warn(warning)
            left_out = not_copied(options, interpreter)
        else:
            self._install(options, folder)
            found = conflicts(folder)
            left_out = prune_dependencies(
                folder,
                options.drop,
                options.keep,
                architecture=options.architecture,
                function=code.mentioned,
            )
            for sentence in describe_conflicts(folder, found):
                self._warn(sentence)
            files = files_in(folder).values()
            others = (entry.path for entry in self.layers(options).modules.values())
            if not code.reads_docstrings and not reads_docstrings([*files, *others]):
                leave_out_docstrings(files)
                leave_out_comments(files)
        return _Part(finish(part, options, folder, self.python(options)), left_out)

    def _install(self, options: Options, folder: Path) -> None:
        extras = self.builder.metadata.core.optional_dependencies
        if unknown := [name for name in options.extras if name not in extras]:
            raise BuildError(
                f"The project has no extra {unknown[0]!r}; it has {', '.join(extras) or 'none'}."
            )
        install(options, self.project, folder, self.work, self.python(options), self._warn)
        if options.layout != "runtime" and "function" not in options.parts:
            write_metadata(self.builder.metadata, folder)
        layers = self.layers(options)
        leave_out_same(folder, layers.versions)
        if options.layout == "function":
            provided = read(options.provided) if options.provided else {}
            leave_out_provided(
                folder, direct_requirements(self.builder.metadata, options), provided
            )
        serves = options.layout == "runtime" or (
            "function" in options.parts and options.layout != "function"
        )
        there = (folder / "lambda_runtime").is_dir() or "lambda-runtime" in layers.versions
        if serves and not there:
            raise BuildError(
                "lambda-runtime, which serves the function, is not among "
                + (
                    f"the requirements: add it to {options.requirements[0]}."
                    if options.requirements
                    else f"the function's dependencies: add it to those of {options.dependencies}."
                    if options.dependencies is not None
                    else "the project's dependencies: add it there (`uv add lambda-runtime`), or "
                    "to a file that the option requirements names."
                )
            )

    def _copy_function(self, function: Function, table: Mapping[str, Any], folder: Path) -> None:
        selection = {**self.builder.build_config, **table}
        files = ((source, Path(name)) for name, source in function.files.items())
        for source, name in without_leaks(
            files, self.project, selection, self._warn, function.forced
        ):
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)

    def _warn(self, message: str) -> None:
        self.builder.app.display_warning(f"hatch-lambda: {message}")

    def _add(self, entries: dict[str, Entry], name: str, entry: Entry) -> None:
        if name in entries:
            raise BuildError(
                f"{name} belongs to {entries[name].group} and to {entry.group}, and there is room "
                "for one: leave the other one out with the option exclude or drop."
            )
        entries[name] = entry

    def _add_files(self, entries: dict[str, Entry], files: Mapping[str, str]) -> None:
        folder = self._folder("scripts")
        for name, text in files.items():
            path = folder / name
            path.write_text(text, "utf-8")
            path.chmod(0o755 if text.startswith("#!") else 0o644)
            self._add(entries, name, Entry(path, "hatch-lambda"))
