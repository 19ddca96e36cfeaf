"""Amazon Lex V1: code hooks of bots. AWS ended it in 2025; V2 is in `lambda_events.lex`.

https://docs.aws.amazon.com/lex/latest/dg/lambda-input-response-format.html
"""

from __future__ import annotations

from ._field import EMPTY
from ._model import Model

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Self

    from ._detect import Signatures


class LexV1SlotDetail(Model):
    """The resolution of a slot.

    https://docs.aws.amazon.com/lex/latest/dg/lambda-input-response-format.html

    Attributes:
        original_value: The words of the user.
        resolutions: The values that the words may resolve to, each under ``value``.
    """

    original_value: str | None = None
    resolutions: list[dict[str, str]] = EMPTY


class LexV1Intent(Model):
    """An intent, and how far it is.

    https://docs.aws.amazon.com/lex/latest/dg/lambda-input-response-format.html

    Attributes:
        name: The name.
        nlu_intent_confidence_score: The confidence, 0 to 1; None if Lex gives none.
        slots: The values of its slots by name; None where one is not filled.
        slot_details: The resolution of each slot, by name.
        confirmation_status: ``None``, ``Confirmed`` or ``Denied``.
    """

    name: str
    nlu_intent_confidence_score: float | None = None
    slots: dict[str, Any] = EMPTY
    slot_details: dict[str, LexV1SlotDetail | None] = EMPTY
    confirmation_status: str


class LexV1Bot(Model):
    """A bot.

    https://docs.aws.amazon.com/lex/latest/dg/lambda-input-response-format.html

    Attributes:
        name: The name.
        alias: The alias; None if it is tested in the console.
        version: The version.
    """

    name: str
    alias: str | None = None
    version: str


class LexV1IntentSummary(Model):
    """A summary of an earlier intent.

    https://docs.aws.amazon.com/lex/latest/dg/API_runtime_IntentSummary.html

    Attributes:
        intent_name: The intent.
        checkpoint_label: A label of it.
        slots: The values of its slots by name.
        confirmation_status: ``None``, ``Confirmed`` or ``Denied``.
        dialog_action_type: The bot's action after the intent.
        fulfillment_state: ``Fulfilled``, ``Failed`` or ``ReadyForFulfillment``.
        slot_to_elicit: The slot that it asked for.
    """

    intent_name: str | None = None
    checkpoint_label: str | None = None
    slots: dict[str, Any] = EMPTY
    confirmation_status: str | None = None
    dialog_action_type: str | None = None
    fulfillment_state: str | None = None
    slot_to_elicit: str | None = None


class LexV1TimeToLive(Model):
    """The lifetime of a context.

    https://docs.aws.amazon.com/lex/latest/dg/API_runtime_ActiveContextTimeToLive.html

    Attributes:
        time_to_live_in_seconds: The number of seconds.
        turns_to_live: The number of turns.
    """

    time_to_live_in_seconds: int
    turns_to_live: int


class LexV1ActiveContext(Model):
    """A context that is active.

    https://docs.aws.amazon.com/lex/latest/dg/API_runtime_ActiveContext.html

    Attributes:
        name: The name.
        parameters: The parameters.
        time_to_live: The lifetime of the context.
    """

    name: str
    parameters: dict[str, str] = EMPTY
    time_to_live: LexV1TimeToLive | None = None


class LexV1Sentiment(Model):
    """The sentiment of the user.

    https://docs.aws.amazon.com/lex/latest/dg/lambda-input-response-format.html

    Attributes:
        sentiment_label: ``MIXED``, ``NEGATIVE``, ``NEUTRAL`` or ``POSITIVE``.
        sentiment_score: The confidence in each of the four, as text.
    """

    sentiment_label: str
    sentiment_score: str | None = None


class LexV1Event(Model, expects={"currentIntent": dict}):
    """A turn of a conversation.

    https://docs.aws.amazon.com/lex/latest/dg/lambda-input-response-format.html

    Attributes:
        message_version: This object's form, ``1.0``.
        invocation_source: ``DialogCodeHook`` or ``FulfillmentCodeHook``.
        user_id: The user.
        input_transcript: The input of the user, as text.
        output_dialog_mode: ``Text`` or ``Voice``.
        bot: The bot.
        current_intent: The intent that Lex recognized.
        alternative_intents: The other intents that the input may mean.
        session_attributes: The attributes of the session.
        request_attributes: The attributes that the client sent with the request, by name.
        recent_intent_summary_view: The session's last intents.
        sentiment_response: The sentiment of the user.
        kendra_response: The results of Amazon Kendra, for an intent that searches it.
        active_contexts: The contexts that are active.
    """

    message_version: str
    invocation_source: str
    user_id: str
    input_transcript: str | None = None
    output_dialog_mode: str
    bot: LexV1Bot
    current_intent: LexV1Intent
    alternative_intents: list[LexV1Intent] = EMPTY
    session_attributes: dict[str, str] = EMPTY
    request_attributes: dict[str, str] = EMPTY
    recent_intent_summary_view: list[LexV1IntentSummary] = EMPTY
    sentiment_response: LexV1Sentiment | None = None
    kendra_response: Any = None
    active_contexts: list[LexV1ActiveContext] = EMPTY


class LexV1Message(Model):
    """A message of the bot.

    https://docs.aws.amazon.com/lex/latest/dg/lambda-input-response-format.html

    Attributes:
        content_type: ``PlainText``, ``SSML`` or ``CustomPayload``.
        content: The text.
    """

    content_type: str = "PlainText"
    content: str


class LexV1Button(Model):
    """A button of a card.

    https://docs.aws.amazon.com/lex/latest/dg/API_runtime_Button.html

    Attributes:
        text: The button's label.
        value: The input that a click sends.
    """

    text: str
    value: str


class LexV1Attachment(Model):
    """A card.

    https://docs.aws.amazon.com/lex/latest/dg/API_runtime_GenericAttachment.html

    Attributes:
        title: The title.
        sub_title: The second title.
        image_url: The image.
        attachment_link_url: The link of the attachment.
        buttons: The buttons.
    """

    title: str | None = None
    sub_title: str | None = None
    image_url: str | None = None
    attachment_link_url: str | None = None
    buttons: list[LexV1Button] = EMPTY


class LexV1ResponseCard(Model):
    """Cards.

    https://docs.aws.amazon.com/lex/latest/dg/API_runtime_ResponseCard.html

    Attributes:
        version: The cards' version.
        content_type: ``application/vnd.amazonaws.card.generic``.
        generic_attachments: The cards.
    """

    version: int | str | None = None
    content_type: str = "application/vnd.amazonaws.card.generic"
    generic_attachments: list[LexV1Attachment] = EMPTY


class LexV1DialogAction(Model):
    """The next action of the bot.

    https://docs.aws.amazon.com/lex/latest/dg/lambda-input-response-format.html

    Attributes:
        type: ``Close``, ``ConfirmIntent``, ``Delegate``, ``ElicitIntent`` or ``ElicitSlot``.
        fulfillment_state: ``Fulfilled`` or ``Failed``, to close.
        message: The message of the bot.
        intent_name: The intent, to confirm it or to ask for a slot.
        slots: The values of its slots by name.
        slot_to_elicit: The slot that it asks for.
        response_card: Cards.
    """

    type: str
    fulfillment_state: str | None = None
    message: LexV1Message | None = None
    intent_name: str | None = None
    slots: dict[str, Any] = EMPTY
    slot_to_elicit: str | None = None
    response_card: LexV1ResponseCard | None = None


class LexV1Response(Model):
    """The response of a code hook.

    https://docs.aws.amazon.com/lex/latest/dg/lambda-input-response-format.html

    Attributes:
        session_attributes: The attributes of the session.
        recent_intent_summary_view: The session's last intents.
        active_contexts: The contexts that are active from now on.
        dialog_action: The next action of the bot.
    """

    session_attributes: dict[str, str] = EMPTY
    recent_intent_summary_view: list[LexV1IntentSummary] = EMPTY
    active_contexts: list[LexV1ActiveContext] = EMPTY
    dialog_action: LexV1DialogAction

    @classmethod
    def close(cls, event: LexV1Event, message: str | None = None, *, failed: bool = False) -> Self:
        """End the intent.

        Args:
            event: The event, whose session attributes are kept.
            message: The message of the bot, plain text.
            failed: True to report a failure.

        Returns:
            The response.
        """
        state = "Failed" if failed else "Fulfilled"
        return cls._next(event, message, type="Close", fulfillment_state=state)

    @classmethod
    def delegate(cls, event: LexV1Event) -> Self:
        """Let the bot go on as its owner says.

        Args:
            event: The event, whose session attributes and slots are kept.

        Returns:
            The response.
        """
        return cls._next(event, None, type="Delegate", slots={**event.current_intent.slots})

    @classmethod
    def elicit_slot(cls, event: LexV1Event, slot: str, message: str | None = None) -> Self:
        """Ask for a slot.

        Args:
            event: The event, whose session attributes, intent and slots are kept.
            slot: The slot's name.
            message: The message of the bot, plain text.

        Returns:
            The response.
        """
        return cls._next(event, message, type="ElicitSlot", slot_to_elicit=slot, **_intent(event))

    @classmethod
    def elicit_intent(cls, event: LexV1Event, message: str | None = None) -> Self:
        """Ask what the user wants.

        Args:
            event: The event, whose session attributes are kept.
            message: The message of the bot, plain text.

        Returns:
            The response.
        """
        return cls._next(event, message, type="ElicitIntent")

    @classmethod
    def confirm_intent(cls, event: LexV1Event, message: str | None = None) -> Self:
        """Ask whether the user really wants it.

        Args:
            event: The event, whose session attributes, intent and slots are kept.
            message: The message of the bot, plain text.

        Returns:
            The response.
        """
        return cls._next(event, message, type="ConfirmIntent", **_intent(event))

    @classmethod
    def _next(cls, event: LexV1Event, message: str | None, **action: Any) -> Self:
        """Make the response of a dialog action."""
        said = None if message is None else LexV1Message(content=message)
        return cls(
            session_attributes={**event.session_attributes},
            dialog_action=LexV1DialogAction(message=said, **action),
        )


def _intent(event: LexV1Event) -> dict[str, Any]:
    intent = event.current_intent
    return {"intent_name": intent.name, "slots": {**intent.slots}}


DETECT: Signatures = {"LexV1Event": {"bot": dict, "currentIntent": dict, "invocationSource": str}}
