"""The command that sends an event to a running emulator."""

import json
from http.client import HTTPConnection, HTTPException
from typing import Any

from ._sources.paths import SEND_PATH


class SendError(Exception):
    """Nothing was sent; the message says why."""


def send(host: str, port: int, sending: dict[str, Any]) -> str:
    """Ask an emulator to send something; return what became of it, for the terminal.

    Args:
        host: The address of the emulator.
        port: The port.
        sending: The event to send.

    Raises:
        SendError: The emulator cannot be reached, or has refused, or no function gets it.
    """
    sending = {**sending}
    attributes = {name: _value(text) for name, text in sending.pop("attributes", {}).items()}
    if attributes:
        sending["attributes"] = attributes
    connection = HTTPConnection(host, port)
    try:
        connection.request("POST", SEND_PATH, json.dumps(sending).encode())
        response = connection.getresponse()
        answer = json.loads(response.read())
    except (OSError, HTTPException, ValueError) as error:
        raise SendError(
            f"No emulator can be reached at {host}, port {port}: {error}. Start one with"
            " lambda-emulator run, or name its port with --port."
        ) from None
    finally:
        connection.close()
    if response.status != 200:
        raise SendError(str(answer.get("message", response.reason)))
    if "message_id" in answer:
        return f"Message {answer['message_id']}"
    lines = [f"{each['function']} {each['request_id']}" for each in answer["invocations"]]
    for each in answer.get("messages", ()):
        kind = "queue" if "queue" in each else "topic"
        lines.append(f"{kind} {each[kind]} {each['message_id']}")
    if not lines:
        raise SendError(f"No function gets {sending['target']}: name one with --to.")
    return "\n".join(lines)


def _value(text: str) -> Any:
    """Return the number, the list or the string that JSON stands for; other text as it is."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value if type(value) in (int, float, list, str) else text
