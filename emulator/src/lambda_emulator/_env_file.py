"""Files with the variables of functions: ``NAME=VALUE`` lines, or JSON as SAM has it."""

import json
from pathlib import Path
from typing import Any

_FOR_ALL = "Parameters"


def read_env_file(path: str | Path, *names: str | None) -> dict[str, str]:
    """Return the variables that a file has for a function.

    JSON has a table for each function, by its name or logical id, and the table ``Parameters``
    for all functions.
    https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/using-sam-cli-local-invoke.html

    Args:
        path: The file; that of JSON ends in ``.json``.
        *names: The name of the function, and others that it is known by.

    Raises:
        ValueError: It is not JSON of this form.
    """
    if Path(path).suffix != ".json":
        from dotenv import dotenv_values

        return {name: value for name, value in dotenv_values(path).items() if value is not None}
    try:
        content: Any = json.loads(Path(path).read_text(encoding="utf-8-sig"))
        tables = [content.get(name) for name in (_FOR_ALL, *names) if name is not None]
    except (AttributeError, OSError, ValueError) as error:
        raise ValueError(f"{path} is not JSON with a table for each function: {error}") from error
    return {
        name: _text(value)
        for table in tables
        if isinstance(table, dict)
        for name, value in table.items()
    }


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)
