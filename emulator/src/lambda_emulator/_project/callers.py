"""Services that invoke the functions of a stack on AWS, but not here."""

import re

from lambda_emulator._project.arns import function_name
from lambda_emulator._project.listeners import TARGET_GROUP
from lambda_emulator._project.stack import Stack
from lambda_emulator._project.template_file import text_of

_SERVED = frozenset(
    {"apigateway", "events", "iot", "lambda", "logs", "s3", "scheduler", "sns", "sqs"}
)
# Such as ``logs.us-east-1.amazonaws.com`` or ``lambda.alarms.cloudwatch.amazonaws.com``.
_SERVICE = re.compile(r"(.+?)(?:\.[a-z]+-[a-z-]+-\d)?\.amazon(?:aws)?\.com(?:\.cn)?")
# Resources that invoke functions by a role, without a permission of the function.
_BY_ROLE = {
    "AWS::AppSync::DataSource": "Resolvers of AppSync are not run",
    "AWS::Pipes::Pipe": "Pipes of EventBridge are not run",
    "AWS::StepFunctions::StateMachine": "State machines are not run",
}
_BALANCING = "elasticloadbalancing"
_HINTS = {_BALANCING: "give it an address with --url-format alb"}
_BY_HAND = "invoke it yourself, for example with an event of `lambda-emulator generate-event`"


def warn_of_callers(stack: Stack) -> None:
    """Warn of what invokes functions on AWS only.

    Args:
        stack: The stack.
    """
    behind = {
        function_name(text_of(target.get("Id")))
        for group in stack.of_project(TARGET_GROUP)
        for target in group.tables("Targets")
    }
    for permission in stack.of_kind("AWS::Lambda::Permission"):
        principal = permission.text("Principal")
        match = _SERVICE.fullmatch(principal)
        if match is not None and match[1] not in _SERVED:
            function = function_name(permission.text("FunctionName"))
            if match[1] == _BALANCING and function in behind:
                continue
            hint = _HINTS.get(match[1], _BY_HAND)
            permission.warn(f"{principal} does not invoke {function} here: {hint}.")
    for resource in stack.of_kind():
        function = function_name(resource.text("ServiceToken"))
        is_custom = resource.kind.startswith(("Custom::", "AWS::CloudFormation::CustomResource"))
        is_of_cdk = stack.assets and resource.kind.startswith("Custom::")
        if is_custom and function and not is_of_cdk:
            resource.warn(f"Nothing is deployed, so {function} is not invoked for it: {_BY_HAND}.")
    for resource in stack.of_kind(*_BY_ROLE):
        resource.warn(f"{_BY_ROLE[resource.kind]} here: invoke their functions yourself.")
