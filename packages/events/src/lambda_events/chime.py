"""Amazon Chime: chat bots.

https://docs.aws.amazon.com/chime/latest/dg/use-bots.html
"""

from __future__ import annotations

from ._field import field
from ._model import Model

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from ._detect import Signatures


class ChimeBotSender(Model, case="pascal"):
    """The actor.

    https://docs.aws.amazon.com/chime/latest/dg/use-bots.html

    Attributes:
        sender_id: Their id.
        sender_id_type: The kind of the sender's id, such as ``EmailId``.
    """

    sender_id: str
    sender_id_type: str


class ChimeBotDiscussion(Model, case="pascal"):
    """The place of the event.

    https://docs.aws.amazon.com/chime/latest/dg/use-bots.html

    Attributes:
        discussion_id: The id of the room.
        discussion_type: ``Room``.
    """

    discussion_id: str
    discussion_type: str


class ChimeBotEndpoint(Model, case="pascal"):
    """The endpoint for an answer.

    https://docs.aws.amazon.com/chime/latest/dg/use-bots.html

    Attributes:
        endpoint_type: ``ShortLivedEndpoint`` for a few minutes, ``Persistent`` for always.
        url: The address, which is a secret.
    """

    endpoint_type: str
    url: str = field(secret=True)


class ChimeBotEvent(Model, case="pascal", expects={"EventType": str}):
    """A bot was invited to a room, removed from it, or mentioned there.

    https://docs.aws.amazon.com/chime/latest/dg/use-bots.html

    Attributes:
        event_type: ``Invite``, ``Mention`` or ``Remove``.
        sender: The identity that caused it.
        discussion: The chat room or conversation.
        inbound_https_endpoint: The URL that accepts answers; None after a removal.
        event_timestamp: The time of the event, ISO 8601.
        message: The message with its mention of the bot; None for events without a message.
    """

    event_type: str
    sender: ChimeBotSender
    discussion: ChimeBotDiscussion
    inbound_https_endpoint: ChimeBotEndpoint | None = None
    event_timestamp: str
    message: str | None = None

    @property
    def event_timestamp_utc(self) -> datetime | None:
        """`event_timestamp` as an aware datetime."""
        from ._time import from_text

        return from_text(self.event_timestamp)


DETECT: Signatures = {"ChimeBotEvent": {"EventType": str, "Sender": dict, "Discussion": dict}}
