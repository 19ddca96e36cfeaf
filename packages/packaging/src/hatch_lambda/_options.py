"""The options in ``[tool.hatch.build.targets.lambda]`` and in the environment, checked."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from ._handler import nearest
from ._layouts import PARTS, Architecture, Layout, Part
from ._values import ARCHITECTURES, LISTS, TABLE, read
from .errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PREFIX = "HATCH_LAMBDA_"
# The C library of each runtime: a binary that was linked to a newer one does not start there.
# https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
_GLIBC = {"provided.al2": "2.26", "provided.al2023": "2.34", "python3.11": "2.26"}
_NAME = re.compile(r"\w[\w.-]*")
_FOUND = {"name", "architectures", "script"}
_WITH_LAYERS: set[Layout] = {"bundle", "wrapper", "function"}
_MOST_LAYERS = 5  # https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
_HATCHLING = {
    *("artifacts", "dependencies", "directory", "exclude", "force-include", "hooks", "ignore-vcs"),
    *("include", "only-include", "only-packages", "packages", "skip-excluded-dirs", "sources"),
    *("require-runtime-dependencies", "require-runtime-features", "versions"),
}


@dataclass(frozen=True, kw_only=True)
class Options:
    """The options of one function."""

    name: str
    """The function's name, and so the archive's."""
    handler: str | None = None
    """``module.function``, or a program such as ``__main__.py``; None if there is no function."""
    layout: Layout = "bundle"
    """The kind of archive."""
    architecture: Architecture = "x86_64"
    """The instruction set of the function."""
    architectures: tuple[Architecture, ...] = ()
    """All that a runtime image is built for, where there are several."""
    python: str = "3.13"
    """The version of Python: minor, or with the patch version of an interpreter that uv fetches."""
    runtime: str = "provided.al2023"
    """The operating system: ``provided.al2023``, ``provided.al2`` or a managed ``python3.x``."""
    glibc: str = "2.34"
    """The version of the C library on the system where the function is going to run."""
    interpreter: Path | None = None
    """The folder of a Python, with ``bin`` and ``lib``; None for one that uv manages."""
    parts: tuple[Part, ...] = PARTS["bundle"]
    """The parts in the archive."""
    root: str | None = None
    """The folder in the project that becomes the root of the function's code."""
    extras: tuple[str, ...] = ()
    """The project's extras whose dependencies belong to the function."""
    groups: tuple[str, ...] = ()
    """The project's dependency groups that belong to the function."""
    without: tuple[str, ...] = ()
    """Dependencies to leave out, with all that nothing else asks for."""
    drop: tuple[str, ...] = ()
    """Files to leave out of dependencies and interpreter: patterns as in ``.gitignore``."""
    keep: tuple[str, ...] = ()
    """Files to keep that would be left out: patterns as in ``.gitignore``."""
    base: str = "public.ecr.aws/lambda/provided:al2023"
    """The image to start from; only for the layouts ``image`` and ``runtime``."""
    provided: Path | None = None
    """The file that says what the runtime brings; only for the layout ``function``."""
    layers: tuple[str, ...] = ()
    """The layers below the function, in order: the project's own by name, others by their path."""
    requirements: tuple[str, ...] = ()
    """Requirements files, in place of the project's own dependencies."""
    dependencies: tuple[str, ...] | None = None
    """The function's own dependencies, in place of the project's; None for those of the project."""
    script: Path | None = None
    """The program that names the dependencies itself, by inline metadata."""
    check: bool = True
    """True to start the result of the build, where that is possible."""
    environment: tuple[tuple[str, str], ...] = ()
    """Variables of the function's environment, for its start by the check and the report."""
    max_size: int | None = None
    """The largest size of the archive, zipped, in bytes; None for what Lambda takes."""
    report: bool = False
    """True to print the sizes of the archive's parts, and the times of their imports."""

    @property
    def minor(self) -> str:
        """The version of Python without its patch version: ``3.13``."""
        return ".".join(self.python.split(".")[:2])

    @property
    def target(self) -> str:
        """The system where the function is going to run, in words."""
        architectures = " and ".join(self.architectures or (self.architecture,))
        return f"Python {self.minor} on {architectures} with glibc {self.glibc}"

    @classmethod
    def parse(
        cls, table: Mapping[str, Any], environ: Mapping[str, str], *, name: str, project: Path
    ) -> Options:
        """Read and check the options.

        Args:
            table: The table of the target, in ``pyproject.toml``.
            environ: The environment, whose ``HATCH_LAMBDA_...`` variables come before the table.
            name: The function's name.
            project: The folder of the project, for paths that are relative.

        Returns:
            The options, with defaults.

        Raises:
            BuildError: An option is unknown, or has a value that it cannot have.
        """
        known = {field.name.replace("_", "-") for field in fields(cls)} - _FOUND
        if unknown := sorted(set(table) - known - _HATCHLING - {"functions"}):
            near = nearest(unknown[0], known | _HATCHLING)
            hint = f": did you mean {near}?" if near else "."
            raise BuildError(
                f"[{TABLE}] has no option {unknown[0]!r}{hint} "
                f"Its options are {', '.join(sorted(known))}, "
                f"and hatchling's own: {', '.join(sorted(_HATCHLING))}."
            )
        given = {key: table[key] for key in known if key in table}
        for key in known - {"environment"}:
            if value := environ.get(PREFIX + key.upper().replace("-", "_")):
                given[key] = value.split(",") if key in LISTS else value
        values = {key: read(key, value) for key, value in given.items()}
        layout = values.get("layout", cls.layout)
        managed = layout == "wrapper" or (
            layout == "layer" and "interpreter" not in values.get("parts", PARTS[layout])
        )
        runtime = values.get("runtime", "")
        if managed and runtime.startswith("python"):
            values.setdefault("python", read("python", runtime.removeprefix("python")))
        minor = ".".join(values.get("python", cls.python).split(".")[:2])
        if managed and runtime.startswith("python") and runtime != f"python{minor}":
            raise BuildError(
                f"[{TABLE}] runtime is {runtime}, and python is {minor}: leave one of them out, as "
                "it follows from the other."
            )
        default = ARCHITECTURES if layout == "runtime" else ARCHITECTURES[:1]
        chosen = values.pop("architecture", default)
        if len(chosen) > 1 and layout != "runtime":
            raise BuildError(
                f"[{TABLE}] architecture: only the layout 'runtime' is built for several: name one "
                "of them, or make a table for each."
            )
        values["architecture"] = chosen[0]
        if len(chosen) > 1:
            values["architectures"] = chosen
        values.setdefault("runtime", f"python{minor}" if managed else cls.runtime)
        values.setdefault("glibc", _GLIBC.get(values["runtime"], cls.glibc))
        values.setdefault("parts", PARTS[layout])
        if values["runtime"] == "provided.al2":
            values.setdefault("base", cls.base.removesuffix("023"))
        if values.get("interpreter") is not None:
            values["interpreter"] = project / values["interpreter"]
        if values.get("provided") is not None:
            values["provided"] = project / values["provided"]
        if unusable := set(values["parts"]) - set(PARTS[layout]):
            raise BuildError(
                f"[{TABLE}] parts: the layout {layout!r} has no part {unusable.pop()!r}, "
                f"only {', '.join(PARTS[layout])}."
            )
        if "function" in values["parts"] and "handler" not in values:
            raise BuildError(
                f"[{TABLE}] has no handler for {name!r}: name one as module.function, or a program "
                "such as __main__.py."
            )
        if layers := values.get("layers"):
            if layout == "image":
                raise BuildError(
                    f"[{TABLE}] layers: an image cannot have layers. Pack what is in them, or set "
                    "layers = [] for this function."
                )
            if len(layers) > _MOST_LAYERS:
                raise BuildError(
                    f"[{TABLE}] layers: there are {len(layers)}, and a function can have "
                    f"{_MOST_LAYERS}."
                )
            if layout not in _WITH_LAYERS:  # as the table of all functions may name them
                values["layers"] = ()
        if values.get("requirements"):
            for other in ("dependencies", "extras", "groups"):
                if values.get(other):
                    raise BuildError(
                        f"[{TABLE}] requirements: the files are all that the function needs, so "
                        f"leave out {other}, or name it in the files."
                    )
        return cls(name=name, **{key.replace("-", "_"): each for key, each in values.items()})


def for_dependencies(options: Options) -> Options:
    """Return the options that a function's dependencies depend on, and no others."""
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


def for_interpreter(options: Options) -> Options:
    """Return the options that a function's interpreter depends on, and no others."""
    return replace(
        for_dependencies(options),
        extras=(),
        groups=(),
        without=(),
        layers=(),
        requirements=(),
        dependencies=None,
        script=None,
        provided=None,
        base="",
    )


def functions(table: Mapping[str, Any], default: str) -> dict[str, dict[str, Any]]:
    """Return the table of each function of a project.

    Args:
        table: The table of the target; ``functions`` in it has a table for each function, on top
            of the options that all have in common. Without it there is one function.
        default: The name of that one.

    Raises:
        BuildError: ``functions`` is not a table of tables, or has a name that no file can have.
    """
    # Of the target, `dependencies` are hatchling's: those of the build.
    common = {key: own for key, own in table.items() if key not in {"functions", "dependencies"}}
    tables = table.get("functions", {default: {}})
    if not isinstance(tables, dict) or not all(isinstance(own, dict) for own in tables.values()):
        raise BuildError(f"[{TABLE}.functions] needs a table for each function, by its name.")
    if wrong := next((name for name in tables if not _NAME.fullmatch(name)), None):
        raise BuildError(
            f"[{TABLE}.functions] {wrong!r} is not a name: it becomes the name of a file, so use "
            "letters, digits, and the characters - _ and ."
        )
    return {name: {**common, **own} for name, own in tables.items()}
