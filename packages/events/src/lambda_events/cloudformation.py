"""AWS CloudFormation: custom resources, called directly or through the CDK's provider framework.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-custom-resources.html
"""

from __future__ import annotations

from ._field import ABSENT, EMPTY, field
from ._model import Model
from ._typing import Generic, T

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Self

    from ._arn import ARN
    from ._detect import Signatures
    from ._typing import P

_TYPES = ("Create", "Update", "Delete")


class CDKCustomResourceProviderEvent(
    Model, Generic[T], case="pascal", expects={"RequestType": _TYPES}
):
    """A resource to make, change or delete, for a provider of the CDK's framework.

    https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.custom_resources-readme.html

    ``CDKCustomResourceProviderEvent[Props]`` decodes the properties as ``Props``. CloudFormation
    makes text of all numbers and booleans in them.

    Attributes:
        request_type: ``Create``, ``Update`` or ``Delete``.
        request_id: The request's id.
        stack_id: The stack.
        resource_type: The resource's type, such as ``Custom::Database``.
        logical_resource_id: The resource's name in the template.
        physical_resource_id: The resource's own id; None when it is to be made.
        resource_properties: The properties that the template gives it.
        old_resource_properties: The properties that it had before an update; see `old_properties`.
        service_token: The function or the topic that is called.
        data: The result of the ``onEvent`` handler, in a call of the ``isComplete`` handler.
    """

    request_type: str
    request_id: str
    stack_id: ARN
    resource_type: str
    logical_resource_id: str
    physical_resource_id: str | None = None
    resource_properties: T
    old_resource_properties: dict[str, Any] | None = None
    service_token: ARN | None = None
    data: dict[str, Any] = EMPTY

    @property
    def old_properties(self) -> T | None:
        """The properties that it had before an update, as the type of the new ones.

        Raises:
            EventDecodeError: They are not of that type.
        """
        from ._field import converter_of
        from ._payload import decode
        from .errors import named

        if self.old_resource_properties is None:
            return None
        return decode(  # type: ignore[no-any-return]
            self.old_resource_properties,
            self._args[0] if self._args else None,
            converter_of(self._args),
            named(type(self), self._args),
            "OldResourceProperties",
        )


class CloudFormationCustomResourceEvent(CDKCustomResourceProviderEvent[T]):
    """A resource to make, change or delete.

    CloudFormation waits until the answer is put to `response_url`.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html

    ``CloudFormationCustomResourceEvent[Props]`` decodes the properties as ``Props``. CloudFormation
    makes text of all numbers and booleans in them.

    Attributes:
        response_url: The presigned URL that takes the answer. It is a secret.
    """

    response_url: str = field("ResponseURL", secret=True)

    @classmethod
    def build(
        cls,
        properties: P,
        *,
        request_type: str = "Create",
        old_properties: Any = None,
        physical_resource_id: str | None = None,
        resource_type: str = "Custom::MyResource",
    ) -> CloudFormationCustomResourceEvent[P]:
        """Build an event for a test.

        Args:
            properties: The resource's properties.
            request_type: ``Create``, ``Update`` or ``Delete``.
            old_properties: The properties before an update.
            physical_resource_id: The resource's own id; by default there is one unless it is to be
                made.
            resource_type: The resource's type.

        Returns:
            An event like those of CloudFormation. Its properties have the type of those given.
        """
        from . import _samples as samples

        stack = samples.arn("cloudformation", f"stack/my-stack/{samples.uuid(0, 'stack')}")
        value: dict[str, Any] = {
            "RequestType": request_type,
            "ServiceToken": samples.arn("lambda", "function:my-function"),
            "ResponseURL": "https://cloudformation-custom-resource-response.example/answer",
            "StackId": stack,
            "RequestId": samples.uuid(1, stack),
            "LogicalResourceId": "MyResource",
            "ResourceType": resource_type,
            "ResourceProperties": properties,
        }
        if physical_resource_id is None and request_type != "Create":
            physical_resource_id = "my-resource-1"
        if physical_resource_id is not None:
            value["PhysicalResourceId"] = physical_resource_id
        if old_properties is not None:
            value["OldResourceProperties"] = old_properties
        event: CloudFormationCustomResourceEvent[P] = samples.read(
            cls, value, samples.types_of([properties])
        )
        return event


class CloudFormationCustomResourceResponse(Model, case="pascal"):
    """The JSON document that is put to `CloudFormationCustomResourceEvent.response_url`.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html

    Attributes:
        status: ``SUCCESS`` or ``FAILED``.
        reason: The reason for a failure, which an answer ``FAILED`` requires.
        physical_resource_id: The resource's own id. Another one than before means another resource:
            CloudFormation then deletes the old one.
        stack_id: The stack, as in the request.
        request_id: The request's id.
        logical_resource_id: The resource's name in the template, as in the request.
        no_echo: True to mask `data` in the output of ``GetAtt``.
        data: The values for ``Fn::GetAtt``, by name.
    """

    status: str
    reason: str | None = None
    physical_resource_id: str
    stack_id: str
    request_id: str
    logical_resource_id: str
    no_echo: bool | None = None
    data: dict[str, Any] = EMPTY

    @classmethod
    def of(
        cls,
        event: CloudFormationCustomResourceEvent[Any],
        *,
        physical_resource_id: str | None = None,
        data: Mapping[str, Any] | None = None,
        no_echo: bool | None = None,
        error: str | None = None,
    ) -> Self:
        """Make the answer to a request.

        Args:
            event: The request.
            physical_resource_id: The resource's own id; by default the one in the request, or, when
                there is none, one made of the stack's and the resource's names.
            data: The values for ``Fn::GetAtt``, by name.
            no_echo: True to mask `data` in the output of ``GetAtt``.
            error: The reason for a failure; None for success.

        Returns:
            The answer.
        """
        from ._arn import ARN

        own = physical_resource_id or event.physical_resource_id
        if own is None:
            stack = ARN(event.stack_id).resource_id.partition("/")[0]
            own = f"{stack}-{event.logical_resource_id}"
        return cls(
            status="SUCCESS" if error is None else "FAILED",
            reason=error,
            physical_resource_id=own,
            stack_id=event.stack_id,
            request_id=event.request_id,
            logical_resource_id=event.logical_resource_id,
            no_echo=no_echo,
            data=EMPTY if data is None else dict(data),
        )


class CDKCustomResourceProviderResponse(Model, case="pascal"):
    """The result of a provider of the CDK's framework.

    https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.custom_resources-readme.html

    Attributes:
        physical_resource_id: The resource's own id; by default the one that it has, or the
            request's id when it is made.
        data: The values for ``Fn::GetAtt``, by name.
        no_echo: True to mask `data` in the output of ``GetAtt``.
        is_complete: The answer of the ``isComplete`` handler: True if the operation has ended.
    """

    physical_resource_id: str | None = None
    data: dict[str, Any] = EMPTY
    no_echo: bool | None = None
    is_complete: bool | None = None


DETECT: Signatures = {
    "CloudFormationCustomResourceEvent": {
        "RequestType": _TYPES,
        "LogicalResourceId": str,
        "ResponseURL": str,
    },
    "CDKCustomResourceProviderEvent": {
        "RequestType": _TYPES,
        "LogicalResourceId": str,
        "ResponseURL": ABSENT,
    },
}
