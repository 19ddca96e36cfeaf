"""YAML with CloudFormation's short forms, and the lines of its keys. Needs PyYAML."""

from typing import Any

import yaml

# The loader in C is ten times as fast; not every installation of PyYAML has it.
_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TIMESTAMP = "tag:yaml.org,2002:timestamp"


class _Loader(_Base):  # type: ignore[misc] # of which PyYAML has one of two
    """Reads dates as text, and ``!Name`` as CloudFormation does."""

    yaml_implicit_resolvers = {  # noqa: RUF012 (PyYAML's own name and form)
        first: [(tag, pattern) for tag, pattern in resolvers if tag != _TIMESTAMP]
        for first, resolvers in _Base.yaml_implicit_resolvers.items()
    }


def _intrinsic(loader: Any, suffix: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    if suffix in {"Ref", "Condition"}:
        return {suffix: value}
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _intrinsic)


def load(text: str, depth: int) -> tuple[Any, dict[tuple[str, ...], int]]:
    """Read YAML.

    Args:
        text: The text.
        depth: The depth down to which lines are noted.

    Returns:
        The content, and the lines of its keys by the keys that lead there.

    Raises:
        ValueError: It is not YAML; the message begins with the line.
    """
    try:
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
            lines: dict[tuple[str, ...], int] = {}
            if node is None:
                return None, lines
            content = loader.construct_document(node)
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or str(error)
        line = mark.line + 1 if mark is not None else 1
        raise ValueError(f"{line}: it is not YAML: {reason}.") from error
    _note(node, (), depth, lines)
    return content, lines


def _note(
    node: yaml.Node, path: tuple[str, ...], depth: int, lines: dict[tuple[str, ...], int]
) -> None:
    if not depth:
        return
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode):
                inner = (*path, key.value)
                lines[inner] = key.start_mark.line + 1
                _note(value, inner, depth - 1, lines)
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            inner = (*path, str(number))
            lines[inner] = value.start_mark.line + 1
            _note(value, inner, depth - 1, lines)
