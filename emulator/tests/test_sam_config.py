"""``samconfig.toml`` and files of variables, as SAM's command line has them."""

import json
import os
from pathlib import Path
from threading import Thread

import pytest

from lambda_emulator._project.read import read_project
from lambda_emulator._project.template_file import ProjectError

from .conftest import run_in

TEMPLATE = """
Parameters:
  Stage: {Type: String, Default: none}
  Text: {Type: String, Default: none}
  Host: {Type: String}
  Kept: {Type: String, Default: kept}
  Items: {Type: CommaDelimitedList, Default: a}
Resources:
  Fn:
    Type: AWS::Lambda::Function
    Properties:
      FunctionName: !Sub "fn-${Stage}"
      Handler: index.handler
      Runtime: python3.13
      Code: {ZipFile: "import os\\ndef handler(e, c): return [os.environ.get(x) for x in e]"}
      Environment:
        Variables:
          {STAGE: !Ref Stage, TEXT: !Ref Text, HOST: !Ref Host, KEPT: !Ref Kept,
           ITEMS: !Join ["|", !Ref Items]}
"""
AS_TEXT = """
version = 0.1
[default.global.parameters]
parameter_overrides = "Stage=global Text=global"
[default.local_start_api.parameters]
parameter_overrides = "Stage=\\"dev\\" Text=\\"a \\\\\\"b\\\\\\" c=d\\" Gone=1"
[default.deploy.parameters]
parameter_overrides = 'ParameterKey=Host,ParameterValue=db ParameterKey=Kept,ParameterValue=live'
[prod.deploy.parameters]
parameter_overrides = ["Host=prod db"]
"""
AS_LIST = """
[default.local_invoke.parameters]
parameter_overrides = ["Stage=dev", "Text=\\"a b\\"", "Items=x,y", "Host=a=b"]
"""
AS_TABLES = """
[default.global.parameters]
parameter_overrides = [{Stage = "dev"}, {Items = ["x", "y"], Text = true}, "Host=db"]
"""
AS_YAML = """
version: 0.1
default: {global: {parameters: {parameter_overrides: [Stage=dev, Host: db]}}}
"""
PLAIN = {"STAGE": "none", "TEXT": "none", "HOST": "db", "KEPT": "kept", "ITEMS": "a"}


def write(folder: Path, **files: str) -> Path:
    for name, text in {"template_yaml": TEMPLATE, **files}.items():
        (folder / name.replace("_", ".")).write_text(text)
    return folder / "template.yaml"


@pytest.mark.parametrize(
    ("name", "config", "environment", "expected"),
    [
        ("samconfig_toml", AS_TEXT, None, {"STAGE": "dev", "TEXT": 'a "b" c=d'}),
        ("samconfig_toml", AS_TEXT, "prod", {"HOST": "prod db"}),
        (
            "samconfig_toml",
            AS_LIST,
            None,
            {"STAGE": "dev", "TEXT": "a b", "ITEMS": "x|y", "HOST": "a=b"},
        ),
        ("samconfig_toml", AS_TABLES, None, {"STAGE": "dev", "TEXT": "true", "ITEMS": "x|y"}),
        ("samconfig_yaml", AS_YAML, None, {"STAGE": "dev"}),
    ],
)
def test_parameters(
    tmp_path: Path, name: str, config: str, environment: str | None, expected: dict[str, str]
) -> None:
    path = write(tmp_path, **{name: config})
    project = read_project(path, sam_environment=environment)
    assert dict(project.functions[0].environment) == {**PLAIN, **expected}
    assert path.with_name(name.replace("_", ".")) in project.files  # so that it is watched


def test_what_is_typed_wins(tmp_path: Path) -> None:
    project = read_project(write(tmp_path, samconfig_toml=AS_TEXT), {"Stage": "typed"})
    assert project.functions[0].environment["STAGE"] == "typed"
    assert project.configured == ("Host", "Text")


def test_the_template_that_sam_has_built(tmp_path: Path) -> None:
    build = tmp_path / ".aws-sam" / "build"
    build.mkdir(parents=True)
    (tmp_path / "samconfig.toml").write_text(AS_LIST)
    assert read_project(write(build)).configured == ("Host", "Items", "Stage", "Text")


@pytest.mark.parametrize(
    ("config", "environment", "words"),
    [
        ("[default", None, "samconfig.toml cannot be read: "),
        (AS_TEXT, "test", "has no environment 'test': it has default, prod."),
        (None, "test", "template.yaml has no samconfig.toml beside it."),
        (
            '[default.global.parameters]\nparameter_overrides = "A=\\"b"',
            None,
            "samconfig.toml: parameter_overrides cannot be read: No closing quotation.",
        ),
    ],
)
def test_settings_that_cannot_be_read(
    tmp_path: Path, config: str | None, environment: str | None, words: str
) -> None:
    path = write(tmp_path, **({} if config is None else {"samconfig_toml": config}))
    with pytest.raises(ProjectError) as caught:
        read_project(path, sam_environment=environment)
    assert words in str(caught.value)


VARIABLES = {
    "Parameters": {"STAGE": "all", "TEXT": 1, "HOST": None},
    "Fn": {"TEXT": True},
    "fn-none": {"KEPT": "by name"},
    "Other": {"ITEMS": "other"},
}
ENV_VARS = '[default.local_start_lambda.parameters]\nenv_vars = "%s"\n'


@pytest.mark.parametrize("place", ["settings", "option", "both"])
def test_variables_in_json(tmp_path: Path, place: str) -> None:
    (tmp_path / "env.json").write_text(json.dumps(VARIABLES))
    (tmp_path / "more.json").write_text(json.dumps({"Fn": {"STAGE": "more"}}))
    config = "env.json" if place != "option" else "absent.json"
    write(tmp_path, samconfig_toml=ENV_VARS % config)
    option = {"settings": [], "option": ["--env-vars", "env.json"]}
    more = option.get(place, ["--env-file", "more.json", "--env", "ITEMS=typed"])
    names = json.dumps(["STAGE", "TEXT", "HOST", "KEPT", "ITEMS"])
    done = run_in(tmp_path, "invoke", "template.yaml", "-d", names, *more)
    expected = (
        ["more", "true", "", "by name", "typed"]
        if place == "both"
        else ["all", "true", "", "by name", "a"]
    )
    assert json.loads(done.stdout) == expected
    if place == "option":
        said = run_in(tmp_path, "describe", "template.yaml").stdout
        assert "samconfig.toml: The file absent.json is not there" in said


def test_variables_of_a_plain_function(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("import os\ndef handler(event): return os.environ['A']")
    (tmp_path / "env.json").write_text(json.dumps({"app": {"A": "own"}}))
    assert run_in(tmp_path, "invoke", "app.handler", "--env-file", "env.json").stdout == '"own"\n'
    (tmp_path / "env.json").write_text("[]")
    done = run_in(tmp_path, "invoke", "app.handler", "--env-file", "env.json")
    assert "env.json is not JSON with a table for each function" in done.stderr


def test_variables_from_a_pipe_are_read_once(tmp_path: Path) -> None:
    """As a shell's ``<(...)`` is, with secrets that are in no file."""
    resources = TEMPLATE.partition("Resources:")[2]
    more = resources.replace("  Fn:", "  Other:").replace("fn-", "other-")
    path = write(tmp_path, template_yaml=TEMPLATE + more)
    pipe = tmp_path / "variables"
    os.mkfifo(pipe)
    writer = Thread(target=pipe.write_text, args=["STAGE=secret"], daemon=True)
    writer.start()
    done = run_in(
        tmp_path, "invoke", str(path), "Other", "-d", '["STAGE"]', "--env-file", str(pipe)
    )
    writer.join()
    assert done.stdout == '["secret"]\n', done.stderr
