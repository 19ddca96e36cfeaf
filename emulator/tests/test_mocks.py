"""REST APIs that answer by themselves: preflights as CDK and SAM make them, and other mocks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from lambda_emulator import Emulator
from lambda_emulator._project.configure import configure_project
from lambda_emulator._project.describe import as_text
from lambda_emulator._project.read import read_project

from .conftest import OPTIONS, Response, ask, rest_method

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lambda_emulator._project.description import Project

FIRST, SECOND, FOREIGN = "https://a.example", "https://b.example", "https://c.example"
OTHER_ORIGINS = """#set($origin = $input.params().header.get("Origin"))
#if(%s)
  #set($context.responseOverride.header.Access-Control-Allow-Origin = $origin)
#end"""


def mocked(path: str, verb: str, answer: dict[str, Any], template: str | None) -> dict[str, Any]:
    """Return a resource of the API ``Cdk``, and a method that answers by itself."""
    requests = {} if template is None else {"application/json": template}
    integration = {"Type": "MOCK", "RequestTemplates": requests, "IntegrationResponses": [answer]}
    return rest_method("Cdk", path, verb, Integration=integration)


def preflight(condition: str) -> dict[str, Any]:
    return {
        "StatusCode": "204",
        "ResponseParameters": {
            "method.response.header.Access-Control-Allow-Origin": f"'{FIRST}'",
            "method.response.header.Access-Control-Allow-Methods": "'GET,PUT'",
            "method.response.header.Vary": "'Origin'",
            "method.response.header.X-Own": "integration.response.header.x",
        },
        "ResponseTemplates": {"application/json": OTHER_ORIGINS % condition},
    }


def plain(body: str, status: str = "201") -> dict[str, Any]:
    return {"StatusCode": status, "ResponseTemplates": {"text/plain": body}}


SAID = "{ statusCode: 200 }"
TEMPLATE: dict[str, Any] = {
    "Transform": "AWS::Serverless-2016-10-31",
    "Resources": {
        "App": {
            "Type": "AWS::Serverless::Function",
            "Properties": {
                "Runtime": "python3.13",
                "Handler": "index.handler",
                "InlineCode": "def handler(event, context): return {'statusCode': 200}",
                "Events": {
                    name: {
                        "Type": "Api",
                        "Properties": {"RestApiId": {"Ref": api}, "Path": "/x", "Method": "get"},
                    }
                    for name, api in (("A", "Open"), ("B", "Guarded"))
                },
            },
        },
        **{
            name: {
                "Type": "AWS::Serverless::Api",
                "Properties": {"StageName": "v1", "Cors": f"'{FIRST}'", **more},
            }
            for name, more in {
                "Open": {},
                # By default, SAM puts the authorizer before preflights, too.
                "Guarded": {
                    "Auth": {
                        "DefaultAuthorizer": "Key",
                        "Authorizers": {"Key": {"FunctionArn": {"Fn::GetAtt": ["App", "Arn"]}}},
                    }
                },
            }.items()
        },
        "Cdk": {"Type": "AWS::ApiGateway::RestApi"},
        **mocked("new", "OPTIONS", preflight(f'$origin == "{SECOND}"'), SAID),
        **mocked("old", "OPTIONS", preflight(f'$origin.matches("{SECOND}")'), SAID),
        **mocked("health", "GET", plain("price: 5 $ #1"), '{"statusCode": "201"}'),
        **mocked("evaluated", "GET", plain("$input.params('a')"), SAID),
        **mocked("silent", "GET", plain("never"), None),
        **mocked("unfit", "GET", {**plain("never"), "SelectionPattern": "4\\d{2}"}, SAID),
    },
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    path = tmp_path_factory.mktemp("mocks") / "template.json"
    path.write_text(json.dumps(TEMPLATE))
    return read_project(path)


@pytest.fixture(scope="module")
def emulator(project: Project) -> Iterator[Emulator]:
    with Emulator(configure_project(project, OPTIONS, ()).configs, apis=project.apis) as emulator:
        yield emulator


def send(emulator: Emulator, api: str, line: str, origin: str | None = None) -> Response:
    headers = {} if origin is None else {"Origin": origin, "Access-Control-Request-Method": "GET"}
    return ask(emulator.api_url(api), line, headers)


@pytest.mark.parametrize("path", ["/new", "/old"])
@pytest.mark.parametrize(
    ("origin", "allowed"),
    [(FIRST, FIRST), (SECOND, SECOND), (FOREIGN, FIRST), (None, FIRST)],
)
def test_preflights_of_cdk(emulator: Emulator, path: str, origin: str | None, allowed: str) -> None:
    answer = send(emulator, "Cdk", f"OPTIONS {path}", origin)
    assert (answer.status, answer.body) == (204, b"")
    assert answer.headers["Access-Control-Allow-Origin"] == allowed
    assert answer.headers["Access-Control-Allow-Methods"] == "GET,PUT"
    assert answer.headers["Vary"] == "Origin"
    assert "X-Own" not in answer.headers


def test_pages_of_the_origins_may_call(project: Project) -> None:
    cors = {api.name: api.cors and api.cors.allow_origins for api in project.apis}
    assert cors == {"Cdk": (FIRST, SECOND), "Open": (FIRST,), "Guarded": (FIRST,)}


def test_preflights_of_sam(emulator: Emulator) -> None:
    answer = send(emulator, "Open", "OPTIONS /x", FIRST)
    assert (answer.status, answer.body) == (200, b"{}\n")
    assert answer.headers["Content-Type"].startswith("application/json")
    assert answer.headers["Access-Control-Allow-Origin"] == FIRST
    # A browser sends no token with a preflight, so that it fails on AWS as well.
    assert send(emulator, "Guarded", "OPTIONS /x", FIRST).status == 401


def test_other_mocks(emulator: Emulator, project: Project) -> None:
    answer = send(emulator, "Cdk", "GET /health")
    assert (answer.status, answer.body) == (201, b"price: 5 $ #1")
    assert answer.headers["Content-Type"].startswith("text/plain")
    answer = send(emulator, "Cdk", "GET /evaluated?a=b")
    assert (answer.status, answer.body) == (201, b"b")
    for path in ("/silent", "/unfit"):
        answer = send(emulator, "Cdk", f"GET {path}")
        assert (answer.status, answer.body) == (500, b'{"message": "Internal server error"}')
    text = as_text(project)
    assert "  GET /health -> answers 201\n" in text
    assert "  GET /evaluated -> answers by a template\n" in text
    assert "OPTIONS" not in text


def test_a_mock_of_an_http_api_is_named_and_not_served(tmp_path: Path) -> None:
    mock = {"x-amazon-apigateway-integration": {"type": "mock"}}
    paths = {"/asked": {"options": mock}, "/health": {"get": mock}}
    body = {"openapi": "3.0.1", "info": {"title": "A"}, "paths": paths}
    api = {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Body": body}}
    path = tmp_path / "template.json"
    path.write_text(json.dumps({"Resources": {"Api": api}}))
    project = read_project(path)
    assert project.apis[0].routes == ()
    assert [each.message for each in project.warnings if "not served" in each.message] == [
        "GET /health goes to mock, which is not a function, and is not served."
    ]
