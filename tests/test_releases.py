"""The packages that a change concerns, and the facts that a release must agree on, in a small copy
of this workspace."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]

PACKAGES = {
    "lambda-events": "packages/events",
    "lambda-logging": "packages/logging",
    "lambda-otel": "packages/otel",
    "lambda-runtime": "packages/runtime",
    "lambda-asgi": "packages/asgi",
    "lambda-testing": "packages/testing",
    "lambda-emulator": "emulator",
    "hatch-lambda": "packages/packaging",
}
PYTHONS = {"3.11", "3.12", "3.13", "3.14"}

CHANGELOG = """\
# Changelog

## [Unreleased]

- Of the next one.

## [0.3.0] - 2026-02-03

### Fixed

- What was broken.

## [0.2.0] - 2026-01-02

- What was there before.
"""


class Workspace:
    """A git repository with what the scripts read."""

    def __init__(self, root: Path) -> None:
        self.root = root
        skip = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / "scripts", root / "scripts", ignore=skip)
        shutil.copy(ROOT / "pyproject.toml", root)
        for folder in (*PACKAGES.values(), "samples"):
            (root / folder).mkdir(parents=True)
            shutil.copy(ROOT / folder / "pyproject.toml", root / folder)
            for source in ROOT.glob(f"{folder}/src/*/_version.py"):
                copy = root / source.relative_to(ROOT)
                copy.parent.mkdir(parents=True)
                copy.write_text('"""The version."""\n\n__version__ = "0.3.0"\n')
                (root / folder / "CHANGELOG.md").write_text(CHANGELOG)
        self.git("init", "--quiet", "--initial-branch=main")
        self.commit()

    def git(self, *arguments: str) -> None:
        identity = ["-c", "user.name=A", "-c", "user.email=a@example.com"]
        subprocess.run(["git", *identity, *arguments], cwd=self.root, check=True, env=environment())

    def commit(self, *files: str) -> None:
        for name in files:
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            (self.root / name).write_text("changed\n")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message=x")

    def run(self, script: str, *arguments: str) -> tuple[int, str, str]:
        command = [sys.executable, "-m", f"scripts.{script}", *arguments]
        done = subprocess.run(
            command,
            cwd=self.root,
            env=environment(),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr

    def affected(self, *base: str) -> set[str]:
        """Return the packages in the matrix; each is there with every Python."""
        code, out, err = self.run("affected", *base)
        assert code == 0, err
        assert out.startswith("matrix=")
        matrix = out.removeprefix("matrix=").strip()
        rows = json.loads(matrix)["include"] if matrix else []
        assert all(PACKAGES[row["package"]] == row["folder"] for row in rows)
        packages = {row["package"] for row in rows}
        pairs = {(row["package"], row["python"]) for row in rows}
        assert pairs == {(package, python) for package in packages for python in PYTHONS}
        assert len(pairs) == len(rows)
        return packages


def environment() -> dict[str, str]:
    """Return the environment without what git tells the programs that it starts."""
    return {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


def test_without_a_base_everything_is_concerned(workspace: Workspace) -> None:
    assert workspace.affected() == PACKAGES.keys()


@pytest.mark.parametrize(
    ("changed", "packages"),
    [
        ([], set()),
        (["packages/packaging/src/hatch_lambda/_site.py"], {"hatch-lambda"}),
        # The emulator's tests use the runtime, the runtime's tests the fake Runtime API.
        (["emulator/README.md"], {"lambda-emulator"}),
        (
            ["packages/testing/src/lambda_testing/_wire.py"],
            {
                "lambda-testing",
                "lambda-asgi",
                "lambda-runtime",
                "lambda-otel",
                "lambda-emulator",
            },
        ),
        (["samples/hello/__main__.py"], set()),
        (["README.md", "docs/streaming.md", "docs/a.svg", "benchmarks/_cold.py"], set()),
        (["uv.lock"], set(PACKAGES)),
        (["README.md", ".github/workflows/ci.yml"], set(PACKAGES)),
        (["packages/README"], set(PACKAGES)),
    ],
)
def test_a_change_concerns_what_depends_on_it(
    workspace: Workspace, changed: list[str], packages: set[str]
) -> None:
    workspace.git("tag", "base")
    workspace.commit(*changed) if changed else None
    assert workspace.affected("base") == packages


def test_a_change_of_logging_reaches_all_that_log(workspace: Workspace) -> None:
    workspace.git("tag", "base")
    workspace.commit("packages/logging/src/lambda_logging/_log.py")
    assert workspace.affected("base") >= {
        "lambda-logging",
        "lambda-otel",
        "lambda-runtime",
        "lambda-testing",
        "lambda-emulator",
    }


def test_what_happened_on_the_other_branch_is_no_change(workspace: Workspace) -> None:
    workspace.git("switch", "--quiet", "--create", "feature")
    workspace.commit("packages/packaging/README.md")
    workspace.git("switch", "--quiet", "main")
    workspace.commit("uv.lock")
    workspace.git("switch", "--quiet", "feature")
    assert workspace.affected("main") == {"hatch-lambda"}


def test_a_moved_file_concerns_the_package_that_it_left(workspace: Workspace) -> None:
    workspace.commit("packages/events/notes.txt")
    workspace.git("tag", "base")
    workspace.git("mv", "packages/events/notes.txt", "packages/packaging/notes.txt")
    workspace.commit()
    assert {"lambda-events", "hatch-lambda"} <= workspace.affected("base")


def test_a_base_that_does_not_exist_is_an_error(workspace: Workspace) -> None:
    code, out, _ = workspace.run("affected", "nowhere")
    assert code != 0
    assert out == ""


def test_the_pythons_are_those_that_the_packages_name() -> None:
    for folder in PACKAGES.values():
        text = (ROOT / folder / "pyproject.toml").read_text("utf-8")
        assert set(re.findall(r"Python :: (3\.\d+)", text)) == PYTHONS


def test_a_release_that_agrees(workspace: Workspace) -> None:
    code, out, _ = workspace.run("release", "check", "lambda-events/v0.3.0")
    assert code == 0
    assert out == "package=lambda-events\nversion=0.3.0\nfolder=packages/events\n"
    code, out, _ = workspace.run("release", "notes", "lambda-events/v0.3.0")
    assert (code, out) == (0, "### Fixed\n\n- What was broken.\n")


@pytest.mark.parametrize(
    ("tag", "reason"),
    [
        ("v0.3.0", "the tag 'v0.3.0' is not of the form PACKAGE/vMAJOR.MINOR.PATCH"),
        ("lambda-events/v0.3", "is not of the form PACKAGE/vMAJOR.MINOR.PATCH"),
        ("lambda-events/v0.3.0rc1", "is not of the form PACKAGE/vMAJOR.MINOR.PATCH"),
        ("lambda-samples/v0.3.0", "'lambda-samples' is not a package of this workspace"),
        (
            "lambda-events/v0.4.0",
            (
                "the tag says lambda-events 0.4.0, and "
                "packages/events/src/lambda_events/_version.py says 0.3.0"
            ),
        ),
    ],
)
def test_a_tag_that_does_not_fit(workspace: Workspace, tag: str, reason: str) -> None:
    code, out, err = workspace.run("release", "check", tag)
    assert (code, out) == (1, "")
    assert reason in err


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ("[0.3.0] - 2026-02-03", "[0.4.0] - 2026-02-03", "CHANGELOG.md has 0.4.0 first"),
        (" - 2026-02-03", "", "does not say the day of 0.3.0"),
        ("### Fixed\n\n- What was broken.\n", "", "has no entry for 0.3.0"),
        (CHANGELOG, "# Changelog\n", "CHANGELOG.md has no release"),
    ],
)
def test_a_changelog_that_does_not_fit(
    workspace: Workspace, before: str, after: str, reason: str
) -> None:
    changelog = workspace.root / "emulator/CHANGELOG.md"
    changelog.write_text(CHANGELOG.replace(before, after))
    code, out, err = workspace.run("release", "check", "lambda-emulator/v0.3.0")
    assert (code, out) == (1, "")
    assert reason in err


def test_every_change_of_a_package_is_released_with_a_version_of_its_own() -> None:
    for folder in PACKAGES.values():
        changelog = (ROOT / folder / "CHANGELOG.md").read_text("utf-8")
        assert changelog.count("\n## [Unreleased]\n") == 1


needs_towncrier = pytest.mark.skipif(
    importlib.util.find_spec("towncrier") is None,
    reason="towncrier, a development tool of the workspace, is not installed",
)


@needs_towncrier
def test_a_fragment_is_made_as_the_contributors_are_told(workspace: Workspace) -> None:
    told = (ROOT / "CONTRIBUTING.md").read_text("utf-8").replace("\\\n", "")
    (command,) = re.findall(r"^uv run python (-m towncrier create .*)$", told, re.MULTILINE)
    subprocess.run(
        [sys.executable, *shlex.split(command)], cwd=workspace.root, env=environment(), check=True
    )
    (fragment,) = (workspace.root / "packages/events/changes").iterdir()
    assert fragment.name == "12.fixed.md"
    workspace.commit()
    assert workspace.run("release", "prepare", "lambda-events", "0.4.0")[0] == 0
    notes = workspace.run("release", "notes", "lambda-events/v0.4.0")[1]
    assert "- A batch of no records is a batch. (#12)\n" in notes


@needs_towncrier
def test_a_release_is_prepared_from_fragments(workspace: Workspace) -> None:
    changes = workspace.root / "packages/events/changes"
    changes.mkdir()
    (changes / "12.fixed.md").write_text("A thing that is fixed.\n")
    (changes / "+other.added.md").write_text("A thing that is new.\n")
    workspace.commit()
    code, _, err = workspace.run("release", "prepare", "lambda-events", "0.4.0")
    assert code == 0, err
    assert workspace.run("release", "check", "lambda-events/v0.4.0")[0] == 0
    notes = workspace.run("release", "notes", "lambda-events/v0.4.0")[1]
    new = "### Added\n\n- A thing that is new.\n\n### Fixed\n\n- A thing that is fixed. (#12)\n\n"
    assert notes == f"{new}- Of the next one.\n"
    assert not list(changes.glob("*.md"))
    changelog = (workspace.root / "packages/events/CHANGELOG.md").read_text()
    assert changelog.startswith("# Changelog\n\n## [Unreleased]\n\n## [0.4.0] - 20")
    assert changelog.endswith(CHANGELOG[CHANGELOG.index("## [0.3.0]") :])


@needs_towncrier
def test_the_first_release_is_what_was_written_by_hand(workspace: Workspace) -> None:
    changelog = workspace.root / "emulator/CHANGELOG.md"
    changelog.write_text("# Changelog\n\n## [Unreleased]\n\n### Added\n\n- All of it.\n")
    code, _, err = workspace.run("release", "prepare", "lambda-emulator", "0.3.0")
    assert code == 0, err
    notes = workspace.run("release", "notes", "lambda-emulator/v0.3.0")[1]
    assert notes == "### Added\n\n- All of it.\n"


@pytest.mark.parametrize(
    ("version", "reason"),
    [("0.2.9", "lambda-events is at 0.3.0 already"), ("1.0", "is not of the form")],
)
def test_a_version_that_cannot_be_next(workspace: Workspace, version: str, reason: str) -> None:
    code, _, err = workspace.run("release", "prepare", "lambda-events", version)
    assert code == 1
    assert reason in err
    source = workspace.root / "packages/events/src/lambda_events/_version.py"
    assert '__version__ = "0.3.0"' in source.read_text()


def pack(installed: Distribution, folder: Path) -> None:
    """Make a wheel of an installed package, so that no test needs PyPI."""
    wheel_file = installed.read_text("WHEEL") or ""
    (tag, *_) = re.findall("^Tag: (.*)$", wheel_file, re.MULTILINE)
    name = installed.metadata["Name"].replace("-", "_")
    with zipfile.ZipFile(folder / f"{name}-{installed.version}-{tag}.whl", "w") as wheel:
        for file in installed.files or ():
            if ".." not in file.parts and file.suffix != ".pyc":
                wheel.write(file.locate(), file.as_posix())


def dependencies(requirement: Requirement, found: dict[str, Distribution]) -> None:
    """Add what a requirement installs, by name."""
    if requirement.name not in found:
        found[requirement.name] = distribution(requirement.name)
    for line in found[requirement.name].requires or ():
        needed = Requirement(line)
        extras = requirement.extras or {""}
        asked = needed.marker is None or any(needed.marker.evaluate({"extra": e}) for e in extras)
        if asked and (needed.name not in found or needed.extras):
            dependencies(needed, found)


@pytest.mark.skipif(shutil.which("uv") is None, reason="uv is not installed")
def test_a_release_is_rehearsed_with_an_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    from scripts.rehearse import rehearse

    wheels = tmp_path / "wheels"
    wheels.mkdir()
    found: dict[str, Distribution] = {}
    extras = ",".join(distribution("lambda-runtime").metadata.get_all("Provides-Extra", []))
    dependencies(Requirement(f"lambda-runtime[{extras}]"), found)
    for name, installed in found.items():
        if name in PACKAGES:
            build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(wheels)]
            subprocess.run(build, cwd=ROOT / PACKAGES[name], check=True, capture_output=True)
        else:
            pack(installed, wheels)
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple")  # nobody is there
    rehearse(["lambda-runtime"], wheels, tmp_path)
    output = capfd.readouterr().out
    assert "hello: {'message': 'Hello Ada!'}" in output
    assert f"lambda-runtime[{extras}]==" in output
