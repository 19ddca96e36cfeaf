"""Stacks of one template: the stages of an application of CDK, and a stack nested twice."""

import json
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from lambda_emulator import Emulator
from lambda_emulator._project.configure import configure_project, local_scope
from lambda_emulator._project.read import read_project
from lambda_emulator._project.template_file import ProjectError

from .conftest import LIMIT, OPTIONS, run_in

LONG = "Handler" + "0" * 56


def arn(of: str) -> dict[str, Any]:
    return {"Fn::GetAtt": [of, "Arn"]}


API: dict[str, Any] = {
    "Resources": {
        "Fn": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Handler": "index.handler",
                "Runtime": "python3.13",
                "Code": {"ZipFile": "def handler(event): return 1"},
                "Environment": {
                    "Variables": {
                        "QUEUE": {"Ref": "Queue"},
                        "API": {"Fn::GetAtt": ["Http", "ApiEndpoint"]},
                        "STACK": {"Ref": "AWS::StackName"},
                    }
                },
            },
        },
        LONG: {
            "Type": "AWS::Lambda::Function",
            "Properties": {"Handler": "a.b", "Runtime": "nodejs24.x", "Code": {"ZipFile": "1"}},
        },
        "Queue": {"Type": "AWS::SQS::Queue"},
        "Poll": {
            "Type": "AWS::Lambda::EventSourceMapping",
            "Properties": {"FunctionName": {"Ref": "Fn"}, "EventSourceArn": arn("Queue")},
        },
        "Http": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"ProtocolType": "HTTP"}},
        "Proxy": {
            "Type": "AWS::ApiGatewayV2::Integration",
            "Properties": {
                "ApiId": {"Ref": "Http"},
                "IntegrationType": "AWS_PROXY",
                "IntegrationUri": arn("Fn"),
            },
        },
        "Auth": {
            "Type": "AWS::ApiGatewayV2::Authorizer",
            "Properties": {
                "ApiId": {"Ref": "Http"},
                "AuthorizerType": "REQUEST",
                "AuthorizerUri": {"Fn::Sub": "a/functions/${Fn.Arn}/invocations"},
            },
        },
        "Get": {
            "Type": "AWS::ApiGatewayV2::Route",
            "Properties": {
                "ApiId": {"Ref": "Http"},
                "RouteKey": "GET /",
                "Target": {"Fn::Sub": "integrations/${Proxy}"},
                "AuthorizerId": {"Ref": "Auth"},
            },
        },
    },
    "Outputs": {
        "Url": {"Value": {"Fn::GetAtt": ["Http", "ApiEndpoint"]}},
        "ExportsOutputRefQueue": {
            "Value": {"Ref": "Queue"},
            "Export": {"Name": {"Fn::Sub": "${AWS::StackName}:Queue"}},
        },
    },
}
DATA = {"Resources": {"Table": {"Type": "AWS::DynamoDB::Table"}}}


def stage(name: str, folder: Path) -> None:
    """Write a stage with two stacks, of which one needs the other."""
    folder.mkdir()
    artifacts: dict[str, Any] = {f"{name}Data1.assets": {"type": "cdk:asset-manifest"}}
    needs = {"Data": [f"{name}Data1.assets"], "Api": [f"{name}Data1", f"{name}Api1.assets"]}
    for own, template in (("Data", DATA), ("Api", API)):
        (folder / f"{own}.json").write_text(json.dumps(template))
        artifacts[f"{name}{own}1"] = {
            "type": "aws:cloudformation:stack",
            "properties": {"templateFile": f"{own}.json", "stackName": f"{name}-{own}"},
            "dependencies": needs[own],
            "displayName": f"{name}/{own} ({name}-{own})",
        }
    (folder / "manifest.json").write_text(json.dumps({"artifacts": artifacts}))


@pytest.fixture
def stages(tmp_path: Path) -> Path:
    assemblies: dict[str, Any] = {}
    for name in ("Dev", "Prod"):
        stage(name, tmp_path / f"assembly-{name}")
        properties = {"directoryName": f"assembly-{name}"}
        assemblies[name] = {"type": "cdk:cloud-assembly", "properties": properties}
    (tmp_path / "manifest.json").write_text(json.dumps({"artifacts": assemblies}))
    return tmp_path


def test_each_stage_has_functions_and_resources_of_its_own(stages: Path) -> None:
    project = read_project(stages)
    served = [each for each in project.functions if not each.not_served]
    assert [(each.name, dict(each.environment)) for each in served] == [
        (
            "Fn",
            {
                "QUEUE": "https://sqs.us-east-1.amazonaws.com/123456789012/Queue",
                "API": "https://Http.execute-api.us-east-1.amazonaws.com",
                "STACK": "Dev-Api",
            },
        ),
        (
            "Prod-Api-Fn",
            {
                "QUEUE": "https://sqs.us-east-1.amazonaws.com/123456789012/Prod-Api-Queue",
                "API": "https://Prod-Api-Http.execute-api.us-east-1.amazonaws.com",
                "STACK": "Prod-Api",
            },
        ),
    ]
    assert [(each.source.rpartition(":")[2], each.function) for each in project.sources] == [
        ("Queue", "Fn"),
        ("Prod-Api-Queue", "Prod-Api-Fn"),
    ]
    assert [
        (
            each.name,
            each.place.name,
            route.function,
            each.authorizers[str(route.authorizer)].function,
        )
        for each in project.apis
        for route in each.routes
    ] == [("Http", "Http", "Fn", "Fn"), *[("Prod-Api-Http",) * 2 + ("Prod-Api-Fn",) * 2]]
    assert dict(project.outputs) == {
        "Url": "https://Http.execute-api.us-east-1.amazonaws.com",
        "Prod-Api-Url": "https://Prod-Api-Http.execute-api.us-east-1.amazonaws.com",
    }
    long = [each.name for each in project.functions if each.not_served]
    assert long[0] == LONG
    assert long[1].startswith("Prod-Api-Handler000")
    assert len(long[1]) == 64
    assert project.warnings == ()


@pytest.mark.parametrize("pattern", ["Prod/*", "Prod/Api", "Prod-A*", "ProdApi1"])
def test_some_stacks_with_those_that_they_need(stages: Path, pattern: str) -> None:
    project = read_project(stages, stacks=[pattern])
    assert [each.name for each in project.functions] == ["Fn", LONG]
    assert project.functions[0].environment["STACK"] == "Prod-Api"
    assert len(project.files) == 3  # the manifest, and the templates of two stacks


def test_the_template_of_a_stack_is_read_with_its_application(stages: Path) -> None:
    project = read_project(stages / "assembly-Prod" / "Api.json")
    assert project.functions[0].environment["STACK"] == "Prod-Api"
    assert len(project.files) == 3


def test_stacks_that_are_not_there(stages: Path) -> None:
    with pytest.raises(ProjectError, match=r"has no stack 'prod': it has Dev/Data, Dev/Api, Prod/"):
        read_project(stages, stacks=["prod"])
    with pytest.raises(ProjectError, match="only the output of CDK has several stacks"):
        read_project(stages / "assembly-Dev" / "Api.json", stacks=["Api"])


def test_the_stacks_of_a_command(stages: Path) -> None:
    done = run_in(stages, "describe", ".", "--stack", "Prod/Data", "--stack", "Dev/A*")
    assert "GET / -> Fn (authorizer Auth: request Fn)" in done.stdout
    assert "Prod" not in done.stdout


URL = """
Resources:
  Fn:
    Type: AWS::Lambda::Function
    Properties:
      Handler: index.handler
      Runtime: python3.13
      Code: {ZipFile: "import os\\ndef handler(event): return os.environ['URL']"}
      Environment: {Variables: {URL: !GetAtt Url.FunctionUrl}}
  Url:
    Type: AWS::Lambda::Url
    Properties: {TargetFunctionArn: !GetAtt Fn.Arn, AuthType: NONE}
"""


def test_a_function_url_has_the_port_that_the_emulator_gets(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(URL)
    project = read_project(tmp_path / "template.yaml", scope=local_scope("127.0.0.1", 0))
    with Emulator(configure_project(project, OPTIONS, ()).configs) as emulator:
        url = emulator.function_url("Fn")
        with urlopen(url, timeout=LIMIT) as response:
            assert response.read().decode() == url


NESTED = """
Resources:
  One: &nested {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: worker.yaml}}
  TwoNestedStackTwoNestedStackResource12345678: *nested
  Fn:
    Type: AWS::Lambda::Function
    Properties: {Handler: index.handler, Runtime: python3.13, Code: {ZipFile: "handler = print"},
      Environment: {Variables: {ONE: !GetAtt One.Outputs.Name,
        TWO: !GetAtt TwoNestedStackTwoNestedStackResource12345678.Outputs.Name}}}
"""
WORKER = """
Resources:
  Fn:
    Type: AWS::Lambda::Function
    Properties: {Handler: index.handler, Runtime: python3.13, Code: {ZipFile: "handler = print"},
      Environment: {Variables: {STACK: !Ref AWS::StackName}}}
Outputs: {Name: {Value: !Ref Fn}}
"""


def test_a_stack_that_is_nested_twice(tmp_path: Path) -> None:
    (tmp_path / "worker.yaml").write_text(WORKER)
    (tmp_path / "template.yaml").write_text(NESTED)
    project = read_project(tmp_path / "template.yaml")
    assert {each.name: dict(each.environment) for each in project.functions} == {
        "Fn": {"ONE": "One-Fn", "TWO": "Two-Fn"},
        "One-Fn": {"STACK": "local-One"},
        "Two-Fn": {"STACK": "local-TwoNestedStackTwoNestedStackResource12345678"},
    }
    assert project.warnings == ()
