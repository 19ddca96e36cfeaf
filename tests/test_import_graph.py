"""No modules of a package import each other in a circle: lazy and type-only imports count too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scripts.imports import imports_of, packages

if TYPE_CHECKING:
    from collections.abc import Mapping

# The circles that there may be, each as the modules in it, and why. Smaller is always allowed.
ALLOWED: dict[str, tuple[set[str], ...]] = {}
# Modules with a table of all public names, from which any module is loaded that a name asks for.
REGISTRIES = {"lambda_events._names"}


@pytest.mark.parametrize("package", packages())
def test_no_modules_import_each_other_in_a_circle(package: str) -> None:
    allowed = [{f"{package}.{name}" for name in circle} for circle in ALLOWED.get(package, ())]
    graph = {name: set[str]() for name in packages()[package]}
    for found in imports_of(package):
        if found.target in graph and not (found.when == "table" and found.source in REGISTRIES):
            graph[found.source].add(found.target)
    wrong = [circle for circle in circles(graph) if not any(circle <= each for each in allowed)]
    assert [arrows(package, circle) for circle in wrong] == []


def test_circles_are_found() -> None:
    graph = {"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": {"e"}, "e": {"e"}, "f": {"a"}}
    assert circles(graph) == [{"a", "b", "c"}, {"e"}]
    assert circles({"a": {"b", "c"}, "b": {"d"}, "c": {"d"}, "d": set()}) == []


def circles(graph: Mapping[str, set[str]]) -> list[set[str]]:
    """Return the strongly connected components of a graph, except single nodes without a loop."""
    reached = {node: reach(graph, node) for node in graph}
    found: list[set[str]] = []
    for node in sorted(graph):
        if node in reached[node] and not any(node in circle for circle in found):
            found.append({other for other in reached[node] if node in reached[other]})
    return found


def reach(graph: Mapping[str, set[str]], start: str) -> set[str]:
    """Return the nodes that arrows lead to from a node, itself only if they lead back."""
    seen: set[str] = set()
    left = [start]
    while left:
        new = graph[left.pop()] - seen
        seen |= new
        left += new
    return seen


def arrows(package: str, circle: set[str]) -> list[str]:
    """Return the imports that make a circle, for the message."""
    return sorted(
        str(found)
        for found in imports_of(package)
        if found.source in circle and found.target in circle
    )
