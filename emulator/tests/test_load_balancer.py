"""Load balancers of a template: listeners, rules, conditions, and functions as targets."""

from __future__ import annotations

import json
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from lambda_emulator import Emulator
from lambda_emulator._gateway.gateway import GatewayOptions
from lambda_emulator._project.configure import configure_project
from lambda_emulator._project.describe import as_text
from lambda_emulator._project.read import read_project

from .conftest import LIMIT, OPTIONS, Response, receive

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lambda_emulator._project.description import Project

PAGE, HOST = "https://shop.example", "api.shop.example"
SOURCE = """
import json
import os

def handler(event, context):
    body = json.dumps({"function": context.function_name, "event": event, **dict(os.environ)})
    kind = {"content-type": "application/json"}
    if "multiValueHeaders" in event:
        return {"statusCode": 200, "body": body, "multiValueHeaders": {"x": ["1", "2"]}}
    return {"statusCode": 200, "statusDescription": "200 Fine", "headers": kind, "body": body}
"""


def resource(kind: str, **properties: Any) -> dict[str, Any]:
    return {"Type": f"AWS::ElasticLoadBalancingV2::{kind}", "Properties": properties}


def forward(group: str) -> dict[str, Any]:
    return {"Type": "forward", "TargetGroupArn": {"Ref": group}}


def says(text: str) -> dict[str, Any]:
    config = {"StatusCode": "418", "ContentType": "text/html", "MessageBody": text}
    return {"Type": "fixed-response", "FixedResponseConfig": config}


def function(**variables: Any) -> dict[str, Any]:
    return {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "Runtime": "python3.13",
            "Handler": "index.handler",
            "Code": {"ZipFile": SOURCE},
            "Environment": {"Variables": variables},
        },
    }


def group(name: str, *attributes: str, kind: str = "lambda") -> dict[str, Any]:
    return resource(
        "TargetGroup",
        TargetType=kind,
        Targets=[{"Id": {"Fn::GetAtt": [name, "Arn"]}}],
        TargetGroupAttributes=[{"Key": each, "Value": "true"} for each in attributes],
    )


RULES: list[tuple[int, list[dict[str, Any]], dict[str, Any]]] = [
    # The order is that of priorities, not that of the template.
    (30, [{"Field": "path-pattern", "Values": ["/o?ders/*"]}], says("late")),
    (1, [{"Field": "path-pattern", "Values": ["/Orders", "/orders/*"]}], forward("One")),
    (2, [{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/many"]}}], forward("Many")),
    (3, [{"Field": "host-header", "Values": ["*.Shop.example"]}], says("host")),
    (
        4,
        [
            {
                "Field": "http-header",
                "HttpHeaderConfig": {"HttpHeaderName": "X-Kind", "Values": ["be*", "x"]},
            },
            {"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["PUT"]}},
        ],
        says("header and method"),
    ),
    (
        5,
        [
            {
                "Field": "query-string",
                "QueryStringConfig": {"Values": [{"Key": "v", "Value": "1*"}, {"Value": "any"}]},
            }
        ],
        says("query"),
    ),
    (6, [{"Field": "source-ip", "SourceIpConfig": {"Values": ["10.0.0.0/8"]}}], says("never")),
    (
        7,
        [
            {"Field": "source-ip", "SourceIpConfig": {"Values": ["127.0.0.0/8"]}},
            {"Field": "path-pattern", "Values": ["/here"]},
        ],
        says("source"),
    ),
    (
        8,
        [{"Field": "path-pattern", "PathPatternConfig": {"RegexValues": ["^/v[0-9]+/"]}}],
        forward("One"),
    ),
    (9, [{"Field": "path-pattern", "Values": ["/idle"]}], forward("Idle")),
    (10, [{"Field": "path-pattern", "Values": ["/foreign"]}], forward("Servers")),
    (
        11,
        [{"Field": "path-pattern", "Values": ["/some"]}],
        {
            "Type": "forward",
            "ForwardConfig": {
                "TargetGroups": [
                    {"TargetGroupArn": {"Ref": "Idle"}, "Weight": 0},
                    {"TargetGroupArn": {"Ref": "One"}, "Weight": 5},
                ]
            },
        },
    ),
    (
        12,
        [{"Field": "path-pattern", "Values": ["/old/*"]}],
        {
            "Type": "redirect",
            "RedirectConfig": {
                "Host": "new.#{host}",
                "Path": "/new/#{path}",
                "Query": "from=#{port}&#{query}",
                "StatusCode": "HTTP_302",
            },
        },
    ),
]
REWRITES: list[dict[str, Any]] = [
    {
        "Type": "url-rewrite",
        "UrlRewriteConfig": {"Rewrites": [{"Regex": "^/v([0-9]+)/(.*)$", "Replace": "/$2?v=$1"}]},
    },
    {
        "Type": "host-header-rewrite",
        "HostHeaderRewriteConfig": {"Rewrites": [{"Regex": "^.*$", "Replace": "inside"}]},
    },
]
TEMPLATE: dict[str, Any] = {
    "Resources": {
        "App": function(URL={"Fn::Sub": "http://${Web.DNSName}/x"}),
        "Web": resource("LoadBalancer", Name="shop"),
        "Plain": resource(
            "Listener",
            LoadBalancerArn={"Ref": "Web"},
            Port=80,
            Protocol="HTTP",
            DefaultActions=[
                {
                    "Type": "redirect",
                    "RedirectConfig": {
                        "Protocol": "HTTPS",
                        "Port": "443",
                        "StatusCode": "HTTP_301",
                    },
                }
            ],
        ),
        "Secure": resource(
            "Listener",
            LoadBalancerArn={"Ref": "Web"},
            Port=443,
            Protocol="HTTPS",
            DefaultActions=[
                {"Type": "authenticate-oidc", "Order": 1},
                {**says("nothing else"), "Order": 2},
            ],
        ),
        **{
            f"Rule{priority}": resource(
                "ListenerRule",
                ListenerArn={"Ref": "Secure"},
                Priority=priority,
                Conditions=conditions,
                Actions=[action],
                **({"Transforms": REWRITES} if priority == 8 else {}),
            )
            for priority, conditions, action in RULES
        },
        "Shared": resource(
            "ListenerRule",
            ListenerArn="arn:aws:elasticloadbalancing:us-east-1:1:listener/app/company/1/2",
            Priority=1,
            Conditions=[{"Field": "path-pattern", "Values": ["/team/*"]}],
            Actions=[forward("One")],
        ),
        "One": group("App"),
        "Many": group("App", "lambda.multi_value_headers.enabled"),
        "Idle": resource("TargetGroup", TargetType="lambda"),
        "Servers": group("App", kind="instance"),
        "Broken": resource(
            "ListenerRule",
            ListenerArn={"Ref": "Plain"},
            Priority=1,
            Conditions=[{"Field": "path-pattern", "PathPatternConfig": {"RegexValues": ["("]}}],
            Actions=[says("never")],
        ),
        "Network": resource("LoadBalancer", Type="network"),
        "Tcp": resource(
            "Listener",
            LoadBalancerArn={"Ref": "Network"},
            Port=22,
            Protocol="TCP",
            DefaultActions=[forward("Servers")],
        ),
        "Permission": {
            "Type": "AWS::Lambda::Permission",
            "Properties": {
                "FunctionName": {"Ref": "App"},
                "Principal": "elasticloadbalancing.amazonaws.com",
            },
        },
    },
    "Outputs": {"Address": {"Value": {"Fn::GetAtt": ["Web", "DNSName"]}}},
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    path = tmp_path_factory.mktemp("balancer") / "template.json"
    path.write_text(json.dumps(TEMPLATE))
    return read_project(path)


@pytest.fixture(scope="module")
def emulator(project: Project) -> Iterator[Emulator]:
    configs = configure_project(project, OPTIONS, ()).configs
    options = GatewayOptions(allowed_hosts=(HOST,), page_origins=(PAGE,))
    with Emulator(configs, apis=project.listeners, api_options=options) as emulator:
        yield emulator


def ask(
    emulator: Emulator,
    line: str,
    headers: dict[str, str] | None = None,
    *,
    listener: str = "shop:443",
    body: bytes = b"",
) -> Response:
    url = urlsplit(emulator.api_url(listener))
    verb, _, path = line.partition(" ")
    connection = HTTPConnection(url.hostname or "", url.port, timeout=LIMIT)
    connection.request(verb, path, body or None, headers or {})
    return receive(connection)


@pytest.mark.parametrize(
    ("line", "headers", "answer"),
    [
        ("GET /orders/1", {}, "App"),
        ("GET /Orders", {}, "App"),
        ("GET /Orders/1", {}, "nothing else"),  # paths have capitals
        ("GET /oxders/1", {}, "late"),
        ("GET /orders?x=/orders/", {}, "nothing else"),
        ("GET /", {"Host": "API.shop.EXAMPLE:80"}, "host"),
        ("PUT /", {"X-Kind": "BEST"}, "header and method"),
        ("PUT /", {"X-Kind": "other"}, "nothing else"),
        ("GET /", {"X-Kind": "best"}, "nothing else"),
        ("GET /?V=12", {}, "query"),
        ("GET /?v=2", {}, "nothing else"),
        ("GET /?w=2&z=ANY", {}, "query"),
        ("GET /here", {}, "source"),
        ("GET /some", {}, "App"),
        ("GET /v/1", {}, "nothing else"),
    ],
)
def test_rules(emulator: Emulator, line: str, headers: dict[str, str], answer: str) -> None:
    response = ask(emulator, line, headers)
    if answer == "App":
        assert (response.status, response.json()["function"]) == (200, "App")
    else:
        assert (response.status, response.body.decode()) == (418, answer)
        assert response.headers["Content-Type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize("path", ["/idle", "/foreign"])
def test_target_groups_without_a_function(emulator: Emulator, path: str) -> None:
    assert ask(emulator, f"GET {path}").status == 503


def test_events(emulator: Emulator) -> None:
    response = ask(
        emulator, "POST /orders/a%20b?x=a%2Fb&x=2", {"Content-Type": "text/csv"}, body=b"hi"
    )
    event = response.json()["event"]
    target = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/One/0123456789abcdef"
    assert event["requestContext"] == {"elb": {"targetGroupArn": target}}
    assert (event["httpMethod"], event["path"], event["body"]) == ("POST", "/orders/a%20b", "hi")
    assert event["queryStringParameters"] == {"x": "2"}
    assert event["headers"]["content-type"] == "text/csv"
    several = ask(emulator, "GET /many?x=1&x=2")
    assert several.headers.get_all("x") == ["1", "2"]
    event = several.json()["event"]
    assert event["multiValueQueryStringParameters"] == {"x": ["1", "2"]}
    assert "headers" not in event


def test_rewrites(emulator: Emulator) -> None:
    event = ask(emulator, "GET /v2/orders").json()["event"]
    assert (event["path"], event["queryStringParameters"]) == ("/orders", {"v": "2"})
    assert event["headers"]["host"] == "inside"


def test_redirects(emulator: Emulator) -> None:
    here = emulator.api_url("shop:443")
    response = ask(emulator, "GET /orders/1?x=1", listener="shop:80")
    assert (response.status, response.headers["Location"]) == (301, f"{here}/orders/1?x=1")
    assert ask(emulator, "GET /", listener="shop:80").headers["Location"] == f"{here}/"
    response = ask(emulator, "GET /old/a%20b")
    location = "https://new.127.0.0.1:443/new/old/a%20b?from=443&"
    assert (response.status, response.headers["Location"]) == (302, location)


def test_rules_of_a_listener_that_another_project_has(emulator: Emulator) -> None:
    assert ask(emulator, "GET /team/1", listener="company").json()["function"] == "App"
    assert ask(emulator, "GET /other", listener="company").status == 404


def test_addresses_are_those_of_this_machine(emulator: Emulator) -> None:
    url = f"{emulator.api_url('shop:80')}/x"
    assert ask(emulator, "GET /orders/1").json()["URL"] == url


def test_only_pages_that_are_let_in_run_functions(emulator: Emulator) -> None:
    assert ask(emulator, "GET /orders/1", {"Origin": "https://evil.example"}).status == 403
    assert ask(emulator, "GET /orders/1", {"Sec-Fetch-Site": "cross-site"}).status == 403
    assert ask(emulator, "GET /orders/1", {"Host": "evil.example"}).status == 403
    assert ask(emulator, "GET /orders/1", {"Origin": PAGE}).status == 200
    assert ask(emulator, "GET /here", {"Origin": "https://evil.example"}).status == 418


def test_limits(emulator: Emulator) -> None:
    assert ask(emulator, "POST /orders/1", body=bytes(1024 * 1024 + 1)).status == 413
    assert ask(emulator, "TRACE /orders/1").status == 405


@pytest.mark.parametrize(
    ("conditions", "action"),
    [
        ([{"Field": "source-ip", "SourceIpConfig": {"Values": ["here"]}}], says("x")),
        ([{"Field": "query-string", "QueryStringConfig": {"Values": ["x"]}}], says("x")),
        ([{"Field": "cookie", "Values": ["x"]}], says("x")),
        ([], {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "1000"}}),
        ([], {"Type": "redirect", "RedirectConfig": {"Host": "a\r\nb"}}),
    ],
)
def test_rules_that_aws_refuses_are_left_out(
    tmp_path: Path, conditions: list[Any], action: dict[str, Any]
) -> None:
    rule = resource(
        "ListenerRule",
        ListenerArn={"Ref": "Plain"},
        Priority=1,
        Conditions=conditions,
        Actions=[action],
    )
    resources = {name: TEMPLATE["Resources"][name] for name in ("App", "Web", "Plain", "One")}
    plain = resources["Plain"]["Properties"] | {"DefaultActions": [forward("One")]}
    resources["Plain"] = resource("Listener", **plain)
    path = tmp_path / "template.json"
    path.write_text(json.dumps({"Resources": {**resources, "Rule": rule}}))
    project = read_project(path)
    assert [each.place.name for each in project.warnings] == ["Rule"]
    assert [len(each.rules) for each in project.listeners] == [1]


def test_a_description(project: Project) -> None:
    text = as_text(project)
    assert [each.name for each in project.listeners] == ["shop:80", "shop:443", "company"]
    for said in (
        "Load balancer shop:443",
        "path-pattern /Orders or /orders/* -> App",
        "http-header X-Kind be* or x and http-request-method PUT -> answers 418",
        "query-string v=1* or any -> answers 418",
        "all requests -> redirects to HTTPS://#{host}:443/#{path}?#{query}",
        "Secure: authenticate-oidc is not done here: requests go on without it.",
        "Rule10: The target group Servers has no function, so its requests get a 503.",
        "Tcp: No function is behind it, so it is not served.",
        "Broken: One of its properties has another form than AWS's, so it is left out.",
    ):
        assert said in text
    assert "--url-format" not in text
