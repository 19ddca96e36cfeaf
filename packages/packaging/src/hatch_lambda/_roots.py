"""The folders of a project that a function's modules come from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from . import _handler
from .errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ._options import Options


@dataclass(frozen=True)
class Root:
    """A folder that modules are imported from."""

    folder: str
    """The folder in the project; empty for the project itself."""
    stripped: str
    """The prefix that is removed from its files' paths, for their names in the archive."""


def place(options: Options, project: Path, *, chosen: bool) -> tuple[str | None, list[Root]]:
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
    # A folder of data may have the name of the package in src.
    for home in sorted(("", "src"), key=lambda home: not _has(project / home, name)):
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


def _has(folder: Path, name: _handler.Name) -> bool:
    """Return whether a folder surely has the module of a handler, or its program."""
    path = name.program or name.module.replace(".", "/")
    files = [path] if name.program else [f"{path}.py", f"{path}/__init__.py"]
    return any((folder / file).is_file() for file in files)


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
    for path in sorted([*project.glob(f"*/{wrong}.py"), *project.glob(f"*/*/{wrong}.py")]):
        root = path.relative_to(project).as_posix().removesuffix(f"/{wrong}.py")
        if not root.startswith("."):
            return f" ({root}/{wrong}.py is there: set root = {root!r})"
    near = _handler.nearest(wrong, names)
    if not near:
        return ""
    right = f"{near}.py" if name.program else f"{near.replace('/', '.')}.{name.attribute}"
    return f" (did you mean {right}?)"


def _roots(project: Path, home: str, program: str) -> list[Root]:
    roots = [Root(home, home)]
    if "/" in program:
        folder = PurePosixPath(home, program).parent
        base = _top(project, project / folder / "__init__.py").parent.relative_to(project)
        roots += [Root(base.as_posix(), home)] if base.as_posix() not in {home, "."} else []
        roots.append(Root(folder.as_posix(), home))
    known = {root.folder for root in roots}
    return [*roots[:2], *(Root(own, own) for own in ("", "src") if own not in known), *roots[2:]]


def _top(project: Path, path: Path) -> Path:
    """Return the top-level package that a file is in, or the file if it is in none."""
    while path.parent != project and (path.parent / "__init__.py").exists():
        path = path.parent
    return path


def find_named(project: Path, folder: str, name: str) -> str | None:
    """Return the package of a module that a string names, if the module is here.

    Args:
        project: The project's folder.
        folder: The folder in it that modules are imported from.
        name: The name of a module in a package, or of what is in that; a package with a dot at its
            end stands for any of its modules.
    """
    *parents, last = name.split(".")
    if not last:
        home = Path(project, folder, *parents)
        return (Path(folder) / parents[0]).as_posix() if any(home.glob("*.py")) else None
    unit, file = find(project, folder, [*parents, last]) or ("", "")
    return unit if file not in {unit, f"{unit}/__init__.py"} else None


def find(project: Path, folder: str, parts: Iterable[str]) -> tuple[str, str] | None:
    """Return the top-level module or package of a module, and the module's file, if it is here."""
    first, *rest = parts
    if not first or set(first) & set("/*?["):  # the argument of a call, and no name
        return None
    path = project / folder / first
    if path.with_suffix(".py").is_file() and not (path / "__init__.py").is_file():
        file = path.with_suffix(".py")
        name = file.relative_to(project).as_posix()
        return name, name
    unit, file = path, path / "__init__.py"
    for part in rest:
        if (path / f"{part}.py").is_file():
            file = path / f"{part}.py"
            break
        path /= part
        if (path / "__init__.py").is_file():
            file = path / "__init__.py"
    if not file.is_file():  # a binary, or a folder that has no such module
        binaries = sorted(unit.parent.glob(f"{first}.*so"))
        if not binaries:
            return None
        unit = file = binaries[0]
    return unit.relative_to(project).as_posix(), file.relative_to(project).as_posix()
