"""The steps from a project to the files of an archive."""

from __future__ import annotations

import shutil
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any

from . import _handler, _scripts
from ._archive import Entry
from ._bytecode import compile_folder, compiler, syntax_error
from ._check import MANAGED
from ._dependencies import install
from ._elf import inspect, is_elf, strip
from ._function import Function, select
from ._interpreter import copy, find
from ._project import write_metadata
from ._prune import prune_dependencies
from ._site import reasons_for_site
from .errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hatchling.builders.plugin.interface import BuilderInterface

    from ._options import Options, Part

# The folder of a part in the archive, and in Lambda.
_FOLDERS: dict[str, dict[Part, str]] = {
    "bundle": {"interpreter": "interpreter/", "dependencies": "", "function": ""},
    "wrapper": {"dependencies": "", "function": ""},
    "layer": {"interpreter": "interpreter/", "dependencies": "python/"},
    "image": {
        "interpreter": "interpreter/",
        "dependencies": "dependencies/",
        "function": "function/",
    },
}
_DEPLOYED: dict[str, dict[Part, str]] = {
    "bundle": {
        "interpreter": "/var/task/interpreter",
        "dependencies": "/var/task",
        "function": "/var/task",
    },
    "wrapper": {"dependencies": "/var/task", "function": "/var/task"},
    "layer": {"interpreter": "/opt/interpreter", "dependencies": "/opt/python"},
    "image": {
        "interpreter": "/var/task/interpreter",
        "dependencies": "/var/task",
        "function": "/var/task",
    },
}


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
        self._shared = cache(self._make)
        self._pythons = cache(self._find_pythons)

    def entries(self, options: Options, table: Mapping[str, Any]) -> dict[str, Entry]:
        """Make all parts of a function, and return the files of its archive.

        Args:
            options: How to build the function.
            table: The function's table, for hatch's selection of files.

        Raises:
            BuildError: They cannot be made; the message says why.
        """
        self._check_version(options)
        self.python(options)  # what is missing is found before anything is fetched
        entries: dict[str, Entry] = {}
        code: dict[str, Path] = {}  # by the names in /var/task
        function = Function()
        for part in reversed(options.parts):  # what takes longest is last
            if part == "function":
                folder = self._folder(part)
                function = select(self.builder, options, table)
                _copy_function(function, folder)
                made = self._finish(part, options, folder)
            else:
                made = self._shared(part, _without_function(options))
            for name, entry in made.items():
                self._add(entries, _FOLDERS[options.layout][part] + name, entry)
                if part != "interpreter":
                    code[name] = entry.path
        if "function" in options.parts:
            self._check_function(options, function, code)
        self._add_scripts(options, entries)
        return entries

    def python(self, options: Options) -> Path:
        """Return the Python that compiles a function, and runs it here.

        Raises:
            BuildError: There is no such Python.
        """
        return self._pythons(_without_function(options))[1]

    def _check_version(self, options: Options) -> None:
        core = self.builder.metadata.core
        newest = f"{options.minor}.99"  # a minor version is in the range if any of its patches is
        if newest not in core.python_constraint and options.python not in core.python_constraint:
            raise BuildError(
                f"The project says requires-python = {core.requires_python!r}, and the function's "
                f"Python is {options.python}: change one of them, the latter with "
                "the option python."
            )

    def _find_pythons(self, options: Options) -> tuple[Path | None, Path]:
        """Return the folder of the Python in the archive, if any, and the Python that compiles."""
        interpreter = find(options, self.project) if "interpreter" in options.parts else None
        return interpreter, compiler(options, interpreter or options.interpreter, self.project)

    def _folder(self, part: str) -> Path:
        return Path(mkdtemp(prefix=f"{part}-", dir=self.work))

    def _make(self, part: Part, options: Options) -> dict[str, Entry]:
        """Make the interpreter or the dependencies."""
        folder = self._folder(part)
        interpreter, _ = self._pythons(options)
        if part == "interpreter" and interpreter:
            for warning in copy(options, interpreter, folder, _DEPLOYED[options.layout][part]):
                self.builder.app.display_warning(f"hatch-lambda: {warning}")
        else:
            self._install(options, folder)
        return self._finish(part, options, folder)

    def _finish(self, part: Part, options: Options, folder: Path) -> dict[str, Entry]:
        """Check, strip and compile what is in a folder, and return it."""
        groups = _groups(folder, part, options)
        for path in _files(folder):
            if is_elf(path):
                name = path.relative_to(folder).as_posix()
                _check(path, f"{name}, of {groups.get(name, part)},", options)
                strip(path)
        deployed = _DEPLOYED[options.layout][part]
        compile_folder(self.python(options), folder, deployed, columns=part == "function")
        names = {path.relative_to(folder).as_posix(): path for path in _files(folder)}
        return {name: Entry(path, _group(groups, name, part)) for name, path in names.items()}

    def _install(self, options: Options, folder: Path) -> None:
        extras = self.builder.metadata.core.optional_dependencies
        if unknown := [name for name in options.extras if name not in extras]:
            raise BuildError(
                f"The project has no extra {unknown[0]!r}; it has {', '.join(extras)}."
            )
        install(options, self.project, folder, self.work, self.python(options))
        write_metadata(self.builder.metadata, folder)
        prune_dependencies(folder, options.drop, options.keep)
        if "function" in options.parts and not (folder / "lambda_runtime").is_dir():
            raise BuildError(
                "lambda-runtime, which serves the function, is not among "
                + (
                    f"the requirements: add it to {options.requirements[0]}."
                    if options.requirements
                    else f"the function's dependencies: add it to those of {options.dependencies}."
                    if options.dependencies is not None
                    else "the project's dependencies: run `uv add lambda-runtime`."
                )
            )

    def _check_function(
        self, options: Options, function: Function, code: Mapping[str, Path]
    ) -> None:
        """Check, without a start, that the handler is there and what it imports."""
        handler = options.handler or ""
        complete = "dependencies" in options.parts
        _handler.check(handler, code, complete=complete)
        name = _handler.parse(handler)
        path = name.program or f"{name.module.replace('.', '/')}.py"
        if path in function.files and (
            error := syntax_error(self.python(options), code[path], f"/var/task/{path}")
        ):
            raise BuildError(f"{path} is not Python {options.minor}:\n{error}")
        warnings = list(function.warnings)
        if complete:
            there = {own.split("/")[0].split(".")[0] for own in code}
            there |= MANAGED if options.runtime.startswith("python") else set()
            warnings += (
                f"{importer} imports {module}, which is not in the archive: it is not among the "
                "project's modules or the function's dependencies."
                for module, importer in function.imports.items()
                if module not in there | sys.stdlib_module_names
            )
        for warning in warnings:
            self.builder.app.display_warning(f"hatch-lambda: {warning}")

    def _add(self, entries: dict[str, Entry], name: str, entry: Entry) -> None:
        if name in entries:
            raise BuildError(
                f"{name} belongs to {entries[name].group} and to {entry.group}, and there is room "
                "for one: leave the other one out with the option exclude or drop."
            )
        entries[name] = entry

    def _add_scripts(self, options: Options, entries: dict[str, Entry]) -> None:
        scripts: dict[str, str] = {}
        if options.layout == "wrapper":
            scripts["wrapper"] = _scripts.wrapper(options)
        elif options.layout != "layer" or "interpreter" in options.parts:
            code = [
                entry.path for name, entry in entries.items() if not name.startswith("interpreter/")
            ]
            whole = set(options.parts) == {"interpreter", "dependencies", "function"}
            reasons = reasons_for_site(code) if whole else ["other archives may need it"]
            for reason in reasons:
                self.builder.app.display_debug(f"hatch-lambda: the module site is loaded: {reason}")
            scripts["bootstrap"] = _scripts.bootstrap(options, site=bool(reasons))
        if options.layout == "image":
            scripts["Dockerfile"] = _scripts.dockerfile(options)
        folder = self._folder("scripts")
        for name, text in scripts.items():
            path = folder / name
            path.write_text(text, "utf-8")
            path.chmod(0o644 if name == "Dockerfile" else 0o755)
            self._add(entries, name, Entry(path, "hatch-lambda"))


def _copy_function(function: Function, folder: Path) -> None:
    for name, source in function.files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)


def _without_function(options: Options) -> Options:
    """Return the options that the other parts depend on."""
    return replace(
        options,
        name="",
        handler=None,
        root=None,
        report=False,
        check=True,
        environment=(),
        max_size=None,
    )


def _check(path: Path, name: str, options: Options) -> None:
    binary = inspect(path)
    if binary.architecture != options.architecture:
        raise BuildError(
            f"{name} is for {binary.architecture}, and the function is for {options.architecture}. "
            f"If it is never loaded, leave it out with drop = [{path.name!r}]."
        )
    glibc = tuple(map(int, options.glibc.split(".")))
    if binary.glibc > glibc:
        needed = ".".join(map(str, binary.glibc))
        raise BuildError(
            f"{name} needs glibc {needed}, and {options.runtime} has {options.glibc}: it would not "
            "start there. Take an interpreter that uv manages, or one that was built on that "
            f"system; where glibc is newer, say so with glibc = {needed!r}."
        )


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _groups(folder: Path, part: Part, options: Options) -> dict[str, str]:
    """Return the distribution that each installed file belongs to."""
    if part == "interpreter":
        return {"": f"Python {options.minor}"}
    groups: dict[str, str] = {}
    for record in sorted(folder.glob("*.dist-info/RECORD")):
        name = record.parent.name.split("-")[0]
        for line in record.read_text("utf-8").splitlines():
            groups[line.rsplit(",", 2)[0].strip('"')] = name
    return groups


def _group(groups: Mapping[str, str], name: str, part: Part) -> str:
    """Return the group of a file; byte code is in the group of its source."""
    folder, _, file = name.rpartition("__pycache__/")
    source = f"{folder}{file.split('.')[0]}.py" if file.endswith(".pyc") else name
    return groups.get(source) or groups.get("") or part
