"""The files that git ignores, by all files of patterns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hatch_lambda._ignored import Ignored

from .conftest import run, tool

if TYPE_CHECKING:
    from pathlib import Path

PATTERNS = {
    ".gitignore": "*.log\n/build\n/services/orders/secret.json\nlocal/\n!kept.log\n\\#odd\n# no\n",
    "services/.gitignore": "*.bin\norders/cache\n",
    "services/orders/.gitignore": "/root.txt\n!*.bin\ndata/*\n!data/kept\n",
    "services/orders/pkg/.gitignore": "*\n!*.py\n!.gitignore\n",
}
FILES = [
    *("app.py", "a.log", "kept.log", "secret.json", "root.txt", "build", "a.bin", "#odd"),
    *("cache/a", "data/a", "data/kept", "data/deep/kept", "local/kept.log", "pkg/local/a.py"),
    *("pkg/a.py", "pkg/a.txt", "pkg/deep/a.py", "pkg/root.txt", "deep/root.txt", "name with ü"),
]


@pytest.mark.parametrize("clone", [True, False])
def test_it_agrees_with_git(tmp_path: Path, clone: bool) -> None:
    """In a folder of a repository; without git's folder, the nearest patterns above count."""
    home = tmp_path / "repository"
    project = home / "services" / "orders"
    for name, text in {**PATTERNS, **{f"services/orders/{name}": "" for name in FILES}}.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text, "utf-8")
    (tmp_path / ".gitignore").write_text("*", "utf-8")  # of no interest to the repository
    assert run(tool("git"), "init", "--quiet", home).returncode == 0
    result = run(
        *(tool("git"), "-C", project, "-c", "core.quotePath=false"),
        *("ls-files", "--others", "--ignored", "--exclude-standard"),
        HOME=str(tmp_path),
    )
    expected = set(result.stdout.splitlines())
    assert {"a.log", "secret.json", "pkg/a.txt", "data/a", "local/kept.log"} <= expected
    if not clone:
        (home / ".git").rename(home / "moved")
        expected -= {"a.log", "secret.json", "#odd", "cache/a", "local/kept.log"}
    ignored = Ignored(project)
    assert {name for name in FILES if project / name in ignored} == expected


def test_a_project_in_an_ignored_folder_has_its_own_patterns(tmp_path: Path) -> None:
    (tmp_path / ".git").write_text("gitdir: elsewhere\n", "utf-8")  # a submodule, or a worktree
    (tmp_path / ".gitignore").write_text("made/\n*.txt\n", "utf-8")
    project = tmp_path / "made" / "project"
    project.mkdir(parents=True)
    (project / ".gitignore").write_text("a.py\n", "utf-8")
    ignored = Ignored(project)
    assert [project / name in ignored for name in ("a.py", "b.py", "b.txt")] == [True, False, False]
