"""Amazon Bedrock agents: action groups that are functions.

https://docs.aws.amazon.com/bedrock/latest/userguide/agents-lambda.html
"""

from __future__ import annotations

from ._field import EMPTY
from ._model import Model

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Self

    from ._detect import Signatures


class BedrockAgent(Model):
    """An agent.

    https://docs.aws.amazon.com/bedrock/latest/userguide/agents-lambda.html

    Attributes:
        name: The name.
        id: The id.
        alias: The id of its alias.
        version: The version.
    """

    name: str
    id: str
    alias: str
    version: str


class BedrockAgentParameter(Model):
    """A parameter, or a property of a request's body, as the agent filled it in.

    https://docs.aws.amazon.com/bedrock/latest/userguide/agents-lambda.html

    Attributes:
        name: The name.
        type: ``string``, ``number``, ``integer``, ``boolean``, ``array`` or ``object``.
        value: The value, which is text whatever the type.
    """

    name: str
    type: str
    value: str

    @property
    def value_decoded(self) -> Any:
        """`value` as its type says; an array or an object that is not JSON stays text.

        Raises:
            EventDecodeError: The value is not a number, integer or boolean where it has to be one.
        """
        value: Any = self.value
        if not isinstance(value, str):
            return value
        if str(self.type) in {"array", "object"}:
            from ._payload import decode_text
            from .errors import EventDecodeError

            try:
                return decode_text(value, None, "BedrockAgentParameter", "value")
            except EventDecodeError:
                return value
        return _scalar(value, self.type)


def _scalar(value: str, kind: str) -> Any:
    """Read text as a number, an integer or a boolean; other types are text."""
    from .errors import EventDecodeError, describe

    try:
        if kind == "integer":
            return int(value)
        if kind == "number":
            number = float(value)
            return int(value) if value.strip().lstrip("+-").isdecimal() else number
        if kind == "boolean":
            return {"true": True, "false": False}[value.strip().lower()]
    except (ValueError, KeyError):
        raise EventDecodeError("BedrockAgentParameter", "value", kind, describe(value)) from None
    return value


class BedrockAgentProperties(Model):
    """A request's body of some content type.

    https://docs.aws.amazon.com/bedrock/latest/userguide/agents-lambda.html

    Attributes:
        properties: The properties.
    """

    properties: list[BedrockAgentParameter] = EMPTY


class BedrockAgentRequestBody(Model):
    """A request's body.

    https://docs.aws.amazon.com/bedrock/latest/userguide/agents-lambda.html

    Attributes:
        content: The body by content type.
    """

    content: dict[str, BedrockAgentProperties] = EMPTY


class BedrockAgentEvent(Model, expects={"apiPath": str}):
    """An agent calls an operation of an action group that has an OpenAPI schema.

    https://docs.aws.amazon.com/bedrock/latest/userguide/agents-lambda.html

    Attributes:
        message_version: This object's form, ``1.0``.
        agent: The agent.
        input_text: The user's input.
        session_id: The session.
        action_group: The action group.
        api_path: The operation's path, such as ``/claims/{claimId}``.
        http_method: The operation's method.
        parameters: The operation's parameters; see `parameter_values`.
        request_body: The operation's body; see `body_values`.
        session_attributes: The attributes of the session.
        prompt_session_attributes: The attributes of this turn.
    """

    message_version: str
    agent: BedrockAgent
    input_text: str
    session_id: str
    action_group: str
    api_path: str
    http_method: str
    parameters: list[BedrockAgentParameter] = EMPTY
    request_body: BedrockAgentRequestBody = EMPTY
    session_attributes: dict[str, str] = EMPTY
    prompt_session_attributes: dict[str, str] = EMPTY

    @property
    def parameter_values(self) -> dict[str, Any]:
        """The parameters by name, each as its type says.

        Raises:
            EventDecodeError: A value is not of its type.
        """
        return {item.name: item.value_decoded for item in self.parameters}

    @property
    def body_values(self) -> dict[str, Any]:
        """The body's properties by name, each as its type says, of all content types.

        Raises:
            EventDecodeError: A value is not of its type.
        """
        return {
            item.name: item.value_decoded
            for body in self.request_body.content.values()
            for item in body.properties
        }

    @classmethod
    def build(
        cls,
        method: str = "GET",
        path: str = "/",
        *,
        parameters: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
        input_text: str = "Hello",
        session_attributes: Mapping[str, str] | None = None,
    ) -> Self:
        """Build an event for a test.

        Args:
            method: The operation's method.
            path: The operation's path.
            parameters: The operation's parameters by name, of any type in JSON.
            body: The properties of its body by name, of any type in JSON.
            input_text: The user's input.
            session_attributes: The attributes of the session.

        Returns:
            An event like those of an agent.
        """
        from . import _samples as samples

        value = {
            **_envelope(input_text, session_attributes),
            "apiPath": path,
            "httpMethod": method,
            "parameters": _parameters(parameters),
        }
        if body is not None:
            value["requestBody"] = {
                "content": {"application/json": {"properties": _parameters(body)}}
            }
        event: Self = samples.read(cls, value)
        return event


class BedrockAgentFunctionEvent(Model, expects={"function": str}):
    """An agent calls a function of an action group that has function details.

    https://docs.aws.amazon.com/bedrock/latest/userguide/agents-lambda.html

    Attributes:
        message_version: This object's form, ``1.0``.
        agent: The agent.
        input_text: The user's input.
        session_id: The session.
        action_group: The action group.
        function: The function's name.
        parameters: The function's parameters; see `parameter_values`.
        session_attributes: The attributes of the session.
        prompt_session_attributes: The attributes of this turn.
    """

    message_version: str
    agent: BedrockAgent
    input_text: str
    session_id: str
    action_group: str
    function: str
    parameters: list[BedrockAgentParameter] = EMPTY
    session_attributes: dict[str, str] = EMPTY
    prompt_session_attributes: dict[str, str] = EMPTY

    @property
    def parameter_values(self) -> dict[str, Any]:
        """The parameters by name, each as its type says.

        Raises:
            EventDecodeError: A value is not of its type.
        """
        return {item.name: item.value_decoded for item in self.parameters}

    @classmethod
    def build(
        cls,
        function: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        input_text: str = "Hello",
        session_attributes: Mapping[str, str] | None = None,
    ) -> Self:
        """Build an event for a test.

        Args:
            function: The function's name.
            parameters: The function's parameters by name, of any type in JSON.
            input_text: The user's input.
            session_attributes: The attributes of the session.

        Returns:
            An event like those of an agent.
        """
        from . import _samples as samples

        value = {
            **_envelope(input_text, session_attributes),
            "function": function,
            "parameters": _parameters(parameters),
        }
        event: Self = samples.read(cls, value)
        return event


def _envelope(input_text: str, session_attributes: Mapping[str, str] | None) -> dict[str, Any]:
    return {
        "messageVersion": "1.0",
        "agent": {"name": "my-agent", "id": "AGENT12345", "alias": "TSTALIASID", "version": "1"},
        "inputText": input_text,
        "sessionId": "123456789012345",
        "actionGroup": "MyActionGroup",
        "sessionAttributes": {**(session_attributes or {})},
        "promptSessionAttributes": {},
    }


_KINDS = {bool: "boolean", int: "integer", float: "number", list: "array", dict: "object"}


def _parameters(values: Mapping[str, Any] | None) -> list[dict[str, str]]:
    from . import _samples as samples

    return [
        {"name": name, "type": _KINDS.get(type(item), "string"), "value": samples.text_of(item)}
        for name, item in (values or {}).items()
    ]


DETECT: Signatures = {
    "BedrockAgentEvent": {"actionGroup": str, "agent": dict, "apiPath": str, "httpMethod": str},
    "BedrockAgentFunctionEvent": {"actionGroup": str, "agent": dict, "function": str},
}
