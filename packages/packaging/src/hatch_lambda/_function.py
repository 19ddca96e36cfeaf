"""The files of a function: those of its handler, unless the project selects others."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from hatchling.builders.config import BuilderConfig
from hatchling.builders.plugin.interface import BuilderInterface

from .errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ._options import Options


class LambdaConfig(BuilderConfig):
    """File selection: hatch's, with another default."""

    selection: tuple[str, ...] = ()

    def default_only_include(self) -> list[str]:
        """Return the files that are taken if the project does not select any."""
        own = {**self.build_config, **self.target_config}
        return [] if {"include", "packages"} & own.keys() else list(self.selection)


def selected_files(
    builder: BuilderInterface[Any, Any], options: Options, table: Mapping[str, Any]
) -> Iterator[tuple[Path, Path]]:
    """Yield the files of the function, each with its name in the archive.

    Args:
        builder: The build target, which knows the project.
        options: The options, with the handler and its folder.
        table: The function's table, with hatch's options for files.

    Raises:
        BuildError: The handler's module does not exist.
    """
    path, home = _place(options, Path(builder.root))
    config = LambdaConfig(builder, builder.root, "lambda", builder.build_config, dict(table))
    config.selection = (path,)
    for file in _Selection(builder, config).recurse_included_files():
        name = Path(file.distribution_path)
        yield Path(file.path), name.relative_to(home) if name.is_relative_to(home) else name


class _Selection(BuilderInterface[Any, Any]):
    """hatch's walk over the files that a configuration selects."""

    PLUGIN_NAME = "lambda"

    def __init__(self, builder: BuilderInterface[Any, Any], config: LambdaConfig) -> None:
        super().__init__(builder.root, builder.plugin_manager, metadata=builder.metadata)
        self._config = config

    @property
    def config(self) -> LambdaConfig:
        """The configuration of one function."""
        return self._config

    def get_version_api(self) -> dict[str, Callable[..., str]]:
        """Return nothing: nothing is built by this."""
        return {}


def _place(options: Options, project: Path) -> tuple[str, str]:
    """Return the path of the function, and the folder above that is the archive's root."""
    handler = options.handler or ""
    if options.root is not None:
        name = _first(handler)
        if _found(project / options.root, name):
            return options.root, options.root
        raise BuildError(
            f"{options.root} holds no {name} for the handler {handler!r}: handlers are named from "
            "the folder root on."
        )
    for home in ("", "src"):
        if found := _found(project / home, _first(handler)):
            return found.relative_to(project).as_posix(), home
    raise BuildError(
        f"There is no module for the handler {handler!r} in {project} or {project / 'src'}: "
        "name it as module.function from there on, or the folder that it is in with "
        "the option root."
    )


def _first(handler: str) -> str:
    """Return the file of a program, or the top-level module of a function."""
    return handler if handler.endswith(".py") else handler.replace("/", ".").split(".")[0]


def _found(folder: Path, name: str) -> Path | None:
    candidates = [folder / name] if name.endswith(".py") else [folder / f"{name}.py", folder / name]
    return next((path for path in candidates if name and path.exists()), None)
