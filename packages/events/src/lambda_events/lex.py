"""Amazon Lex V2: code hooks of bots. The first version is in `lambda_events.lex_v1`.

https://docs.aws.amazon.com/lexv2/latest/dg/lambda.html
"""

from __future__ import annotations

from ._field import EMPTY
from ._model import Model

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Self

    from ._detect import Signatures


class LexV2SlotValue(Model):
    """The value of a slot.

    https://docs.aws.amazon.com/lexv2/latest/dg/lambda-common-structures.html

    Attributes:
        original_value: The words of the user.
        interpreted_value: The value that Lex derived from the words of the user.
        resolved_values: The values that the words may resolve to.
    """

    original_value: str | None = None
    interpreted_value: str | None = None
    resolved_values: list[str] = EMPTY


class LexV2Slot(Model):
    """A slot that is filled.

    https://docs.aws.amazon.com/lexv2/latest/dg/lambda-common-structures.html

    Attributes:
        shape: ``Scalar``, ``List`` or ``Composite``.
        value: The slot's value; the combined words for a list.
        values: The items of a list.
        sub_slots: The slots of a composite one by name; None where one is not filled.
    """

    shape: str | None = None
    value: LexV2SlotValue | None = None
    values: list[LexV2Slot] = EMPTY
    sub_slots: dict[str, LexV2Slot | None] = EMPTY

    @property
    def interpreted(self) -> Any:
        """The resolved value: text, a list for a list, a dict for a composite slot."""
        if self.shape == "List" or (self.values and self.shape is None):
            return [item.interpreted for item in self.values]
        if self.sub_slots:
            return {name: _interpreted(slot) for name, slot in self.sub_slots.items()}
        return None if self.value is None else self.value.interpreted_value


def _interpreted(slot: LexV2Slot | None) -> Any:
    return None if slot is None else slot.interpreted


class LexV2Intent(Model):
    """An intent, and how far it is.

    https://docs.aws.amazon.com/lexv2/latest/dg/lambda-common-structures.html

    Attributes:
        name: The name.
        slots: The slots by name; None where one is not filled.
        state: ``InProgress``, ``ReadyForFulfillment``, ``Fulfilled``, ``FulfillmentInProgress``,
            ``Failed`` or ``Waiting``.
        confirmation_state: ``Confirmed``, ``Denied`` or ``None``.
        kendra_response: The results of Amazon Kendra, for an intent that searches it.
    """

    name: str
    slots: dict[str, LexV2Slot | None] = EMPTY
    state: str | None = None
    confirmation_state: str | None = None
    kendra_response: dict[str, Any] | None = None

    @property
    def slot_values(self) -> dict[str, Any]:
        """The resolved slots by name; None for a slot that is not filled."""
        return {name: _interpreted(slot) for name, slot in self.slots.items()}


class LexV2DialogAction(Model):
    """The next action of the bot.

    https://docs.aws.amazon.com/lexv2/latest/dg/lambda-common-structures.html

    Attributes:
        type: ``Close``, ``ConfirmIntent``, ``Delegate``, ``ElicitIntent`` or ``ElicitSlot``.
        slot_to_elicit: The slot that it asks for.
        slot_elicitation_style: ``Default``, ``SpellByLetter`` or ``SpellByWord``.
        sub_slot_to_elicit: The slot in a composite one that it asks for.
    """

    type: str
    slot_to_elicit: str | None = None
    slot_elicitation_style: str | None = None
    sub_slot_to_elicit: dict[str, Any] | None = None


class LexV2TimeToLive(Model):
    """The lifetime of a context.

    https://docs.aws.amazon.com/lexv2/latest/APIReference/API_runtime_ActiveContextTimeToLive.html

    Attributes:
        time_to_live_in_seconds: The number of seconds.
        turns_to_live: The number of turns.
    """

    time_to_live_in_seconds: int
    turns_to_live: int


class LexV2ActiveContext(Model):
    """A context that is active.

    https://docs.aws.amazon.com/lexv2/latest/APIReference/API_runtime_ActiveContext.html

    Attributes:
        name: The name.
        context_attributes: The attributes.
        time_to_live: The lifetime of the context.
    """

    name: str
    context_attributes: dict[str, str] = EMPTY
    time_to_live: LexV2TimeToLive | None = None


class LexV2SessionState(Model):
    """The state of the conversation.

    https://docs.aws.amazon.com/lexv2/latest/dg/lambda-common-structures.html

    Attributes:
        active_contexts: The contexts that are active.
        session_attributes: The attributes of the session.
        dialog_action: The next action of the bot.
        intent: The intent that it is about.
        originating_request_id: The id of the request that began the turn.
        runtime_hints: Words that the user is likely to say, by intent and slot.
    """

    active_contexts: list[LexV2ActiveContext] = EMPTY
    session_attributes: dict[str, str] = EMPTY
    dialog_action: LexV2DialogAction | None = None
    intent: LexV2Intent | None = None
    originating_request_id: str | None = None
    runtime_hints: dict[str, Any] = EMPTY


class LexV2Bot(Model):
    """A bot.

    https://docs.aws.amazon.com/lexv2/latest/dg/lambda-input-format.html

    Attributes:
        id: The id.
        name: The name.
        alias_id: The id of its alias.
        alias_name: The name of its alias.
        locale_id: The language, such as ``en_US``.
        version: The version.
    """

    id: str
    name: str
    alias_id: str
    alias_name: str | None = None
    locale_id: str
    version: str


class LexV2Sentiment(Model):
    """The sentiment of the user.

    https://docs.aws.amazon.com/lexv2/latest/dg/lambda-input-format.html

    Attributes:
        sentiment: ``MIXED``, ``NEGATIVE``, ``NEUTRAL`` or ``POSITIVE``.
        sentiment_score: The confidence in each of the four, 0 to 1.
    """

    sentiment: str
    sentiment_score: dict[str, float] = EMPTY


class LexV2Interpretation(Model):
    """A possible interpretation of the user's words.

    https://docs.aws.amazon.com/lexv2/latest/dg/lambda-input-format.html

    Attributes:
        intent: The intent.
        interpretation_source: The service that made the interpretation: ``Lex`` or ``Bedrock``.
        nlu_confidence: The confidence, as a number or as ``{"score": number}``; see `confidence`.
        sentiment_response: The sentiment of the user.
    """

    intent: LexV2Intent
    interpretation_source: str | None = None
    nlu_confidence: Any = None
    sentiment_response: LexV2Sentiment | None = None

    @property
    def confidence(self) -> float | None:
        """The confidence, 0 to 1; None if Lex does not give one."""
        found = self.nlu_confidence
        if isinstance(found, dict):
            found = found.get("score")
        return found if isinstance(found, (int, float)) else None


class LexV2ProposedNextState(Model):
    """The next action that the bot proposes.

    https://docs.aws.amazon.com/lexv2/latest/dg/lambda-input-format.html

    Attributes:
        dialog_action: The next action of the bot.
        intent: The intent that it is about.
        prompt: ``attempt``: which try of the prompt it is, such as ``Initial``.
    """

    dialog_action: LexV2DialogAction | None = None
    intent: LexV2Intent | None = None
    prompt: dict[str, str] = EMPTY


class LexV2Transcription(Model):
    """A possible transcription of the user's speech.

    https://docs.aws.amazon.com/lexv2/latest/dg/using-transcript-confidence-scores.html

    Attributes:
        transcription: The text.
        transcription_confidence: The confidence, 0 to 1.
        resolved_context: ``intent``, the intent that it fits.
        resolved_slots: The slots that it fills, by name.
    """

    transcription: str
    transcription_confidence: float | None = None
    resolved_context: dict[str, str] = EMPTY
    resolved_slots: dict[str, LexV2Slot | None] = EMPTY


class LexV2Event(Model, expects={"sessionState": dict}):
    """A turn of a conversation.

    https://docs.aws.amazon.com/lexv2/latest/dg/lambda-input-format.html

    Attributes:
        message_version: This object's form, ``1.0``.
        invocation_source: ``DialogCodeHook`` or ``FulfillmentCodeHook``.
        invocation_label: The label of the code hook.
        input_mode: ``DTMF``, ``Speech`` or ``Text``.
        response_content_type: The content type that the client wants.
        session_id: The session.
        input_transcript: The input of the user, as text.
        bot: The bot.
        interpretations: The intents that the input may mean, the likeliest first.
        proposed_next_state: The bot's next state if the function changes nothing.
        request_attributes: The attributes that the client sent with the request, by name.
        session_state: The state of the conversation.
        transcriptions: The transcriptions of the user's speech, the likeliest first.
    """

    message_version: str
    invocation_source: str
    invocation_label: str | None = None
    input_mode: str
    response_content_type: str
    session_id: str
    input_transcript: str
    bot: LexV2Bot
    interpretations: list[LexV2Interpretation] = EMPTY
    proposed_next_state: LexV2ProposedNextState | None = None
    request_attributes: dict[str, str] = EMPTY
    session_state: LexV2SessionState
    transcriptions: list[LexV2Transcription] = EMPTY

    @property
    def slot_values(self) -> dict[str, Any]:
        """The resolved slots of the intent by name; None for a slot that is not filled."""
        intent = self.session_state.intent
        return {} if intent is None else intent.slot_values

    @classmethod
    def build(
        cls,
        intent: str,
        slots: Mapping[str, str | None] | None = None,
        *,
        invocation_source: str = "FulfillmentCodeHook",
        input_transcript: str = "Hello",
        session_attributes: Mapping[str, str] | None = None,
    ) -> Self:
        """Build an event for a test.

        Args:
            intent: The intent's name.
            slots: The values of its slots by name; None where one is not filled.
            invocation_source: ``DialogCodeHook`` or ``FulfillmentCodeHook``.
            input_transcript: The input of the user, as text.
            session_attributes: The attributes of the session.

        Returns:
            An event like those of Lex.
        """
        from . import _samples as samples

        filled = {
            name: item
            and {
                "shape": "Scalar",
                "value": {
                    "originalValue": item,
                    "interpretedValue": item,
                    "resolvedValues": [item],
                },
            }
            for name, item in (slots or {}).items()
        }
        ready = invocation_source == "FulfillmentCodeHook"
        current = {
            "name": intent,
            "slots": filled,
            "state": "ReadyForFulfillment" if ready else "InProgress",
            "confirmationState": "None",
        }
        value = {
            "messageVersion": "1.0",
            "invocationSource": invocation_source,
            "inputMode": "Text",
            "responseContentType": "text/plain; charset=utf-8",
            "sessionId": "123456789012345",
            "inputTranscript": input_transcript,
            "bot": {
                "id": "BOT1234567",
                "name": "MyBot",
                "aliasId": "TSTALIASID",
                "aliasName": "TestBotAlias",
                "localeId": "en_US",
                "version": "DRAFT",
            },
            "interpretations": [
                {"intent": current, "interpretationSource": "Lex", "nluConfidence": 1.0}
            ],
            "sessionState": {
                "activeContexts": [],
                "sessionAttributes": {**(session_attributes or {})},
                "intent": current,
                "originatingRequestId": samples.uuid(0, intent),
            },
            "transcriptions": [{"transcription": input_transcript, "transcriptionConfidence": 1.0}],
        }
        event: Self = samples.read(cls, value)
        return event


DETECT: Signatures = {"LexV2Event": {"bot": dict, "sessionState": dict, "invocationSource": str}}
