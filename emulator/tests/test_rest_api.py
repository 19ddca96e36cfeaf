"""REST APIs of a template: keys, their own answers, models, tenants, conditions and addresses."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from lambda_emulator import Emulator
from lambda_emulator._gateway.conditions import PolicyError, is_met
from lambda_emulator._gateway.gateway import GatewayOptions
from lambda_emulator._gateway.throttling import RequestLimits
from lambda_emulator._project.configure import configure_project
from lambda_emulator._project.describe import as_text
from lambda_emulator._project.description import Api, Place, Quota, Route, UsagePlan
from lambda_emulator._project.read import read_project

from .conftest import LIMIT, OPTIONS, Response, ask, rest_method

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lambda_emulator._project.description import Project

FUNCTIONS = """
import json, os

def handler(event, context):
    if event["path"] == "/fail":
        raise ValueError("no")
    identity = event["requestContext"]["identity"]
    body = {
        "key": [identity.get("apiKey"), identity.get("apiKeyId")],
        "tenant": context.tenant_id,
        "urls": [os.environ[name] for name in ("SHOP", "HOST", "OTHER")],
    }
    return {"statusCode": 200, "body": json.dumps(body)}

def authorize(event, context):
    condition = json.loads(event["authorizationToken"])
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition}
    return {"principalId": "me", "policyDocument": {"Statement": [statement]}}
"""


def method(
    path: str, verb: str = "GET", function: str = "App", **properties: Any
) -> dict[str, Any]:
    """Return the resource of a path, and its method."""
    invoke = (
        "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${%s.Arn}/invocations"
    )
    parameters = properties.pop("IntegrationParameters", {})
    integration = {
        "Type": "AWS_PROXY",
        "Uri": {"Fn::Sub": invoke % function},
        "RequestParameters": parameters,
    }
    return rest_method("Shop", path, verb, Integration=integration, **properties)


def a_function(handler: str, **properties: Any) -> dict[str, Any]:
    host = "${Shop}.execute-api.${AWS::Region}.amazonaws.com"
    variables = {
        "SHOP": {"Fn::Sub": f"https://{host}/prod"},
        "HOST": {"Fn::Sub": host},
        "OTHER": "https://abc.execute-api.eu-west-1.amazonaws.com",
    }
    return {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "Runtime": "python3.13",
            "Handler": f"app.{handler}",
            "Code": ".",
            "Timeout": LIMIT,
            "Environment": {"Variables": variables},
            **properties,
        },
    }


def of_shop(kind: str, **properties: Any) -> dict[str, Any]:
    return {
        "Type": f"AWS::ApiGateway::{kind}",
        "Properties": {"RestApiId": {"Ref": "Shop"}, **properties},
    }


def a_key(value: str, **properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::ApiGateway::ApiKey", "Properties": {"Value": value, **properties}}


def a_link(key: str, plan: str = "Plan") -> dict[str, Any]:
    properties = {"KeyId": {"Ref": key}, "KeyType": "API_KEY", "UsagePlanId": {"Ref": plan}}
    return {"Type": "AWS::ApiGateway::UsagePlanKey", "Properties": properties}


MODELS = "https://apigateway.amazonaws.com/restapis/${Shop}/models"
ITEM = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}
ORDER = {
    "type": "object",
    "properties": {"items": {"type": "array", "items": {"$ref": {"Fn::Sub": f"{MODELS}/Item"}}}},
}
TEMPLATE = {
    "Resources": {
        "App": a_function("handler"),
        "Isolated": a_function("handler", TenancyConfig={"TenantIsolationMode": "PER_TENANT"}),
        "Authorizer": a_function("authorize"),
        "Shop": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": "shop"}},
        "Live": of_shop(
            "Stage",
            StageName="prod",
            MethodSettings=[
                {
                    "HttpMethod": "GET",
                    "ResourcePath": "/~1limited",
                    "ThrottlingRateLimit": 0.5,
                    "ThrottlingBurstLimit": 2,
                },
                {"HttpMethod": "*", "ResourcePath": "/*", "LoggingLevel": "INFO"},
            ],
        ),
        **method("open"),
        **method("fail"),
        **method("limited"),
        **method("keyed", ApiKeyRequired=True),
        **method("metered", ApiKeyRequired=True),
        **method(
            "orders",
            "POST",
            RequestModels={"application/json": {"Ref": "OrderModel"}},
            RequestValidatorId={"Ref": "Validator"},
        ),
        **method(
            "tenant",
            function="Isolated",
            IntegrationParameters={
                "integration.request.header.X-Amz-Tenant-Id": "method.request.header.x-tenant"
            },
        ),
        **method("guarded", AuthorizationType="CUSTOM", AuthorizerId={"Ref": "Guard"}),
        "Guard": of_shop(
            "Authorizer",
            Type="TOKEN",
            AuthorizerUri={"Fn::GetAtt": ["Authorizer", "Arn"]},
            AuthorizerResultTtlInSeconds=0,
        ),
        "Validator": of_shop("RequestValidator", ValidateRequestBody=True),
        "ItemModel": of_shop("Model", Name="Item", Schema=ITEM),
        "OrderModel": of_shop("Model", Name="Order", Schema=ORDER),
        "Refused": of_shop(
            "GatewayResponse",
            ResponseType="INVALID_API_KEY",
            StatusCode="418",
            ResponseTemplates={
                "text/plain": "$context.error.responseType: ${context.error.message} $context.stage"
            },
        ),
        "Wrong": of_shop(
            "GatewayResponse",
            ResponseType="DEFAULT_4XX",
            ResponseParameters={
                "gatewayresponse.header.Access-Control-Allow-Origin": "'*'",
                "gatewayresponse.header.X-Asked": "method.request.header.x-who",
            },
        ),
        "Broken": of_shop(
            "GatewayResponse",
            ResponseType="DEFAULT_5XX",
            ResponseTemplates={"application/json": '{"error":$context.error.messageString}'},
        ),
        "Plan": {
            "Type": "AWS::ApiGateway::UsagePlan",
            "Properties": {"ApiStages": [{"ApiId": {"Ref": "Shop"}, "Stage": {"Ref": "Live"}}]},
        },
        "Small": {
            "Type": "AWS::ApiGateway::UsagePlan",
            "Properties": {
                "ApiStages": [
                    {
                        "ApiId": {"Ref": "Shop"},
                        "Stage": {"Ref": "Live"},
                        "Throttle": {"/metered/GET": {"RateLimit": 1, "BurstLimit": 1}},
                    }
                ],
                "Throttle": {"RateLimit": 2, "BurstLimit": 2},
                "Quota": {"Limit": 5, "Period": "WEEK", "Offset": 1},
            },
        },
        "Bob": a_key("key-of-bob-0123456789", Enabled=True),
        "Eve": a_key("key-of-eve-0123456789", Enabled=True),
        "BobLink": a_link("Bob", "Small"),
        "EveLink": a_link("Eve", "Small"),
        "Ada": a_key("key-of-ada-0123456789", Enabled=True),
        "Old": a_key("key-of-old-0123456789", Enabled=False),
        "Free": a_key("key-of-nobody-0123456789", Enabled=True),
        "AdaLink": a_link("Ada"),
        "OldLink": a_link("Old"),
    },
    "Outputs": {
        "Address": {
            "Value": {
                "Fn::Sub": "https://${Shop}.execute-api.${AWS::Region}.${AWS::URLSuffix}/prod"
            }
        }
    },
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("rest")
    (folder / "app.py").write_text(FUNCTIONS)
    path = folder / "template.json"
    path.write_text(json.dumps(TEMPLATE))
    return read_project(path)


class Clock:
    """Says what time it is, in seconds since 1970; stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = datetime(2027, 1, 31, 23, 0, tzinfo=UTC).timestamp()  # a Sunday

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def emulator(project: Project, clock: Clock) -> Iterator[Emulator]:
    configs = configure_project(project, OPTIONS, ()).configs
    options = GatewayOptions(clock=clock)
    with Emulator(configs, apis=project.apis, api_options=options) as emulator:
        yield emulator


def send(
    emulator: Emulator, line: str, headers: dict[str, str] | None = None, body: bytes = b""
) -> Response:
    return ask(emulator.api_url("shop"), line, headers, body)


def test_description(project: Project) -> None:
    text = as_text(project)
    assert "GET /keyed -> App (API key)" in text
    assert "isolates tenants" in text
    assert "Address: https://Shop.execute-api.us-east-1.amazonaws.com/prod" in text
    assert "GET /limited -> App (0.5 a second, 2 at once)" in text
    assert project.apis[0].api_keys == {
        "key-of-ada-0123456789": "Ada",
        "key-of-bob-0123456789": "Bob",
        "key-of-eve-0123456789": "Eve",
    }


def test_addresses_lead_to_the_emulator(emulator: Emulator) -> None:
    url = emulator.api_url("shop")
    host = urlsplit(url).netloc
    other = "https://abc.execute-api.eu-west-1.amazonaws.com"
    assert send(emulator, "GET /open").json()["urls"] == [url, host, other]


def test_api_keys(emulator: Emulator) -> None:
    answer = send(emulator, "GET /keyed", {"x-api-key": "key-of-ada-0123456789"})
    assert answer.json()["key"] == ["key-of-ada-0123456789", "Ada"]
    assert send(emulator, "GET /open", {"x-api-key": "any"}).json()["key"] == [None, None]
    for headers in (
        None,
        {"x-api-key": "x"},
        {"x-api-key": "key-of-old-0123456789"},
        {"x-api-key": "key-of-nobody-0123456789"},
    ):
        refused = send(emulator, "GET /keyed", headers)
        assert (refused.status, refused.body) == (418, b"INVALID_API_KEY: Forbidden prod")
        assert refused.headers["Content-Type"] == "text/plain"
        assert refused.headers["x-amzn-ErrorType"] == "ForbiddenException"


def test_a_method_is_throttled(emulator: Emulator, clock: Clock) -> None:
    assert [send(emulator, "GET /limited").status for _ in range(3)] == [200, 200, 429]
    refused = send(emulator, "GET /limited")
    assert refused.body == b'{"message":"Too Many Requests"}'
    assert refused.headers["x-amzn-ErrorType"] == "TooManyRequestsException"
    assert refused.headers["Access-Control-Allow-Origin"] == "*"  # of DEFAULT_4XX
    assert send(emulator, "GET /open").status == 200
    clock.now += 3
    assert [send(emulator, "GET /limited").status for _ in range(2)] == [200, 429]


def test_a_usage_plan_limits_each_key(emulator: Emulator, clock: Clock) -> None:
    def statuses(path: str, name: str, count: int) -> list[int]:
        headers = {"x-api-key": f"key-of-{name}-0123456789"}
        return [send(emulator, f"GET {path}", headers).status for _ in range(count)]

    assert statuses("/metered", "bob", 2) == [200, 429]  # the method's own limit
    assert statuses("/keyed", "bob", 2) == [200, 429]  # that of all together
    assert statuses("/keyed", "eve", 1) == [200]
    clock.now += 10
    assert statuses("/keyed", "bob", 2) == [200, 200]
    clock.now += 10
    assert statuses("/keyed", "bob", 2) == [200, 429]
    exhausted = send(emulator, "GET /keyed", {"x-api-key": "key-of-bob-0123456789"})
    assert (exhausted.status, exhausted.body) == (429, b'{"message":"Limit Exceeded"}')
    assert exhausted.headers["x-amzn-ErrorType"] == "LimitExceededException"
    assert statuses("/keyed", "eve", 1) == [200]
    clock.now += 3600  # it is Monday, when a week with the offset 1 begins
    assert statuses("/keyed", "bob", 1) == [200]


@pytest.mark.parametrize(
    ("quota", "same", "other"),
    [
        (Quota(limit=1, period="DAY"), "2027-01-31T23:59", "2027-02-01T00:00"),
        (Quota(limit=1, period="WEEK"), "2027-02-06T23:59", "2027-02-07T00:00"),
        (Quota(limit=1, period="MONTH"), "2027-01-31T23:59", "2027-02-01T00:00"),
        (Quota(limit=1, period="MONTH", offset=14), "2027-02-14T23:59", "2027-02-15T00:00"),
    ],
)
def test_periods_of_quotas(quota: Quota, same: str, other: str) -> None:
    plan = UsagePlan(name="plan", keys=("key",), quota=quota)
    place = Place(path=Path("here"))
    route = Route(method="GET", path="/", function="app", place=place)
    api = Api(name="api", kind="rest", place=place, routes=(route,), usage_plans=(plan,))
    clock = Clock()
    limits = RequestLimits(clock)
    assert limits.refusal(api, route, "key") is None
    for moment, refusal in ((same, "quota_exceeded"), (other, None)):
        clock.now = datetime.fromisoformat(f"{moment}+00:00").timestamp()
        assert limits.refusal(api, route, "key") == refusal


def test_answers_that_are_customized(emulator: Emulator) -> None:
    missing = send(emulator, "GET /nothing", {"x-who": "me"})
    assert (missing.status, missing.json()) == (403, {"message": "Missing Authentication Token"})
    assert missing.headers["Access-Control-Allow-Origin"] == "*"
    assert missing.headers["X-Asked"] == "me"
    broken = send(emulator, "GET /fail")
    assert (broken.status, broken.json()) == (502, {"error": "Internal server error"})


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"items": [{"name": "bread"}]}', 200),
        (b'{"items": [{"name": 1}]}', 400),
        (b'{"items": [{}]}', 400),
    ],
)
def test_models_refer_to_each_other(emulator: Emulator, body: bytes, status: int) -> None:
    assert send(emulator, "POST /orders", None, body).status == status


def test_a_tenant_is_mandatory(emulator: Emulator) -> None:
    assert send(emulator, "GET /tenant", {"x-tenant": "blue"}).json()["tenant"] == "blue"
    message = (
        "The invoked function is enabled with tenancy configuration."
        " Add a valid tenant ID in your request and try again."
    )
    for headers in (None, {"X-Amz-Tenant-Id": "blue"}):
        refused = send(emulator, "GET /tenant", headers)
        assert (refused.status, refused.json()) == (400, {"message": message})
    client = emulator.client()
    event = json.dumps({"path": "", "requestContext": {"identity": {}}})
    for kind in ("RequestResponse", "Event", "DryRun"):
        with pytest.raises(client.exceptions.InvalidParameterValueException) as caught:
            client.invoke(FunctionName="Isolated", InvocationType=kind, Payload=event)
        assert message in str(caught.value)
    answer = client.invoke(FunctionName="Isolated", TenantId="red", Payload=event)
    assert json.loads(json.load(answer["Payload"])["body"])["tenant"] == "red"
    described = client.get_function_configuration(FunctionName="Isolated")
    assert described["TenancyConfig"] == {"TenantIsolationMode": "PER_TENANT"}


def test_policies_have_conditions(emulator: Emulator) -> None:
    for condition, status in (
        ({"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "127.0.0.0/8"]}}, 200),
        ({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, 403),
        ({"IpAddress": {"aws:SourceIp": "nowhere"}}, 500),
    ):
        answer = send(emulator, "GET /guarded", {"Authorization": json.dumps(condition)})
        assert answer.status == status


VALUES = {
    "aws:sourceip": "203.0.113.7",
    "aws:useragent": "curl/8.1",
    "aws:referer": None,
    "aws:securetransport": "true",
    "aws:currenttime": "2027-01-31T10:00:00+00:00",
    "aws:epochtime": "1000",
}


@pytest.mark.parametrize(
    ("condition", "met"),
    [
        ({}, True),
        ({"StringEquals": {"aws:UserAgent": ["wget", "curl/8.1"]}}, True),
        ({"StringEquals": {"aws:UserAgent": "Curl/8.1"}}, False),
        ({"StringEqualsIgnoreCase": {"AWS:userAgent": "Curl/8.1"}}, True),
        ({"StringNotEquals": {"aws:UserAgent": ["wget", "curl/8.1"]}}, False),
        ({"StringLike": {"aws:UserAgent": "curl/*"}}, True),
        ({"StringNotLike": {"aws:UserAgent": "curl/*"}}, False),
        ({"ForAnyValue:StringLike": {"aws:UserAgent": "c?rl/*"}}, True),
        ({"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, False),
        ({"NotIpAddress": {"aws:SourceIp": "2001:db8::/32"}}, True),
        ({"Bool": {"aws:SecureTransport": True}}, True),
        ({"Bool": {"aws:SecureTransport": "false"}}, False),
        ({"DateGreaterThan": {"aws:CurrentTime": "2027-01-31T09:59:59Z"}}, True),
        ({"DateLessThan": {"aws:CurrentTime": "2027-01-31T09:59:59Z"}}, False),
        ({"NumericLessThanEquals": {"aws:EpochTime": 1000}}, True),
        ({"NumericGreaterThan": {"aws:EpochTime": "1000"}}, False),
        ({"StringEquals": {"aws:Referer": "x"}}, False),
        ({"StringEqualsIfExists": {"aws:Referer": "x"}}, True),
        ({"StringNotEquals": {"aws:Referer": "x"}}, True),
        ({"Null": {"aws:Referer": "true"}}, True),
        ({"Null": {"aws:UserAgent": "true"}}, False),
        # Nobody knows here what this is.
        ({"StringEquals": {"aws:SourceVpce": "vpce-1"}}, True),
        ({"Bool": {"aws:SecureTransport": "true"}, "IpAddress": {"aws:SourceIp": "::/0"}}, False),
    ],
)
def test_conditions(condition: dict[str, Any], met: bool) -> None:
    assert is_met(condition, VALUES) is met


@pytest.mark.parametrize(
    "condition",
    [
        [],
        {"StringEquals": "x"},
        {"StringMatches": {"aws:UserAgent": "x"}},
        {"IpAddress": {"aws:SourceIp": "x"}},
        {"NumericEquals": {"aws:EpochTime": "x"}},
    ],
)
def test_conditions_that_are_malformed(condition: Any) -> None:
    with pytest.raises(PolicyError):
        is_met(condition, VALUES)
