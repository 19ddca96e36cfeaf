"""The client context: what a mobile application sent along with a call, by the AWS Mobile SDK."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

_NO_FIELDS: Mapping[str, Any] = {}


class _Fields:
    """Named values; any protocol of `pickle` takes them."""

    __slots__: tuple[str, ...] = ()

    def __getstate__(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in state.items():
            setattr(self, name, value)

    def __repr__(self) -> str:
        names = type(self).__annotations__
        return f"{type(self).__name__}([{','.join(f'{it}={getattr(self, it)}' for it in names)}])"


class Client(_Fields):
    """The mobile application that made a call."""

    # In awslambdaric's order, as in what it logs.
    __slots__ = (  # noqa: RUF023
        "installation_id",
        "app_title",
        "app_version_name",
        "app_version_code",
        "app_package_name",
    )

    installation_id: str | None
    app_title: str | None
    app_version_name: str | None
    app_version_code: str | None
    app_package_name: str | None

    def __init__(self, fields: Mapping[str, Any] = _NO_FIELDS) -> None:
        for name in self.__slots__:
            setattr(self, name, fields.get(name))


class ClientContext(_Fields):
    """The data that a mobile application sent along with a call."""

    __slots__ = ("custom", "env", "client")  # noqa: RUF023 (the same)

    custom: Any
    """The application's own data, usually a dict."""
    env: Any
    """The AWS Mobile SDK's data, usually a dict."""
    client: Client | None

    def __init__(self, fields: Mapping[str, Any] = _NO_FIELDS) -> None:
        self.custom = fields.get("custom")
        self.env = fields.get("env")
        client = fields.get("client")
        self.client = Client(client) if isinstance(client, dict) else None
