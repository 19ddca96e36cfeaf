"""The parameters of a template."""

from collections.abc import Mapping
from typing import Any

from lambda_emulator._project.intrinsics import Unknown
from lambda_emulator._project.template_file import ProjectError, TemplateFile


def read_parameters(
    source: TemplateFile, body: Mapping[str, Any], given: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the values of parameters: those that are given, and the defaults of others.

    Args:
        source: The file of the template.
        body: The template.
        given: Values by name.

    Returns:
        Values by name; `Unknown` stands for one that only AWS knows.

    Raises:
        ProjectError: The template has no such parameter.
    """
    declared = body.get("Parameters") or {}
    if unknown := sorted(given.keys() - declared.keys()):
        names = ", ".join(declared) or "none"
        raise ProjectError(f"{source.path} has no parameter {unknown[0]!r}: it has {names}.")
    values: dict[str, Any] = {}
    for name, declaration in declared.items():
        table = declaration if isinstance(declaration, Mapping) else {}
        kind = str(table.get("Type", "String"))
        if name in given:
            value: Any = given[name]
        elif kind.startswith("AWS::SSM::Parameter::Value") or "Default" not in table:
            value = Unknown(name)
        else:
            value = table["Default"]
        is_list = kind == "CommaDelimitedList" or kind.startswith("List<")
        if is_list and isinstance(value, str):
            value = [each.strip() for each in value.split(",")] if value else []
        values[name] = value
    return values
