"""The parameters of a template."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from lambda_emulator._project.intrinsics import Unknown
from lambda_emulator._project.template_file import ProjectError, TemplateFile, table_of

_STORED = "AWS::SSM::Parameter::Value<"


class StoredParameter(NamedTuple):
    """A parameter whose value is in the Parameter Store of Systems Manager.

    Attributes:
        name: The name in the template.
        path: The name in the Parameter Store.
        is_list: True if the value is a list.
        given: The value itself, or the path; None if the template has the path.
    """

    name: str
    path: str
    is_list: bool
    given: str | None


def read_parameters(
    source: TemplateFile, body: Mapping[str, Any], given: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the values of parameters: those that are given, and the defaults of others.

    Args:
        source: The file of the template.
        body: The template.
        given: Values by name.

    Returns:
        Values by name; `Unknown` stands for one that only AWS knows, and `StoredParameter` for one
        that is in the Parameter Store.

    Raises:
        ProjectError: The template has no such parameter.
    """
    declared = body.get("Parameters") or {}
    if unknown := sorted(given.keys() - declared.keys()):
        names = ", ".join(declared) or "none"
        raise ProjectError(f"{source.path} has no parameter {unknown[0]!r}: it has {names}.")
    values: dict[str, Any] = {}
    for name, declaration in declared.items():
        table = table_of(declaration)
        kind = str(table.get("Type", "String"))
        if name in given:
            value: Any = given[name]
        elif "Default" not in table:
            value = Unknown(name)
        else:
            value = table["Default"]
        is_list = kind.removeprefix(_STORED).startswith(("CommaDelimitedList", "List<"))
        if kind.startswith(_STORED) and isinstance(value, str):
            value = StoredParameter(name, value, is_list, given.get(name))
        elif is_list and isinstance(value, str):
            value = split_list(value)
        values[name] = value
    return values


def split_list(text: str) -> list[str]:
    """Return the elements of a list that is text.

    Args:
        text: The elements, with commas between them.
    """
    return [each.strip() for each in text.split(",")] if text else []
