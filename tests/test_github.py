"""The workflows are valid, safe, and say what is true of this workspace."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
GITHUB = ROOT / ".github"
WORKFLOWS = sorted(GITHUB.glob("workflows/*.yml"))
each_workflow = pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)

USES = re.compile(r"^ +(?:- )?uses: (?P<action>\S+?)@(?P<commit>\S+)(?P<comment>.*)$", re.MULTILINE)
JOB = re.compile(r"^  (?P<name>[\w-]+):\n(?P<text>(?:(?: {4}.*)?\n)+)", re.MULTILINE)


def tool(name: str) -> str:
    """Return the path of a development tool, or skip the test."""
    path = Path(sys.executable).with_name(name)
    if not path.exists():
        pytest.skip(f"{name}, a development tool of the workspace, is not installed")
    return str(path)


def run(*command: str) -> str:
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


def jobs(workflow: Path) -> dict[str, str]:
    """Return the jobs of a workflow, as text."""
    text = workflow.read_text("utf-8").partition("\njobs:\n")[2] + "\n"
    return {job["name"]: job["text"] for job in JOB.finditer(text)}


def test_nothing_in_it_is_unsafe() -> None:
    assert run(tool("zizmor"), "--offline", "--persona=pedantic", "--no-progress", ".github") == ""


@pytest.mark.parametrize(
    ("schema", "files"),
    [
        ("github-workflows", WORKFLOWS),
        ("dependabot", [GITHUB / "dependabot.yml"]),
        (
            "github-issue-forms",
            [GITHUB / "ISSUE_TEMPLATE" / name for name in ("bug.yml", "idea.yml")],
        ),
        ("github-issue-config", [GITHUB / "ISSUE_TEMPLATE" / "config.yml"]),
    ],
)
def test_it_is_of_the_form_that_github_reads(schema: str, files: list[Path]) -> None:
    check = [tool("check-jsonschema"), "--builtin-schema", f"vendor.{schema}"]
    assert run(*check, *map(str, files)) == ""


@each_workflow
def test_actions_are_pinned_by_commit(workflow: Path) -> None:
    found = list(USES.finditer(workflow.read_text("utf-8")))
    assert found
    assert [
        use["action"]
        for use in found
        if not re.fullmatch(r"[0-9a-f]{40}", use["commit"])
        or not re.fullmatch(r" # v\d+\.\d+\.\d+", use["comment"])
    ] == []


def test_an_action_is_pinned_to_the_same_commit_everywhere() -> None:
    uses = {
        (use["action"], use["commit"], use["comment"])
        for workflow in WORKFLOWS
        for use in USES.finditer(workflow.read_text("utf-8"))
    }
    assert len(uses) == len({action for action, _, _ in uses})


@each_workflow
def test_a_job_has_the_rights_that_it_needs_and_an_end(workflow: Path) -> None:
    assert "\npermissions: {}\n" in workflow.read_text("utf-8")
    assert "\nconcurrency:\n" in workflow.read_text("utf-8")
    for name, job in jobs(workflow).items():
        assert "\n    timeout-minutes: " in job, name
        assert "write-all" not in job
        assert job.count("actions/checkout@") == job.count("persist-credentials: false"), name
        if "id-token: write" in job:
            assert " run:" not in job, "what may publish runs no code of ours"


def test_one_job_needs_all_others() -> None:
    everything = jobs(GITHUB / "workflows" / "ci.yml")
    check = everything.pop("check")
    (needs,) = re.findall(r"^    needs: \[(.*)\]$", check, re.MULTILINE)
    assert set(needs.split(", ")) == everything.keys()
    assert "\n    if: always()\n" in f"\n{check}"


def test_no_command_tests_what_is_locked_in_place_of_the_lowest() -> None:
    for workflow in WORKFLOWS:
        commands = re.sub(r"#.*", "", workflow.read_text("utf-8"))
        assert "--frozen" not in commands
        assert "UV_FROZEN" not in commands


def test_a_release_is_built_by_what_is_pinned_by_hash() -> None:
    release = (GITHUB / "workflows" / "release.yml").read_text("utf-8").replace("\\\n", "")
    (build,) = re.findall(r"^ *uv build (.*)$", release, re.MULTILINE)
    assert "--require-hashes" in build
    assert "--no-sources" in build
    (source,) = re.findall(r"^ *uv export .*--locked --package ([\w-]+)", release, re.MULTILINE)
    locked = tomllib.loads((ROOT / "uv.lock").read_text("utf-8"))["package"]
    (exported,) = (package for package in locked if package["name"] == source)
    assert "hatchling" in {needed["name"] for needed in exported["dependencies"]}


@each_workflow
def test_uv_is_one_that_the_workspace_can_be_used_with(workflow: Path) -> None:
    root = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    lowest = root["tool"]["uv"]["required-version"].removeprefix(">=")
    (version,) = re.findall(r'^  UV_VERSION: "(.*)"$', workflow.read_text("utf-8"), re.MULTILINE)
    assert [int(part) for part in version.split(".")] >= [int(part) for part in lowest.split(".")]


@each_workflow
def test_what_is_run_is_there(workflow: Path) -> None:
    text = workflow.read_text("utf-8")
    modules = re.findall(r"-m (scripts\.\w+)", text)
    paths = re.findall(r"(?<![\w./])(?:tests|packages|scripts|\.ci)/[\w./]+", text)
    files = [*(f"{module.replace('.', '/')}.py" for module in modules), *paths]
    assert files
    assert [name for name in files if not (ROOT / name).exists()] == []


def test_owners_are_of_files_that_are_there() -> None:
    lines = (GITHUB / "CODEOWNERS").read_text("utf-8").splitlines()
    rules = [line.split() for line in lines if line and not line.startswith("#")]
    assert rules[0][0] == "*"
    assert all(owner.startswith("@") for _, *owners in rules for owner in owners)
    assert [path for path, *_ in rules[1:] if not (ROOT / path.strip("/")).exists()] == []
