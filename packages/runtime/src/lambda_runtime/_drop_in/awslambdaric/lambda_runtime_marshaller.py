"""JSON, as the runtime writes and reads it."""

from __future__ import annotations

from lambda_runtime._json import decode, encode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["LambdaMarshaller", "to_json"]


def to_json(obj: Any) -> str:
    """Return a value as JSON.

    Args:
        obj: The value.

    Raises:
        TypeError: JSON cannot express it.
        ValueError: The same, for a number such as NaN.
    """
    return encode(obj).decode()


class LambdaMarshaller:
    """Reads events and writes results."""

    def unmarshal_request(self, request: bytes, content_type: str = "application/json") -> Any:
        """Return an event.

        Args:
            request: The bytes.
            content_type: Their media type.

        Raises:
            ValueError: They are not JSON.
        """
        return decode(request) if content_type == "application/json" else request

    def marshal_response(self, response: Any) -> tuple[str | bytes, str]:
        """Return the bytes or the JSON of a result, and its media type.

        Args:
            response: The result.

        Raises:
            TypeError: JSON cannot express it.
            ValueError: The same, for a number such as NaN.
        """
        if isinstance(response, bytes):
            return response, "application/unknown"
        return to_json(response), "application/json"
