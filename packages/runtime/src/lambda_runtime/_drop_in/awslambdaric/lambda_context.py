"""The context, by the name and with the arguments that it has in awslambdaric."""

from __future__ import annotations

import os

from lambda_runtime._client_context import Client, ClientContext
from lambda_runtime._context import CognitoIdentity, Context
from lambda_runtime._invocation import Invocation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any, TypeVar

    T = TypeVar("T", Client, ClientContext, CognitoIdentity)

__all__ = [
    "Client",
    "ClientContext",
    "CognitoIdentity",
    "LambdaContext",
    "make_obj_from_dict",
    "set_obj_from_dict",
]


class _AnyContext(type):
    def __instancecheck__(cls, instance: object) -> bool:
        if cls is LambdaContext:
            return isinstance(instance, Context)
        return super().__instancecheck__(instance)  # classes that are derived from it


class LambdaContext(Context, metaclass=_AnyContext):
    """A context that code makes for itself, as unit tests of handlers do.

    Every context that this runtime gives to a handler is an instance of this class, too.
    """

    def __init__(
        self,
        invoke_id: str,
        client_context: Mapping[str, Any] | None,
        cognito_identity: Mapping[str, Any] | None,
        epoch_deadline_time_in_ms: int,
        invoked_function_arn: str | None = None,
        tenant_id: str | None = None,
    ) -> None:
        """Make a context.

        Args:
            invoke_id: The request id.
            client_context: The client context of a mobile application.
            cognito_identity: The identity, with ``cognitoIdentityId`` and
                ``cognitoIdentityPoolId``.
            epoch_deadline_time_in_ms: The end of the invocation, in milliseconds since 1970.
            invoked_function_arn: The ARN that was called.
            tenant_id: The tenant.
        """
        invocation = Invocation({}, b"")
        invocation.request_id = invoke_id
        invocation.arn = invoked_function_arn
        invocation.tenant_id = tenant_id
        invocation.deadline_ms = epoch_deadline_time_in_ms
        super().__init__(invocation, os.environ)
        self._set_client(client_context)
        self.identity = CognitoIdentity(cognito_identity or {})
        self._epoch_deadline_time_in_ms = epoch_deadline_time_in_ms


def make_obj_from_dict(_class: type[T], _dict: Mapping[str, Any] | None) -> T | None:
    """Return a part of a context.

    Args:
        _class: `Client`, `ClientContext` or `CognitoIdentity`.
        _dict: The fields, by their names in an event.
    """
    return None if _dict is None else _class(_dict)


def set_obj_from_dict(
    obj: object, _dict: Mapping[str, Any], fields: Iterable[str] | None = None
) -> None:
    """Set attributes of a part of a context.

    Args:
        obj: The part.
        _dict: The values, by the names of the attributes.
        fields: These names; all that the part has by default.
    """
    for name in obj.__slots__ if fields is None else fields:  # type: ignore[attr-defined]
        setattr(obj, name, _dict.get(name))
