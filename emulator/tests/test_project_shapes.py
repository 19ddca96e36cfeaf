"""Shapes of public projects: the parts that are served, and the warnings about the others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest

from lambda_emulator._layers import import_paths
from lambda_emulator._project.describe import as_text
from lambda_emulator._project.read import read_project
from lambda_emulator._project.template_file import ProjectError

from .conftest import run_in

if TYPE_CHECKING:
    from lambda_emulator._project.description import Project

DEFINED = """
Parameters:
  Stage: {Type: "AWS::SSM::Parameter::Value<String>", Default: /app/stage}
  Hosts: {Type: "AWS::SSM::Parameter::Value<List<String>>", Default: /app/hosts}
  Given: {Type: "AWS::SSM::Parameter::Value<String>", Default: /app/unknown}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
Resources:
  StageValue: {Type: AWS::SSM::Parameter, Properties: {Name: /app/stage, Value: prod}}
  HostsValue: {Type: AWS::SSM::Parameter, Properties: {Name: /app/hosts, Value: "a, b"}}
  Itself: {Type: AWS::SSM::Parameter, Properties: {Name: /me, Value: "{{resolve:ssm:/me}}"}}
  Plain: {Type: AWS::SecretsManager::Secret, Properties: {SecretString: '{"port": 5432}'}}
  Made:
    Type: AWS::SecretsManager::Secret
    Properties:
      Name: db/main
      GenerateSecretString: {SecretStringTemplate: '{"user": "ada"}', GenerateStringKey: word}
  Attached: {Type: AWS::SecretsManager::SecretTargetAttachment, Properties: {SecretId: !Ref Made}}
  Queue: {Type: AWS::SQS::Queue, Condition: IsProd}
  F:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      Code: {ZipFile: "def handler(event, context): ..."}
      FileSystemConfigs: [{Arn: x, LocalMountPath: /mnt/data}]
      Environment:
        Variables:
          STAGE: !Ref Stage
          HOSTS: !Join ["|", !Ref Hosts]
          GIVEN: !Ref Given
          QUEUE: !GetAtt Queue.QueueName
          TEXT: "{{resolve:ssm:/app/stage:3}}-{{resolve:ssm:/app/stage}}"
          NAMED: !Sub "{{resolve:ssm:${StageValue}}}"
          PORT: !Sub "{{resolve:secretsmanager:${Plain}:SecretString:port}}"
          USER: !Join ["", ["{{resolve:secretsmanager:", !Ref Attached, ":SecretString:user::}}"]]
          WORD: "{{resolve:secretsmanager:db/main:SecretString:word}}"
          WHOLE: "{{resolve:secretsmanager:db/main}}"
          OTHER: "{{resolve:ssm-secure:/x}}"
          LOOP: "{{resolve:ssm:/me}}"
"""


def template(folder: Path, text: str, name: str = "template.yaml") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def messages(project: Project) -> str:
    return "\n".join(f"{each.place.name}: {each.message}" for each in project.warnings)


def test_values_that_the_project_itself_defines(tmp_path: Path) -> None:
    project = read_project(template(tmp_path, DEFINED), {"Given": "typed"})
    assert dict(project.functions[0].environment) == {
        "STAGE": "prod",
        "HOSTS": "a|b",
        "GIVEN": "typed",
        "QUEUE": "Queue",
        "TEXT": "prod-prod",
        "NAMED": "prod",
        "PORT": "5432",
        "USER": "ada",
        "WORD": "<unknown: db/main.word>",
        "WHOLE": "<unknown: db/main.SecretString>",
        "OTHER": "{{resolve:ssm-secure:/x}}",
        "LOOP": "{{resolve:ssm:/me}}",
    }
    said = messages(project)
    assert "F: Only AWS knows db/main.word, which is '<unknown: db/main.word>' here." in said
    assert "F: Its file system is not mounted here: /mnt/data is a path" in said


PUSHED = """
Resources:
  Topic:
    Type: AWS::SNS::Topic
    Properties:
      TopicName: news
      Subscription:
        - {Protocol: sqs, Endpoint: !GetAtt Queue.Arn}
        - {Protocol: email, Endpoint: ada@example.com}
  Queue: {Type: AWS::SQS::Queue}
  Fifo: {Type: AWS::SQS::Queue, Properties: {FifoQueue: true}}
  Raw:
    Type: AWS::SNS::Subscription
    Properties:
      TopicArn: !Ref Topic
      Protocol: sqs
      Endpoint: !GetAtt Queue.Arn
      RawMessageDelivery: true
      FilterPolicy: {kind: [new]}
      FilterPolicyScope: MessageBody
  Rule:
    Type: AWS::Events::Rule
    Properties:
      EventPattern: {source: [shop]}
      Targets:
        - {Id: a, Arn: !GetAtt Fifo.Arn, SqsParameters: {MessageGroupId: shop}}
        - {Id: b, Arn: !Ref Topic}
        - {Id: c, Arn: "arn:aws:states:us-east-1:123456789012:stateMachine:flow"}
  Nightly:
    Type: AWS::Scheduler::Schedule
    Properties: {ScheduleExpression: rate(1 day), Target: {Arn: !GetAtt Queue.Arn, Input: "{}"}}
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      NotificationConfiguration:
        QueueConfigurations: [{Event: "s3:ObjectCreated:*", Queue: !GetAtt Queue.Arn}]
        TopicConfigurations: [{Event: "s3:ObjectRemoved:*", Topic: !Ref Topic}]
        LambdaConfigurations: !Ref Nowhere
  Odd: {Type: AWS::Lambda::EventSourceMapping, Properties: {BatchSize: {}, EventSourceArn: 5}}
  Broken: {Type: AWS::IoT::TopicRule, Properties: {TopicRulePayload: {
    Sql: "SELECT * FROM 'a'", Actions: [{Lambda: text}]}}}
  Socket:
    Type: AWS::ApiGatewayV2::Api
    Properties: {ProtocolType: WEBSOCKET, RouteSelectionExpression: $request.body.action}
  Proxy: &integration
    Type: AWS::ApiGatewayV2::Integration
    Properties: &proxy
      ApiId: !Ref Socket
      IntegrationType: AWS_PROXY
      IntegrationUri: arn:aws:lambda:us-east-1:123456789012:function:f
  Mapped: {<<: *integration, Properties: {<<: *proxy, IntegrationType: AWS}}
  Echo: &route
    Type: AWS::ApiGatewayV2::Route
    Properties: &echo {ApiId: !Ref Socket, RouteKey: echo, Target: !Sub "integrations/${Proxy}"}
  Silent: {<<: *route, Properties: {<<: *echo, RouteKey: silent}}
  Templated: {<<: *route, Properties: {<<: *echo, RouteKey: t, Target: !Join ["/", [
    integrations, !Ref Mapped]]}}
  Answer:
    Type: AWS::ApiGatewayV2::RouteResponse
    Properties: {ApiId: !Ref Socket, RouteId: !Ref Echo, RouteResponseKey: $default}
  Alarm:
    Type: AWS::Lambda::Permission
    Properties: {FunctionName: f, Principal: lambda.alarms.cloudwatch.amazonaws.com}
  Logs:
    Type: AWS::Lambda::Permission
    Properties: {FunctionName: f, Principal: logs.us-east-1.amazonaws.com}
  Seed:
    Type: Custom::Seed
    Properties: {ServiceToken: "arn:aws:lambda:us-east-1:123456789012:function:f"}
"""


def test_what_is_pushed_to_queues_and_topics(tmp_path: Path) -> None:
    project = read_project(template(tmp_path, PUSHED))
    assert [(each.kind, each.name, each.target_kind, each.target) for each in project.triggers] == [
        ("rule", "Rule", "queue", "Fifo.fifo"),
        ("rule", "Rule", "topic", "news"),
        ("schedule", "Nightly", "queue", "Queue"),
        ("s3", "bucket", "queue", "Queue"),
        ("s3", "bucket", "topic", "news"),
        ("sns", "news", "queue", "Queue"),
        ("sns", "news", "queue", "Queue"),
    ]
    assert project.triggers[0].message_group == "shop"
    assert [each.raw_delivery for each in project.triggers[-2:]] == [True, False]
    [socket] = project.apis
    assert {each.path: each.responds for each in socket.routes} == {"echo": True, "silent": False}
    said = messages(project)
    for words in (
        "Topic: Messages of the topic news do not go to ada@example.com here.",
        "stateMachine:flow is not a function, or a queue or a topic of this project, and gets",
        "Broken: One of its properties has another form than AWS's, so it is left out.",
        "Templated: The route t is not served: its integration is not a proxy (AWS_PROXY).",
        "Alarm: lambda.alarms.cloudwatch.amazonaws.com does not invoke f here",
        "Seed: Nothing is deployed, so f is not invoked for it",
    ):
        assert words in said
    assert "logs.us-east-1" not in said


SERVERLESS = """
Transform: [AWS::LanguageExtensions, AWS::Serverless-2016-10-31]
Resources:
  Fn::ForEach::Names:
    - N
    - [a, b]
    - Get${N}:
        Type: AWS::Serverless::Function
        Properties:
          Runtime: python3.13
          Handler: app.handler
          CodeUri: src
          Layers: [!Ref Shared]
          Events: {Http: {Type: HttpApi, Properties: {Path: !Sub "/${N}", Method: get}}}
  Shared:
    Type: AWS::Serverless::LayerVersion
    Metadata: {BuildMethod: python3.13}
    Properties: {ContentUri: shared}
  Flow:
    Type: AWS::Serverless::StateMachine
    Properties:
      Role: arn:aws:iam::1:role/x
      DefinitionUri: flow.asl.json
  Rest:
    Type: AWS::Serverless::Api
    Properties:
      StageName: live
      DefinitionBody:
        openapi: 3.0.1
        paths:
          /mapped: {post: {x-amazon-apigateway-integration: {
            type: aws, httpMethod: POST, uri: !Sub "x/functions/${Geta.Arn}/invocations"}}}
"""


def test_a_serverless_application(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "app.py").touch()
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "common.py").touch()
    (tmp_path / "flow.asl.json").write_text('{"States": {"Wait": {"Seconds": ${Seconds}}}}')
    project = read_project(template(tmp_path, SERVERLESS))
    assert [each.not_served for each in project.functions] == ["", ""]
    [layer] = project.functions[0].layers
    paths = import_paths([layer], "3.13.0")
    assert any((Path(each) / "common.py").is_file() for each in paths)
    assert not (layer / "python").is_symlink()  # which would hide those of layers below it
    routes = {(each.kind, route.path) for each in project.apis for route in each.routes}
    assert routes == {("http", "/a"), ("http", "/b"), ("rest", "/mapped")}


IMAGE = """
ARG FOLDER=/function
FROM python:3.13 AS build
COPY src/* ${FOLDER}
RUN pip install --target ${FOLDER} awslambdaric
FROM python:3.13-slim
COPY --from=%s ${FOLDER} ${FOLDER}
ENTRYPOINT ["python", "-m", "awslambdaric"]
CMD ["app.handler"]
"""


@pytest.mark.parametrize("stage", ["build", "0"])
def test_an_image_of_several_stages(tmp_path: Path, stage: str) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "app.py").touch()
    template(tmp_path, IMAGE % stage, "Dockerfile")
    text = """
Resources:
  F:
    Type: AWS::Lambda::Function
    Metadata: {DockerContext: ., Dockerfile: Dockerfile}
    Properties: {PackageType: Image, Code: {ImageUri: x}}
"""
    [function] = read_project(template(tmp_path, text)).functions
    assert (function.not_served, function.code) == ("", tmp_path / "src")


def test_the_archives_of_serverless_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with ZipFile(tmp_path / "shop.zip", "w") as archive:
        archive.writestr("handler.py", "def get(event, context): ...")
    code = {"S3Bucket": {"Ref": "Bucket"}, "S3Key": "serverless/shop/dev/1700000000000-x/shop.zip"}
    resources = {
        "Bucket": {"Type": "AWS::S3::Bucket"},
        "Get": {
            "Type": "AWS::Lambda::Function",
            "Properties": {"Runtime": "python3.12", "Handler": "handler.get", "Code": code},
        },
    }
    path = template(tmp_path, json.dumps({"Resources": resources}), "update-stack.json")
    [function] = read_project(path).functions
    assert function.code is not None
    assert (function.code / "handler.py").is_file()


SPLIT = {
    "template.yaml": """
Resources:
  Shared: {Type: AWS::Lambda::LayerVersion, Properties: {Content: layer}}
  Rest: {Type: AWS::ApiGateway::RestApi}
  Items: {Type: AWS::ApiGateway::Resource, Properties: {
    RestApiId: !Ref Rest, ParentId: !GetAtt Rest.RootResourceId, PathPart: items}}
  Http: {Type: AWS::ApiGatewayV2::Api, Properties: {ProtocolType: HTTP}}
  Table: {Type: AWS::DynamoDB::GlobalTable}
  Inner:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: inner.yaml
      Parameters: {Rest: !Ref Rest, Items: !Ref Items, Root: !GetAtt Rest.RootResourceId,
        Http: !Ref Http, Layer: !Ref Shared, Table: !Ref Table}
""",
    "inner.yaml": """
Parameters:
  Rest: &text {Type: String}
  Items: *text
  Root: *text
  Http: *text
  Layer: *text
  Table: *text
  Ordered: {Type: String, Default: "no"}
Conditions: {IsOrdered: !Equals [!Ref Ordered, "yes"]}
Resources:
  F:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      Code: {ZipFile: "def handler(event, context): ..."}
      Layers: !If [IsOrdered, !Ref AWS::NoValue, [!Ref Layer]]
      DurableConfig: !If [IsOrdered, {ExecutionTimeout: 60}, !Ref AWS::NoValue]
      Environment: {Variables: {TABLE: !Ref Table, QUEUE: !GetAtt Queue.QueueName}}
  Queue: {Type: AWS::SQS::Queue, Properties: {
    FifoQueue: !If [IsOrdered, true, !Ref AWS::NoValue]}}
  Item: {Type: AWS::ApiGateway::Resource, Properties: {
    RestApiId: !Ref Rest, ParentId: !Ref Items, PathPart: "{id}"}}
  Get: &method
    Type: AWS::ApiGateway::Method
    Properties: &get {RestApiId: !Ref Rest, ResourceId: !Ref Item, HttpMethod: GET, Integration: {
      Type: AWS_PROXY, Uri: !Sub "x/functions/${F.Arn}/invocations"}}
  Any: {<<: *method, Properties: {<<: *get, ResourceId: !Ref Root, HttpMethod: ANY}}
  Proxy:
    Type: AWS::ApiGatewayV2::Integration
    Properties: {ApiId: !Ref Http, IntegrationType: AWS_PROXY, IntegrationUri: !GetAtt F.Arn}
  Route: {Type: AWS::ApiGatewayV2::Route, Properties: {
    ApiId: !Ref Http, RouteKey: GET /x, Target: !Sub "integrations/${Proxy}"}}
""",
}


def test_an_application_in_several_stacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "layer").mkdir()
    for name, text in SPLIT.items():
        template(tmp_path, text, name)
    project = read_project(tmp_path / "template.yaml")
    assert messages(project) == ""
    [function] = project.functions
    assert function.layers == (tmp_path / "layer",)
    assert function.durable is None
    assert dict(function.environment) == {"TABLE": "Table", "QUEUE": "Queue"}
    assert [
        (each.kind, route.method, route.path) for each in project.apis for route in each.routes
    ] == [
        ("rest", "GET", "/items/{id}"),
        ("rest", "ANY", "/"),
        ("http", "GET", "/x"),
    ]


@pytest.mark.parametrize("name", ["Conditions", "Parameters", "Outputs"])
def test_a_section_of_another_form(tmp_path: Path, name: str) -> None:
    path = template(tmp_path, f"Resources: {{}}\n{name}: 5\n")
    with pytest.raises(ProjectError, match=f":2: {name} is not a table"):
        read_project(path)


CONDITIONS = """
Parameters: {Host: {Type: String}}
Resources:
  F: &function
    Type: AWS::Lambda::Function
    Condition: Gone
    Properties: {Handler: a.b, Runtime: python3.13, Code: {ZipFile: ""}, Environment: {
      Variables: {HOST: !Ref Host}}}
  G: *function
"""


def test_a_condition_that_is_not_there_and_warnings_of_several(tmp_path: Path) -> None:
    project = read_project(template(tmp_path, CONDITIONS))
    assert [each.name for each in project.functions] == ["F", "G"]
    text = as_text(project).replace(f"{tmp_path}/", "")
    refused = "There is no condition 'Gone': AWS refuses the template."
    assert f"template.yaml:4: F and 1 more: {refused}" in text
    assert text.count("Only AWS knows Host") == 1


BUCKETS = """
Resources:
  Silent: {Type: AWS::S3::Bucket, Properties: {BucketName: silent}}
  Off: {Type: AWS::S3::Bucket, Properties: {NotificationConfiguration: {
    EventBridgeConfiguration: {EventBridgeEnabled: false}}}}
  On: {Type: AWS::S3::Bucket, Properties: {NotificationConfiguration: {
    EventBridgeConfiguration: {}}}}
  Cdk: {Type: AWS::S3::Bucket}
  Notifications:
    Type: Custom::S3BucketNotifications
    Properties:
      BucketName: !Ref Cdk
      NotificationConfiguration: {EventBridgeConfiguration: {}}
  Rule: &rule
    Type: AWS::Events::Rule
    Properties:
      EventPattern: {source: [aws.s3], detail: {bucket: {name: [
        !Ref Silent, !Ref Off, !Ref On, !Ref Cdk, elsewhere, {prefix: s}]}}}
  ByArn: {<<: *rule, Properties: {EventPattern: {source: [aws.s3], resources: [!GetAtt Off.Arn]}}}
  AsText: {<<: *rule, Properties: {EventPattern: "{"}}
  Other: {<<: *rule, Properties: {EventPattern: {source: [shop], resources: [!GetAtt Off.Arn]}}}
"""


def test_rules_for_buckets_that_send_no_events(tmp_path: Path) -> None:
    said = messages(read_project(template(tmp_path, BUCKETS)))
    assert [line.partition(", which")[0] for line in said.splitlines()] == [
        f"{rule}: On AWS it gets no events of the bucket {bucket}"
        for rule, bucket in (("Rule", "off"), ("Rule", "silent"), ("ByArn", "off"))
    ]


@pytest.mark.parametrize("other", ["text", "{Properties: text}", "{Properties: {Events: text}}"])
def test_a_resource_that_is_named_like_one_of_another_form(tmp_path: Path, other: str) -> None:
    text = """
Transform: AWS::LanguageExtensions
Resources:
  Fn::ForEach::Rules:
    [N, [AB], {"${N}": {Type: AWS::Events::Rule, Properties: {Targets: [{Arn: elsewhere}]}}}]
  A: %s
"""
    [warned] = read_project(template(tmp_path, text % other)).warnings
    assert warned.place.name == "AB"


@pytest.mark.parametrize("kind", ["{Ref: B}", "[a]"])
def test_a_type_of_another_form(tmp_path: Path, kind: str) -> None:
    text = "Transform: AWS::Serverless-2016-10-31\nResources: {A: {Type: %s, Properties: {}}}"
    assert read_project(template(tmp_path, text % kind)).functions == ()


@pytest.mark.parametrize(
    "text",
    [
        "Resources: {A: {Type: AWS::SQS::Queue}}\nGlobals: {Function: [a]}",
        "Resources: {A: {Type: AWS::Serverless::Function, Properties: {}}}\nParameters: {B: 5}",
    ],
)
def test_parts_of_sam_of_another_form(tmp_path: Path, text: str) -> None:
    with pytest.raises(ProjectError, match=r"template\.yaml"):
        read_project(template(tmp_path, f"Transform: AWS::Serverless-2016-10-31\n{text}\n"))


def test_numbers_without_an_end(tmp_path: Path) -> None:
    text = """
Resources:
  F:
    Type: AWS::Lambda::Function
    Properties:
      {Handler: a.b, Runtime: python3.13, Code: {ZipFile: ""}, Timeout: .inf, MemorySize: .nan,
       Environment: {Variables: {A: !Select [.inf, [a]]}}}
"""
    [function] = read_project(template(tmp_path, text)).functions
    assert (function.timeout, function.memory_mb) == (3, 128)
    assert function.environment["A"].startswith("<unknown: Fn::Select of")


UNDEFINED = """
Parameters: {Stage: {Type: String, Default: dev}}
Resources:
  F:
    Type: AWS::Lambda::Function
    Properties: {Handler: app.handlr, Runtime: python3.13, Code: ., Environment: {
      Variables: {STAGE: !Ref Stge, ARN: !GetAtt Xyz.Arn, URL: !Sub "https://${Host}"}}}
"""


def test_names_that_the_template_does_not_define(tmp_path: Path) -> None:
    (tmp_path / "app.py").touch()
    project = read_project(template(tmp_path, UNDEFINED))
    refused = "There is no resource or parameter {!r}: AWS refuses the template.{}"
    assert [each.message for each in project.warnings] == [
        refused.format("Stge", " Did you mean Stage?"),
        refused.format("Xyz", ""),
        refused.format("Host", ""),
    ]
    of_macro = read_project(template(tmp_path, "Transform: Ours\n" + UNDEFINED))
    assert "Only AWS knows Stge" in of_macro.warnings[0].message


def test_a_function_that_is_started_on_demand_and_cannot_start(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("def handler(event): ...\n")
    name = template(tmp_path, UNDEFINED).name
    said = run_in(tmp_path, "invoke", name).stderr
    assert said.startswith(f"{name}:7: F: There is no resource or parameter 'Stge'")
    assert said.count("F cannot start: ") == 1
    assert "; did you mean app.handler?\n" in said
