"""The project that ``[tool.lambda-emulator]`` of ``pyproject.toml`` describes.

Its words are the fields of the description, with hyphens; a place is the file's.
"""

import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Union, get_args, get_origin, get_type_hints

from lambda_emulator._project.description import (
    Api,
    EventSource,
    FunctionDescription,
    Place,
    Project,
    Route,
    Trigger,
)
from lambda_emulator._project.template_file import ProjectError
from lambda_emulator._settings import NamedTarget, ProjectSettings
from lambda_emulator._similar import did_you_mean, similar

if TYPE_CHECKING:
    from lambda_emulator._config import LogFormat, LogLevel

_ROOT = "tool.lambda-emulator"


def read_settings_project(settings: ProjectSettings) -> Project | None:
    """Return the APIs, event sources and triggers of the settings; None if there are none.

    Args:
        settings: The settings.

    Raises:
        ProjectError: A table has another form.
    """
    tables = settings.tables
    if not tables:
        return None
    reader = _Reader(settings.path)
    apis: list[Api] = reader.read_all(Api, "apis", tables.get("apis", []))
    if "routes" in tables:
        routes: list[Route] = reader.read_all(Route, "routes", tables["routes"])
        apis.insert(0, Api(name="api", kind="http", place=reader.place, routes=tuple(routes)))
    triggers: list[Trigger] = reader.read_all(Trigger, "triggers", tables.get("triggers", []))
    for each in triggers:
        if not (each.function or each.destination):
            where = f"{_ROOT}.triggers"
            raise ProjectError(f"{settings.path}: {where} needs 'function' or 'destination'.")
    return Project(
        path=settings.path,
        files=(settings.path,),
        apis=tuple(apis),
        sources=tuple(reader.read_all(EventSource, "sources", tables.get("sources", []))),
        triggers=tuple(triggers),
    )


def describe_settings(settings: ProjectSettings) -> Project:
    """Return the whole project of the settings, with its functions.

    Args:
        settings: The settings.

    Raises:
        ProjectError: There is none, or a table has another form.
    """
    functions = settings.functions()
    project = read_settings_project(settings)
    if not functions and project is None:
        raise ProjectError(f"{settings.path} describes no project: name a template, or a cdk.out.")
    described = tuple(_function(each, settings.path) for each in functions)
    parts = project or Project(path=settings.path, files=(settings.path,))
    return Project(
        path=parts.path,
        files=parts.files,
        functions=described,
        apis=parts.apis,
        sources=parts.sources,
        triggers=parts.triggers,
    )


def _function(named: NamedTarget, path: Path) -> FunctionDescription:
    options = named.options
    log_format: LogFormat = options.get("log_format") or "text"
    log_level: LogLevel | None = options.get("log_level")
    name = named.name or named.target
    return FunctionDescription(
        name=name,
        place=Place(path=path, name=name),
        code=Path.cwd(),
        handler=named.target,
        environment=options.get("variables") or {},
        timeout=options.get("timeout") or 3,
        memory_mb=options.get("memory") or 128,
        layers=tuple(options.get("layers") or ()),
        log_format=log_format,
        log_level=log_level,
        concurrency=options.get("concurrency"),
        max_concurrency=options.get("max_concurrency"),
    )


class _Reader:
    """Makes descriptions of tables, by the types of their fields."""

    def __init__(self, path: Path) -> None:
        self.place = Place(path=path)
        self._path = path

    def read_all(self, kind: Any, name: str, tables: Any) -> list[Any]:
        where = f"{_ROOT}.{name}"
        if not isinstance(tables, list):
            raise ProjectError(f"{self._path}: {where} is not a list: write [[{where}]].")
        return [self._record(kind, table, where) for table in tables]

    def _record(self, kind: Any, table: Any, where: str, **given: Any) -> Any:
        """Return a dataclass or a named tuple."""
        if not isinstance(table, Mapping):
            raise ProjectError(f"{self._path}: {where} has {table!r}, which is not a table.")
        hints = get_type_hints(kind)
        values: dict[str, Any] = dict(given)
        known = {name.replace("_", "-"): name for name in hints if name != "place"}
        for key, value in table.items():
            if key not in known:
                hint = did_you_mean(similar(key, known)) or f"it takes {', '.join(known)}."
                raise ProjectError(f"{self._path}: {where} has {key!r}: {hint}")
            values[known[key]] = self._value(hints[known[key]], value, f"{where}.{key}")
        if "place" in hints:
            values["place"] = self.place
        if missing := [each for each in _required(kind) if each not in values]:
            name = missing[0].replace("_", "-")
            raise ProjectError(f"{self._path}: {where} needs {name!r}.")
        return kind(**values)

    def _value(self, hint: Any, value: Any, where: str) -> Any:
        origin, arguments = get_origin(hint), get_args(hint)
        if origin in {Union, types.UnionType}:
            inner = [each for each in arguments if each is not type(None)]
            return self._value(inner[0], value, where)
        if origin is Literal:
            if value not in arguments:
                options = ", ".join(map(str, arguments))
                raise ProjectError(f"{self._path}: {where} is {value!r}: use one of {options}.")
            return value
        if origin is tuple and len(arguments) == 2 and arguments[1] is ...:
            if not isinstance(value, list):
                raise ProjectError(f"{self._path}: {where} is {value!r}, which is not a list.")
            return tuple(self._value(arguments[0], each, where) for each in value)
        if origin is not None and issubclass(origin, Mapping):
            return self._mapping(arguments[1], value, where)
        if is_dataclass(hint) or hasattr(hint, "_fields"):
            return self._record(hint, value, where)
        if hint is float and isinstance(value, int) and not isinstance(value, bool):
            return float(value)
        if isinstance(hint, type) and (
            not isinstance(value, hint) or (isinstance(value, bool) and hint is not bool)
        ):
            raise ProjectError(f"{self._path}: {where} is {value!r}, which is not {_NAMES[hint]}.")
        return value

    def _mapping(self, hint: Any, value: Any, where: str) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise ProjectError(f"{self._path}: {where} is {value!r}, which is not a table.")
        if not is_dataclass(hint):
            return dict(value)
        return {  # as authorizers by their names, which need not be repeated
            key: self._record(
                hint,
                each,
                f"{where}.{key}",
                **({"name": key} if "name" in get_type_hints(hint) else {}),
            )
            for key, each in value.items()
        }


_NAMES: dict[type, str] = {str: "text", int: "a whole number", float: "a number", bool: "a boolean"}


def _required(kind: Any) -> list[str]:
    if not is_dataclass(kind):
        return []
    return [
        each.name
        for each in fields(kind)
        if each.default is MISSING and each.default_factory is MISSING and each.name != "place"
    ]
