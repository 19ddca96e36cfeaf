"""Methods of the HTTP request models."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any


class HTTPBody:
    """The body of an HTTP event, decoded.

    A base for models with the fields ``body`` and ``is_base64_encoded``.
    """

    __slots__ = ()

    @property
    def body_bytes(self) -> bytes | None:
        """The body as bytes; None if there is none.

        Raises:
            EventDecodeError: It says that it is base64, but is not.
        """
        event: Any = self
        if event.body is None:
            return None
        if event.is_base64_encoded:
            from ._bytes import from_base64

            return from_base64(event.body, type(self).__name__, "body")
        return str(event.body).encode("utf-8", "surrogatepass")

    @property
    def body_text(self) -> str | None:
        """The body as text; None if there is none.

        Raises:
            EventDecodeError: It is neither text nor base64 of UTF-8.
        """
        event: Any = self
        if not event.is_base64_encoded:
            body: str | None = event.body
            return body
        from ._payload import decode_text

        text: str | None = decode_text(self.body_bytes, str, type(self).__name__, "body")
        return text

    def json(self) -> Any:
        """Return the JSON value of the body; None if there is no body.

        Raises:
            EventDecodeError: The body is not JSON.
        """
        from ._payload import decode_text

        return decode_text(self.body_text, None, type(self).__name__, "body")


def parse_cookies(values: Iterable[str]) -> dict[str, str]:
    """Return the cookies of a request.

    Args:
        values: ``Cookie`` headers, or single cookies as ``name=value``.

    Returns:
        Values by name; of two with one name the first, which is the more specific.
    """
    found: dict[str, str] = {}
    for value in values:
        for cookie in value.split(";"):
            name, separator, content = cookie.strip().partition("=")
            if separator:
                found.setdefault(name, content)
    return found


def merge_query(
    single: Mapping[str, str], several: Mapping[str, list[str]]
) -> dict[str, list[str]]:
    """Return all values of a query, which AWS gives twice: each name's last, and all of them."""
    merged = {name: [value] for name, value in single.items()}
    merged.update({name: list(values) for name, values in several.items()})
    return merged


def parse_query(raw: str | None) -> dict[str, list[str]]:
    """Return the decoded values of a raw query string by name, in order, empty ones too."""
    from urllib.parse import parse_qs

    return parse_qs(raw or "", keep_blank_values=True)


def response_parts(body: Any, headers: Mapping[str, str] | None) -> dict[str, Any]:
    """Return the fields of a response that follow from its body.

    Args:
        body: Text as it is, bytes as base64, None for none, all else as JSON.
        headers: Headers, which win over the content type of JSON.

    Returns:
        ``headers``, ``body`` and ``is_base64_encoded``.
    """
    from ._bytes import to_base64
    from ._codec import dumps

    sent = dict(headers or {})
    if body is None or isinstance(body, str):
        return {"headers": sent, "body": body, "is_base64_encoded": False}
    if isinstance(body, bytes):
        return {"headers": sent, "body": to_base64(body), "is_base64_encoded": True}
    if not any(name.lower() == "content-type" for name in sent):
        sent["content-type"] = "application/json"
    return {"headers": sent, "body": dumps(body).decode(), "is_base64_encoded": False}
