"""The deploy guide: its commands, templates and programs, as far as they go without AWS."""

from __future__ import annotations

import ast
import json
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import botocore.session
import pytest
import yaml  # type: ignore[import-untyped]

from hatch_lambda import Options

from .conftest import ROOT, run, tool

if TYPE_CHECKING:
    from collections.abc import Iterator

GUIDES = [ROOT / "docs" / "deploying.md", Path(__file__).parents[1] / "README.md"]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# Options of the command line itself, and not of the request.
COMMON = {"query", "output", "region", "cli-binary-format"}
OTHER_NAMES = {"zip-file": "Code", "follow": "", "since": ""}


def blocks(language: str) -> list[Any]:
    return [
        pytest.param(block, id=f"{guide.name}-{number}")
        for guide in GUIDES
        for number, (kind, block) in enumerate(BLOCK.findall(guide.read_text("utf-8")), 1)
        if kind == language
    ]


def is_template(block: str) -> bool:
    return "AWSTemplateFormatVersion" in block


def aws_commands(block: str) -> Iterator[list[str]]:
    joined = block.replace("\\\n", " ")
    for command in re.findall(r"(?:^|\$\()\s*(aws .*?)(?:\)$|$)", joined, re.MULTILINE):
        yield shlex.split(command)[1:]


def test_there_are_blocks_of_each_kind() -> None:
    kinds = {kind for guide in GUIDES for kind, _ in BLOCK.findall(guide.read_text("utf-8"))}
    assert kinds == {"hcl", "python", "sh", "text", "toml", "yaml"}


@pytest.mark.parametrize("block", blocks("sh"))
def test_scripts_can_be_parsed(block: str) -> None:
    result = subprocess.run(
        [tool("sh"), "-n"], input=block, capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.parametrize("block", [each for each in blocks("sh") if "aws " in each.values[0]])
def test_commands_are_those_of_the_api(block: str) -> None:
    """Each command is an operation, and its options are what the operation takes."""
    session: Any = botocore.session.get_session()
    checked = 0
    for service, command, *words in aws_commands(block):
        options = {word[2:] for word in words if word.startswith("--")} - COMMON
        if service == "s3" or (service, command) == ("logs", "tail"):
            continue  # these are the command line's own
        model = session.get_service_model(service)
        if command == "wait":
            waiters = session.get_waiter_model(service)
            assert camel(words[0]) in waiters.waiter_names
            operation = waiters.get_waiter(camel(words[0])).operation
        else:
            operation = camel(command)
        shape = model.operation_model(operation).input_shape
        assert shape is not None
        members = set(shape.members)
        names = {OTHER_NAMES.get(option, camel(option)) for option in options}
        if command == "update-function-code":
            names = {"ZipFile" if name == "Code" else name for name in names}
        if command == "publish-layer-version":
            names = {"Content" if name == "Code" else name for name in names}
        assert names <= members, (service, command)
        assert set(shape.required_members) <= names, (service, command)
        checked += 1
    assert checked or "s3" in block


def camel(option: str) -> str:
    """Return the API's name of an option: ``s3-key`` is ``S3Key``."""
    return "".join(part.capitalize() for part in option.split("-"))


def test_templates_are_valid(tmp_path: Path) -> None:
    templates = [each.values[0] for each in blocks("yaml") if is_template(each.values[0])]
    paths = [tmp_path / f"template{number}.yaml" for number, _ in enumerate(templates)]
    for path, template in zip(paths, templates, strict=True):
        path.write_text(template, "utf-8")
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / "orders.zip").touch()
    result = run(
        Path(sys.executable).parent / "cfn-lint", "--regions", "eu-central-1", "--", *paths
    )
    assert len(paths) == 3
    assert (result.returncode, result.stdout) == (0, "")


@pytest.mark.parametrize(
    "block", [each for each in blocks("yaml") if not is_template(each.values[0])]
)
def test_workflows_say_what_they_may_do(block: str) -> None:
    workflow = yaml.safe_load(block)
    assert workflow["permissions"] == {}
    for job in workflow["jobs"].values():
        assert set(job["permissions"]) <= {"contents", "id-token"}
        for step in job["steps"]:
            assert {"uses", "run"} & step.keys()
    (path,) = (
        step["with"]["path"]
        for step in workflow["jobs"]["build"]["steps"]
        if "upload-artifact" in step.get("uses", "")
    )
    deployed = "".join(step.get("run", "") for step in workflow["jobs"]["deploy"]["steps"])
    assert f"fileb://{path}" in deployed


@pytest.mark.parametrize("block", blocks("python"))
def test_programs_can_be_compiled(block: str) -> None:
    ast.parse(block)


@pytest.mark.parametrize("block", blocks("hcl"))
def test_terraform_reads_it_as_it_would_write_it(block: str) -> None:
    result = subprocess.run(
        [tool("terraform"), "fmt", "-no-color", "-diff", "-"],
        input=block,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout in {block, ""}


@pytest.mark.parametrize("block", blocks("toml"))
def test_options_are_known(block: str) -> None:
    config = tomllib.loads(block)
    table = config.get("tool", {}).get("hatch", {}).get("build", {}).get("targets", {})["lambda"]
    for name, own in (table.get("functions") or {"function": {}}).items():
        merged = {key: value for key, value in {**table, **own}.items() if key != "functions"}
        Options.parse(merged, {}, name=name, project=Path.cwd())


def test_policies_are_json() -> None:
    guide = GUIDES[0].read_text("utf-8")
    (policy,) = re.findall(r"<<'EOF'\n(.*?)^EOF$", guide, re.MULTILINE | re.DOTALL)
    assert json.loads(policy)["Statement"][0]["Effect"] == "Allow"


def test_what_is_linked_is_there() -> None:
    for guide in GUIDES:
        for link in re.findall(r"\]\(([^)#]+)\)", guide.read_text("utf-8")):
            assert link.startswith("https://") or (guide.parent / link).exists(), link
