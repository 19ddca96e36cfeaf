"""Dynamic references, to parameters of Systems Manager and to secrets that a project defines.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html
"""

import json
from collections.abc import Iterator
from typing import Any, Protocol

from lambda_emulator._project.intrinsics import Unknown
from lambda_emulator._project.parameters import StoredParameter, split_list
from lambda_emulator._project.template_file import text_of

_PARAMETER = "AWS::SSM::Parameter"
_SECRET = "AWS::SecretsManager::Secret"  # noqa: S105 (a type)
_ARN_PARTS = 7


class _Resource(Protocol):
    """A resource of any stack of the project."""

    @property
    def name(self) -> str: ...

    def text(self, *keys: str, default: str = "") -> str: ...

    def raw(self, *keys: str) -> Any: ...


class Resources(Protocol):
    """Returns the resources of the project that have a type."""

    def __call__(self, kind: str, /) -> Iterator[_Resource]: ...


def resolve(reference: str, resources: Resources) -> str | None:
    """Return the value of a dynamic reference.

    Args:
        reference: The part between ``{{resolve:`` and ``}}``.
        resources: Returns the resources of the project.

    Returns:
        The value; None if the project does not define the parameter or the secret.

    Raises:
        Unknown: AWS generates the value.
    """
    service, _, rest = reference.partition(":")
    if service == "ssm":
        return _parameter_value(rest.partition(":")[0], resources)
    if service == "secretsmanager":
        return _secret_value(rest, resources)
    return None


def stored_value(parameter: StoredParameter, resources: Resources) -> Any:
    """Return the value of a template's parameter that is in the Parameter Store.

    Args:
        parameter: The parameter.
        resources: Returns the resources of the project.

    Raises:
        Unknown: The project does not define the parameter, and nobody has given a value.
    """
    value = _parameter_value(parameter.path, resources)
    if value is None and parameter.given is None:
        raise Unknown(parameter.name)
    text = parameter.given or "" if value is None else value
    return split_list(text) if parameter.is_list else text


def _parameter_value(name: str, resources: Resources) -> str | None:
    found = next((each for each in resources(_PARAMETER) if each.name == name), None)
    return None if found is None else found.text("Value")


def _secret_value(rest: str, resources: Resources) -> str | None:
    parts = rest.split(":")
    if parts[0] == "arn":
        name, parts = ":".join(parts[6:_ARN_PARTS]), parts[_ARN_PARTS:]
    else:
        name, parts = parts[0], parts[1:]
    key = parts[1] if len(parts) > 1 else ""
    secret = next((each for each in resources(_SECRET) if each.name == name), None)
    if secret is None:
        return None
    if secret.raw("SecretString") is not None:
        value = secret.text("SecretString")
        return _member(value, key) if key else value
    generated = secret.text("GenerateSecretString", "GenerateStringKey")
    template = secret.text("GenerateSecretString", "SecretStringTemplate")
    if key and key != generated:
        return _member(template, key)
    raise Unknown(f"{name}.{key or 'SecretString'}")


def _member(text: str, key: str) -> str | None:
    """Return a member of a secret that is an object of JSON; None if it has no such member."""
    try:
        value = json.loads(text)[key]
    except (ValueError, LookupError, TypeError):
        return None
    return text_of(value)
