"""Amazon Lex V2: what code hooks of bots return.

https://docs.aws.amazon.com/lexv2/latest/dg/lambda-response-format.html
"""

from __future__ import annotations

from ._field import EMPTY
from ._model import Model

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Self

    from .lex import LexV2Event, LexV2SessionState


class LexV2Button(Model):
    """A button of a card.

    https://docs.aws.amazon.com/lexv2/latest/APIReference/API_runtime_Button.html

    Attributes:
        text: The button's label.
        value: The input that a click sends.
    """

    text: str
    value: str


class LexV2ImageResponseCard(Model):
    """A card.

    https://docs.aws.amazon.com/lexv2/latest/APIReference/API_runtime_ImageResponseCard.html

    Attributes:
        title: The title.
        subtitle: The second title.
        image_url: The image.
        buttons: The buttons.
    """

    title: str
    subtitle: str | None = None
    image_url: str | None = None
    buttons: list[LexV2Button] = EMPTY


class LexV2Message(Model):
    """A message of the bot.

    https://docs.aws.amazon.com/lexv2/latest/APIReference/API_runtime_Message.html

    Attributes:
        content_type: ``PlainText``, ``SSML``, ``CustomPayload`` or ``ImageResponseCard``.
        content: The text.
        image_response_card: The card.
    """

    content_type: str = "PlainText"
    content: str | None = None
    image_response_card: LexV2ImageResponseCard | None = None


class LexV2Response(Model):
    """The response of a code hook.

    https://docs.aws.amazon.com/lexv2/latest/dg/lambda-response-format.html

    Attributes:
        session_state: The state of the conversation from now on.
        messages: The messages of the bot; by default those of its definition.
        request_attributes: The attributes for the client, by name.
    """

    session_state: LexV2SessionState
    messages: list[LexV2Message] = EMPTY
    request_attributes: dict[str, str] = EMPTY

    @classmethod
    def close(
        cls, event: LexV2Event, *messages: str | LexV2Message, state: str = "Fulfilled"
    ) -> Self:
        """End the intent.

        Args:
            event: The event, whose state is kept.
            *messages: The messages of the bot; a str is plain text.
            state: ``Fulfilled`` or ``Failed``.

        Returns:
            The response.
        """
        return cls._next(event, messages, state, type="Close")

    @classmethod
    def delegate(cls, event: LexV2Event) -> Self:
        """Let the bot go on as its owner says.

        Args:
            event: The event, whose state is kept, with all changes to its slots.

        Returns:
            The response.
        """
        return cls._next(event, (), None, type="Delegate")

    @classmethod
    def elicit_slot(
        cls, event: LexV2Event, slot: str, *messages: str | LexV2Message, style: str | None = None
    ) -> Self:
        """Ask for a slot.

        Args:
            event: The event, whose state is kept.
            slot: The slot's name.
            *messages: The messages of the bot; a str is plain text.
            style: ``SpellByLetter`` or ``SpellByWord``, to have the user spell it.

        Returns:
            The response.
        """
        return cls._next(
            event,
            messages,
            "InProgress",
            type="ElicitSlot",
            slot_to_elicit=slot,
            slot_elicitation_style=style,
        )

    @classmethod
    def elicit_intent(cls, event: LexV2Event, *messages: str | LexV2Message) -> Self:
        """Ask what the user wants.

        Args:
            event: The event, whose state is kept, except for the intent.
            *messages: The messages of the bot, at least one; a str is plain text.

        Returns:
            The response.
        """
        made = cls._next(event, messages, None, type="ElicitIntent")
        made.session_state.intent = None
        return made

    @classmethod
    def confirm_intent(cls, event: LexV2Event, *messages: str | LexV2Message) -> Self:
        """Ask whether the user really wants it.

        Args:
            event: The event, whose state is kept.
            *messages: The messages of the bot; a str is plain text.

        Returns:
            The response.
        """
        return cls._next(event, messages, "InProgress", type="ConfirmIntent")

    @classmethod
    def _next(
        cls,
        event: LexV2Event,
        messages: tuple[str | LexV2Message, ...],
        state: str | None,
        **action: Any,
    ) -> Self:
        """Make the response of a dialog action and the state of the intent."""
        from .lex import LexV2DialogAction

        session = event.session_state.evolve()
        session.dialog_action = LexV2DialogAction(**action)
        if state is not None and session.intent is not None:
            session.intent.state = state
        said = [LexV2Message(content=item) if isinstance(item, str) else item for item in messages]
        return cls(session_state=session, messages=said or EMPTY)
