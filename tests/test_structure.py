"""What holds for the whole workspace: who depends on whom, and what every package brings."""

from __future__ import annotations

import ast
import importlib
import re
import sys
import tomllib
from dataclasses import dataclass
from graphlib import TopologicalSorter
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]

# Which package may use which other one of ours. An arrow that is not here is a defect.
ARROWS: dict[str, set[str]] = {
    "lambda-logging": set(),
    "lambda-events": set(),
    "lambda-runtime": {"lambda-logging", "lambda-events"},
    "lambda-testing": {"lambda-runtime"},
    "lambda-emulator": {"lambda-testing", "lambda-events"},
    "hatch-lambda": set(),
}

# Type checkers bring typing_extensions along, as they do the standard library's types.
NOT_INSTALLED = sys.stdlib_module_names | {"typing_extensions"}


@dataclass(frozen=True)
class Package:
    folder: Path

    @property
    def project(self) -> dict[str, Any]:
        text = (self.folder / "pyproject.toml").read_text("utf-8")
        return dict(tomllib.loads(text)["project"])

    @property
    def name(self) -> str:
        return str(self.project["name"])

    @property
    def source(self) -> Path:
        (source,) = (path.parent for path in self.folder.glob("src/*/__init__.py"))
        return source

    @property
    def required(self) -> set[str]:
        return {distribution(line) for line in self.project["dependencies"]}

    @property
    def extra(self) -> set[str]:
        """What is only there when an extra is installed."""
        extras = self.project.get("optional-dependencies", {}).values()
        return {distribution(line) for lines in extras for line in lines} - self.required

    def imports(self, *, at_start: bool) -> set[str]:
        """Return the distributions that are imported with the package, or anywhere in it."""
        own = self.source.name
        return {
            DISTRIBUTIONS.get(module, distribution(module))
            for path in self.source.rglob("*.py")
            for module in modules(ast.parse(path.read_text("utf-8")), at_start=at_start)
            if module != own and module not in NOT_INSTALLED
        }


def distribution(requirement: str) -> str:
    """Return the name in a line such as ``aiohttp[speedups]>=3.11; python_version < "4"``."""
    name = re.split(r"[^\w.-]", requirement, maxsplit=1)[0]
    return re.sub(r"[-_.]+", "-", name).lower()


DISTRIBUTIONS = {
    module: distribution(names[0]) for module, names in packages_distributions().items()
}


def modules(tree: ast.AST, *, at_start: bool) -> Iterator[str]:
    """Yield the top-level modules that a module's code imports."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from (name.name.partition(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.partition(".")[0]
        elif not at_start or not is_deferred(node):
            yield from modules(node, at_start=at_start)


def is_deferred(node: ast.AST) -> bool:
    """Tell whether code does not run when its module is imported."""
    if isinstance(node, ast.If):
        return ast.unparse(node.test).endswith("TYPE_CHECKING")
    return isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))


PACKAGES = [
    Package(path.parent)
    for path in sorted([*ROOT.glob("packages/*/pyproject.toml"), ROOT / "emulator/pyproject.toml"])
]
each_package = pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.name)


@each_package
def test_a_package_uses_only_those_that_it_may(package: Package) -> None:
    used = package.imports(at_start=False) & ARROWS.keys()
    declared = (package.required | package.extra) & ARROWS.keys()
    assert used | declared <= ARROWS[package.name]


@each_package
def test_a_package_declares_what_it_imports(package: Package) -> None:
    assert package.imports(at_start=False) <= package.required | package.extra
    assert not package.imports(at_start=True) & package.extra


def test_no_package_depends_on_itself() -> None:
    graph = {package.name: package.required | package.extra for package in PACKAGES}
    TopologicalSorter(graph).prepare()


@each_package
def test_a_package_has_all_its_files(package: Package) -> None:
    assert (package.folder / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()
    assert (package.folder / "README.md").read_text("utf-8").startswith(f"# {package.name}\n")
    assert (package.folder / "CHANGELOG.md").read_text("utf-8").startswith("# Changelog\n")
    assert (package.source / "py.typed").exists()


@each_package
def test_a_readme_stands_alone_on_the_page_of_an_index(package: Package) -> None:
    text = (package.folder / "README.md").read_text("utf-8")
    links = re.findall(r"\]\(([^)]+)\)", text)
    assert [link for link in links if not link.startswith(("https://", "#"))] == []


@each_package
def test_a_package_says_its_version_once(package: Package) -> None:
    version = (package.source / "_version.py").read_text("utf-8")
    assert re.search(r'^__version__ = "\d+\.\d+\.\d+"$', version, re.MULTILINE)
    assert package.project["dynamic"] == ["version"]


@each_package
def test_a_package_exports_what_it_names(package: Package) -> None:
    module = importlib.import_module(package.source.name)
    names = module.__all__
    assert names == sorted(set(names), key=order)
    assert [name for name in names if not hasattr(module, name)] == []
    assert "__version__" in names


def order(name: str) -> tuple[bool, bool, str]:
    """Constants, then classes, then functions."""
    return not name.isupper(), not name[0].isupper(), name


@pytest.mark.parametrize("folder", [*(package.folder for package in PACKAGES), ROOT / "samples"])
def test_every_member_runs_on_the_same_pythons(folder: Path) -> None:
    assert Package(folder).project["requires-python"] == ">=3.11"


def test_no_folder_asks_for_one_python() -> None:
    folders = [ROOT, ROOT / "samples", *(package.folder for package in PACKAGES)]
    assert [folder for folder in folders if (folder / ".python-version").exists()] == []


def test_the_lock_file_names_one_public_index() -> None:
    locked = tomllib.loads((ROOT / "uv.lock").read_text("utf-8"))["package"]
    sources = [package["source"] for package in locked]
    (registry,) = {source["registry"] for source in sources if "registry" in source}
    assert is_public(registry)
    assert not registry.endswith("/")
    assert {kind for source in sources for kind in source} <= {"registry", "editable", "virtual"}
    files = [file for package in locked for file in package.get("wheels", [])]
    files += [package["sdist"] for package in locked if "sdist" in package]
    assert all(is_public(file["url"]) for file in files)
    assert len({urlsplit(file["url"]).hostname for file in files}) == 1


def is_public(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "https" and parts.netloc == parts.hostname
