"""Amazon Alexa: custom skills and smart home skills.

https://developer.amazon.com/docs/custom-skills/request-and-response-json-reference.html
"""

from __future__ import annotations

from ._field import EMPTY, field
from ._model import Model

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from ._detect import Signatures


class AlexaApplication(Model):
    """A skill.

    https://developer.amazon.com/docs/custom-skills/request-and-response-json-reference.html

    Attributes:
        application_id: The id.
    """

    application_id: str


class AlexaUser(Model):
    """An account that enabled the skill.

    https://developer.amazon.com/docs/custom-skills/request-and-response-json-reference.html

    Attributes:
        user_id: The id for this skill.
        access_token: The token of the account that the user linked.
        permissions: ``consentToken`` of older skills.
    """

    user_id: str
    access_token: str | None = field(default=None, secret=True)
    permissions: dict[str, Any] | None = field(default=None, secret=True)


class AlexaPerson(Model):
    """The speaker, if Alexa knows the voice.

    https://developer.amazon.com/docs/custom-skills/request-and-response-json-reference.html

    Attributes:
        person_id: The person's id for this skill.
        access_token: The token of the account that the person linked.
    """

    person_id: str
    access_token: str | None = field(default=None, secret=True)


class AlexaDevice(Model):
    """The device that sends the request.

    https://developer.amazon.com/docs/custom-skills/request-and-response-json-reference.html

    Attributes:
        device_id: The id for this skill.
        persistent_endpoint_id: The id for all skills of a vendor.
        supported_interfaces: The interfaces that the device supports, with their settings, by name.
    """

    device_id: str | None = None
    persistent_endpoint_id: str | None = None
    supported_interfaces: dict[str, Any] = EMPTY


class AlexaSystem(Model):
    """The state of Alexa.

    https://developer.amazon.com/docs/custom-skills/request-and-response-json-reference.html

    Attributes:
        application: The skill.
        user: The account.
        person: The person who speaks; None if Alexa does not recognize the voice.
        unit: The unit of a property, such as a hotel room, that the device is in.
        device: The device.
        api_endpoint: The address of Alexa's APIs.
        api_access_token: The token for Alexa's APIs.
    """

    application: AlexaApplication
    user: AlexaUser
    person: AlexaPerson | None = None
    unit: dict[str, Any] | None = None
    device: AlexaDevice = EMPTY
    api_endpoint: str | None = None
    api_access_token: str | None = field(default=None, secret=True)


class AlexaAudioPlayer(Model):
    """The state of the audio player.

    https://developer.amazon.com/docs/custom-skills/audioplayer-interface-reference.html

    Attributes:
        player_activity: ``IDLE``, ``PLAYING``, ``PAUSED``, ``FINISHED``, ``STOPPED`` or
            ``BUFFER_UNDERRUN``.
        token: The skill's name for the stream.
        offset_in_milliseconds: The position in the stream, in milliseconds.
    """

    player_activity: str | None = None
    token: str | None = None
    offset_in_milliseconds: int | None = None


class AlexaContext(Model, case="pascal"):
    """The state of Alexa and of the device; interfaces without an attribute are in ``extra``.

    https://developer.amazon.com/docs/custom-skills/request-and-response-json-reference.html

    Attributes:
        system: The state of Alexa.
        audio_player: The state of the audio player.
        geolocation: The device's location, if the user allows access to it.
        viewport: The device's screen.
        viewports: The device's screens.
    """

    system: AlexaSystem
    audio_player: AlexaAudioPlayer | None = None
    geolocation: dict[str, Any] | None = None
    viewport: dict[str, Any] | None = None
    viewports: list[dict[str, Any]] = EMPTY


class AlexaSession(Model):
    """A session.

    https://developer.amazon.com/docs/custom-skills/request-and-response-json-reference.html

    Attributes:
        new: True in a new session.
        session_id: The id.
        application: The skill.
        attributes: The attributes that the skill stored in the session.
        user: The account.
    """

    new: bool
    session_id: str
    application: AlexaApplication
    attributes: dict[str, Any] = EMPTY
    user: AlexaUser


class AlexaSlot(Model):
    """A slot of an intent.

    https://developer.amazon.com/docs/custom-skills/request-types-reference.html

    Attributes:
        name: The name.
        value: The words of the user; None if the slot is not filled.
        confirmation_status: ``NONE``, ``CONFIRMED`` or ``DENIED``.
        source: The origin of the value: ``USER`` or another.
        resolutions: The entity resolution: the values that the user's words match.
        slot_value: The value, or values, with their possible meanings.
    """

    name: str
    value: str | None = None
    confirmation_status: str | None = None
    source: str | None = None
    resolutions: dict[str, Any] | None = None
    slot_value: dict[str, Any] | None = None


class AlexaIntent(Model):
    """The intent of the user.

    https://developer.amazon.com/docs/custom-skills/request-types-reference.html

    Attributes:
        name: The intent's name.
        confirmation_status: ``NONE``, ``CONFIRMED`` or ``DENIED``.
        slots: The slots by name.
    """

    name: str
    confirmation_status: str | None = None
    slots: dict[str, AlexaSlot] = EMPTY

    @property
    def slot_values(self) -> dict[str, str | None]:
        """The user's words by slot; None for a slot that is not filled."""
        return {name: slot.value for name, slot in self.slots.items()}


class AlexaRequest(Model):
    """A request; which attributes there are depends on its type, others are in ``extra``.

    https://developer.amazon.com/docs/custom-skills/request-types-reference.html

    Attributes:
        type: ``LaunchRequest``, ``IntentRequest``, ``SessionEndedRequest``,
            ``CanFulfillIntentRequest``, or that of an interface such as
            ``AudioPlayer.PlaybackStarted``.
        request_id: The request's id.
        timestamp: The time of the request, ISO 8601.
        locale: The user's language, such as ``en-US``.
        dialog_state: The state of a dialog: ``STARTED``, ``IN_PROGRESS`` or ``COMPLETED``.
        intent: The intent of an ``IntentRequest``.
        reason: The reason for the end of the session: ``USER_INITIATED``, ``ERROR`` or
            ``EXCEEDED_MAX_REPROMPTS``.
        error: The error of a ``SessionEndedRequest``: ``type`` and ``message``.
    """

    type: str
    request_id: str
    timestamp: str
    locale: str | None = None
    dialog_state: str | None = None
    intent: AlexaIntent | None = None
    reason: str | None = None
    error: dict[str, Any] | None = None

    @property
    def timestamp_utc(self) -> datetime | None:
        """`timestamp` as an aware datetime."""
        from ._time import from_text

        return from_text(self.timestamp)


class AlexaSkillEvent(Model, expects={"request": dict}):
    """A user talks to a custom skill.

    https://developer.amazon.com/docs/custom-skills/request-and-response-json-reference.html

    Attributes:
        version: This object's form, ``1.0``.
        session: The session; None for requests that have none, such as those of the audio player.
        context: The state of Alexa and of the device.
        request: The request.
    """

    version: str
    session: AlexaSession | None = None
    context: AlexaContext
    request: AlexaRequest


class AlexaSmartHomeHeader(Model):
    """The kind of a message.

    https://developer.amazon.com/docs/device-apis/message-guide.html

    Attributes:
        namespace: The interface, such as ``Alexa.PowerController``.
        name: The message's name, such as ``TurnOn``.
        payload_version: ``3``; of older skills ``2``.
        message_id: The message's id.
        correlation_token: A token that the answer repeats.
        instance: The instance, if the endpoint has several of this interface.
    """

    namespace: str
    name: str
    payload_version: str
    message_id: str
    correlation_token: str | None = field(default=None, secret=True)
    instance: str | None = None


class AlexaSmartHomeScope(Model):
    """The credentials of the device's user.

    https://developer.amazon.com/docs/device-apis/message-guide.html

    Attributes:
        type: ``BearerToken`` or ``BearerTokenWithPartition``.
        token: The token of the account that the user linked.
        partition: The room.
        user_id: The user.
    """

    type: str
    token: str = field(secret=True)
    partition: str | None = None
    user_id: str | None = None


class AlexaSmartHomeEndpoint(Model):
    """A device.

    https://developer.amazon.com/docs/device-apis/message-guide.html

    Attributes:
        endpoint_id: The id.
        scope: The credentials of the endpoint's user.
        cookie: The pairs that the skill returned for this endpoint at discovery.
    """

    endpoint_id: str
    scope: AlexaSmartHomeScope | None = None
    cookie: dict[str, str] = EMPTY


class AlexaSmartHomePayload(Model):
    """The content of a message; keys without an attribute are in ``extra``.

    https://developer.amazon.com/docs/device-apis/message-guide.html

    Attributes:
        scope: The credentials of the user whose devices to discover.
        grant: A code for tokens, when a user enables the skill.
        grantee: The user whom the authorization code is for.
        access_token: The token of the account that the user linked, of version 2.
        appliance: The device, of version 2.
    """

    scope: AlexaSmartHomeScope | None = None
    grant: dict[str, Any] | None = field(default=None, secret=True)
    grantee: AlexaSmartHomeScope | None = None
    access_token: str | None = field(default=None, secret=True)
    appliance: dict[str, Any] | None = None


class AlexaSmartHomeDirective(Model):
    """A message.

    https://developer.amazon.com/docs/device-apis/message-guide.html

    Attributes:
        header: The directive's namespace, name, version and message id.
        endpoint: The device that it is for; None when devices are to be found.
        payload: The text.
    """

    header: AlexaSmartHomeHeader
    endpoint: AlexaSmartHomeEndpoint | None = None
    payload: AlexaSmartHomePayload = EMPTY


class AlexaSmartHomeEvent(Model):
    """A smart home skill is to find devices, or to do something with one.

    https://developer.amazon.com/docs/device-apis/message-guide.html

    Attributes:
        directive: The message, of version 3; see `message` for both versions.
        header: The message's namespace, name and id, in version 2.
        payload: The message's content, in version 2.
    """

    directive: AlexaSmartHomeDirective | None = None
    header: AlexaSmartHomeHeader | None = None
    payload: AlexaSmartHomePayload | None = None

    @property
    def message(self) -> AlexaSmartHomeDirective | AlexaSmartHomeEvent:
        """The part with ``header`` and ``payload``: the directive; of version 2, the event."""
        return self if self.directive is None else self.directive


def _is_alexa(namespace: object) -> bool:
    return isinstance(namespace, str) and namespace.partition(".")[0] == "Alexa"


DETECT: Signatures = {
    "AlexaSkillEvent": {"version": str, "context": dict, "request/type": str, "request": dict},
    "AlexaSkillEvent#2": {
        "version": str,
        "session": dict,
        "request/type": str,
        "request/requestId": str,
    },
    "AlexaSmartHomeEvent": {"header": dict, "header/namespace": _is_alexa},
    "AlexaSmartHomeEvent#2": {"directive": dict, "directive/header/namespace": _is_alexa},
}
