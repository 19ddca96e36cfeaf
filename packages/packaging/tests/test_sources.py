"""Dependencies from where people have them: indexes with a password, git, files, other tables."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hatch_lambda import BuildError, Options
from hatch_lambda._dependencies import install
from hatch_lambda._inline import with_own_dependencies

from . import indexes
from .conftest import PYTHON, run as run_program, tool, uv

if TYPE_CHECKING:
    from collections.abc import Iterator

PROJECT = """
[project]
name = "orders"
version = "1"
requires-python = ">=3.11"
dependencies = ["private", "pure", "fromgit", "plain"]

[project.optional-dependencies]
more = ["extra"]

[dependency-groups]
others = ["grouped"]

[tool.uv]
package = false
constraint-dependencies = ["extra<2"]
override-dependencies = ["plain==1.0"]

[[tool.uv.index]]
name = "corp"
url = "{url}"
explicit = true

[[tool.uv.index]]
name = "open"
url = "{base}"
default = true

[tool.uv.sources]
private = {{ index = "corp" }}
pure = {{ index = "corp" }}
native = {{ index = "corp" }}
fromgit = {{ git = "{git}" }}
"""


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Serve packages, and return where they are."""
    folder = tmp_path_factory.mktemp("sources")
    corp, base, git = folder / "corp", folder / "open", folder / "git"
    for each in (corp, base, git):
        each.mkdir()
    indexes.wheel(corp, "private", "shared")
    indexes.wheel(corp, "plain", version="9.0")  # not from here
    indexes.sdist(corp, "pure", "py3-none-any")
    indexes.sdist(corp, "native", "cp311-cp311-linux_x86_64")
    for name in ("shared", "extra", "grouped", "plain", "late"):
        indexes.wheel(base, name)
    for name in ("extra", "plain"):
        indexes.wheel(base, name, version="2.0")
    for name, text in indexes.source("fromgit").items():
        (git / name).write_text(text, "utf-8")
    author = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    for command in (("init", "--quiet"), ("add", "."), (*author, "commit", "--quiet", "-m", "a")):
        assert run_program(tool("git"), "-C", git, *command).returncode == 0
    with indexes.Index(folder) as index:
        urls = {"url": f"{index.url}corp/", "base": f"{index.url}open/", "git": git.as_uri()}
        yield {**urls, "folder": str(folder)}


@pytest.fixture
def project(sources: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a project whose credentials are in the environment, as uv has them."""
    monkeypatch.setenv("UV_INDEX_CORP_USERNAME", indexes.USER)
    monkeypatch.setenv("UV_INDEX_CORP_PASSWORD", indexes.PASSWORD)
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    folder = tmp_path / "orders"
    folder.mkdir()
    (folder / "pyproject.toml").write_text(PROJECT.format(**sources), "utf-8")
    return folder


def installed(project: Path, **table: Any) -> set[str]:
    """Install what a function needs, and return the distributions with their versions."""
    given = {"handler": "app.handler", "layout": "wrapper", "python": PYTHON, **table}
    options = Options.parse(given, {}, name="orders", project=project)
    options = with_own_dependencies(options, project)
    work = project.parent / "work"
    work.mkdir(exist_ok=True)
    folder = work / f"installed-{len(list(work.iterdir()))}"
    install(options, project, folder, work, Path(sys.executable), print)
    for path in folder.rglob("*"):
        assert path.is_dir() or indexes.PASSWORD.encode() not in path.read_bytes(), path
    return {path.parent.stem for path in folder.glob("*.dist-info/METADATA")}


ALL = {"private-1.0", "shared-1.0", "pure-1.0", "fromgit-1.0", "plain-1.0"}


@pytest.mark.parametrize("locked", [True, False])
def test_indexes_git_and_sources_are_those_of_uv(project: Path, locked: bool) -> None:
    if locked:
        assert uv("lock", "--quiet", cwd=project).returncode == 0
    (project.parent / "uv.lock").write_text("of another project", "utf-8")
    other = "[project]\nname = 'other'\nversion = '1'\n"
    (project.parent / "pyproject.toml").write_text(other, "utf-8")
    assert installed(project) == ALL
    chosen = {"extras": ["more"], "groups": ["others"]}
    assert installed(project, **chosen) == {*ALL, "extra-1.0", "grouped-1.0"}
    assert installed(project, dependencies=["Private>=1"]) == {"private-1.0", "shared-1.0"}
    assert installed(project, dependencies=[]) == set()
    rest = {"pure-1.0", "fromgit-1.0", "plain-1.0", "extra-1.0"}
    assert installed(project, without=["Private"], extras=["more"]) == rest  # and shared
    with pytest.raises(BuildError, match=r"privat is not in uv\.lock: did you mean private\?"):
        installed(project, without=["privat"])
    assert (project / "uv.lock").exists() == locked
    if locked:
        assert installed(project, dependencies=["grouped"]) == {"grouped-1.0"}
        with pytest.raises(BuildError, match=r"uv\.lock has private 1\.0, and 'private>1' asks"):
            installed(project, dependencies=["private>1"])
        with pytest.raises(BuildError, match=r"nothing is not in uv\.lock"):
            installed(project, dependencies=["nothing"])


PROGRAM = """# /// script
# dependencies = ["private", "late"]
#{settings}
# ///
"""
SETTINGS = """
# [tool.uv.sources]
# private = {{ index = "mine" }}
# [[tool.uv.index]]
# name = "mine"
# url = "{url}"
# explicit = true
# [[tool.uv.index]]
# url = "{base}"
# default = true
#"""


@pytest.mark.parametrize("settings", ["", SETTINGS])
def test_a_program_names_packages_that_the_lock_file_has_not(
    project: Path, sources: dict[str, str], settings: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They come from the project's sources, or from those in the program."""
    assert uv("lock", "--quiet", cwd=project).returncode == 0
    monkeypatch.setenv("UV_INDEX_MINE_USERNAME", indexes.USER)
    monkeypatch.setenv("UV_INDEX_MINE_PASSWORD", indexes.PASSWORD)
    text = PROGRAM.format(settings=settings.format(**sources))
    (project / "job.py").write_text(text, "utf-8")
    assert installed(project, handler="job.py") == {"private-1.0", "shared-1.0", "late-1.0"}
    assert not (project / "job.py.lock").exists()


def test_a_function_of_a_workspace_has_any_package_that_is_locked(project: Path) -> None:
    """One that only another member names; but none that an extra excludes."""
    member = project / "member"
    member.mkdir()
    (member / "pyproject.toml").write_text(
        "[project]\nname = 'member'\nversion = '1'\ndependencies = ['late']\n"
        "[tool.uv]\npackage = false\n",
        "utf-8",
    )
    with (project / "pyproject.toml").open("a") as file:
        file.write("[tool.uv.workspace]\nmembers = ['member']\n")
    with pytest.raises(BuildError, match=r"workspace in .*/orders has no uv\.lock, which a func"):
        installed(member, dependencies=["late"])
    assert uv("lock", "--quiet", cwd=project).returncode == 0
    assert installed(project, dependencies=["late"]) == {"late-1.0"}
    with pytest.raises(BuildError, match=r"late is in uv\.lock, and not among the project's"):
        installed(project, dependencies=["late"], extras=["more"])


def test_a_source_with_code_in_c_is_an_error(project: Path) -> None:
    with pytest.raises(BuildError, match="native has no wheel for Python") as error:
        installed(project, dependencies=["native"])
    assert "cp311-cp311-linux_x86_64" in str(error.value)


def test_a_standard_lock_file_is_enough(project: Path) -> None:
    """PEP 751, as pip, PDM and uv write it: a path in it is relative to it."""
    wheel = indexes.wheel(project, "aside")
    head = f'lock-version = "1.0"\ncreated-by = "pip"\nrequires-python = ">={PYTHON}.1"\n'
    text = f"""{head}
[[packages]]
name = "aside"
version = "1.0"
wheels = [{{ path = "aside/{wheel.name}", hashes = {{ sha256 = "DIGEST" }} }}]

[[packages]]
name = "absent"
marker = "sys_platform == 'win32'"
archive = {{ path = "absent-1.0-py3-none-any.whl", hashes = {{ sha256 = "{"0" * 64}" }} }}
"""
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    for name in ("pylock.toml", "pylock.dev.toml"):
        (project / name).write_text(text.replace("DIGEST", digest), "utf-8-sig")
        assert installed(project, requirements=[name]) == {"aside-1.0"}
    for texts, options, message in (
        (text, {}, "aside"),  # of another hash
        (text.replace(f">={PYTHON}.1", "<3"), {}, r"is for Python <3, and the funct"),
        ("[", {}, r"pylock\.toml is not a lock file: "),
        (text, {"without": ["aside"]}, "Leave packages out of the lock file"),
        (text, {"requirements": ["pylock.toml", "pylock.dev.toml"]}, "must be the only file"),
    ):
        (project / "pylock.toml").write_text(texts, "utf-8")
        with pytest.raises(BuildError, match=message):
            installed(project, **{"requirements": ["pylock.toml"], **options})


def test_without_credentials_uv_says_so(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("UV_INDEX_CORP_PASSWORD")
    with pytest.raises(BuildError, match="401"):
        installed(project)


def test_requirements_files_are_enough(
    project: Path, sources: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As SAM's projects have them, with all that pip reads."""
    credentials = f"//{indexes.USER}:{indexes.PASSWORD}@"
    (project / "pyproject.toml").write_text(
        "[project]\nname = 'orders'\nversion = '1'\ndependencies = ['grouped']\n"
        f"[tool.uv]\nextra-index-url = ['{sources['url'].replace('//', credentials)}']\n"
        f"index-url = '{sources['base']}'\n",
        "utf-8",
    )
    for name, text in indexes.source("nearby").items():
        (project / "nearby").mkdir(exist_ok=True)
        (project / "nearby" / name).write_text(text, "utf-8")
    wheel = Path(sources["folder"], "open", "extra", "extra-1.0-py3-none-any.whl")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    files = {
        "requirements.txt": "# all\n-r more/base.txt\n-c limits.txt\n-e .\n./nearby\nprivate\n"
        "absent ; sys_platform == 'win32'\n",
        "more/base.txt": f"extra==1.0 \\\n    --hash=sha256:{digest}\n",
        "limits.txt": "shared<2\n",
        "wrong.txt": f"extra==1.0 --hash=sha256:{'0' * 64}\n",
    }
    (project / "more").mkdir()
    for name, text in files.items():
        (project / name).write_text(text, "utf-8")
    expected = {"extra-1.0", "grouped-1.0", "nearby-1.0", "private-1.0", "shared-1.0"}
    assert installed(project, requirements=["requirements.txt"]) == expected
    assert installed(project, requirements=["requirements.txt"], without=["private"]) == (
        expected - {"private-1.0", "shared-1.0"}
    )
    with pytest.raises(BuildError, match=r"nothing is not among the dependencies, so it"):
        installed(project, requirements=["requirements.txt"], without=["nothing"])
    with pytest.raises(BuildError, match=r"No file of extra 1\.0 has a hash that"):
        installed(project, requirements=["wrong.txt"])
    with pytest.raises(BuildError, match=r"there is no file .*nothing\.txt"):
        installed(project, requirements=["nothing.txt"])
    (project / "absent.txt").write_text("absent\n", "utf-8")
    with pytest.raises(BuildError) as error:
        installed(project, requirements=["absent.txt"])
    assert "absent was not found" in str(error.value)
    assert indexes.PASSWORD not in str(error.value)
    with pytest.raises(BuildError, match="leave out extras"):
        installed(project, requirements=["wrong.txt"], extras=["more"])
