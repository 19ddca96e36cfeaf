"""AWS AppSync: Event APIs.

https://docs.aws.amazon.com/appsync/latest/eventapi/channel-namespaces.html
"""

from __future__ import annotations

from ._field import EMPTY
from ._model import Model
from ._typing import Generic, T

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any, Self

    from ._detect import Signatures
    from ._typing import P
    from .appsync import AppSyncIdentity, AppSyncRequest


class AppSyncEventsItem(Model, Generic[T]):
    """An event that a client publishes.

    Attributes:
        id: The event's id, which the response names it by.
        payload: The event.
    """

    id: str
    payload: T


class AppSyncChannel(Model):
    """A channel.

    Attributes:
        path: The channel's path, such as ``/news/latest``.
        segments: The path's parts.
    """

    path: str
    segments: list[str] = EMPTY


class AppSyncChannelNamespace(Model):
    """A namespace of channels.

    Attributes:
        name: The namespace's name, the first part of its channels' paths.
    """

    name: str


class AppSyncEventsInfo(Model):
    """The operation of a client.

    Attributes:
        channel: The channel.
        channel_namespace: The channel's namespace.
        operation: ``PUBLISH`` or ``SUBSCRIBE``.
    """

    channel: AppSyncChannel
    channel_namespace: AppSyncChannelNamespace
    operation: str


class AppSyncEventsEvent(Model, Generic[T], expects={"info": dict}):
    """A client publishes events, or subscribes to a channel.

    https://docs.aws.amazon.com/appsync/latest/eventapi/configure-event-handlers.html

    ``AppSyncEventsEvent[Order]`` decodes the events' payloads as ``Order``.

    Attributes:
        identity: The caller, as JSON; None with an API key. See `caller`.
        result: The result of the data source.
        request: The HTTP request.
        info: The operation, and the channel that it concerns.
        error: The error of the data source.
        prev: The result of the previous handler.
        stash: The map that the handlers share.
        out_errors: The errors that handlers added before.
        events: The published events; None of a subscription.
    """

    identity: dict[str, Any] | None = None
    result: Any = None
    request: AppSyncRequest = EMPTY
    info: AppSyncEventsInfo
    error: Any = None
    prev: Any = None
    stash: dict[str, Any] = EMPTY
    out_errors: list[Any] = EMPTY
    events: list[AppSyncEventsItem[T]] | None = None

    @property
    def caller(self) -> AppSyncIdentity | None:
        """The caller, as its type; None with an API key."""
        from .appsync import identity_of

        return identity_of(self.identity)

    @classmethod
    def build(
        cls,
        payloads: Sequence[P],
        *,
        channel: str = "/default/channel",
        identity: Mapping[str, Any] | None = None,
    ) -> AppSyncEventsEvent[P]:
        """Build an event of published events for a test.

        Args:
            payloads: The published events.
            channel: The channel's path.
            identity: The publisher, as JSON.

        Returns:
            An event like those of AppSync.
        """
        from . import _samples as samples

        value = _sample("PUBLISH", channel, identity)
        value["events"] = [
            {"payload": payload, "id": samples.uuid(number, channel)}
            for number, payload in enumerate(payloads)
        ]
        event: AppSyncEventsEvent[P] = samples.read(cls, value, samples.types_of(payloads))
        return event

    @classmethod
    def build_subscription(
        cls, channel: str = "/default/channel", *, identity: Mapping[str, Any] | None = None
    ) -> AppSyncEventsEvent[Any]:
        """Build an event of a subscription for a test.

        Args:
            channel: The channel's path.
            identity: The subscriber, as JSON.

        Returns:
            An event like those of AppSync.
        """
        from . import _samples as samples

        event: AppSyncEventsEvent[Any] = samples.read(cls, _sample("SUBSCRIBE", channel, identity))
        return event


def _sample(operation: str, channel: str, identity: Mapping[str, Any] | None) -> dict[str, Any]:
    segments = channel.strip("/").split("/")
    return {
        "identity": None if identity is None else dict(identity),
        "result": None,
        "request": {"headers": {}, "domainName": None},
        "info": {
            "channel": {"path": channel, "segments": segments},
            "channelNamespace": {"name": segments[0]},
            "operation": operation,
        },
        "error": None,
        "prev": None,
        "stash": {},
        "outErrors": [],
        "events": None,
    }


class AppSyncEventsResult(Model):
    """The result for a published event.

    Attributes:
        id: The event's id.
        payload: The payload for subscribers.
        error: The error that replaces the event for subscribers.
    """

    id: str
    payload: Any = None
    error: str | None = None


class AppSyncEventsResponse(Model):
    """The result for published events, or for a subscription.

    https://docs.aws.amazon.com/appsync/latest/eventapi/configure-event-handlers.html

    A subscription that may go on needs no response.

    Attributes:
        events: The result for each event. AppSync drops an event that is missing here.
        error: The error that refuses all events, or the subscription.
    """

    events: list[AppSyncEventsResult] = EMPTY
    error: str | None = None

    @classmethod
    def of(cls, payloads: Iterable[tuple[str, Any]]) -> Self:
        """Make a response with the events for subscribers.

        Args:
            payloads: For each event its id and what subscribers get, or an exception for why they
                get nothing.

        Returns:
            The response.
        """
        return cls(
            events=[
                AppSyncEventsResult(id=name, error=f"{type(payload).__name__} - {payload}")
                if isinstance(payload, Exception)
                else AppSyncEventsResult(id=name, payload=payload)
                for name, payload in payloads
            ]
        )


DETECT: Signatures = {
    "AppSyncEventsEvent": {
        "info/channel": dict,
        "info/channelNamespace": dict,
        "info/operation": str,
    },
}
