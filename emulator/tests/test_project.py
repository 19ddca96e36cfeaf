"""Projects: the description that comes out of templates, CDK's output and settings."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.request import urlopen
from zipfile import ZipFile

import pytest

from lambda_emulator import DurableConfig
from lambda_emulator._config import Cors, EventInvokeConfig, URLConfig
from lambda_emulator._project.configure import configure_project
from lambda_emulator._project.describe import as_text, warning_lines
from lambda_emulator._project.description import Throttle
from lambda_emulator._project.read import is_project, read_project
from lambda_emulator._project.resource_values import Scope
from lambda_emulator._project.settings_project import read_settings_project
from lambda_emulator._project.template_file import ProjectError
from lambda_emulator._settings import read_settings
from lambda_emulator._target import TargetError

from .conftest import COMMAND, LIMIT, OPTIONS, run_in, save

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lambda_emulator._project.description import Project

PROJECTS = Path(__file__).parent / "projects"
SAMPLES = {
    "http_api": "template.yaml",
    "rest_api": "template.yaml",
    "queue_worker": "template.yaml",
    "stream": "template.json",
    "web_application": "template.yaml",
    "schedule": "cdk.out",
}


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep what is made of templates out of the user's own cache."""
    with pytest.MonkeyPatch.context() as patch:
        # Shared by the processes of a run: the translator takes its time.
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp().parent / "cache"))
        yield


@pytest.fixture(scope="module")
def projects(cache: None) -> dict[str, Project]:
    return {name: read_project(PROJECTS / name / file) for name, file in SAMPLES.items()}


def template(tmp_path: Path, text: str, name: str = "template.yaml") -> Path:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("project", "name", "expected"),
    [
        (
            "http_api",
            "Orders",
            {
                "code": PROJECTS / "http_api/orders",
                "handler": "app.handler",
                "runtime": "python3.13",
                "timeout": 10,
                "memory_mb": 256,
                "environment": {
                    "STAGE": "dev",
                    "TABLE": "orders-dev",
                    "DATABASE": "<unknown: Database.Endpoint.Address>",
                },
                "not_served": "",
            },
        ),
        (
            "http_api",
            "Emails",
            {"not_served": "its runtime is nodejs22.x, and only Python is served"},
        ),
        ("rest_api", "shop-catalog", {"handler": "catalog.handler", "timeout": 3}),
        (
            "queue_worker",
            "Worker",
            {
                "layers": (PROJECTS / "queue_worker/shared",),
                "concurrency": 5,
                "log_format": "json",
                "log_level": "debug",
                "environment": {
                    "QUEUE": "https://sqs.us-east-1.amazonaws.com/123456789012/jobs",
                    "TOPIC": "arn:aws:sns:us-east-1:123456789012:Announcements",
                },
                "event_invoke": EventInvokeConfig(
                    max_retries=1,
                    max_age=120,
                    on_success="arn:aws:lambda:us-east-1:123456789012:function:Audit",
                    dead_letter_queue="arn:aws:sqs:us-east-1:123456789012:DeadLetters",
                ),
            },
        ),
        (
            "stream",
            "projector-us-east-1",
            {"timeout": 60, "architecture": "arm64", "tenancy": False, "memory_mb": 128},
        ),
        ("stream", "Inline", {"snap_start": True}),
        (
            "stream",
            "Remote",
            {"not_served": "its code is not on this machine: s3://releases/app.zip"},
        ),
        (
            "web_application",
            "Site",
            {
                "url": URLConfig(invoke_mode="RESPONSE_STREAM", cors=Cors(allow_origins=("*",))),
                "environment": {
                    "UPLOADS": "uploads",
                    "ADDRESS": "http://127.0.0.1:9000/lambda-url/Site/",
                },
            },
        ),
        (
            "web_application",
            "Thumbnails",
            {
                "code": PROJECTS / "web_application/image",
                "handler": "thumbnails.handler",
                "runtime": "image",
                "durable": DurableConfig(execution_timeout=600, retention_days=3),
                "not_served": "",
            },
        ),
        ("web_application", "ContactPage", {"handler": "main.Contact"}),
        (
            "schedule",
            "Nightly5D3AD11C",
            {"code": PROJECTS / "schedule/cdk.out/asset.1f2e3d", "not_served": ""},
        ),
        ("schedule", "watch", {"code": PROJECTS / "schedule/cdk.out/asset.1f2e3d"}),
    ],
)
def test_functions(
    projects: dict[str, Project], project: str, name: str, expected: Mapping[str, Any]
) -> None:
    [function] = [each for each in projects[project].functions if each.name == name]
    assert {key: getattr(function, key) for key in expected} == expected


def test_code_within_a_template_is_written_out(projects: dict[str, Project]) -> None:
    [inline] = [each for each in projects["stream"].functions if each.name == "Inline"]
    assert inline.code is not None
    assert "return 'inline'" in (inline.code / "index.py").read_text()


@pytest.mark.parametrize(
    ("project", "kind", "stage", "cors", "routes"),
    [
        (
            "http_api",
            "http",
            "$default",
            Cors(("http://localhost:3000",), ("GET", "POST"), ("authorization",), max_age=600),
            {
                ("GET", "/orders/{id}", "Orders", "2.0", "TokenAuthorizer", 61),
                ("POST", "/orders", "Orders", "2.0", "TokenAuthorizer", 67),
                ("GET", "/health", "Orders", "2.0", None, 73),
            },
        ),
        (
            "rest_api",
            "rest",
            "v1",
            Cors(("https://shop.example",), ("GET", "POST"), ("content-type",)),
            {
                ("ANY", "/{proxy+}", "shop-catalog", "1.0", None, 38),
                ("POST", "/orders", "shop-catalog", "1.0", "Keys", 44),
            },
        ),
        ("web_application", "websocket", "live", None, {("", "$connect", "Site", "1.0", None, 56)}),
    ],
)
def test_apis(
    projects: dict[str, Project],
    project: str,
    kind: str,
    stage: str,
    cors: Cors | None,
    routes: set[tuple[object, ...]],
) -> None:
    [api] = projects[project].apis
    assert (api.kind, api.stage, api.cors) == (kind, stage, cors)
    assert {
        (
            each.method,
            each.path,
            each.function,
            each.payload_format,
            each.authorizer,
            each.place.line,
        )
        for each in api.routes
        if each.method != "OPTIONS"
    } == routes


def test_authorizers_and_validation(projects: dict[str, Project]) -> None:
    [http] = projects["http_api"].apis
    token = http.authorizers["TokenAuthorizer"]
    assert (token.kind, token.function, token.payload_format) == ("request", "Authorizer", "2.0")
    assert (token.simple, token.cache_seconds) == (True, 60)
    assert token.identity_sources == ("$request.header.Authorization",)
    [rest] = projects["rest_api"].apis
    keys = rest.authorizers["Keys"]
    assert (keys.kind, keys.validation, keys.cache_seconds) == ("token", "^key-", 300)
    assert keys.identity_sources == ("method.request.header.X-Key",)
    assert (rest.stage_variables, rest.binary_media_types) == ({"color": "blue"}, ("image/png",))
    [order] = [each for each in rest.routes if each.path == "/orders" and not each.mock]
    schema = order.body_schemas["application/json"]
    assert schema["definitions"]["order"]["required"] == ["item"]
    assert order.required_parameters == ("method.request.querystring.page",)
    [chat] = projects["web_application"].apis
    assert (chat.name, chat.route_selection) == ("chat", "$request.body.do")


def test_sources(projects: dict[str, Project]) -> None:
    [queue] = projects["queue_worker"].sources
    assert (queue.kind, queue.source) == ("sqs", "arn:aws:sqs:us-east-1:123456789012:jobs")
    assert (queue.function, queue.batch_size, queue.window) == ("Worker", 5, 2)
    assert (queue.partial_failures, queue.max_concurrency) == (True, 3)
    assert json.loads(queue.filters[0]) == {"body": {"kind": ["resize"]}}
    table, clicks = projects["stream"].sources
    assert (table.kind, table.starting_position) == ("dynamodb", "LATEST")
    assert (table.bisect, table.max_retries, table.batch_size) == (True, 2, None)
    assert (clicks.kind, clicks.batch_size, clicks.parallelization) == ("kinesis", 50, 2)
    assert (clicks.function, clicks.enabled) == ("projector-us-east-1", False)


def test_triggers(projects: dict[str, Project]) -> None:
    nightly, paid, hourly = projects["schedule"].triggers
    assert (nightly.kind, nightly.expression) == ("schedule", "cron(0 3 * * ? *)")
    assert (nightly.function, nightly.input) == ("Nightly5D3AD11C", '{"full":true}')
    assert (nightly.max_retries, nightly.scheduler) == (1, False)
    assert (paid.kind, paid.function, paid.bus) == ("rule", "watch", "default")
    assert json.loads(paid.pattern) == {"source": ["shop"], "detail-type": ["paid"]}
    assert (hourly.expression, hourly.timezone) == ("rate(1 hour)", "Europe/Berlin")
    assert hourly.scheduler
    [upload] = projects["web_application"].triggers
    assert (upload.kind, upload.bucket, upload.function) == ("s3", "uploads", "Thumbnails")
    assert (upload.events, upload.suffix) == (("s3:ObjectCreated:*",), ".png")


def test_warnings_have_lines(projects: dict[str, Project], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(PROJECTS)
    shown = [line for each in projects.values() for line in warning_lines(each.warnings)]
    assert [each.partition(": ")[0] for each in shown] == [
        "http_api/template.yaml:59",
        "queue_worker/template.yaml:37",
        "schedule/cdk.out/Jobs.template.json:51",
    ]
    text = as_text(projects["http_api"])
    assert "GET /orders/{id} -> Orders (authorizer TokenAuthorizer: request Authorizer)" in text


VALUES = """
Parameters:
  Name: {Type: String, Default: ada}
  Hosts: {Type: CommaDelimitedList, Default: "a, b"}
  Needed: {Type: String}
  Secret: {Type: "AWS::SSM::Parameter::Value<String>", Default: /secret}
Mappings:
  Sizes: {small: {mb: 256}}
  Accounts: {123456789012: {On: mine}}
Conditions:
  IsAda: !Equals [!Ref Name, ada]
  IsNot: !Not [!Condition IsAda]
  Both: !And [!Condition IsAda, !Equals ["true", true]]
  Either: !Or [!Condition IsNot, !Condition Both]
Resources:
  Bus: {Type: AWS::Events::EventBus, Properties: {Name: shop}}
  Fifo: {Type: AWS::SQS::Queue, Properties: {FifoQueue: true}}
  Gone: {Type: AWS::SQS::Queue, Condition: IsNot}
  F:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.13
      Handler: app.handler
      Code: .
      Environment:
        Variables:
          VALUE: %s
"""


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("!Ref Name", "ada"),
        ("!Ref Bus", "shop"),
        ("!GetAtt Bus.Arn", "arn:aws:events:us-east-1:123456789012:event-bus/shop"),
        ("!GetAtt [Bus, Name]", "shop"),
        ("!GetAtt Fifo.QueueName", "Fifo.fifo"),
        ('!Sub "${Name}/${!Literal}/${Bus.Name}/${AWS::Region}"', "ada/${Literal}/shop/us-east-1"),
        ('!Sub ["${x}-${Name}", {x: !Ref Bus}]', "shop-ada"),
        ('!Join ["-", [a, !Ref Name, 1, true]]', "a-ada-1-true"),
        ('!Join [",", !Ref Hosts]', "a,b"),
        ('!Select [1, !Split ["/", "x/y/z"]]', "y"),
        ("!Select [1, !Ref Hosts]", "b"),
        ("!If [IsAda, yes-it-is, no]", "yes-it-is"),
        ("!If [IsNot, a, !If [Either, c, d]]", "c"),
        ("!If [IsNot, a, !Ref AWS::NoValue]", None),
        ("!FindInMap [Sizes, small, mb]", "256"),
        ("!FindInMap [Accounts, !Ref AWS::AccountId, 'On']", "mine"),
        ("!FindInMap [Sizes, large, mb, {DefaultValue: 7}]", "7"),
        ("!Base64 ada", "YWRh"),
        ("{'Fn::Length': !Ref Hosts}", "2"),
        ("{'Fn::ToJsonString': {a: !Ref Name}}", '{"a":"ada"}'),
        ('!Select [0, !Cidr ["10.0.0.0/16", 2, 8]]', "10.0.0.0/24"),
        ("!Select [0, !GetAZs '']", "us-east-1a"),
        ("2012-10-17", "2012-10-17"),
        ("!Ref AWS::AccountId", "123456789012"),
        # As templates make names that differ:
        ("!Select [3, !Split ['-', !Select [2, !Split ['/', !Ref AWS::StackId]]]]", "8000"),
        ("", ""),
    ],
)
def test_values(tmp_path: Path, expression: str, expected: str | None) -> None:
    (tmp_path / "app.py").touch()
    project = read_project(template(tmp_path, VALUES % expression), {"Needed": "x"})
    assert project.functions[0].environment.get("VALUE") == expected
    assert project.warnings == ()


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("!Ref Needed", "set it with --parameter Needed=VALUE"),
        ("!Ref Secret", "Only AWS knows Secret"),
        ("!Ref Gone", "Only AWS knows Gone"),
        ("!ImportValue other-stack", "Only AWS knows other-stack"),
        ("!Sub 'x-${Nothing.Arn}'", "There is no resource or parameter 'Nothing'"),
        ("!FindInMap [Sizes, large, mb]", "the mapping Sizes.large.mb"),
        ("!Select [7, [a]]", "Fn::Select of [7"),
        ("!Transform {Name: Own}", "Fn::Transform"),
        ("'{{resolve:ssm:/a}}'", "{{resolve:ssm:/a}}"),
    ],
)
def test_a_value_that_only_aws_knows(tmp_path: Path, expression: str, words: str) -> None:
    (tmp_path / "app.py").touch()
    project = read_project(template(tmp_path, VALUES % expression))
    [warned] = project.warnings
    assert words in warned.message
    assert warned.place.line == len(VALUES.splitlines())
    assert project.functions[0].environment["VALUE"]


MORE = """
Resources:
  Flow:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.13
      Handler: app.handler
      Code: .
      DurableConfig: {ExecutionTimeout: 600}
      SnapStart: {ApplyOn: PublishedVersions}
  Live:
    Type: AWS::Lambda::Alias
    Properties: {FunctionName: !Ref Flow, FunctionVersion: "1", Name: live}
  Good:
    Type: AWS::Lambda::EventSourceMapping
    Properties: {FunctionName: !Ref Live, EventSourceArn: "arn:aws:sqs:us-east-1:1:jobs"}
  Bad:
    Type: AWS::Lambda::EventSourceMapping
    Properties: {FunctionName: !Ref Flow, EventSourceArn: "arn:aws:sqs:us-east-1:1:jobs"}
  Url: {Type: AWS::Lambda::Url, Properties: {TargetFunctionArn: !Ref Flow, AuthType: NONE}}
  LiveUrl:
    Type: AWS::Lambda::Url
    Properties: {TargetFunctionArn: !GetAtt Flow.Arn, Qualifier: live, AuthType: NONE}
  Soon:
    Type: AWS::Scheduler::Schedule
    Properties:
      ScheduleExpression: rate(1 hour)
      StartDate: "2027-01-31T09:00:00Z"
      EndDate: "2027-02-01T09:00:00Z"
      FlexibleTimeWindow: {Mode: FLEXIBLE, MaximumWindowInMinutes: 15}
      Target: {Arn: !GetAtt Flow.Arn, RoleArn: "arn:aws:iam::1:role/r"}
Outputs:
  Name: {Value: !Ref Flow}
  Unknown: {Value: !GetAtt Nowhere.Address}
"""


PUSHED = """
Transform: AWS::Serverless-2016-10-31
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: app.handler
      CodeUri: .
      Events:
        Big:
          Type: SNS
          Properties:
            Topic: !Ref News
            FilterPolicyScope: MessageBody
            FilterPolicy: {price: [{numeric: [">", 9]}]}
        Hot:
          Type: IoTRule
          Properties: {Sql: "SELECT a FROM 'rooms/+' WHERE a > 1"}
        Odd:
          Type: IoTRule
          Properties: {Sql: "SELECT get_thing_shadow('x', 'y') AS s FROM 'rooms/#'"}
  News:
    Type: AWS::SNS::Topic
    Properties:
      TopicName: news
      Subscription:
        - {Protocol: lambda, Endpoint: !GetAtt F.Arn}
        - {Protocol: https, Endpoint: https://example.com/}
  Api:
    Type: AWS::Serverless::HttpApi
    Properties:
      DefaultRouteSettings: {ThrottlingBurstLimit: 5}
      RouteSettings: {GET /slow: {ThrottlingRateLimit: 1, ThrottlingBurstLimit: 2}}
      DefinitionBody:
        openapi: 3.0.1
        paths:
          /slow: {get: &to_f {x-amazon-apigateway-integration: {
            type: aws_proxy, payloadFormatVersion: "2.0", uri: !GetAtt F.Arn}}}
          /fast: {get: *to_f}
"""


INCLUDING = """
Transform: AWS::Serverless-2016-10-31
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: app.handler
      CodeUri: .
      AutoPublishAlias: live
      Events:
        SignUp: {Type: Cognito, Properties: {UserPool: !Ref Users, Trigger: PreSignUp}}
  Users: {Type: AWS::Cognito::UserPool}
  Ready: {Type: AWS::Serverless::Application, Properties: {
    Location: {ApplicationId: "arn:aws:serverlessrepo:us-east-1:1:applications/x",
    SemanticVersion: 1.0.0}}}
  Http:
    Type: AWS::Serverless::HttpApi
    Properties:
      StageVariables: {fn: "F:live"}
      DefinitionBody:
        Fn::Transform: {Name: AWS::Include, Parameters: {Location: api.yaml}}
  Rest:
    Type: AWS::Serverless::Api
    Properties:
      StageName: live
      Variables: {fn: F}
      DefinitionUri: api.yaml
      MinimumCompressionSize: 0
      Auth: {ResourcePolicy: {IpRangeBlacklist: [10.0.0.0/8]}}
  Flow:
    Type: AWS::Serverless::StateMachine
    Properties:
      Role: arn:aws:iam::1:role/x
      Definition: {StartAt: A, States: {A: {Type: Pass, End: true}}}
"""
INCLUDED = """
openapi: 3.0.1
info: {title: shop, version: "1"}
paths:
  /staged:
    get:
      x-amazon-apigateway-integration:
        type: aws_proxy
        httpMethod: POST
        uri: {Fn::Sub: "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/\
          arn:aws:lambda:${AWS::Region}:1:function:${!stageVariables.fn}/invocations"}
"""


@pytest.mark.parametrize("runtime", ["python3.13", "provided.al2023"])
def test_code_may_be_an_archive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, runtime: str
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with ZipFile(tmp_path / "orders.zip", "w") as archive:
        archive.writestr("orders/app.py", "")
    (tmp_path / "broken.zip").write_text("no archive")
    functions = "".join(
        f"  {name}: {{Type: AWS::Serverless::Function, Properties: {{Runtime: {runtime},"
        f" Handler: orders/app.handler, CodeUri: {name.lower()}.zip}}}}\n"
        for name in ("Orders", "Broken", "Missing")
    )
    functions += (
        "  Go: {Type: AWS::Serverless::Function, Properties: {Runtime: provided.al2023,"
        " Handler: bootstrap, CodeUri: orders.zip}}\n"
    )
    text = f"Transform: AWS::Serverless-2016-10-31\nResources:\n{functions}"
    orders, broken, missing, other = read_project(template(tmp_path, text)).functions
    assert orders.code is not None
    assert (orders.code / "orders" / "app.py").is_file()
    assert orders.code.is_relative_to(tmp_path / "cache")
    assert "not a zip file" in broken.not_served
    assert "there is no archive" in missing.not_served
    assert missing.not_served.endswith("missing.zip: build it first")
    assert "bootstrap is not Python" in other.not_served


def test_included_files_stage_variables_and_callers(tmp_path: Path) -> None:
    (tmp_path / "app.py").touch()
    (tmp_path / "api.yaml").write_text(INCLUDED)
    project = read_project(template(tmp_path, INCLUDING))
    assert tmp_path / "api.yaml" in project.files
    assert {
        (each.name, each.kind): [route.function for route in each.routes] for each in project.apis
    } == {
        ("Http", "http"): ["F"],
        ("Rest", "rest"): ["F"],
    }
    lines = INCLUDING.splitlines()
    warned = {
        (lines[each.place.line - 1].split(":")[0].strip(), each.message.partition(" here")[0])
        for each in project.warnings
    }
    assert {
        ("F", "cognito-idp.amazonaws.com does not invoke F"),
        ("Flow", "State machines are not run"),
        ("MinimumCompressionSize", "Its responses are not compressed."),
    } <= warned
    messages = "".join(each.message for each in project.warnings)
    assert "applications/x is not on this machine" in messages
    assert "resource policy is not evaluated" in messages


def test_topics_rules_of_iot_and_limits_of_routes(tmp_path: Path) -> None:
    (tmp_path / "app.py").touch()
    project = read_project(template(tmp_path, PUSHED))
    all_news, some_news = sorted(
        (each for each in project.triggers if each.kind == "sns"), key=lambda each: each.pattern
    )
    assert (all_news.name, all_news.pattern) == ("news", "")
    assert json.loads(some_news.pattern) == {"price": [{"numeric": [">", 9]}]}
    assert (some_news.name, some_news.filter_scope) == ("news", "MessageBody")
    hot, odd = (each for each in project.triggers if each.kind == "iot")
    assert hot.sql == "SELECT a FROM 'rooms/+' WHERE a > 1"
    assert odd.sql == "SELECT * FROM 'rooms/#'"
    words = [(each.place.line, each.message) for each in project.warnings]
    [(line, _)] = [each for each in words if "get_thing_shadow()" in each[1]]
    assert PUSHED.splitlines()[line - 1].strip() == "Odd:"
    assert any("https://example.com/" in message for _, message in words)
    [api] = project.apis
    limits = {each.path: each.throttle for each in api.routes}
    assert limits == {"/slow": Throttle(rate=1, burst=2), "/fast": Throttle(burst=5)}


def test_what_aws_refuses_and_when_schedules_end(tmp_path: Path) -> None:
    (tmp_path / "app.py").touch()
    project = read_project(template(tmp_path, MORE))
    assert [each.place.name for each in project.refused_by_aws] == ["Bad", "Url", "Soon"]
    assert all("Flow, which is durable" in each.message for each in project.refused_by_aws)
    [warned] = project.warnings
    assert "published versions only" in warned.message
    [soon] = project.triggers
    assert (soon.start, soon.end) == ("2027-01-31T09:00:00Z", "2027-02-01T09:00:00Z")
    assert soon.flexible_window == 15
    assert project.outputs == {"Name": "Flow", "Unknown": "<unknown: Nowhere.Address>"}
    [config] = configure_project(project, OPTIONS, ()).configs
    assert config.function.snap_start
    assert config.durable == DurableConfig(
        execution_timeout=600, qualifier="live", aliases={"live": "1"}
    )
    assert "Refused by AWS" in as_text(project)


def test_parameters_and_the_region_win(tmp_path: Path) -> None:
    (tmp_path / "app.py").touch()
    scope = Scope(region="eu-west-1", queue_endpoint="http://127.0.0.1:5000/")
    path = template(tmp_path, VALUES % "!Sub '${Name} ${Fifo}'")
    project = read_project(path, {"Name": "bob"}, scope)
    queue = "http://127.0.0.1:5000/123456789012/Fifo.fifo"
    assert project.functions[0].environment["VALUE"] == f"bob {queue}"


SAM_WITH_AN_ERROR = """Transform: AWS::Serverless-2016-10-31

Resources:
  F:
    Type: AWS::Serverless::Function
    Properties: {Runtime: python3.13, CodeUri: ., Handler: a.b, Memory: 1}
"""


@pytest.mark.parametrize(
    ("text", "parameters", "words"),
    [
        ("Resources: [", {}, "it is not YAML"),
        ("Resources:\n\tF: {}", {}, ":2: it is not YAML: tabs cannot indent: use spaces."),
        ("Resources: [a]", {}, "Resources is not a table"),
        ("a: 1", {}, "is not a template"),
        (VALUES % "x", {"Nmae": "x"}, "has no parameter 'Nmae': it has Name"),
        (
            SAM_WITH_AN_ERROR,
            {},
            "template.yaml:4: F: ",
        ),
    ],
)
def test_a_template_that_cannot_be_read(
    tmp_path: Path, text: str, parameters: dict[str, str], words: str
) -> None:
    with pytest.raises(ProjectError) as caught:
        read_project(template(tmp_path, text), parameters)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_nested_stacks_give_their_outputs(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner/app.py").touch()
    template(
        tmp_path,
        "Parameters: {Stage: {Type: String}}\nResources:\n  In:\n    Type: AWS::Lambda::Function\n"
        "    Properties: {Runtime: python3.13, Handler: app.handler, Code: .,"
        " Environment: {Variables: {STAGE: !Ref Stage}}}\n"
        "Outputs: {Arn: {Value: !GetAtt In.Arn, Export: {Name: in-arn}}}\n",
        "inner/template.yaml",
    )
    outer = template(
        tmp_path,
        "Resources:\n  Nested:\n    Type: AWS::CloudFormation::Stack\n"
        "    Properties: {TemplateURL: inner/template.yaml, Parameters: {Stage: prod}}\n"
        "  Rule:\n    Type: AWS::Events::Rule\n"
        "    Properties: {ScheduleExpression: rate(1 day), Targets:"
        " [{Id: a, Arn: !GetAtt Nested.Outputs.Arn}, {Id: b, Arn: !ImportValue in-arn}]}\n",
    )
    project = read_project(outer)
    [function] = project.functions
    assert (function.code, function.environment) == (tmp_path / "inner", {"STAGE": "prod"})
    assert [each.function for each in project.triggers] == ["In", "In"]
    assert project.files == (outer, tmp_path / "inner/template.yaml")


def test_which_files_are_projects(tmp_path: Path) -> None:
    assert is_project(PROJECTS / "http_api/template.yaml")
    assert is_project(PROJECTS / "stream/template.json")
    assert is_project(PROJECTS / "schedule/cdk.out")
    assert not is_project(PROJECTS / "http_api")
    assert not is_project(template(tmp_path, "kind: Deployment\n"))
    assert not is_project(tmp_path / "nothing.yaml")


TYPED: dict[str, Any] = {
    **OPTIONS,
    "variables": {"STAGE": "typed"},
    "timeout": 99,
    "memory": 512,
    "python": sys.executable,
    "log_format": "text",
}


def test_what_is_typed_wins_over_a_template(projects: dict[str, Project]) -> None:
    served = configure_project(projects["http_api"], TYPED, {"timeout"})
    orders = {each.function.name: each for each in served.configs}["Orders"]
    assert (orders.function.timeout, orders.function.memory_mb) == (99, 256)
    assert orders.environment["STAGE"] == "typed"
    assert orders.environment["TABLE"] == "orders-dev"
    assert orders.on_demand
    assert orders.program.directory == PROJECTS / "http_api/orders"


def test_a_destination_that_is_not_served_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "app.py").touch()
    text = (
        "Resources:\n  F:\n    Type: AWS::Lambda::Function\n"
        "    Properties: {Runtime: python3.13, Handler: app.handler, Code: .}\n"
        "  Config:\n    Type: AWS::Lambda::EventInvokeConfig\n    Properties:\n"
        "      FunctionName: !Ref F\n"
        "      DestinationConfig: {OnSuccess: {Destination: 'arn:aws:lambda:a:1:function:other'}}\n"
    )
    served = configure_project(read_project(template(tmp_path, text)), OPTIONS, ())
    assert served.configs[0].event_invoke.on_success is None
    assert "is not served" in served.project.warnings[0].message


def test_a_project_without_a_function_to_serve(tmp_path: Path) -> None:
    text = "Resources: {F: {Type: AWS::Lambda::Function, Properties: {Runtime: java21, Code: .}}}"
    with pytest.raises(TargetError, match="F: its runtime is java21"):
        configure_project(read_project(template(tmp_path, text)), OPTIONS, ())


SETTINGS = """
[tool.lambda-emulator]
routes = [{method = "GET", path = "/orders/{id}", function = "orders"}]

[[tool.lambda-emulator.apis]]
name = "shop"
kind = "rest"
stage = "v1"
cors = {allow-origins = ["*"]}
authorizers.keys = {kind = "token", function = "keys", cache-seconds = 60}
routes = [{method = "ANY", path = "/{proxy+}", function = "shop", authorizer = "keys"}]

[[tool.lambda-emulator.sources]]
kind = "sqs"
source = "arn:aws:sqs:us-east-1:123456789012:jobs"
function = "worker"
batch-size = 5
window = 2

[[tool.lambda-emulator.triggers]]
kind = "schedule"
name = "nightly"
function = "worker"
expression = "rate(1 day)"
"""


def test_settings_have_the_same_words(tmp_path: Path) -> None:
    template(tmp_path, SETTINGS, "pyproject.toml")
    project = read_settings_project(read_settings(tmp_path))
    assert project is not None
    api, shop = project.apis
    assert (api.kind, api.routes[0].path, api.routes[0].function) == (
        "http",
        "/orders/{id}",
        "orders",
    )
    assert (shop.kind, shop.stage, shop.cors) == ("rest", "v1", Cors(allow_origins=("*",)))
    assert shop.authorizers["keys"].cache_seconds == 60
    assert shop.routes[0].authorizer == "keys"
    assert (project.sources[0].batch_size, project.sources[0].window) == (5, 2.0)
    assert project.triggers[0].expression == "rate(1 day)"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("sources = [{kind = 'sqs', source = 'a', funktion = 'f'}]", "did you mean function?"),
        ("sources = [{kind = 'sqs', source = 'a'}]", "needs 'function'"),
        ("sources = [{kind = 'mq', source = 'a', function = 'f'}]", "use one of sqs"),
        ("triggers = {kind = 's3'}", "is not a list"),
        ("triggers = [{kind = 'sns', name = 'a'}]", "needs 'function' or 'destination'"),
        ("routes = [{method = 1, path = '/', function = 'f'}]", "routes.method is 1"),
    ],
)
def test_settings_that_cannot_be_read(tmp_path: Path, line: str, words: str) -> None:
    template(tmp_path, f"[tool.lambda-emulator]\n{line}\n", "pyproject.toml")
    with pytest.raises(ProjectError, match=r"pyproject\.toml") as caught:
        read_settings_project(read_settings(tmp_path))
    assert words in str(caught.value)


def test_describe_as_json() -> None:
    done = run_in(PROJECTS / "stream", "describe", "template.json", "--json")
    described = json.loads(done.stdout)
    assert [each["name"] for each in described["functions"]] == [
        "projector-us-east-1",
        "Inline",
        "Remote",
    ]
    assert described["sources"][0]["kind"] == "dynamodb"


def test_invoke_one_function_of_a_template() -> None:
    done = run_in(PROJECTS, "invoke", "stream/template.json", "Inline")
    assert (done.returncode, done.stdout) == (0, '"inline"\n')
    done = run_in(PROJECTS, "invoke", "stream/template.json", "Remote")
    assert done.returncode == 2
    assert "Remote is not served" in done.stderr


def test_a_template_is_served_and_reloaded(tmp_path: Path) -> None:
    boto3 = pytest.importorskip("boto3")
    template(
        tmp_path,
        "def handler(event, context):\n    import os\n    return os.environ['A']\n",
        "app.py",
    )
    text = (
        "Resources:\n  F:\n    Type: AWS::Lambda::Function\n    Properties:\n"
        "      Runtime: python3.13\n      Handler: app.handler\n      Code: .\n"
        "      Environment: {Variables: {A: %s}}\n  N: {Type: AWS::Lambda::Function,"
        " Properties: {Runtime: nodejs22.x, Code: .}}\n"
    )
    path = template(tmp_path, text % "first")
    with subprocess.Popen(
        [*COMMAND, "run", "template.yaml", "--port", "0", "--reload"],
        cwd=tmp_path,
        env={**os.environ, "AWS_REGION": "us-east-1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        try:
            lines = [process.stderr.readline()]
            while not lines[-1].startswith("Console: "):
                lines.append(process.stderr.readline())
                assert lines[-1], lines
            assert lines[0] == (
                "Not served: N: its runtime is nodejs22.x, and only Python is served.\n"
            )
            client = boto3.client(
                "lambda",
                endpoint_url=lines[-2].split()[-1],
                region_name="us-east-1",
                aws_access_key_id="local",
                aws_secret_access_key="local",
            )

            def answer() -> Any:
                return json.load(client.invoke(FunctionName="F", Payload=b"{}")["Payload"])

            assert answer() == "first"

            def reload(value: str, *apis: str) -> dict[str, str]:
                """Change the project; return the addresses of its APIs, by name."""
                described = "".join(
                    f"  {name}: {{Type: AWS::ApiGatewayV2::Api, Properties: {{Name: {title},"
                    " ProtocolType: HTTP, Target: !GetAtt F.Arn}}\n"
                    for name, _, title in (each.partition("=") for each in apis)
                )
                save(path, text % value + described)
                assert process.stderr is not None
                while (first := process.stderr.readline()).startswith("Reloaded F "):
                    pass  # the folder of its code has the template, too
                if "stays as it was" in first:
                    return {"problem": first}
                assert first == "Reloaded the project (template.yaml).\n"
                found: dict[str, str] = {}
                while not (line := process.stderr.readline()).startswith("Console: "):
                    assert line, "the emulator has ended"
                    if line.startswith("API "):
                        name, _, url = line.removeprefix("API ").strip().partition(": ")
                        found[name] = url
                return found

            before = reload("second", "A=one")
            assert answer() == "second"
            # An API keeps its port, and a new one gets another.
            after = reload("third", "B=two", "A=one")
            assert (after["one"], list(after)) == (before["one"], ["two", "one"])
            for url in after.values():
                with urlopen(url, timeout=LIMIT) as response:
                    assert response.read() == b"third"
            with urlopen(f"{lines[-2].split()[-1]}/_console/api/state", timeout=LIMIT) as state:
                assert {each["name"]: each["url"] for each in json.load(state)["apis"]} == after
            client.close()
            # The page in the browser shows what the server before has done, too.
            happenings = f"{lines[-2].split()[-1]}/_console/api/happenings"
            with urlopen(happenings, timeout=LIMIT) as feed:
                history = next(line for line in feed if line.startswith(b"data: "))
            events = json.loads(history.removeprefix(b"data: "))
            assert [each["type"] for each in events].count("Invoked") == 4
        finally:
            process.terminate()
            process.communicate(timeout=LIMIT)
