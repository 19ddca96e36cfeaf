"""The answer in format 2.0, which HTTP APIs and function URLs understand."""

from __future__ import annotations

from ._field import EMPTY, field
from ._model import Model

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Self


class HTTPResponseV2(Model):
    """The response of a function to an HTTP API, or to its own URL.

    Attributes:
        status_code: The HTTP status.
        headers: Headers.
        cookies: Cookies to set, each as a ``Set-Cookie`` header has it.
        body: The body.
        is_base64_encoded: True if the body is in base64.
    """

    status_code: int = 200
    headers: dict[str, str] = EMPTY
    cookies: list[str] = field(default=EMPTY, secret=True)
    body: str | None = None
    is_base64_encoded: bool | None = None

    @classmethod
    def of(
        cls,
        body: Any = None,
        *,
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
        cookies: Sequence[str] = (),
    ) -> Self:
        """Make a response of a body.

        Args:
            body: Text as it is, bytes as base64, all else as JSON with its content type.
            status_code: The HTTP status.
            headers: Headers; they win.
            cookies: Cookies to set, each as a ``Set-Cookie`` header has it.

        Returns:
            The response.
        """
        from ._http import response_parts

        parts = response_parts(body, headers)
        if cookies:
            parts["cookies"] = [*cookies]
        return cls(status_code=status_code, **parts)
