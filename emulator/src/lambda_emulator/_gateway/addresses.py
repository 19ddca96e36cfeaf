"""The addresses that APIs and load balancers have on AWS, and here."""

import re
from collections.abc import Mapping

_API = re.compile(
    r"(?:(https|wss)://)?([A-Za-z0-9-]+)\.execute-api\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?(?![\w.-])"
)
_BALANCER = re.compile(
    r"(?:(https?)://)?([A-Za-z0-9-]+\.[a-z0-9-]+\.elb\.amazonaws\.com(?:\.cn)?)(?![\w.-])(?::(\d+))?"
)
_SCHEMES = {"https": "http://", "http": "http://", "wss": "ws://", None: ""}
_PORTS = {"https": "443"}


def with_local_addresses(
    text: str, hosts: Mapping[str, str], balancers: Mapping[tuple[str, str], str]
) -> str:
    """Return a text with the emulator's addresses in the place of those on AWS.

    Args:
        text: Any text, such as an environment variable.
        hosts: Hosts with their ports, by the ids of APIs; other addresses stay as they are.
        balancers: The same, by the names of load balancers' hosts and their ports there.
    """

    def api(match: re.Match[str]) -> str:
        scheme, name = match.groups()
        return f"{_SCHEMES[scheme]}{hosts[name]}" if name in hosts else match[0]

    def balancer(match: re.Match[str]) -> str:
        scheme, name, port = match.groups()
        host = balancers.get((name, port or _PORTS.get(scheme, "80")))
        return match[0] if host is None else f"{_SCHEMES[scheme]}{host}"

    return _BALANCER.sub(balancer, _API.sub(api, text))
