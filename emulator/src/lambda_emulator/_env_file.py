"""Files with the variables of functions: ``NAME=VALUE`` lines, or JSON in SAM's format."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_FOR_ALL = "Parameters"


def read_env_file(path: Path | None) -> dict[str, Any]:
    """Return the tables of a file: for each function, and ``Parameters`` for all functions.

    JSON has a table for each function, by its name or logical id. Lines are for all functions.
    https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/using-sam-cli-local-invoke.html

    Args:
        path: The file; that of JSON ends in ``.json``. None has no tables.

    Raises:
        ValueError: It is not JSON of this form.
    """
    if path is None:
        return {}
    if path.suffix != ".json":
        from dotenv import dotenv_values

        with path.open(encoding="utf-8") as lines:
            values = dotenv_values(stream=lines)
        return {_FOR_ALL: {name: value for name, value in values.items() if value is not None}}
    try:
        return dict(json.loads(path.read_text(encoding="utf-8-sig")).items())
    except (AttributeError, OSError, ValueError) as error:
        raise ValueError(f"{path} is not JSON with a table for each function: {error}") from error


def variables_of(tables: Mapping[str, Any], *names: str | None) -> dict[str, str]:
    """Return the variables that a file has for a function.

    Args:
        tables: The tables of the file.
        *names: The name of the function, and others that it is known by.
    """
    return {
        name: _text(value)
        for key in (_FOR_ALL, *names)
        if key is not None and isinstance(table := tables.get(key), dict)
        for name, value in table.items()
    }


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)
