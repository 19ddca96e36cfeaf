"""Options of the command line in ``[tool.lambda-emulator]`` of a ``pyproject.toml``."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import click

from ._similar import similar

# Tables that describe a project, besides the options.
_TABLES = ("functions", "apis", "routes", "sources", "triggers")


class SettingsError(ValueError):
    """The settings cannot be used; the message says where and why."""


class NamedTarget(NamedTuple):
    """A function to serve.

    Attributes:
        name: The name; None for that of the target.
        target: The target.
        options: The own options, by the names of parameters.
    """

    name: str | None
    target: str
    options: Mapping[str, Any]


class ProjectSettings:
    """The table ``[tool.lambda-emulator]``.

    Attributes:
        path: The file that it comes from.
        tables: The tables of APIs, event sources and triggers, as in the file.
    """

    def __init__(self, table: Mapping[str, Any], path: Path) -> None:
        """Hold a table.

        Args:
            table: Options by their names on the command line, ``functions``, and what describes
                a project.
            path: The file that it comes from.
        """
        self._options = {key: value for key, value in table.items() if key not in _TABLES}
        self._functions: Mapping[str, Any] = table.get("functions", {})
        self.path = path
        self.tables = {key: table[key] for key in _TABLES[1:] if key in table}
        self._parameters: dict[str, click.Parameter] = {}

    def default_map(self, commands: Mapping[str, Sequence[click.Parameter]]) -> dict[str, Any]:
        """Return the defaults for click, by command.

        Args:
            commands: The parameters of each command.

        Raises:
            SettingsError: No command has such an option.
        """
        for parameters in commands.values():
            for parameter in parameters:
                for option in (*parameter.opts, *parameter.secondary_opts):
                    if option.startswith("--"):
                        self._parameters[option.removeprefix("--")] = parameter
        defaults = self._translate(self._options, "[tool.lambda-emulator]")
        return {
            name: {
                key: value for key, value in defaults.items() if key in {p.name for p in parameters}
            }
            for name, parameters in commands.items()
        }

    def select(self, targets: Sequence[str]) -> list[NamedTarget]:
        """Return the functions that a command names, or all of the settings if it names none.

        Args:
            targets: Targets, ``NAME=TARGET``, or names of functions in the settings.

        Raises:
            SettingsError: A function has no target, or there is no such option.
        """
        if not targets:
            return self.functions()
        return [self._select(target) for target in targets]

    def _select(self, target: str) -> NamedTarget:
        if Path(target).exists():
            return NamedTarget(None, target, {})
        if target in self._functions:
            return next(each for each in self.functions() if each.name == target)
        name, equals, named = target.partition("=")
        if equals and not named:
            raise SettingsError(f"{target!r} names no target: write {name or 'NAME'}=TARGET.")
        return NamedTarget(name, named, {}) if equals else NamedTarget(None, target, {})

    def functions(self) -> list[NamedTarget]:
        """Return the functions that are named.

        Raises:
            SettingsError: One has no target, or there is no such option.
        """
        named: list[NamedTarget] = []
        for name, table in self._functions.items():
            where = f"[tool.lambda-emulator.functions.{name}]"
            if not isinstance(table, Mapping) or not isinstance(table.get("target"), str):
                raise SettingsError(f"{self.path}: {where} needs a target.")
            options = {key: value for key, value in table.items() if key != "target"}
            self._translate(options, where)
            named.append(NamedTarget(name, table["target"], self._converted(options, where)))
        return named

    def _converted(self, options: Mapping[str, Any], where: str) -> dict[str, Any]:
        """Return options as the command line would have them."""
        converted: dict[str, Any] = {}
        for key, value in options.items():
            parameter = self._parameters[key]
            try:
                as_typed = parameter.process_value(click.get_current_context(), value)
            except click.BadParameter as error:
                raise SettingsError(f"{self.path}: {where} {key}: {error.message}") from error
            converted[str(parameter.name)] = as_typed
        return converted

    def _translate(self, options: Mapping[str, Any], where: str) -> dict[str, Any]:
        """Return options by the names of parameters."""
        if unknown := sorted(options.keys() - self._parameters.keys()):
            meant = similar(unknown[0].replace("_", "-"), self._parameters)
            hint = f"did you mean {meant[0]}?" if meant else "see lambda-emulator run --help."
            raise SettingsError(
                f"{self.path}: {where} has {unknown[0]!r}, which is not an option: {hint}"
            )
        return {str(self._parameters[key].name): value for key, value in options.items()}


def read_settings(directory: Path) -> ProjectSettings:
    """Read the settings of a project.

    Args:
        directory: The folder of the command; only a ``pyproject.toml`` there counts.

    Returns:
        The settings; none if there is no such file.

    Raises:
        SettingsError: The file is not TOML, or has another form.
    """
    path = directory / "pyproject.toml"
    if not path.is_file():
        return ProjectSettings({}, path)
    import tomllib

    try:
        table: Any = tomllib.loads(path.read_text(encoding="utf-8-sig")).get("tool", {})
    except (ValueError, OSError) as error:
        raise SettingsError(f"{path} cannot be read: {error}") from error
    table = table.get("lambda-emulator", {})
    if not isinstance(table, Mapping):
        raise SettingsError(f"{path}: tool.lambda-emulator is not a table.")
    return ProjectSettings(table, path)
