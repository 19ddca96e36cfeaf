"""AWS IoT: custom authorizers, provisioning hooks, registry events and buttons.

A rule sends what its query selects, without any envelope.

https://docs.aws.amazon.com/iot/latest/developerguide/iot-gs.html
"""

from __future__ import annotations

from ._field import EMPTY, field
from ._model import Model

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from typing import Any, Self

    from ._arn import ARN
    from ._detect import Signatures
    from ._headers import Headers
    from .iam import IAMPolicyDocument


class IoTTLSData(Model):
    """The encryption of a connection.

    https://docs.aws.amazon.com/iot/latest/developerguide/config-custom-auth.html

    Attributes:
        server_name: The host that the client named.
    """

    server_name: str | None = None


class IoTHTTPData(Model):
    """The request of a connection over HTTP or WebSocket.

    https://docs.aws.amazon.com/iot/latest/developerguide/config-custom-auth.html

    Attributes:
        headers: The headers.
        query_string: The query as it came, which may hold a token.
    """

    headers: Headers = EMPTY
    query_string: str | None = field(default=None, secret=True)


class IoTMQTTData(Model):
    """The MQTT part of a client's credentials.

    https://docs.aws.amazon.com/iot/latest/developerguide/config-custom-auth.html

    Attributes:
        username: The user name, which may hold a token.
        password: The password, in base64.
        client_id: The client's id.
    """

    username: str | None = field(default=None, secret=True)
    password: str | None = field(default=None, secret=True)
    client_id: str | None = None

    @property
    def password_bytes(self) -> bytes | None:
        """The password; None if there is none.

        Raises:
            EventDecodeError: It is not base64.
        """
        if self.password is None:
            return None
        from ._bytes import from_base64

        return from_base64(self.password, "IoTMQTTData", "password")


class IoTProtocolData(Model):
    """The credentials of a client, by protocol.

    https://docs.aws.amazon.com/iot/latest/developerguide/config-custom-auth.html

    Attributes:
        tls: The encryption.
        http: The request; None for plain MQTT.
        mqtt: The client's MQTT id, user name and password; None for plain HTTP.
    """

    tls: IoTTLSData | None = None
    http: IoTHTTPData | None = None
    mqtt: IoTMQTTData | None = None


class IoTConnectionMetadata(Model):
    """A connection.

    https://docs.aws.amazon.com/iot/latest/developerguide/config-custom-auth.html

    Attributes:
        id: The id, for support.
    """

    id: str


class IoTCustomAuthorizerEvent(Model, expects={"protocolData": dict}):
    """A client to check that wants to connect.

    https://docs.aws.amazon.com/iot/latest/developerguide/config-custom-auth.html

    Attributes:
        token: The token; None if the authorizer does not use signatures.
        signature_verified: True if the token's signature is valid.
        protocols: ``tls``, ``http``, ``mqtt``.
        protocol_data: The data of the connection, by protocol.
        connection_metadata: The connection.
    """

    token: str | None = field(default=None, secret=True)
    signature_verified: bool
    protocols: list[str] = EMPTY
    protocol_data: IoTProtocolData
    connection_metadata: IoTConnectionMetadata


class IoTCustomAuthorizerResponse(Model):
    """The response of a custom authorizer.

    https://docs.aws.amazon.com/iot/latest/developerguide/config-custom-auth.html

    Attributes:
        is_authenticated: True if the client may connect.
        principal_id: The id of the client, 1 to 128 letters and digits.
        disconnect_after_in_seconds: The seconds until the connection ends, 300 to 86400.
        refresh_after_in_seconds: The seconds until the authorizer is called again, 300 to 86400.
        policy_documents: The policies of the client, ten at most, each up to 2048 characters.
    """

    is_authenticated: bool
    principal_id: str
    disconnect_after_in_seconds: int = 86400
    refresh_after_in_seconds: int = 300
    policy_documents: list[IAMPolicyDocument] = EMPTY

    @classmethod
    def of(
        cls,
        principal_id: str,
        *,
        allow: Mapping[str, str | Iterable[str]] | None = None,
        disconnect_after_in_seconds: int = 86400,
        refresh_after_in_seconds: int = 300,
    ) -> Self:
        """Let a client connect.

        Args:
            principal_id: The id of the client, 1 to 128 letters and digits.
            allow: The ARNs that the client may use, by action, such as ``{"iot:Connect":
                ["arn:aws:iot:eu-west-1:123456789012:client/one"]}``.
            disconnect_after_in_seconds: The seconds until the connection ends, 300 to 86400.
            refresh_after_in_seconds: The seconds until the authorizer is called again, 300 to
                86400.

        Returns:
            The response.
        """
        from .iam import IAMPolicyDocument

        policy = IAMPolicyDocument(statement=[])
        for action, resources in (allow or {}).items():
            policy.allow(resources, actions=action)
        return cls(
            is_authenticated=True,
            principal_id=principal_id,
            disconnect_after_in_seconds=disconnect_after_in_seconds,
            refresh_after_in_seconds=refresh_after_in_seconds,
            policy_documents=[policy],
        )

    @classmethod
    def refuse(cls, principal_id: str = "unknown") -> Self:
        """Do not let a client connect.

        Args:
            principal_id: The id of the client, 1 to 128 letters and digits.

        Returns:
            The response.
        """
        return cls(is_authenticated=False, principal_id=principal_id, policy_documents=[])


class IoTPreProvisionHookEvent(Model, expects={"templateArn": str}):
    """A device asks to be registered.

    https://docs.aws.amazon.com/iot/latest/developerguide/pre-provisioning-hook.html

    Attributes:
        claim_certificate_id: The certificate that the device came with.
        certificate_id: The certificate that it is to get.
        certificate_pem: The same, in PEM.
        template_arn: The provisioning template.
        client_id: The device's client id.
        parameters: The parameters that the device sent, by name.
    """

    claim_certificate_id: str | None = None
    certificate_id: str
    certificate_pem: str | None = None
    template_arn: ARN
    client_id: str | None = None
    parameters: dict[str, str] = EMPTY


class IoTPreProvisionHookResponse(Model):
    """The response of a provisioning hook.

    https://docs.aws.amazon.com/iot/latest/developerguide/pre-provisioning-hook.html

    Attributes:
        allow_provisioning: True to register the device.
        parameter_overrides: Parameters of the template to replace.
    """

    allow_provisioning: bool
    parameter_overrides: dict[str, str] = EMPTY


class IoTThingGroupReference(Model):
    """A thing group.

    https://docs.aws.amazon.com/iot/latest/developerguide/registry-events.html

    Attributes:
        group_arn: The ARN.
        group_id: The id.
    """

    group_arn: ARN
    group_id: str


_REGISTRY_TYPES = (
    "THING_EVENT",
    "THING_TYPE_EVENT",
    "THING_TYPE_ASSOCIATION_EVENT",
    "THING_GROUP_EVENT",
    "THING_GROUP_MEMBERSHIP_EVENT",
    "THING_GROUP_HIERARCHY_EVENT",
)


class IoTRegistryEvent(Model, expects={"eventType": str}):
    """Something changed in the registry; which attributes there are depends on ``event_type``.

    https://docs.aws.amazon.com/iot/latest/developerguide/registry-events.html

    Attributes:
        event_type: ``THING_EVENT``, ``THING_TYPE_EVENT``, ``THING_TYPE_ASSOCIATION_EVENT``,
            ``THING_GROUP_EVENT``, ``THING_GROUP_MEMBERSHIP_EVENT`` or
            ``THING_GROUP_HIERARCHY_EVENT``.
        event_id: The event's id.
        timestamp: The time of the change, in milliseconds of Unix time.
        operation: ``CREATED``, ``UPDATED`` or ``DELETED``; of memberships ``ADDED`` or ``REMOVED``.
        account_id: The account's twelve digits.
        thing_id: The thing's id.
        thing_name: The thing's name.
        thing_arn: The thing's ARN.
        thing_type_id: The thing type's id.
        thing_type_name: The thing type's name; None for a thing without one.
        is_deprecated: True if the thing type is deprecated.
        deprecation_date: Since when, in milliseconds of Unix time.
        searchable_attributes: The thing type's attributes that can be searched for.
        propagating_attributes: The thing type's attributes that go along with MQTT 5 messages.
        thing_group_id: The thing group's id; of a hierarchy, the parent's.
        thing_group_name: The thing group's name; of a hierarchy, the parent's.
        parent_group_id: The id of the group above it.
        parent_group_name: The name of the group above it.
        root_to_parent_thing_groups: All groups above it, from the top.
        dynamic_group_mapping_id: The id of a dynamic group's mapping.
        child_group_id: The id of the group that was added or removed.
        child_group_name: The name of the group that was added or removed.
        group_arn: The group that a thing was added to or removed from.
        group_id: The id of that group.
        membership_id: The membership's id.
        billing_group_name: The thing's billing group; None for a thing without one.
        version_number: A number that grows with each change.
        description: The description.
        attributes: The attributes.
    """

    event_type: str
    event_id: str
    timestamp: int
    operation: str
    account_id: str | None = None
    thing_id: str | None = None
    thing_name: str | None = None
    thing_arn: ARN | None = None
    thing_type_id: str | None = None
    thing_type_name: str | None = None
    is_deprecated: bool | None = None
    deprecation_date: Any = None
    searchable_attributes: list[str] = EMPTY
    propagating_attributes: list[dict[str, Any]] = EMPTY
    thing_group_id: str | None = None
    thing_group_name: str | None = None
    parent_group_id: str | None = None
    parent_group_name: str | None = None
    root_to_parent_thing_groups: list[IoTThingGroupReference] = EMPTY
    dynamic_group_mapping_id: str | None = None
    child_group_id: str | None = None
    child_group_name: str | None = None
    group_arn: ARN | None = None
    group_id: str | None = None
    membership_id: str | None = None
    billing_group_name: str | None = None
    version_number: int | None = None
    description: str | None = None
    attributes: dict[str, str] = EMPTY

    @property
    def timestamp_utc(self) -> datetime | None:
        """`timestamp` as an aware datetime."""
        from ._time import from_epoch

        return from_epoch(self.timestamp, 1000)

    @property
    def deprecation_date_utc(self) -> datetime | None:
        """`deprecation_date` as an aware datetime."""
        from ._time import from_epoch

        return from_epoch(self.deprecation_date, 1000)


DETECT: Signatures = {
    "IoTCustomAuthorizerEvent": {"protocolData": dict, "protocols": list},
    "IoTPreProvisionHookEvent": {"templateArn": str, "certificateId": str},
    "IoTRegistryEvent": {"eventType": _REGISTRY_TYPES, "eventId": str, "operation": str},
}
