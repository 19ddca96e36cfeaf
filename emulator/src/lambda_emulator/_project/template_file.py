"""Template files: YAML with CloudFormation's tags, or JSON, and the line of each part."""

import json
import re
from collections.abc import Mapping
from importlib.util import find_spec
from math import isfinite
from pathlib import Path
from typing import Any

Lines = dict[tuple[str, ...], int]

_SECTIONS = frozenset({"Resources", "Parameters", "Transform", "AWSTemplateFormatVersion"})
_TABLES = ("Resources", "Parameters", "Mappings", "Conditions", "Outputs", "Globals")
_RESOURCES = re.compile(r"""^\s*\{?\s*["']?Resources["']?\s*:|"Resources"\s*:""", re.MULTILINE)
_TYPE = re.compile(r"""Type["']?\s*:\s*["']?(?:AWS|Custom|Alexa)::""")
_DEPTH = 12  # of the keys whose lines are kept
_INSTALL = "pip install 'lambda-emulator[templates]'"


class ProjectError(ValueError):
    """A project cannot be read; the message is one sentence that says why."""


class TemplateFile:
    """A template as it is in its file.

    Attributes:
        path: The file.
        body: The content.
    """

    def __init__(self, path: Path, body: dict[str, Any], lines: Lines | None, text: str) -> None:
        """Hold a template.

        Args:
            path: The file.
            body: The content; short forms such as ``!Ref`` are spelled out.
            lines: The lines by the keys that lead there; None to search for them.
            text: The text of the file.
        """
        self.path = path
        self.body = body
        self._lines = lines
        self._text = text

    def line(self, *keys: str) -> int:
        """Return the line of a part, or of the deepest part around it that is in the file.

        Args:
            *keys: The keys that lead there, such as ``"Resources", "Orders"``.

        Returns:
            The line, from 1; 0 if none of the keys is in the file.
        """
        if self._lines is None:
            return self._search(keys)
        for end in range(len(keys), 0, -1):
            if line := self._lines.get(keys[:end]):
                return line
        return 0

    def _search(self, keys: tuple[str, ...]) -> int:
        """Look for the keys of a JSON file, each after the one before."""
        position, found = 0, 0
        for key in keys:
            if key.isdigit():
                continue
            match = re.compile(rf"{re.escape(json.dumps(key))}\s*:").search(self._text, position)
            if match is None:
                break
            position, found = match.end(), self._text.count("\n", 0, match.start()) + 1
        return found


def is_template(path: Path) -> bool:
    """Return whether a file is a template of SAM or CloudFormation, by what is quick to see.

    Args:
        path: Any path.
    """
    if path.suffix not in {".yaml", ".yml", ".json", ".template"} or not path.is_file():
        return False
    text = path.read_text(encoding="utf-8", errors="replace")
    return _RESOURCES.search(text) is not None and _TYPE.search(text) is not None


def read_template(path: Path) -> TemplateFile:
    """Read a template.

    Args:
        path: A file of YAML or JSON.

    Raises:
        ProjectError: It cannot be read, or is not a template.
    """
    body, lines, text = _load(path)
    if not isinstance(body, dict) or not _SECTIONS.intersection(body):
        raise ProjectError(f"{path} is not a template: it has no Resources.")
    for name in _TABLES:
        if not isinstance(body.get(name) or {}, dict):
            raise ProjectError(f"{path}:{(lines or {}).get((name,), 1)}: {name} is not a table.")
    return TemplateFile(path, body, lines, text)


def read_document(path: Path) -> Any:
    """Read a file of YAML or JSON that a template names, such as an OpenAPI document.

    Args:
        path: The file.

    Raises:
        ProjectError: It cannot be read.
    """
    return _load(path)[0]


def _load(path: Path) -> tuple[Any, Lines | None, str]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ProjectError(f"{path} cannot be read: {error}") from error
    if text.lstrip()[:1] == "{":
        try:
            return json.loads(text), None, text
        except ValueError as error:
            if path.suffix == ".json":
                raise ProjectError(f"{path} is not JSON: {error}") from error
    if find_spec("yaml") is None:
        raise ProjectError(f"Templates in YAML need PyYAML: {_INSTALL}.")
    from lambda_emulator._project.yaml_file import load

    try:
        body, lines = load(text, _DEPTH)
    except ValueError as error:
        raise ProjectError(f"{path}:{error}") from error
    return body, lines, text


def text_of(value: Any) -> str:
    """Return a value as CloudFormation writes it into a text.

    Args:
        value: A value of a template.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value) if isinstance(value, Mapping | list) else str(value)


def table_of(value: Any) -> Mapping[str, Any]:
    """Return a value that is a table; an empty one if it has another form.

    Args:
        value: A value of a template.
    """
    return value if isinstance(value, Mapping) else {}


def number_of(value: Any) -> float | None:
    """Return a value of a template as a number; None if it is none.

    Args:
        value: A number, or a text of one.
    """
    if isinstance(value, bool):
        return None
    try:
        number = float(value)
    except (OverflowError, TypeError, ValueError):
        return None
    return number if isfinite(number) else None


def integer_or_none(value: Any) -> int | None:
    """Return a value of a template as a whole number; None if it is none.

    Args:
        value: A number, or a text of one.
    """
    number = number_of(value)
    return None if number is None else int(number)
