"""YAML with CloudFormation's short forms, and the lines of its keys. Needs PyYAML."""

from functools import cache
from typing import Any

_TIMESTAMP = "tag:yaml.org,2002:timestamp"
_Lines = dict[tuple[str, ...], int]


def load(text: str, depth: int) -> tuple[Any, _Lines]:
    """Read YAML.

    Args:
        text: The text.
        depth: The depth down to which lines are noted.

    Returns:
        The content, and the lines of its keys by the keys that lead there.

    Raises:
        ValueError: It is not YAML; the message begins with the line.
    """
    from yaml import YAMLError

    lines: _Lines = {}
    try:
        loader = _loader_type()(text)
        try:
            node = loader.get_single_node()
            content = None if node is None else loader.construct_document(node)
        finally:
            loader.dispose()
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or str(error)
        line = mark.line + 1 if mark is not None else 1
        if mark is not None and "\t" in [*text.splitlines(), ""][mark.line][: mark.column + 1]:
            reason = "tabs cannot indent: use spaces"
        raise ValueError(f"{line}: it is not YAML: {reason}.") from error
    if node is not None:
        _note(node, (), depth, lines)
    return content, lines


@cache
def _loader_type() -> Any:
    """Return a loader that reads dates and keys as text, and ``!Name`` as CloudFormation does."""
    import yaml

    # The loader in C is ten times as fast; not every installation of PyYAML has it.
    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    loader: Any = type("Loader", (base,), {"construct_mapping": _mapping})
    loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag != _TIMESTAMP]
        for first, resolvers in base.yaml_implicit_resolvers.items()
    }
    loader.add_multi_constructor("!", _intrinsic)
    return loader


def _mapping(loader: Any, node: Any, deep: bool = False) -> dict[str, Any]:
    """Return a mapping, whose keys are text: also those that are numbers or ``On``."""
    loader.flatten_mapping(node)
    return {
        key.value if key.id == "scalar" else str(loader.construct_object(key, deep=True)): (
            loader.construct_object(value, deep=deep)
        )
        for key, value in node.value
    }


def _intrinsic(loader: Any, suffix: str, node: Any) -> dict[str, Any]:
    if node.id == "scalar":
        value: Any = loader.construct_scalar(node)
    elif node.id == "sequence":
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    if suffix in {"Ref", "Condition"}:
        return {suffix: value}
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {f"Fn::{suffix}": value}


def _note(node: Any, path: tuple[str, ...], depth: int, lines: _Lines) -> None:
    if not depth:
        return
    if node.id == "mapping":
        for key, value in node.value:
            if key.id == "scalar":
                inner = (*path, key.value)
                lines[inner] = key.start_mark.line + 1
                _note(value, inner, depth - 1, lines)
    elif node.id == "sequence":
        for number, value in enumerate(node.value):
            inner = (*path, str(number))
            lines[inner] = value.start_mark.line + 1
            _note(value, inner, depth - 1, lines)
