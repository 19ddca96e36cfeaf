"""AWS Transfer Family: identity providers.

https://docs.aws.amazon.com/transfer/latest/userguide/custom-lambda-idp.html
"""

from __future__ import annotations

from ._field import EMPTY, field
from ._model import Model

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Self

    from ._detect import Signatures


class TransferFamilyAuthorizerEvent(Model):
    """A user to check who logs in to a server.

    https://docs.aws.amazon.com/transfer/latest/userguide/custom-lambda-idp.html

    Attributes:
        username: The user.
        password: The password; None or empty of one who logs in by a key, who is checked by the
            public keys of the response.
        protocol: ``SFTP``, ``FTPS`` or ``FTP``.
        server_id: The server.
        source_ip: The user's address.
    """

    username: str
    password: str | None = field(default=None, secret=True)
    protocol: str
    server_id: str
    source_ip: str

    @classmethod
    def build(
        cls, username: str = "user", password: str | None = None, *, protocol: str = "SFTP"
    ) -> Self:
        """Build an event for a test.

        Args:
            username: The user.
            password: The password; None of one who logs in by a key.
            protocol: ``SFTP``, ``FTPS`` or ``FTP``.

        Returns:
            An event like those of Transfer Family.
        """
        from . import _samples as samples

        value = {
            "username": username,
            "password": password or "",
            "protocol": protocol,
            "serverId": "s-0123456789abcdef0",
            "sourceIp": "203.0.113.7",
        }
        event: Self = samples.read(cls, value)
        return event


class TransferFamilyPosixProfile(Model, case="pascal"):
    """The POSIX identity of a user in an Amazon EFS file system.

    Attributes:
        uid: The user's id.
        gid: The group's id.
        secondary_gids: Other groups' ids.
    """

    uid: int
    gid: int
    secondary_gids: list[int] = EMPTY


class TransferFamilyAuthorizerResponse(Model, case="pascal"):
    """The permissions of a user; without a role, the user is refused.

    https://docs.aws.amazon.com/transfer/latest/userguide/custom-lambda-idp.html

    Attributes:
        role: The ARN of the role that the server acts by.
        posix_profile: The POSIX ids of the user, for a server on EFS.
        public_keys: The keys that the user may log in by.
        policy: A session policy that limits the role, as JSON text.
        home_directory_type: ``PATH`` or ``LOGICAL``.
        home_directory_details: The directories of type ``LOGICAL``, as JSON text.
        home_directory: The directory of type ``PATH``.
    """

    role: str | None = None
    posix_profile: TransferFamilyPosixProfile | None = None
    public_keys: list[str] = EMPTY
    policy: str | None = None
    home_directory_type: str | None = None
    home_directory_details: str | None = None
    home_directory: str | None = None

    @classmethod
    def of(
        cls,
        role: str,
        *,
        home: str | Mapping[str, str] | None = None,
        policy: Any = None,
        public_keys: Sequence[str] = (),
        posix: tuple[int, int] | None = None,
    ) -> Self:
        """Make a response that lets a user in.

        Args:
            role: The ARN of the role that the server acts by.
            home: The home directory, ``/bucket/path``; or what the user sees, by path, such as
                ``{"/": "/bucket/path"}``.
            policy: A session policy that limits the role: JSON text, or what is JSON.
            public_keys: The keys that the user may log in by.
            posix: The ids of user and group, of a server on EFS.

        Returns:
            The response.
        """
        from ._codec import dumps

        response = cls(role=role)
        if isinstance(home, str):
            response.home_directory_type, response.home_directory = "PATH", home
        elif home is not None:
            entries = [{"Entry": entry, "Target": target} for entry, target in home.items()]
            response.home_directory_type = "LOGICAL"
            response.home_directory_details = dumps(entries).decode()
        if policy is not None:
            response.policy = policy if isinstance(policy, str) else dumps(policy).decode()
        if public_keys:
            response.public_keys = [*public_keys]
        if posix is not None:
            response.posix_profile = TransferFamilyPosixProfile(uid=posix[0], gid=posix[1])
        return response


DETECT: Signatures = {
    "TransferFamilyAuthorizerEvent": {"username": str, "serverId": str, "protocol": str},
    # As AWS's console and its documentation have it for tests.
    "TransferFamilyAuthorizerEvent#2": {
        "username": str,
        "serverId": lambda value: isinstance(value, str) and value.startswith("s-"),
    },
}
