"""Projects made of templates: a function with its types, tests, event and deployment."""

import keyword
import re
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from string import Template

from .kinds import KINDS, Kind
from .sources import find_sources

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_MAX_NAME = 64
_TEMPLATE = ".in"


class NewProjectError(ValueError):
    """A project cannot be made; the message says why."""


def create_project(folder: Path, kind: str) -> list[Path]:
    """Create a project.

    Args:
        folder: The folder of the project; its name becomes the function's.
        kind: One of `KINDS`.

    Returns:
        The files that were written.

    Raises:
        NewProjectError: The name cannot be that of a function, or something is there already.
    """
    name = folder.name
    if not _NAME.fullmatch(name) or len(name) > _MAX_NAME or keyword.iskeyword(name):
        raise NewProjectError(
            f"{name!r} cannot be the name of a project: use lower-case letters, digits and single"
            f" hyphens, at most {_MAX_NAME} characters."
        )
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise NewProjectError(f"{folder} exists already, and is not an empty folder.")
    values = _values(name, KINDS[kind])
    templates = files("lambda_emulator._new") / "templates"
    written: list[Path] = []
    for root in (templates / "common", templates / kind):
        for path, content in _walk(root, ""):
            target = folder / path.removesuffix(_TEMPLATE)
            target.parent.mkdir(parents=True, exist_ok=True)
            text = content.read_text("utf-8")
            target.write_text(
                _Names(text).substitute(values) if path.endswith(_TEMPLATE) else text, "utf-8"
            )
            written.append(target)
    return sorted(written)


class _Names(Template):
    """Names between ``%{`` and ``}``: dollars belong to workflows and shells."""

    delimiter = "%"


def _values(name: str, kind: Kind) -> dict[str, str]:
    sources = find_sources()
    ours = {each.partition("[")[0] for each in (*kind.dependencies, *kind.tools)}
    named = sorted(ours & sources.packages.keys())
    listed = "".join(f"{each} = {sources.packages[each].table}\n" for each in named)
    return {
        "name": name,
        "resource": "".join(part.capitalize() for part in name.split("-")),
        "about": kind.about,
        "dependencies": _list(kind.dependencies),
        "tools": _list(kind.tools),
        "sources": f"\n[tool.uv.sources]\n{listed}" if listed else sources.wheels,
        "builder": sources.builder,
        "build": kind.build,
        "settings": kind.settings,
        "invoke": kind.invoke.format(name=name),
        "runtime": kind.runtime,
        "options": kind.options,
        "events": f"      Events:\n{kind.event}" if kind.event else "",
        "queue": "  Queue:\n    Type: AWS::SQS::Queue\n" if "Queue:" in kind.event else "",
    }


def _list(names: tuple[str, ...]) -> str:
    return "".join(f'    "{name}",\n' for name in names)


def _walk(folder: Traversable, path: str) -> list[tuple[str, Traversable]]:
    found: list[tuple[str, Traversable]] = []
    for each in folder.iterdir():
        if each.name == "__pycache__":
            continue
        below = f"{path}{each.name}"
        found += _walk(each, f"{below}/") if each.is_dir() else [(below, each)]
    return found
