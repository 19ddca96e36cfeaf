"""Invocations of durable functions in a template: AWS wants a version or an alias."""

import json
import re
from collections.abc import Collection, Iterator

from lambda_emulator._project.description import Warned
from lambda_emulator._project.stack import Stack

# The properties of resources that name the functions which they invoke.
_TARGETS = {
    "AWS::ApiGateway::Method": "Integration",
    "AWS::ApiGateway::RestApi": "Body",
    "AWS::ApiGatewayV2::Api": "Body",
    "AWS::ApiGatewayV2::Integration": "IntegrationUri",
    "AWS::Events::Rule": "Targets",
    "AWS::Lambda::EventSourceMapping": "FunctionName",
    "AWS::Lambda::Url": "TargetFunctionArn",
    "AWS::S3::Bucket": "NotificationConfiguration",
    "AWS::Scheduler::Schedule": "Target",
    "AWS::SNS::Subscription": "Endpoint",
}
_FUNCTION = re.compile(r"(?:^\"|:function:)([A-Za-z0-9_-]+)(:?)")


def find_unqualified(stack: Stack, durable: Collection[str]) -> Iterator[Warned]:
    """Yield what invokes a durable function without a version or an alias.

    Args:
        stack: The stack.
        durable: The names of the durable functions of the project.
    """
    if not durable:
        return
    for resource in stack.of_kind(*_TARGETS):
        key = _TARGETS[resource.kind]
        if resource.text("Qualifier"):  # of a function URL
            continue
        for name, qualifier in _FUNCTION.findall(json.dumps(resource.get(key), default=str)):
            if name in durable and not qualifier:
                message = (
                    f"It invokes {name}, which is durable, without a version or an alias:"
                    " AutoPublishAlias makes one. The emulator invokes it."
                )
                yield Warned(message=message, place=resource.place(key))
