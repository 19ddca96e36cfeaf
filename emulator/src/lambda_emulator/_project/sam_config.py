"""The settings of SAM's command line: parameters of a template, and a file of variables.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-sam-cli-config.html
"""

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from lambda_emulator._project.template_file import ProjectError, read_document, table_of, text_of

_FILES = ("samconfig.toml", "samconfig.yaml", "samconfig.yml")
# The later ones win. Those of `deploy` are for parameters that have no other value: without its
# own, SAM's `local` would not start, and the values may be those of an account that others use.
_LOCAL = ("global", "local_invoke", "local_start_lambda", "local_start_api")
_PAIR = re.compile(r"ParameterKey=([^,]+),ParameterValue=(.*)", re.DOTALL)


class SamConfig(NamedTuple):
    """The settings for a template.

    Attributes:
        file: The file; None if there is none.
        parameters: The values of parameters that ``sam local`` uses.
        deployed: Those that ``sam deploy`` uses.
        env_vars: The file with the variables of functions, or None.
    """

    file: Path | None = None
    parameters: Mapping[str, str] = {}
    deployed: Mapping[str, str] = {}
    env_vars: Path | None = None

    def values(self, declared: Mapping[str, Any]) -> dict[str, str]:
        """Return the values of the parameters that a template has.

        Args:
            declared: The parameters of the template.
        """
        needed = {
            name: value
            for name, value in self.deployed.items()
            if "Default" not in (declared.get(name) or {})
        }
        both = {**needed, **self.parameters}
        return {name: value for name, value in both.items() if name in declared}


def read_sam_config(template: Path, environment: str | None) -> SamConfig:
    """Read the settings beside a template, or those of the one that ``sam build`` has built.

    Args:
        template: The template.
        environment: The environment of the settings; None for ``default``.

    Raises:
        ProjectError: The file cannot be read, or has no such environment.
    """
    folders = [template.parent]
    if template.resolve().match(".aws-sam/build/*"):
        folders.append(template.resolve().parents[2])
    files = (folder / name for folder in folders for name in _FILES)
    file = next((each for each in files if each.is_file()), None)
    if file is None:
        if environment is not None:
            raise ProjectError(f"{template} has no {_FILES[0]} beside it.")
        return SamConfig()
    content = _load(file)
    named = environment or "default"
    if environment is not None and named not in content:
        known = ", ".join(key for key, each in content.items() if isinstance(each, Mapping))
        raise ProjectError(f"{file} has no environment {named!r}: it has {known or 'none'}.")
    commands = table_of(content.get(named))
    local = [table_of(table_of(commands.get(name)).get("parameters")) for name in _LOCAL]
    deploy = table_of(table_of(commands.get("deploy")).get("parameters"))
    env_vars = [each["env_vars"] for each in local if isinstance(each.get("env_vars"), str)]
    return SamConfig(
        file,
        {name: value for each in local for name, value in _overrides(each, file)},
        dict(_overrides(deploy, file)),
        file.parent / env_vars[-1] if env_vars else None,
    )


def _load(file: Path) -> Mapping[str, Any]:
    if file.suffix != ".toml":
        return table_of(read_document(file))
    import tomllib

    try:
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise ProjectError(f"{file} cannot be read: {error}") from error


def _overrides(parameters: Mapping[str, Any], file: Path) -> Iterator[tuple[str, str]]:
    """Yield the values of a section; they are a text, a list or a table."""
    given = parameters.get("parameter_overrides", [])
    if isinstance(given, str):
        given = _words(given, file)
    for each in given if isinstance(given, list) else [given]:
        if isinstance(each, Mapping):
            yield from ((str(name), _value(value)) for name, value in each.items())
        elif pair := _PAIR.fullmatch(str(each)):
            yield pair[1], _unquoted(pair[2], file)
        else:
            name, _, value = str(each).partition("=")
            yield name, _unquoted(value, file)


def _words(text: str, file: Path) -> Iterable[str]:
    try:
        return shlex.split(text)
    except ValueError as error:
        raise ProjectError(f"{file}: parameter_overrides cannot be read: {error}.") from error


def _unquoted(text: str, file: Path) -> str:
    return "".join(_words(text, file)) if text[:1] in {'"', "'"} else text


def _value(value: Any) -> str:
    return ",".join(map(text_of, value)) if isinstance(value, list) else text_of(value)
