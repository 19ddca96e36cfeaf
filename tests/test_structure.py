"""The files that every package brings, and the lock file of the workspace."""

from __future__ import annotations

import importlib
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

ROOT = Path(__file__).parents[1]


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


PACKAGES = [
    Package(path.parent)
    for path in sorted([*ROOT.glob("packages/*/pyproject.toml"), ROOT / "emulator/pyproject.toml"])
]
each_package = pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.name)


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
