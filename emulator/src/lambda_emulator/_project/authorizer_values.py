"""Values of authorizers that OpenAPI documents and resources have in the same form."""

from collections.abc import Iterable
from typing import Any

from lambda_emulator._project.template_file import text_of

REST_CACHE_SECONDS = 300
"""The seconds for which a REST API keeps the answers of authorizers, by default."""


def split_sources(text: Any) -> tuple[str, ...]:
    """Return identity sources.

    Args:
        text: Names with commas between, or a list.
    """
    names = text if isinstance(text, list) else text_of(text or "").split(",")
    return tuple(stripped for each in names if (stripped := text_of(each).strip()))


def cognito_issuers(pools: Iterable[Any]) -> dict[str, Any]:
    """Return the fields of an authorizer for the issuers of the tokens of user pools.

    Args:
        pools: The ARNs of the user pools; others are left out.
    """
    parts = [text_of(each).split(":") for each in pools]
    issuers = [
        f"https://cognito-idp.{each[3]}.amazonaws.com/{each[5].removeprefix('userpool/')}"
        for each in parts
        if len(each) == 6 and each[2] == "cognito-idp"
    ]
    return {"issuer": next(iter(issuers), None), "other_issuers": tuple(issuers[1:])}
