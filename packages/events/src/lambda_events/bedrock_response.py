"""Amazon Bedrock agents: what functions of action groups return.

https://docs.aws.amazon.com/bedrock/latest/userguide/agents-lambda.html
"""

from __future__ import annotations

from ._field import EMPTY
from ._model import Model

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Self

    from .bedrock import BedrockAgentEvent, BedrockAgentFunctionEvent


class BedrockAgentResponseBody(Model):
    """A response's body.

    https://docs.aws.amazon.com/bedrock/latest/userguide/agents-lambda.html

    Attributes:
        body: The body; JSON is text here, too.
    """

    body: str


class BedrockAgentAPIResult(Model):
    """The result of an operation.

    https://docs.aws.amazon.com/bedrock/latest/userguide/agents-lambda.html

    Attributes:
        action_group: The action group, as in the event.
        api_path: The operation's path, as in the event.
        http_method: The operation's method, as in the event.
        http_status_code: The status.
        response_body: The body by content type.
    """

    action_group: str
    api_path: str
    http_method: str
    http_status_code: int = 200
    response_body: dict[str, BedrockAgentResponseBody]


class BedrockAgentResponse(Model):
    """The response of an action group with an OpenAPI schema, up to 25 KB.

    https://docs.aws.amazon.com/bedrock/latest/userguide/agents-lambda.html

    Attributes:
        message_version: This object's form.
        response: The result of the operation.
        session_attributes: The attributes of the session.
        prompt_session_attributes: The attributes of this turn.
        knowledge_bases_configuration: The settings of each knowledge base for later queries.
    """

    message_version: str = "1.0"
    response: BedrockAgentAPIResult
    session_attributes: dict[str, str] = EMPTY
    prompt_session_attributes: dict[str, str] = EMPTY
    knowledge_bases_configuration: list[dict[str, Any]] = EMPTY

    @classmethod
    def of(
        cls,
        event: BedrockAgentEvent,
        body: Any,
        *,
        status_code: int = 200,
        content_type: str = "application/json",
        session_attributes: Mapping[str, str] | None = None,
        prompt_session_attributes: Mapping[str, str] | None = None,
        knowledge_bases_configuration: Sequence[dict[str, Any]] | None = None,
    ) -> Self:
        """Make the response to an event.

        Args:
            event: The event.
            body: Text as it is, all else as JSON.
            status_code: The status.
            content_type: The body's content type.
            session_attributes: The attributes of the session; by default as in the event.
            prompt_session_attributes: The attributes of this turn; by default as in the event.
            knowledge_bases_configuration: The settings of each knowledge base for later queries.

        Returns:
            The response.
        """
        result = BedrockAgentAPIResult(
            action_group=event.action_group,
            api_path=event.api_path,
            http_method=event.http_method,
            http_status_code=status_code,
            response_body={content_type: BedrockAgentResponseBody(body=_text(body))},
        )
        return cls(
            response=result,
            knowledge_bases_configuration=_list(knowledge_bases_configuration),
            **_kept(event, session_attributes, prompt_session_attributes),
        )


class BedrockAgentFunctionOutput(Model):
    """The body of a function's result.

    https://docs.aws.amazon.com/bedrock/latest/userguide/agents-lambda.html

    Attributes:
        response_state: ``FAILURE``: the agent gives up; ``REPROMPT``: the agent tries again; None:
            all is well.
        response_body: The text, under ``TEXT``.
    """

    response_state: str | None = None
    response_body: dict[str, BedrockAgentResponseBody]


class BedrockAgentFunctionResult(Model):
    """The result of a function.

    https://docs.aws.amazon.com/bedrock/latest/userguide/agents-lambda.html

    Attributes:
        action_group: The action group, as in the event.
        function: The function's name, as in the event.
        function_response: The text.
    """

    action_group: str
    function: str
    function_response: BedrockAgentFunctionOutput


class BedrockAgentFunctionResponse(Model):
    """The response of an action group with function details, up to 25 KB.

    https://docs.aws.amazon.com/bedrock/latest/userguide/agents-lambda.html

    Attributes:
        message_version: This object's form.
        response: The result of the function.
        session_attributes: The attributes of the session.
        prompt_session_attributes: The attributes of this turn.
        knowledge_bases_configuration: The settings of each knowledge base for later queries.
    """

    message_version: str = "1.0"
    response: BedrockAgentFunctionResult
    session_attributes: dict[str, str] = EMPTY
    prompt_session_attributes: dict[str, str] = EMPTY
    knowledge_bases_configuration: list[dict[str, Any]] = EMPTY

    @classmethod
    def of(
        cls,
        event: BedrockAgentFunctionEvent,
        body: Any,
        *,
        response_state: str | None = None,
        session_attributes: Mapping[str, str] | None = None,
        prompt_session_attributes: Mapping[str, str] | None = None,
        knowledge_bases_configuration: Sequence[dict[str, Any]] | None = None,
    ) -> Self:
        """Make the response to an event.

        Args:
            event: The event.
            body: Text as it is, all else as JSON.
            response_state: ``FAILURE`` or ``REPROMPT``; None if all is well.
            session_attributes: The attributes of the session; by default as in the event.
            prompt_session_attributes: The attributes of this turn; by default as in the event.
            knowledge_bases_configuration: The settings of each knowledge base for later queries.

        Returns:
            The response.
        """
        output = BedrockAgentFunctionOutput(
            response_state=response_state,
            response_body={"TEXT": BedrockAgentResponseBody(body=_text(body))},
        )
        result = BedrockAgentFunctionResult(
            action_group=event.action_group, function=event.function, function_response=output
        )
        return cls(
            response=result,
            knowledge_bases_configuration=_list(knowledge_bases_configuration),
            **_kept(event, session_attributes, prompt_session_attributes),
        )


def _text(body: Any) -> str:
    from ._codec import dumps

    return body if isinstance(body, str) else dumps(body).decode()


def _list(values: Sequence[dict[str, Any]] | None) -> Any:
    return EMPTY if values is None else [*values]


def _kept(
    event: BedrockAgentEvent | BedrockAgentFunctionEvent,
    session: Mapping[str, str] | None,
    prompt: Mapping[str, str] | None,
) -> dict[str, Any]:
    """Return the attributes of a response: those given, or else those of the event."""
    return {
        "session_attributes": {**(event.session_attributes if session is None else session)},
        "prompt_session_attributes": {
            **(event.prompt_session_attributes if prompt is None else prompt)
        },
    }
