"""Routes of APIs that go to other servers: the integrations HTTP_PROXY and HTTP."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from lambda_emulator import Emulator
from lambda_emulator._project.configure import configure_project
from lambda_emulator._project.describe import as_text
from lambda_emulator._project.read import read_project

from .conftest import LIMIT, OPTIONS, Response, ask

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lambda_emulator._project.description import Project

LARGE = 10 * 1024 * 1024 + 1


class Echo(BaseHTTPRequestHandler):
    """Says what it was asked."""

    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        said = {
            "line": f"{self.command} {self.path}",
            "headers": {name.lower(): value for name, value in self.headers.items()},
            "body": body,
        }
        if "never" in self.path:
            self.server.released.wait(LIMIT)  # type: ignore[attr-defined]
        payload = bytes(LARGE) if "large" in self.path else json.dumps(said).encode()
        self.send_response(302 if "moved" in self.path else 404 if "lost" in self.path else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        self.send_header("Location", "/elsewhere")
        self.send_header("Set-Cookie", "a=1")
        self.send_header("Set-Cookie", "b=2")
        self.end_headers()
        self.wfile.write(payload)

    def __getattr__(self, name: str) -> Any:  # one for each method of HTTP
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        server.daemon_threads = True
        server.released = threading.Event()  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.released.set()  # type: ignore[attr-defined]
        server.shutdown()


def to(path: str, kind: str = "http_proxy", **more: Any) -> dict[str, Any]:
    uri = {"Fn::Sub": "${Server}" + path}
    return {"type": kind, "httpMethod": "ANY", "uri": uri, **more}


def method(path: str, kind: str, uri: str, verb: str = "ANY", **more: Any) -> dict[str, Any]:
    """Return a resource of the API ``Rest``, and a method that goes to the server."""
    name = path.strip("{+}").capitalize()
    integration = {
        "Type": kind,
        "IntegrationHttpMethod": verb,
        "Uri": {"Fn::Sub": "${Server}" + uri},
        **more,
    }
    return {
        f"{name}Resource": {
            "Type": "AWS::ApiGateway::Resource",
            "Properties": {
                "RestApiId": {"Ref": "Rest"},
                "ParentId": {"Fn::GetAtt": ["Rest", "RootResourceId"]},
                "PathPart": path,
            },
        },
        f"{name}Method": {
            "Type": "AWS::ApiGateway::Method",
            "Properties": {
                "RestApiId": {"Ref": "Rest"},
                "ResourceId": {"Ref": f"{name}Resource"},
                "HttpMethod": "ANY",
                "Integration": integration,
            },
        },
    }


def operation(integration: dict[str, Any]) -> dict[str, Any]:
    return {"x-amazon-apigateway-any-method": {"x-amazon-apigateway-integration": integration}}


TEMPLATE: dict[str, Any] = {
    "Parameters": {"Server": {"Type": "String"}, "Gone": {"Type": "String"}},
    "Resources": {
        "App": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "Runtime": "python3.13",
                "Handler": "index.handler",
                "Code": {"ZipFile": "def handler(event, context): return 'function'"},
            },
        },
        "Http": {
            "Type": "AWS::ApiGatewayV2::Api",
            "Properties": {
                "Body": {
                    "openapi": "3.0.1",
                    "info": {"title": "http"},
                    "paths": {
                        "/all/{proxy+}": operation(to("/base/{proxy}?own=1")),
                        "/mapped/{id}": operation(
                            to(
                                "/",
                                httpMethod="POST",
                                requestParameters={
                                    "overwrite:path": "/items/${request.path.id}",
                                    "append:header.x-both": "$request.querystring.q",
                                    "remove:header.x-secret": "''",
                                    "append:querystring.more": "static",
                                    "remove:querystring.q": "''",
                                    "overwrite:header.x-name": "$request.body.user.name",
                                    "overwrite:header.x-route": "$context.routeKey",
                                },
                                responseParameters={
                                    "200": {
                                        "overwrite:statuscode": "201",
                                        "append:header.x-line": "$response.body.line",
                                        "remove:header.location": "''",
                                    }
                                },
                            )
                        ),
                        "/queue": operation(
                            {"type": "aws_proxy", "integrationSubtype": "SQS-SendMessage"}
                        ),
                        "/gone": operation(
                            {"type": "http_proxy", "httpMethod": "GET", "uri": {"Ref": "Gone"}}
                        ),
                        "/itself": operation(
                            {
                                "type": "http_proxy",
                                "uri": {
                                    "Fn::Sub": "https://${Http}.execute-api.us-east-1.amazonaws.com"
                                    "/all/round"
                                },
                            }
                        ),
                        "/loop": operation(
                            {
                                "type": "http_proxy",
                                "uri": {
                                    "Fn::Sub": "https://${Http}.execute-api.us-east-1.amazonaws.com"
                                    "/loop"
                                },
                            }
                        ),
                    },
                }
            },
        },
        "Quick": {
            "Type": "AWS::ApiGatewayV2::Api",
            "Properties": {"Name": "quick", "Target": {"Fn::Sub": "${Server}/quick"}},
        },
        "Listed": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Name": "listed"}},
        "Integration": {
            "Type": "AWS::ApiGatewayV2::Integration",
            "Properties": {
                "ApiId": {"Ref": "Listed"},
                "IntegrationType": "HTTP_PROXY",
                "IntegrationMethod": "PATCH",
                "IntegrationUri": {"Fn::Sub": "${Server}/listed/{id}"},
                "ResponseParameters": {
                    "404": {
                        "ResponseParameters": [
                            {"Destination": "overwrite:statuscode", "Source": "410"}
                        ]
                    }
                },
            },
        },
        "Route": {
            "Type": "AWS::ApiGatewayV2::Route",
            "Properties": {
                "ApiId": {"Ref": "Listed"},
                "RouteKey": "GET /one/{id}",
                "Target": {"Fn::Sub": "integrations/${Integration}"},
            },
        },
        "Rest": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": "rest"}},
        **method(
            "{all+}",
            "HTTP_PROXY",
            "/rest/{all}",
            RequestParameters={
                "integration.request.path.all": "method.request.path.all",
                "integration.request.header.X-Stage": "context.stage",
                "integration.request.header.X-Fixed": "'fixed'",
            },
        ),
        **method(
            "custom",
            "HTTP",
            "/custom",
            "POST",
            RequestParameters={
                "integration.request.querystring.page": "method.request.querystring.p"
            },
            IntegrationResponses=[
                {"StatusCode": 200},
                {
                    "StatusCode": 418,
                    "SelectionPattern": "2..",
                    "ResponseParameters": {
                        "method.response.header.X-Own": "integration.response.header.Location"
                    },
                },
                {"StatusCode": 500, "SelectionPattern": "*"},
            ],
        ),
        **method("slow", "HTTP_PROXY", "/never", TimeoutInMillis=100),
        **method("big", "HTTP_PROXY", "/large"),
        **method(
            "shaped",
            "HTTP",
            "/",
            RequestTemplates={"application/json": "#set($a = 1)$a"},
            IntegrationResponses=[
                {
                    "StatusCode": 200,
                    "ResponseTemplates": {"text/plain": "$input.path('$.body')!"},
                }
            ],
        ),
    },
}


@pytest.fixture(scope="module")
def project(server: str, tmp_path_factory: pytest.TempPathFactory) -> Project:
    path = tmp_path_factory.mktemp("upstreams") / "template.json"
    path.write_text(json.dumps(TEMPLATE))
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as gone:
        address = f"http://127.0.0.1:{gone.server_port}/"
    return read_project(path, {"Server": server, "Gone": address})


@pytest.fixture(scope="module")
def emulator(project: Project) -> Iterator[Emulator]:
    with Emulator(configure_project(project, OPTIONS, ()).configs, apis=project.apis) as emulator:
        yield emulator


def send(emulator: Emulator, api: str, line: str, body: str = "", **headers: str) -> Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return ask(emulator.api_url(api), line, named, body.encode() or None)


def test_a_proxy_passes_all_on(emulator: Emulator) -> None:
    response = send(
        emulator, "http", "POST /all/a%20b/c?x=1&x=%2F", "hi", X_Own="mine", Cookie="c=1"
    )
    said = response.json()
    assert said["line"] == "POST /base/a%20b/c?own=1&x=1&x=%2F"
    assert said["body"] == "hi"
    headers = said["headers"]
    assert (headers["x-own"], headers["cookie"]) == ("mine", "c=1")
    assert headers["host"].startswith("127.0.0.1:")
    assert headers["via"] == "HTTP/1.1 AmazonAPIGateway"
    assert "for=127.0.0.1" in headers["forwarded"]
    assert response.headers.get_all("Set-Cookie") == ["a=1", "b=2"]


def test_a_percent_sign_stays_one(emulator: Emulator) -> None:
    assert send(emulator, "http", "GET /all/100%2525").json()["line"] == "GET /base/100%25?own=1"
    assert send(emulator, "rest", "GET /100%25").json()["line"] == "GET /rest/100%25"


def test_answers_are_passed_back_as_they_are(emulator: Emulator) -> None:
    response = send(emulator, "http", "GET /all/moved")
    assert (response.status, response.headers["Location"]) == (302, "/elsewhere")
    assert send(emulator, "http", "GET /all/lost").status == 404


def test_an_http_api_maps_parameters(emulator: Emulator) -> None:
    body = '{"user": {"name": "Ada"}}'
    response = send(emulator, "http", "GET /mapped/7?q=new&z=1", body, X_Both="old", X_Secret="s")
    said = response.json()
    assert said["line"] == "POST /items/7?z=1&more=static"
    headers = said["headers"]
    assert headers["x-both"] == "old,new"
    assert headers["x-name"] == "Ada"
    assert headers["x-route"] == "ANY /mapped/{id}"
    assert "x-secret" not in headers
    assert (response.status, response.headers["x-line"]) == (201, said["line"])
    assert response.headers["Location"] is None


def test_resources_and_quick_create(emulator: Emulator) -> None:
    assert send(emulator, "listed", "GET /one/7").json()["line"] == "PATCH /listed/7"
    assert send(emulator, "listed", "GET /one/lost").status == 410
    assert send(emulator, "quick", "DELETE /any?x=1").json()["line"] == "DELETE /quick?x=1"


def test_a_rest_api_maps_parameters(emulator: Emulator) -> None:
    response = send(emulator, "rest", "GET /a/b%20c?x=1", X_Own="mine")
    said = response.json()
    assert said["line"] == "GET /rest/a/b%20c?x=1"
    headers = said["headers"]
    assert (headers["x-own"], headers["x-stage"], headers["x-fixed"]) == ("mine", "prod", "fixed")
    assert (headers["x-amzn-apigateway-api-id"], headers["x-forwarded-for"]) == (
        "rest",
        "127.0.0.1",
    )
    assert "Python" in response.headers["x-amzn-Remapped-Server"]


def test_a_custom_integration_passes_only_what_it_maps(emulator: Emulator) -> None:
    response = send(emulator, "rest", "PUT /custom?p=2&q=3", '{"a": 1}', X_Own="mine")
    said = response.json()
    assert (said["line"], said["body"]) == ("POST /custom?page=2", '{"a": 1}')
    assert "x-own" not in said["headers"]
    assert said["headers"]["user-agent"] == "AmazonAPIGateway_rest"
    assert (response.status, response.headers["X-Own"]) == (418, "/elsewhere")
    assert "Set-Cookie" not in response.headers


def test_mapping_templates(emulator: Emulator) -> None:
    response = send(emulator, "rest", "POST /shaped", "unused")
    assert (response.status, response.body) == (200, b"1!")
    assert response.headers["Content-Type"] == "text/plain"


def test_servers_that_do_not_answer(emulator: Emulator, capsys: pytest.CaptureFixture[str]) -> None:
    assert send(emulator, "http", "GET /gone").status == 503
    assert "ANY /gone of http cannot reach http://127.0.0.1:" in capsys.readouterr().err
    response = send(emulator, "rest", "GET /slow")
    assert (response.status, response.json()["message"]) == (504, "Endpoint request timed out")
    response = send(emulator, "rest", "GET /big")
    message = "Network error communicating with endpoint"
    assert (response.status, response.json()["message"]) == (504, message)


def test_an_api_may_ask_itself(emulator: Emulator) -> None:
    assert send(emulator, "http", "GET /itself").json()["line"] == "GET /base/round?own=1"
    assert send(emulator, "http", "GET /loop").status == 503  # and not forever


def test_pages_are_not_passed_on(emulator: Emulator) -> None:
    assert send(emulator, "http", "GET /all/x", Origin="https://evil.example").status == 403


def test_a_description(project: Project, server: str) -> None:
    text = as_text(project)
    assert f"ANY /all/{{proxy+}} -> {server}/base/{{proxy}}?own=1" in text
    assert "ANY /queue goes to SQS-SendMessage, which is not a function, and is not served." in text
