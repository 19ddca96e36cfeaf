"""The addresses that APIs have on AWS, and here."""

import re
from collections.abc import Mapping

_ADDRESS = re.compile(
    r"(?:(https|wss)://)?([A-Za-z0-9-]+)\.execute-api\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?(?![\w.-])"
)
_SCHEMES = {"https": "http://", "wss": "ws://", None: ""}


def with_local_addresses(text: str, hosts: Mapping[str, str]) -> str:
    """Return a text with the emulator's addresses of APIs in the place of those on AWS.

    Args:
        text: Any text, such as an environment variable.
        hosts: Hosts with their ports, by the ids of APIs; other addresses stay as they are.
    """

    def here(match: re.Match[str]) -> str:
        scheme, api = match.groups()
        return f"{_SCHEMES[scheme]}{hosts[api]}" if api in hosts else match[0]

    return _ADDRESS.sub(here, text)
