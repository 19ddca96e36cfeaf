"""The values that ``Ref`` and ``Fn::GetAtt`` have for resources: names, ARNs and URLs.

A resource without a name has its logical id as name, as there is no stack that would make one.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from zlib import crc32


class Scope(NamedTuple):
    """The account and region that a project pretends to be deployed in.

    Attributes:
        region: The region.
        account: The account, which moto has, too.
        partition: The partition.
        stack: The name of the stack.
        queue_endpoint: The address of SQS, for the URLs of queues; None for AWS's own.
        emulator: The address of the emulator, for function URLs.
    """

    region: str = "us-east-1"
    account: str = "123456789012"
    partition: str = "aws"
    stack: str = "local"
    queue_endpoint: str | None = None
    emulator: str = "http://127.0.0.1:9000"

    @property
    def suffix(self) -> str:
        """The domain of the partition's services."""
        return "amazonaws.com.cn" if self.partition == "aws-cn" else "amazonaws.com"

    def arn(self, service: str, resource: str) -> str:
        """Return an ARN.

        Args:
            service: The service, such as ``sqs``.
            resource: All after the account.
        """
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"

    def queue_url(self, name: str) -> str:
        """Return the URL of a queue.

        Args:
            name: The name.
        """
        endpoint = self.queue_endpoint or f"https://sqs.{self.region}.{self.suffix}"
        return f"{endpoint.rstrip('/')}/{self.account}/{name}"


# From the scope and the resource's name to the value; "" is the value of Ref.
_Values = Mapping[str, Callable[[Scope, str], str]]


def _name(_scope: Scope, name: str) -> str:
    return name


def _arn(service: str, form: str = "{}") -> Callable[[Scope, str], str]:
    return lambda scope, name: scope.arn(service, form.format(name))


def _bucket_arn(scope: Scope, name: str) -> str:
    return f"arn:{scope.partition}:s3:::{name}"


def _api_endpoint(protocol: str) -> Callable[[Scope, str], str]:
    return lambda scope, name: f"{protocol}://{name}.execute-api.{scope.region}.{scope.suffix}"


_TABLE: _Values = {
    "": _name,
    "Arn": _arn("dynamodb", "table/{}"),
    "StreamArn": _arn("dynamodb", "table/{}/stream/latest"),
    "TableId": _name,
}


def _balancing(form: str) -> Callable[[Scope, str], str]:
    """Return the value of an ARN of a load balancer or a part of it, with an id that AWS makes."""
    return _arn("elasticloadbalancing", f"{form}/0123456789abcdef")


_BALANCER: _Values = {
    "": _balancing("loadbalancer/app/{}"),
    "LoadBalancerArn": _balancing("loadbalancer/app/{}"),
    "LoadBalancerName": _name,
    "LoadBalancerFullName": lambda _scope, name: f"app/{name}/0123456789abcdef",
    "DNSName": lambda scope, name: f"{name}-1234567890.{scope.region}.elb.{scope.suffix}",
}
_TARGET_GROUP: _Values = {
    "": _balancing("targetgroup/{}"),
    "TargetGroupArn": _balancing("targetgroup/{}"),
    "TargetGroupName": _name,
    "TargetGroupFullName": lambda _scope, name: f"targetgroup/{name}/0123456789abcdef",
}
_LISTENER = _balancing("listener/app/{}/0123456789abcdef")
_RULE = _balancing("listener-rule/app/{}/0123456789abcdef/0123456789abcdef")
_CLUSTER: _Values = {
    "": _arn("kafka", "cluster/{}/local"),
    "Arn": _arn("kafka", "cluster/{}/local"),
}
_TYPES: dict[str, tuple[str, _Values]] = {
    "AWS::Lambda::Function": ("FunctionName", {"": _name, "Arn": _arn("lambda", "function:{}")}),
    "AWS::Lambda::LayerVersion": (
        "LayerName",
        {"": _arn("lambda", "layer:{}:1"), "LayerVersionArn": _arn("lambda", "layer:{}:1")},
    ),
    "AWS::SQS::Queue": (
        "QueueName",
        {
            "": lambda scope, name: scope.queue_url(name),
            "Arn": _arn("sqs"),
            "QueueName": _name,
            "QueueUrl": lambda scope, name: scope.queue_url(name),
        },
    ),
    "AWS::SNS::Topic": (
        "TopicName",
        {"": _arn("sns"), "TopicArn": _arn("sns"), "TopicName": _name},
    ),
    "AWS::DynamoDB::Table": ("TableName", _TABLE),
    "AWS::DynamoDB::GlobalTable": ("TableName", _TABLE),
    "AWS::Kinesis::Stream": ("Name", {"": _name, "Arn": _arn("kinesis", "stream/{}")}),
    "AWS::MSK::Cluster": ("ClusterName", _CLUSTER),
    "AWS::MSK::ServerlessCluster": ("ClusterName", _CLUSTER),
    "AWS::ElasticLoadBalancingV2::LoadBalancer": ("Name", _BALANCER),
    "AWS::ElasticLoadBalancingV2::Listener": ("", {"": _LISTENER, "ListenerArn": _LISTENER}),
    "AWS::ElasticLoadBalancingV2::ListenerRule": ("", {"": _RULE, "RuleArn": _RULE}),
    "AWS::ElasticLoadBalancingV2::TargetGroup": ("Name", _TARGET_GROUP),
    "AWS::S3::Bucket": (
        "BucketName",
        {
            "": _name,
            "Arn": _bucket_arn,
            "DomainName": lambda _scope, name: f"{name}.s3.amazonaws.com",
            "RegionalDomainName": lambda scope, name: f"{name}.s3.{scope.region}.{scope.suffix}",
        },
    ),
    "AWS::Events::EventBus": (
        "Name",
        {"": _name, "Name": _name, "Arn": _arn("events", "event-bus/{}")},
    ),
    "AWS::Events::Rule": ("Name", {"": _name, "Arn": _arn("events", "rule/{}")}),
    "AWS::Scheduler::Schedule": (
        "Name",
        {"": _name, "Arn": _arn("scheduler", "schedule/default/{}")},
    ),
    "AWS::Scheduler::ScheduleGroup": (
        "Name",
        {"": _name, "Arn": _arn("scheduler", "schedule-group/{}")},
    ),
    "AWS::StepFunctions::StateMachine": (
        "StateMachineName",
        {
            "": _arn("states", "stateMachine:{}"),
            "Arn": _arn("states", "stateMachine:{}"),
            "Name": _name,
        },
    ),
    "AWS::KinesisFirehose::DeliveryStream": (
        "DeliveryStreamName",
        {"": _name, "Arn": _arn("firehose", "deliverystream/{}")},
    ),
    "AWS::SecretsManager::Secret": (
        "Name",
        {"": _arn("secretsmanager", "secret:{}"), "Id": _arn("secretsmanager", "secret:{}")},
    ),
    "AWS::SSM::Parameter": ("Name", {"": _name}),
    "AWS::Logs::LogGroup": ("LogGroupName", {"": _name, "Arn": _arn("logs", "log-group:{}:*")}),
    "AWS::IAM::Role": (
        "RoleName",
        {
            "": _name,
            "Arn": lambda scope, name: f"arn:{scope.partition}:iam::{scope.account}:role/{name}",
        },
    ),
    "AWS::KMS::Alias": ("AliasName", {"": _name}),
    "AWS::KMS::Key": ("", {"": _name, "KeyId": _name, "Arn": _arn("kms", "key/{}")}),
    "AWS::ECR::Repository": (
        "RepositoryName",
        {
            "": _name,
            "Arn": _arn("ecr", "repository/{}"),
            "RepositoryUri": lambda scope, name: (
                f"{scope.account}.dkr.ecr.{scope.region}.{scope.suffix}/{name}"
            ),
        },
    ),
    "AWS::Cognito::UserPool": (
        "",
        {
            "": lambda scope, name: f"{scope.region}_{name}",
            "UserPoolId": lambda scope, name: f"{scope.region}_{name}",
            "Arn": lambda scope, name: scope.arn("cognito-idp", f"userpool/{scope.region}_{name}"),
            "ProviderName": lambda scope, name: (
                f"cognito-idp.{scope.region}.{scope.suffix}/{scope.region}_{name}"
            ),
            "ProviderURL": lambda scope, name: (
                f"https://cognito-idp.{scope.region}.{scope.suffix}/{scope.region}_{name}"
            ),
        },
    ),
    "AWS::Cognito::UserPoolClient": ("", {"": _name, "ClientId": _name}),
    "AWS::Cognito::IdentityPool": ("", {"": lambda scope, name: f"{scope.region}:{name}"}),
    "AWS::ApiGateway::RestApi": (
        "",
        {"": _name, "RestApiId": _name, "RootResourceId": lambda _scope, name: f"{name}-root"},
    ),
    "AWS::ApiGateway::Stage": ("StageName", {"": _name}),
    "AWS::ApiGateway::ApiKey": ("", {"": _name, "APIKeyId": _name}),
    "AWS::ApiGateway::UsagePlan": ("", {"": _name, "Id": _name}),
    "AWS::ApiGateway::Model": ("Name", {"": _name}),
    "AWS::ApiGateway::Deployment": ("", {"": _name, "DeploymentId": _name}),
    "AWS::ApiGateway::Resource": ("", {"": _name, "ResourceId": _name}),
    "AWS::ApiGateway::Authorizer": ("", {"": _name, "AuthorizerId": _name}),
    "AWS::ApiGateway::DomainName": ("DomainName", {"": _name}),
    "AWS::ApiGatewayV2::Api": (
        "",
        {"": _name, "ApiId": _name, "ApiEndpoint": _api_endpoint("https")},
    ),
    "AWS::ApiGatewayV2::Integration": ("", {"": _name, "IntegrationId": _name}),
    "AWS::ApiGatewayV2::Route": ("", {"": _name, "RouteId": _name}),
    "AWS::ApiGatewayV2::Stage": ("StageName", {"": _name}),
    "AWS::ApiGatewayV2::Authorizer": ("", {"": _name, "AuthorizerId": _name}),
    "AWS::ApiGatewayV2::DomainName": ("DomainName", {"": _name}),
}


def resource_value(scope: Scope, kind: str, name: str, attribute: str) -> str | None:
    """Return the value of a reference to a resource.

    Args:
        scope: The account and region that it pretends to be in.
        kind: The resource's type.
        name: The name.
        attribute: The attribute; empty for ``Ref``.

    Returns:
        The value; None if only AWS knows it.
    """
    known = _TYPES.get(kind)
    value = known[1].get(attribute) if known is not None else None
    return None if value is None else value(scope, name)


def name_property(kind: str) -> str:
    """Return the property that names a resource; empty if there is none.

    Args:
        kind: The resource's type.
    """
    known = _TYPES.get(kind)
    return f"{kind.rpartition('::')[2]}Name" if known is None else known[0]


def _uuid(stack: str) -> str:
    """Return the last part of a stack's id, of which templates make names that differ."""
    return f"00000000-0000-4000-8000-{crc32(stack.encode()):012x}"


def default_name(kind: str, logical_id: str) -> str:
    """Return the name of a resource that has none of its own.

    Args:
        kind: The type.
        logical_id: The logical id.
    """
    if kind == "AWS::S3::Bucket":  # whose names have no capitals
        return _shortened(logical_id.lower(), 63)
    return _shortened(logical_id, 64)


def _shortened(name: str, length: int) -> str:
    """Return a name that is not too long, and still another than those that begin like it."""
    if len(name) <= length:
        return name
    return f"{name[: length - 9]}-{crc32(name.encode()):08x}"


def pseudo_parameters(scope: Scope) -> dict[str, Any]:
    """Return the values of CloudFormation's own parameters.

    Args:
        scope: The account and region that the project pretends to be in.
    """
    return {
        "AWS::AccountId": scope.account,
        "AWS::NotificationARNs": [],
        "AWS::Partition": scope.partition,
        "AWS::Region": scope.region,
        "AWS::StackId": scope.arn("cloudformation", f"stack/{scope.stack}/{_uuid(scope.stack)}"),
        "AWS::StackName": scope.stack,
        "AWS::URLSuffix": scope.suffix,
    }
