"""The names that HTTP's attributes had before its conventions were stable.

``OTEL_SEMCONV_STABILITY_OPT_IN=http/dup`` asks for them besides the stable ones, for dashboards and
alarms that still use them.

https://opentelemetry.io/docs/specs/semconv/non-normative/http-migration/
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

OLD_STATUS = "http.status_code"
"""The old name of ``http.response.status_code``."""

_OLD = {
    "client.address": "http.client_ip",
    "http.request.method": "http.method",
    "network.protocol.version": "http.flavor",
    "server.address": "net.host.name",
    "server.port": "net.host.port",
    "url.scheme": "http.scheme",
    "user_agent.original": "http.user_agent",
}


def are_wanted() -> bool:
    """Return True if the environment asks for the old names, too."""
    wanted = os.environ.get("OTEL_SEMCONV_STABILITY_OPT_IN", "")
    return "http/dup" in {value.strip().lower() for value in wanted.split(",")}


def old_attributes(attributes: dict[str, Any]) -> dict[str, Any]:
    """Return the attributes of a request by their old names.

    Args:
        attributes: The attributes by their stable names.
    """
    old = {_OLD[name]: value for name, value in attributes.items() if name in _OLD}
    path, query = attributes.get("url.path"), attributes.get("url.query")
    if path is not None:
        old["http.target"] = path if query is None else f"{path}?{query}"
    return old
