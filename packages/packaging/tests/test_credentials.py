"""Credentials of indexes, from every place that uv and pip read; a build keeps them to itself."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

import pytest

from hatch_lambda import BuildError, LambdaBuilder, Options
from hatch_lambda._dependencies import install
from hatch_lambda._inline import with_own_dependencies

from . import indexes
from .conftest import PYTHON, script, uv

if TYPE_CHECKING:
    from collections.abc import Iterator

PASSWORD, WRONG = "correct-horse-battery", "wrong-donkey-charger"
INDEX = """
[[tool.uv.index]]
name = "corp"
url = "{url}"
authenticate = "{authenticate}"
default = true
"""
PROJECT = """
[project]
name = "orders"
version = "1"
requires-python = ">=3.11"
dependencies = ["{requirement}"]
{index}
[tool.hatch.build.targets.lambda]
layout = "layer"
parts = ["dependencies"]
python = "{python}"
report = true
"""
PLACES = ["netrc", "keyring", "url", "file", "program"]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve a package that takes a password, and return the address of the index."""
    folder = tmp_path_factory.mktemp("indexes")
    (folder / "corp").mkdir()
    indexes.wheel(folder / "corp", "private")
    with indexes.Index(folder, PASSWORD) as server:
        yield f"{server.url}corp/"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make the home of a user who has fetched nothing yet."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path


def write(
    home: Path, url: str | None, requirement: str = "private", authenticate: str = "auto"
) -> Path:
    """Write a project, with the index or without one."""
    folder = home / "orders"
    folder.mkdir()
    index = INDEX.format(url=url, authenticate=authenticate) if url else ""
    text = PROJECT.format(requirement=requirement, index=index, python=PYTHON)
    (folder / "pyproject.toml").write_text(text, "utf-8")
    return folder


def with_user(url: str, user: str) -> str:
    return url.replace("://", f"://{user}@")


@pytest.mark.parametrize("place", PLACES)
def test_they_are_found_wherever_they_are(
    home: Path, url: str, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = with_user(url, f"{indexes.USER}:{PASSWORD}")
    table: dict[str, Any] = {"layout": "layer", "parts": ["dependencies"], "python": PYTHON}
    if place == "netrc":
        entry = f"machine 127.0.0.1 login {indexes.USER} password {PASSWORD}\n"
        (home / ".netrc").write_text(entry, "utf-8")
        project = write(home, url)
    elif place == "keyring":
        (home / "bin").mkdir()
        script(home / "bin" / "keyring", f"#!/bin/sh\necho {PASSWORD}\n")
        monkeypatch.setenv("PATH", f"{home / 'bin'}:{os.environ['PATH']}")
        monkeypatch.setenv("UV_KEYRING_PROVIDER", "subprocess")
        project = write(home, with_user(url, indexes.USER), authenticate="always")
    elif place == "url":
        project = write(home, url, f"private @ {named}private/private-1.0-py3-none-any.whl")
    elif place == "program":
        project = write(home, None)
        lines = f'dependencies = ["private"]{INDEX.format(url=named, authenticate="auto")}'
        text = "".join(f"# {line}\n".replace("# \n", "#\n") for line in lines.splitlines())
        (project / "job.py").write_text(f"# /// script\n{text}# ///\n", "utf-8")
        table["handler"] = "job.py"
    else:
        monkeypatch.setenv("CORP", PASSWORD)
        address = with_user(url, f"{indexes.USER}:${{CORP}}")  # as pip replaces it
        project = write(home, None)
        (project / "requirements.txt").write_text(f"-i {address}\nprivate\n", "utf-8")
        table["requirements"] = ["requirements.txt"]
    options = Options.parse(table, {}, name="orders", project=project)
    options = with_own_dependencies(options, project)
    folder = home / "installed"
    install(options, project, folder, home, Path(sys.executable), print)
    assert (folder / "private" / "__init__.py").exists()


def test_they_are_in_nothing_that_is_built_or_said(
    home: Path, url: str, capfd: pytest.CaptureFixture[str]
) -> None:
    project = write(home, with_user(url, f"{indexes.USER}:{PASSWORD}"))
    assert uv("lock", "--quiet", cwd=project).returncode == 0
    (archive,) = LambdaBuilder(str(project)).build(directory=str(project / "dist"))
    with ZipFile(archive) as file:
        assert "python/private/__init__.py" in file.namelist()
        assert not any(PASSWORD.encode() in file.read(name) for name in file.namelist())
    said = "".join(capfd.readouterr())
    assert "private" in said
    assert PASSWORD not in said
    files = [path for path in project.rglob("*") if path.is_file()]
    secret = {path.name for path in files if PASSWORD.encode() in path.read_bytes()}
    assert secret == {"pyproject.toml"}


def test_an_error_has_none_of_a_requirement(home: Path, url: str) -> None:
    named = with_user(url, f"{indexes.USER}:{WRONG}")
    project = write(home, url, f"private @ {named}private/private-1.0-py3-none-any.whl")
    table = {"layout": "layer", "parts": ["dependencies"], "python": PYTHON}
    options = Options.parse(table, {}, name="orders", project=project)
    with pytest.raises(BuildError) as error:
        install(options, project, home / "installed", home, Path(sys.executable), print)
    assert "private" in str(error.value)
    assert WRONG not in str(error.value)
