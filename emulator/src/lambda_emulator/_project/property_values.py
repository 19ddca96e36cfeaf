"""The values of references to resources that follow from their properties, not from their names."""

from collections.abc import Callable

from lambda_emulator._project.arns import function_name
from lambda_emulator._project.resource_values import Scope

_Text = Callable[[str], str]


def property_value(scope: Scope, kind: str, attribute: str, text: _Text) -> str | None:
    """Return the value of a reference.

    Args:
        scope: The account and region that it pretends to be in.
        kind: The resource's type.
        attribute: The attribute; empty for ``Ref``.
        text: Returns a property of the resource as text.

    Returns:
        The value; None if it does not follow from the properties.
    """
    value = _VALUES.get((kind, attribute))
    return None if value is None else value(scope, text)


def _function_url(scope: Scope, text: _Text) -> str:
    return f"{scope.emulator}/lambda-url/{function_name(text('TargetFunctionArn'))}/"


def _version_arn(scope: Scope, text: _Text) -> str:
    return scope.arn("lambda", f"function:{function_name(text('FunctionName'))}:1")


def _alias_arn(scope: Scope, text: _Text) -> str:
    return scope.arn("lambda", f"function:{function_name(text('FunctionName'))}:{text('Name')}")


def _stream_arn(_scope: Scope, text: _Text) -> str:
    return text("StreamARN")


_VALUES: dict[tuple[str, str], Callable[[Scope, _Text], str]] = {
    ("AWS::Lambda::Url", "FunctionUrl"): _function_url,
    ("AWS::Lambda::Url", ""): lambda _scope, text: text("TargetFunctionArn"),
    ("AWS::Lambda::Version", ""): _version_arn,
    ("AWS::Lambda::Version", "FunctionArn"): _version_arn,
    ("AWS::Lambda::Version", "Version"): lambda _scope, _text: "1",
    ("AWS::Lambda::Alias", ""): _alias_arn,
    ("AWS::Lambda::Alias", "AliasArn"): _alias_arn,
    # A consumer gets the records of its stream.
    ("AWS::Kinesis::StreamConsumer", ""): _stream_arn,
    ("AWS::Kinesis::StreamConsumer", "ConsumerARN"): _stream_arn,
    ("AWS::Kinesis::StreamConsumer", "StreamARN"): _stream_arn,
    ("AWS::SSM::Parameter", "Value"): lambda _scope, text: text("Value"),
    ("AWS::SecretsManager::SecretTargetAttachment", ""): lambda _scope, text: text("SecretId"),
}
