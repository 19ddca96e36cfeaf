"""The project's own metadata: its name, version and entry points."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from hatchling.metadata.core import ProjectMetadata
from hatchling.plugin.exceptions import UnknownPluginError
from packaging.requirements import Requirement
from packaging.utils import parse_wheel_filename

from ._requirements import direct
from ._uv import UvError, run_uv
from .errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ._options import Options

UNKNOWN = "0"
"""The version of a project that does not say it, or says it only to another build backend."""


def completed(metadata: ProjectMetadata[Any], warn: Callable[[str], None]) -> ProjectMetadata[Any]:
    """Return metadata that hatchling can read, also of a project that it does not build.

    A project of SAM has no table ``project``, one of Poetry may have ``tool.poetry`` in its place,
    and a version may come from another build backend, which is asked for it. Direct references are
    refused only because an index refuses them.

    Args:
        metadata: The metadata that hatchling reads from ``pyproject.toml``.
        warn: Is called with a sentence where the version is not known.
    """
    config = metadata.config
    own = config.get("tool", {}).get("hatch", {})
    hatch = {**own, "metadata": {**own.get("metadata", {}), "allow-direct-references": True}}
    config = {**config, "tool": {**config.get("tool", {}), "hatch": hatch}}
    if "project" not in config:
        project = _of_poetry(config.get("tool", {}).get("poetry", {}))
        project.setdefault("name", Path(metadata.root).resolve().name)
    else:
        metadata = ProjectMetadata(metadata.root, metadata.plugin_manager, config)
        try:
            _ = metadata.version
        except UnknownPluginError:
            raise
        except Exception as error:  # whatever the plugin for versions raises
            project = dict(config["project"])
            if "version" not in project.get("dynamic", ()):
                raise
            project["dynamic"] = [name for name in project["dynamic"] if name != "version"]
            try:
                project["version"] = _built_version(config, Path(metadata.root))
            except UvError as reason:
                warn(
                    "The project's version is not known here, so importlib.metadata will not find "
                    f"{project.get('name')}: {reason if str(reason) else error}"
                )
        else:
            return metadata
    table = {"version": UNKNOWN, **project}
    return ProjectMetadata(metadata.root, metadata.plugin_manager, {**config, "project": table})


def require_python(metadata: ProjectMetadata[Any], options: Options) -> None:
    """Check that the project is for the Python of a function.

    Args:
        metadata: The project's metadata.
        options: The options of the function.

    Raises:
        BuildError: It is not.
    """
    core = metadata.core
    newest = f"{options.minor}.99"  # a minor version is in the range if any of its patches is
    if newest not in core.python_constraint and options.python not in core.python_constraint:
        raise BuildError(
            f"The project says requires-python = {core.requires_python!r}, and the function's "
            f"Python is {options.python}: change one of them, the latter with the option python."
        )


def direct_requirements(metadata: ProjectMetadata[Any], options: Options) -> list[str]:
    """Return the requirements that the project itself has of a function's dependencies.

    Args:
        metadata: The project's metadata.
        options: The options of the function.
    """
    if options.requirements:
        return direct(Path(metadata.root, name) for name in options.requirements)
    if options.dependencies is not None:
        return list(options.dependencies)
    groups = metadata.config.get("dependency-groups", {})
    extras = metadata.core.optional_dependencies
    lines = [
        *metadata.core.dependencies,
        *(line for name in options.extras for line in extras.get(name, ())),
        *(line for name in options.groups for line in groups.get(name, ())),
    ]
    return [line for line in lines if isinstance(line, str)]  # a group may include another


def write_metadata(metadata: ProjectMetadata[Any], folder: Path) -> None:
    """Write the project's ``.dist-info``, as if it were installed.

    Args:
        metadata: The project's metadata. Without a version there is nothing to write.
        folder: The folder with those of the dependencies.
    """
    core = metadata.core
    if metadata.version == UNKNOWN:
        return
    name = f"{core.name.replace('-', '_')}-{metadata.version}.dist-info"
    if (folder / name).exists():
        return
    files = {
        "METADATA": "".join(f"{key}: {value}\n" for key, value in _fields(metadata)),
    }
    if groups := entry_points(metadata):
        files["entry_points.txt"] = "\n".join(
            f"[{group}]\n" + "".join(f"{key} = {value}\n" for key, value in own.items())
            for group, own in groups.items()
        )
    files["RECORD"] = "".join(f"{name}/{file},,\n" for file in sorted([*files, "RECORD"]))
    (folder / name).mkdir(parents=True)
    for file, text in files.items():
        (folder / name / file).write_text(text, "utf-8")


def entry_points(metadata: ProjectMetadata[Any]) -> dict[str, Mapping[str, str]]:
    """Return the project's entry points, by their group.

    Args:
        metadata: The project's metadata.
    """
    core = metadata.core
    groups = {
        "console_scripts": core.scripts,
        "gui_scripts": core.gui_scripts,
        **core.entry_points,
    }
    return {group: own for group, own in groups.items() if own}


def _fields(metadata: ProjectMetadata[Any]) -> Iterator[tuple[str, str]]:
    core = metadata.core
    yield "Metadata-Version", "2.1"
    yield "Name", core.raw_name
    yield "Version", metadata.version
    if core.description:
        yield "Summary", core.description
    if core.requires_python:
        yield "Requires-Python", core.requires_python
    for requirement in map(Requirement, core.dependencies):
        requirement.url = None  # it may have a token in it, or a folder of this machine
        yield "Requires-Dist", str(requirement)


def _built_version(config: Mapping[str, Any], root: Path) -> str:
    """Return the version that a project's own build backend gives to its wheel.

    The wheel is built from a source distribution, as some backends leave files where they build.

    Raises:
        UvError: It gives none; without a message if there is no other backend than hatchling.
    """
    if config.get("build-system", {}).get("build-backend", "hatchling.build") == "hatchling.build":
        raise UvError
    with TemporaryDirectory() as folder:
        run_uv("build", "--out-dir", folder, root, cwd=root)
        (wheel,) = Path(folder).glob("*.whl")
    return str(parse_wheel_filename(wheel.name)[1])


def _of_poetry(table: Mapping[str, Any]) -> dict[str, Any]:
    project = {key: table[key] for key in ("name", "version") if isinstance(table.get(key), str)}
    scripts = table.get("scripts", {})
    project["scripts"] = {key: own for key, own in scripts.items() if isinstance(own, str)}
    project["entry-points"] = table.get("plugins", {})
    return project
