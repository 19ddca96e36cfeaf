"""The names that an API has on this machine."""

import re

from lambda_emulator._project.description import Api


def api_id(api: Api) -> str:
    """Return the id of an API: its name, with what ids cannot have replaced.

    Args:
        api: The API.
    """
    return re.sub(r"[^A-Za-z0-9-]+", "-", api.name).strip("-") or "api"


def api_domain(api: Api, region: str) -> str:
    """Return the name of the host that serves an API on AWS.

    Args:
        api: The API.
        region: The region.
    """
    return f"{api_id(api)}.execute-api.{region}.amazonaws.com"
