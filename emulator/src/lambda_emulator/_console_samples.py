"""Sample events, made by the builders of lambda-events where that is installed."""

from __future__ import annotations

import inspect
import json
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

_CONTENT = {"message": "Hello"}
# The content of an event, by the name of the builder's parameter.
_ARGUMENTS: dict[str, Any] = {
    "arguments": {"id": "1"},
    "bodies": [_CONTENT],
    "detail": _CONTENT,
    "field": "getItem",
    "function": "my-function",
    "intent": "MyIntent",
    "message": _CONTENT,
    "messages": ["Hello"],
    "new": {"id": "1", **_CONTENT},
    "payloads": [_CONTENT],
    "properties": {"Name": "example"},
    "values": [_CONTENT],
}


# The services that send events, by what they are for: groups of samples, and the modules of models.
_GROUPS = {
    "HTTP": "function_url apigateway_http apigateway apigateway_websocket alb vpc_lattice",
    "Queues and streams": "sqs kinesis dynamodb documentdb kafka activemq rabbitmq firehose",
    "Notifications": "sns eventbridge ses iot iot_button cloudwatch_logs cloudwatch_alarm",
    "Storage": "s3 s3_batch s3_object_lambda",
    "Identity": "apigateway_authorizer cognito cognito_challenge cognito_message cognito_token",
    "Assistants and GraphQL": "appsync appsync_authorizer appsync_events bedrock lex alexa",
}
_OTHERS = "Other services"
# The names that models of other packages have here.
_ALIASES = {
    "ALBEvent": "ALBTargetGroupRequest",
    "APIGatewayProxyEventModel": "APIGatewayProxyEvent",
    "APIGatewayProxyEventV1": "APIGatewayProxyEvent",
    "APIGatewayProxyEventV2": "APIGatewayV2HTTPEvent",
    "APIGatewayProxyEventV2Model": "APIGatewayV2HTTPEvent",
    "AlbModel": "ALBTargetGroupRequest",
    "DynamoDBStreamEvent": "DynamoDBEvent",
    "DynamoDBStreamModel": "DynamoDBEvent",
    "HttpRequest": "LambdaFunctionURLEvent",
    "KinesisFirehoseEvent": "FirehoseEvent",
    "KinesisStreamEvent": "KinesisEvent",
    "LambdaFunctionUrlEvent": "LambdaFunctionURLEvent",
    "LambdaFunctionUrlModel": "LambdaFunctionURLEvent",
    "SqsModel": "SQSEvent",
    "VPCLatticeEventV2": "VPCLatticeV2Event",
    "VpcLatticeV2Model": "VPCLatticeV2Event",
}


def list_samples() -> list[str]:
    """Return the names of all samples, those of their models; none without the package."""
    return list(_samples())


def build_sample(name: str) -> bytes | None:
    """Return a sample as JSON, or None if no sample has that name.

    Args:
        name: The name of a model, such as ``SQSEvent``.
    """
    return _samples().get(name)


def sample_groups() -> dict[str, list[str]]:
    """Return the names of all samples by group."""
    homes = {module: group for group, modules in _GROUPS.items() for module in modules.split()}
    groups: dict[str, list[str]] = {group: [] for group in (*_GROUPS, _OTHERS)}
    for name in _samples():
        module = getattr(import_module("lambda_events"), name).__module__.rpartition(".")[2]
        groups[homes.get(module, _OTHERS)].append(name)
    return {group: names for group, names in groups.items() if names}


def find_sample(types: Iterable[str]) -> str | None:
    """Return the name of the sample for a handler, or None.

    Args:
        types: The names of the types that its event has, the likeliest first.
    """
    known = {name.lower(): name for name in _samples()}
    for name in types:
        wanted = _ALIASES.get(name, name).lower()
        found = known.get(wanted) or known.get(wanted.removesuffix("model") + "event")
        if found is not None:
            return found
    return None


@cache
def _samples() -> dict[str, bytes]:
    try:
        events: Any = import_module("lambda_events")
    except ImportError:
        return {}
    samples: dict[str, bytes] = {}
    for name in sorted(events.__all__):
        sample = build_plain(events, name)
        # Some models inherit the builder of a wider one, and get an event of that.
        if sample is not None and events.detect(json.loads(sample)) == name:
            samples[name] = sample
    return samples


def build_plain(events: Any, name: str) -> bytes | None:
    """Return an event with plain content, or None if its builder wants more than is known here.

    The events of some services have the right frame, and content of no such service.

    Args:
        events: The module lambda_events.
        name: The name of a model.
    """
    build = getattr(getattr(events, name), "build", None)
    if build is None:
        return None
    parameters = inspect.signature(build).parameters
    arguments = {key: _ARGUMENTS[key] for key in parameters if key in _ARGUMENTS}
    missing = [
        key
        for key, parameter in parameters.items()
        if parameter.default is parameter.empty and key not in arguments
    ]
    if missing:
        return None
    sample: bytes = events.dumps(build(**arguments))
    return sample
