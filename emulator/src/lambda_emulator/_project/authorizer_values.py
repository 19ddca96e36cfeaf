"""Values of authorizers that OpenAPI documents and resources have in the same form."""

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


def cognito_issuer(pool: str) -> str | None:
    """Return the issuer of the tokens of a user pool.

    Args:
        pool: The ARN.
    """
    parts = pool.split(":")
    if len(parts) != 6 or parts[2] != "cognito-idp":
        return None
    return f"https://cognito-idp.{parts[3]}.amazonaws.com/{parts[5].removeprefix('userpool/')}"
