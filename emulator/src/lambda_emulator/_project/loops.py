"""``Fn::ForEach`` of the transform ``AWS::LanguageExtensions``: parts that are there several times.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-foreach.html
"""

from collections.abc import Callable, Mapping
from typing import Any

from lambda_emulator._project.template_file import ProjectError, text_of

_PREFIX = "Fn::ForEach::"


def expand_loops(value: Any, evaluate: Callable[[Any], Any]) -> Any:
    """Return a part of a template with its loops written out.

    Args:
        value: The part.
        evaluate: Returns the value of a collection.

    Raises:
        ProjectError: A loop has another form.
    """
    if isinstance(value, list):
        return [expand_loops(each, evaluate) for each in value]
    if not isinstance(value, Mapping):
        return value
    expanded: dict[str, Any] = {}
    for key, each in value.items():
        if not str(key).startswith(_PREFIX):
            expanded[key] = expand_loops(each, evaluate)
            continue
        if not isinstance(each, list) or len(each) != 3 or not isinstance(each[2], Mapping):
            raise ProjectError(f"{key} needs a name, a collection and what is repeated.")
        name, collection, body = each
        items = evaluate(collection)
        if not isinstance(items, list):
            raise ProjectError(f"{key} has {items!r} as collection, which is not a list.")
        for item in items:
            expanded |= expand_loops(_fill(body, str(name), text_of(item)), evaluate)
    return expanded


def _fill(value: Any, name: str, item: str) -> Any:
    """Put an item of the collection in the place of the loop's variable."""
    if isinstance(value, str):
        plain = "".join(filter(str.isalnum, item))
        return value.replace(f"${{{name}}}", item).replace(f"&{{{name}}}", plain)
    if isinstance(value, list):
        return [_fill(each, name, item) for each in value]
    if isinstance(value, Mapping):
        if value == {"Ref": name}:
            return item
        filled = {_fill(key, name, item): _fill(each, name, item) for key, each in value.items()}
        text = filled.get("Fn::Sub")
        return text if isinstance(text, str) and "${" not in text else filled
    return value
