"""The order of things: from a project to the files of an archive."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import _scripts
from ._archive import Entry
from ._bytecode import compile_folder, compiler
from ._dependencies import install
from ._elf import inspect, is_elf, strip
from ._function import selected_files
from ._interpreter import copy, find
from ._prune import prune_dependencies
from ._site import reasons_for_site
from .errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hatchling.builders.plugin.interface import BuilderInterface

    from ._options import Options, Part

# Where a part is in the archive, and where that is in Lambda.
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
    """One function on its way, in a folder of its own.

    Args:
        builder: The build target, which knows the project.
        options: How to build the function.
        work: The folder.
    """

    def __init__(self, builder: BuilderInterface[Any, Any], options: Options, work: Path) -> None:
        self.builder = builder
        self.options = options
        self.project = Path(builder.root)
        self.work = work
        self.python = Path()
        """What compiles, and runs the function here."""

    def entries(self, table: Mapping[str, Any]) -> dict[str, Entry]:
        """Make all parts, and return what the archive holds.

        Args:
            table: The function's table, for hatch's selection of files.

        Raises:
            BuildError: They cannot be made, and why.
        """
        options = self.options
        interpreter = find(options, self.project) if "interpreter" in options.parts else None
        self.python = compiler(options, interpreter, self.project)
        entries: dict[str, Entry] = {}
        for part in reversed(options.parts):  # what takes longest is last
            folder = self.work / part
            folder.mkdir()
            if part == "interpreter" and interpreter:
                for warning in copy(options, interpreter, folder, _DEPLOYED[options.layout][part]):
                    self.builder.app.display_warning(f"hatch-lambda: {warning}")
            elif part == "dependencies":
                self._install(folder)
            else:
                self._copy_function(table, folder)
            groups = _groups(folder, part, options)
            for path in _files(folder):
                if is_elf(path):
                    self._check(path, groups.get(path.relative_to(folder).as_posix(), part))
                    strip(path)
            compile_folder(self.python, folder, _DEPLOYED[options.layout][part])
            for path in _files(folder):
                name = path.relative_to(folder).as_posix()
                self._add(
                    entries,
                    _FOLDERS[options.layout][part] + name,
                    Entry(path, _group(groups, name, part)),
                )
        self._add_scripts(entries)
        return entries

    def _install(self, folder: Path) -> None:
        extras = self.builder.metadata.core.optional_dependencies
        if unknown := [name for name in self.options.extras if name not in extras]:
            raise BuildError(
                f"The project has no extra {unknown[0]!r}; it has {', '.join(extras)}."
            )
        requirements = [
            *self.builder.metadata.core.dependencies,
            *(line for name in self.options.extras for line in extras[name]),
        ]
        install(self.options, self.project, requirements, folder)
        prune_dependencies(folder, self.options.drop, self.options.keep)
        if "function" in self.options.parts and not (folder / "lambda_runtime").is_dir():
            raise BuildError(
                "lambda-runtime, which serves the function, is not among the project's dependencies: "
                "run `uv add lambda-runtime`."
            )

    def _copy_function(self, table: Mapping[str, Any], folder: Path) -> None:
        for source, name in selected_files(self.builder, self.options, table):
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)

    def _check(self, path: Path, group: str) -> None:
        binary, options = inspect(path), self.options
        name = path.relative_to(self.work)
        if binary.architecture != options.architecture:
            raise BuildError(
                f"{name}, of {group}, is for {binary.architecture}, and the function is for "
                f"{options.architecture}. If it is never loaded, leave it out with "
                f"drop = [{path.name!r}]."
            )
        glibc = tuple(map(int, options.glibc.split(".")))
        if binary.glibc > glibc:
            needed = ".".join(map(str, binary.glibc))
            raise BuildError(
                f"{name}, of {group}, needs glibc {needed}, and {options.runtime} has {options.glibc}: it "
                "would not start there. Take an interpreter that uv manages, or one that was built "
                f"on that system; where glibc is newer, say so with glibc = {needed!r}."
            )

    def _add(self, entries: dict[str, Entry], name: str, entry: Entry) -> None:
        if name in entries:
            raise BuildError(
                f"{name} belongs to {entries[name].group} and to {entry.group}, and there is room for one: "
                "leave the other one out with the option exclude or drop."
            )
        entries[name] = entry

    def _add_scripts(self, entries: dict[str, Entry]) -> None:
        options = self.options
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
        for name, text in scripts.items():
            path = self.work / name
            path.write_text(text, "utf-8")
            path.chmod(0o644 if name == "Dockerfile" else 0o755)
            self._add(entries, name, Entry(path, "hatch-lambda"))


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
    """Return what a file belongs to; byte code belongs where its source does."""
    folder, _, file = name.rpartition("__pycache__/")
    source = f"{folder}{file.split('.')[0]}.py" if file.endswith(".pyc") else name
    return groups.get(source) or groups.get("") or part
