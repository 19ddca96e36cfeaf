"""The deploy guides: their commands, templates and programs, as far as they go without AWS."""

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
import yaml
from botocore.validate import ParamValidator

from hatch_lambda import Options

from .conftest import ROOT, run, tool

if TYPE_CHECKING:
    from collections.abc import Iterator

GUIDES = [
    ROOT / "docs" / "deploying.md",
    ROOT / "docs" / "runtime-image.md",
    Path(__file__).parents[1] / "README.md",
]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# Options of the command line itself, and not of the request.
COMMON = {"query", "output", "region", "cli-binary-format"}
OTHER_NAMES = {"zip-file": "Code"}
# The command line's own names of members that the API has inside another one.
ARCHIVES = {"update-function-code": "ZipFile", "publish-layer-version": "Content"}
# Values of the variables in commands.
VARIABLES = {
    "$account": "123456789012",
    "$layer": "arn:aws:lambda:eu-central-1:123456789012:layer:python:1",
    "$registry": "123456789012.dkr.ecr.eu-central-1.amazonaws.com",
    "$repository": "123456789012.dkr.ecr.eu-central-1.amazonaws.com/orders",
    "$role": "arn:aws:iam::123456789012:role/orders",
    "$runtime": "arn:aws:lambda:eu-central-1:123456789012:runtime/acme-python",
}
# cfn-lint does not know these resources and properties yet: `RESOURCES` does.
NOT_LINTED = "\nMetadata: {cfn-lint: {config: {ignore_checks: [E3002, E3006, E3030]}}}\n"
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_Lambda.html: what each
# must have, and what it may have.
RESOURCES = {
    "AWS::Lambda::Runtime": (
        {"Name"},
        {"Description", "LicenseInfo", "ReleaseLifecycle", "Tags"},
    ),
    "AWS::Lambda::RuntimeVersion": ({"ImageUri", "Name", "RuntimeName"}, {"ReleaseNotes"}),
    "AWS::Lambda::RuntimeAlias": (
        {"Name", "RuntimeName", "RuntimeVersion"},
        {"Description", "ReleaseLifecycle"},
    ),
}


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
        yield shlex.split(re.sub(r"\$[a-z]+", lambda name: VARIABLES[name[0]], command))[1:]


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
def test_commands_are_requests_of_the_api(block: str) -> None:
    """Each command is an operation, and its options are parameters that the operation takes."""
    session: Any = botocore.session.get_session()
    checked = 0
    for service, command, *words in aws_commands(block):
        if service == "s3" or (service, command) == ("logs", "tail"):
            continue  # these are the command line's own
        checked += 1
        if (service, command) == ("ecr", "get-login-password"):
            continue  # likewise
        model = session.get_service_model(service)
        if command == "wait":
            waiters = session.get_waiter_model(service)
            assert camel(words[0]) in waiters.waiter_names
            operation = waiters.get_waiter(camel(words[0])).operation
        else:
            operation = camel(command)
        shape = model.operation_model(operation).input_shape
        members = {name.lower(): name for name in (shape.members if shape else ())}
        parameters: dict[str, Any] = {}
        for option, values in options_of(words):
            if option in COMMON:
                continue
            name = OTHER_NAMES.get(option, camel(option))
            name = ARCHIVES.get(command, name) if name == "Code" else name
            assert name.lower() in members, (service, command, option)
            name = members[name.lower()]
            of_member = shape.members[name]
            is_inside = option == "zip-file" and of_member.type_name == "structure"
            parameters[name] = {} if is_inside else to_value(of_member, values)
        if shape is not None:
            report = ParamValidator().validate(parameters, shape)
            assert report.generate_report() == "", (service, command)
            assert list(wrong_words(parameters, shape)) == [], (service, command)
    assert checked or "s3" in block


def options_of(words: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield the options of a command, each with its values."""
    starts = [number for number, word in enumerate(words) if word.startswith("--")]
    for start, end in zip(starts, [*starts[1:], len(words)], strict=True):
        yield words[start][2:], words[start + 1 : end]


def to_value(shape: Any, words: list[str]) -> Any:
    """Return what the command line makes of the words of an option."""
    if shape.type_name == "boolean" and not words:
        return True
    if shape.type_name == "list":
        return [to_value(shape.member, [word]) for word in words]
    word, *_ = words  # what follows belongs to the command, such as the file of an answer
    if shape.type_name in {"structure", "map"}:
        pairs = [pair.split("=", 1) for pair in re.split(r",(?![^{]*})", word)]
        return {
            name: to_value(
                shape.members[name] if shape.type_name == "structure" else shape.value,
                [text.removeprefix("{").removesuffix("}")],
            )
            for name, text in pairs
        }
    readers: dict[str, Any] = {"integer": int, "long": int, "blob": str.encode}
    return readers.get(shape.type_name, str)(word)


def wrong_words(value: Any, shape: Any) -> Iterator[str]:
    """Yield the words that are not among those of the model, or not of their pattern."""
    if shape.type_name == "structure":
        for name, each in value.items():
            yield from wrong_words(each, shape.members[name])
    elif shape.type_name == "list":
        for each in value:
            yield from wrong_words(each, shape.member)
    elif shape.type_name == "string" and not value.startswith("file://"):
        pattern = shape.metadata.get("pattern", "").replace(r"\p{C}", r"\x00-\x1f")
        if value not in (shape.enum or [value]) or not re.fullmatch(pattern or ".*", value):
            yield value


def camel(option: str) -> str:
    """Return the API's name of an option: ``s3-key`` is ``S3Key``."""
    return "".join(part.capitalize() for part in option.split("-"))


def test_templates_are_valid(tmp_path: Path) -> None:
    templates = [each.values[0] for each in blocks("yaml") if is_template(each.values[0])]
    paths = [tmp_path / f"template{number}.yaml" for number, _ in enumerate(templates)]
    of_runtimes = 0
    for path, template in zip(paths, templates, strict=True):
        is_of_runtime = "Runtime: custom" in template or "AWS::Lambda::Runtime" in template
        of_runtimes += is_of_runtime
        path.write_text(template + is_of_runtime * NOT_LINTED, "utf-8")
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist" / "orders.zip").touch()
    linter = (Path(sys.executable).parent / "cfn-lint", "--regions", "eu-central-1")
    result = run(*linter, "--", *paths)
    assert (result.returncode, result.stdout) == (0, "")
    assert (len(paths), of_runtimes) == (5, 2)


class Template(yaml.SafeLoader):  # type: ignore[misc]
    """Reads the short forms of CloudFormation's functions as text."""


Template.add_multi_constructor("!", lambda loader, _, node: loader.construct_scalar(node))


def test_resources_of_runtimes_have_their_properties() -> None:
    """By AWS's reference; the programs of CDK hold the same as literals."""
    (guide,) = (guide for guide in GUIDES if guide.name == "runtime-image.md")
    found = BLOCK.findall(guide.read_text("utf-8"))
    resources = [
        (resource["Type"], resource["Properties"])
        for kind, block in found
        if kind == "yaml"
        for resource in yaml.load(block, Template)["Resources"].values()
    ]
    (program,) = (block for kind, block in found if kind == "python")
    for node in ast.walk(ast.parse(program)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            given = {word.arg: word.value for word in node.keywords}
            if isinstance(kind := given.get("type"), ast.Constant):
                properties = given["properties"]
                assert isinstance(properties, ast.Dict)
                names = [key.value for key in properties.keys if isinstance(key, ast.Constant)]
                resources.append((kind.value, dict.fromkeys(names)))
    known = [resource for resource in resources if resource[0] in RESOURCES]
    assert {kind for kind, _ in known} == RESOURCES.keys()
    assert len(known) == 2 * len(RESOURCES)
    for kind, properties in known:
        required, optional = RESOURCES[kind]
        assert required <= properties.keys() <= required | optional, kind
    (function,) = (own for kind, own in resources if kind == "AWS::Serverless::Function")
    assert function["Runtime"] == "custom"
    assert function["RuntimeConfig"].keys() == {"RuntimeArn", "RuntimeAlias"}


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
    guides = "".join(guide.read_text("utf-8") for guide in GUIDES)
    policies = re.findall(r"<<'EOF'\n(.*?)^EOF$", guides, re.MULTILINE | re.DOTALL)
    assert [json.loads(each)["Statement"][0]["Effect"] for each in policies] == ["Allow"] * 2


def test_what_is_linked_is_there() -> None:
    for guide in GUIDES:
        for link in re.findall(r"\]\(([^)#]+)\)", guide.read_text("utf-8")):
            assert link.startswith("https://") or (guide.parent / link).exists(), link
