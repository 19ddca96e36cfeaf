"""Credentials of indexes, from every place that uv reads; a build keeps them to itself."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest

from hatch_lambda import LambdaBuilder

from . import indexes
from .conftest import PYTHON, script, uv

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PASSWORD = "correct-horse-battery"
PROJECT = """
[project]
name = "orders"
version = "1"
requires-python = ">=3.11"
dependencies = ["{requirement}"]

[[tool.uv.index]]
name = "corp"
url = "{url}"
authenticate = "{authenticate}"
default = true

[tool.hatch.build.targets.lambda]
layout = "layer"
parts = ["dependencies"]
python = "{python}"
report = true
"""


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve a package that takes a password, and return the address of the index."""
    folder = tmp_path_factory.mktemp("indexes")
    (folder / "corp").mkdir()
    indexes.wheel(folder / "corp", "private")
    with indexes.Index(folder, PASSWORD) as server:
        yield f"{server.url}corp/"


def write(folder: Path, url: str, requirement: str = "private", authenticate: str = "auto") -> Path:
    folder.mkdir()
    text = PROJECT.format(
        requirement=requirement, url=url, authenticate=authenticate, python=PYTHON
    )
    (folder / "pyproject.toml").write_text(text, "utf-8")
    return folder


def with_user(url: str, user: str) -> str:
    return url.replace("://", f"://{user}@")


@pytest.mark.parametrize("place", ["variables", "netrc", "keyring", "index", "url", "file"])
@pytest.mark.parametrize("password", [PASSWORD, "wrong-donkey-charger"])
def test_they_are_found_and_kept(
    tmp_path: Path,
    index: str,
    place: str,
    password: str,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    user = indexes.USER
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path))
    named = with_user(index, f"{user}:{password}")
    project = tmp_path / "orders"
    if place == "variables":
        monkeypatch.setenv("UV_INDEX_CORP_USERNAME", user)
        monkeypatch.setenv("UV_INDEX_CORP_PASSWORD", password)
        write(project, index)
    elif place == "netrc":
        entry = f"machine 127.0.0.1 login {user} password {password}\n"
        (tmp_path / ".netrc").write_text(entry, "utf-8")
        write(project, index)
    elif place == "keyring":
        (tmp_path / "bin").mkdir()
        script(tmp_path / "bin" / "keyring", f"#!/bin/sh\necho {password}\n")
        monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
        monkeypatch.setenv("UV_KEYRING_PROVIDER", "subprocess")
        write(project, with_user(index, user), authenticate="always")
    elif place == "index":
        write(project, named)
    elif place == "url":
        write(project, index, f"private @ {named}private/private-1.0-py3-none-any.whl")
    else:
        write(project, index)
        (project / "requirements.txt").write_text(f"--index-url {named}\nprivate\n", "utf-8")
        path = project / "pyproject.toml"
        project_table, _, rest = path.read_text("utf-8").partition("[[tool.uv.index]]")
        _, target, options = rest.partition("[tool.hatch")
        text = f'{project_table}{target}{options}requirements = ["requirements.txt"]\n'
        path.write_text(text, "utf-8")
    works = password == PASSWORD
    if works and place in {"variables", "index"}:
        assert uv("lock", "--quiet", cwd=project).returncode == 0
    try:
        built = list(LambdaBuilder(str(project)).build(directory=str(project / "dist")))
    except SystemExit:
        assert not works
        assert not any((project / "dist").glob("*.zip"))
    else:
        assert works
        with ZipFile(built[0]) as file:
            assert "python/private/__init__.py" in file.namelist()
            for name in file.namelist():
                assert password.encode() not in file.read(name), name
    said = "".join(capfd.readouterr())
    assert "private" in said
    assert password not in said
    kept = [path for path in project.rglob("*") if path.is_file() and path.suffix != ".txt"]
    kept = [path for path in kept if path.name != "pyproject.toml"]
    assert [path for path in kept if password.encode() in path.read_bytes()] == []
