"""AWS Client VPN: client connect handlers.

https://docs.aws.amazon.com/vpn/latest/clientvpn-admin/connection-authorization.html
"""

from __future__ import annotations

from ._field import EMPTY
from ._model import Model

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Self

    from ._detect import Signatures


class ClientVPNConnectionHandlerEvent(Model, case="kebab"):
    """A device that wants to connect.

    https://docs.aws.amazon.com/vpn/latest/clientvpn-admin/connection-authorization.html

    Attributes:
        connection_id: The connection.
        endpoint_id: The Client VPN endpoint.
        common_name: The device's identifier, from its certificate.
        username: The user, where users authenticate themselves.
        platform: The device's operating system.
        platform_version: The operating system's version.
        public_ip: The device's address.
        client_openvpn_version: The version of OpenVPN that the client uses.
        aws_client_version: The version of AWS's client.
        groups: The user's groups, where users authenticate themselves.
        schema_version: ``v1``, ``v2`` or ``v3``.
    """

    connection_id: str
    endpoint_id: str
    common_name: str
    username: str
    platform: str
    platform_version: str
    public_ip: str
    client_openvpn_version: str
    aws_client_version: str | None = None
    groups: str | None = None
    schema_version: str


class ClientVPNConnectionHandlerResponse(Model, case="kebab"):
    """The decision about a connecting device.

    https://docs.aws.amazon.com/vpn/latest/clientvpn-admin/connection-authorization.html

    Attributes:
        allow: True if the device may connect.
        error_msg_on_denied_connection: The message for a user who may not connect, 255 characters
            at most. Schema ``v2`` and later use this name.
        error_msg_on_failed_posture_compliance: The same, the name of schema ``v1``.
        posture_compliance_statuses: Words for the device's state, for the connection log.
        schema_version: The request's.
    """

    allow: bool
    error_msg_on_denied_connection: str | None = None
    error_msg_on_failed_posture_compliance: str | None = None
    posture_compliance_statuses: list[str] = EMPTY
    schema_version: str

    @classmethod
    def of(
        cls,
        event: ClientVPNConnectionHandlerEvent,
        *,
        allow: bool,
        message: str = "",
        statuses: Sequence[str] = (),
    ) -> Self:
        """Make the response to a request, in its schema.

        Args:
            event: The request.
            allow: True if the device may connect.
            message: The message for a user who may not connect, 255 characters at most.
            statuses: Words for the device's state, for the connection log.

        Returns:
            The response.
        """
        response = cls(
            allow=allow,
            posture_compliance_statuses=[*statuses],
            schema_version=event.schema_version,
        )
        if event.schema_version == "v1":
            response.error_msg_on_failed_posture_compliance = message
        else:
            response.error_msg_on_denied_connection = message
        return response


DETECT: Signatures = {
    "ClientVPNConnectionHandlerEvent": {
        "connection-id": str,
        "endpoint-id": str,
        "schema-version": str,
    },
}
