"""HTTP in one shape, whatever the front end of a function.

::

    def handler(event: ALBTargetGroupRequest, context: Context) -> Model:
        request = HttpRequest.from_event(event)
        return HttpResponse({"you": request.query.get("name")}).to_event(event)

Front ends are REST APIs, HTTP APIs and WebSocket APIs of API Gateway, function URLs, Application
Load Balancers, and VPC Lattice.
"""

from __future__ import annotations

from ._headers import Headers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any, Self

    from ._model import Model


class HttpRequest:
    """A request.

    Attributes:
        method: The method; of a WebSocket API ``CONNECT``, ``MESSAGE`` or ``DISCONNECT``.
        path: The path without the stage, encoded or not as the front end gives it; of a WebSocket
            API the route.
        path_parameters: The values of the route's variables.
        query: All values of the query by name, decoded.
        headers: Headers by name in any case; several of one name are joined with commas.
        cookies: The cookies by name.
        body: The body; empty if there is none.
        source_ip: The address of the client, as the front end saw it; None if it does not say.
        event: The event of the request.
    """

    __slots__ = (
        "body",
        "cookies",
        "event",
        "headers",
        "method",
        "path",
        "path_parameters",
        "query",
        "source_ip",
    )

    def __init__(
        self,
        event: Model,
        *,
        method: str,
        path: str,
        query: dict[str, list[str]],
        headers: dict[str, str],
        cookies: dict[str, str],
        body: bytes,
        path_parameters: dict[str, str],
        source_ip: str | None,
    ) -> None:
        """Hold a request; see the attributes and `from_event`."""
        self.event = event
        self.method = method
        self.path = path
        self.query = query
        self.headers = Headers(headers)
        self.cookies = cookies
        self.body = body
        self.path_parameters = path_parameters
        self.source_ip = source_ip

    def __repr__(self) -> str:
        return f"HttpRequest({self.method} {self.path}, {type(self.event).__name__})"

    @classmethod
    def from_event(cls, event: Model | Mapping[str, Any]) -> Self:
        """Read a request from an event.

        Args:
            event: A model of a front end's event, or the JSON object of one.

        Returns:
            The request.

        Raises:
            EventDecodeError: It is not an event of a front end, or a part that is needed is of the
                wrong type, or the body is not the base64 that it says it is.
        """
        from ._http_forms import form_of, model_of
        from .errors import EventDecodeError

        model = model_of(event)
        try:
            return cls(model, **form_of(model).read(model))
        except EventDecodeError:
            raise
        except (AttributeError, TypeError, ValueError) as error:
            raise EventDecodeError(
                type(model).__name__, "", "an HTTP request", f"parts of a wrong type ({error})"
            ) from error

    @property
    def text(self) -> str:
        """The body as text.

        Raises:
            EventDecodeError: It is not UTF-8.
        """
        from ._payload import decode_text

        text: str = decode_text(self.body, str, "HttpRequest", "body")
        return text

    def json(self) -> Any:
        """Return the JSON value of the body; None if there is no body.

        Raises:
            EventDecodeError: The body is not JSON.
        """
        from ._payload import decode_text

        return decode_text(self.body or None, None, "HttpRequest", "body")


class HttpResponse:
    """A response.

    Attributes:
        body: The body: text as it is, bytes as they are, all else as JSON with its content type.
        status_code: The HTTP status.
        headers: One value or several by name.
        cookies: Cookies to set, each as a ``Set-Cookie`` header has it.
    """

    __slots__ = ("body", "cookies", "headers", "status_code")

    def __init__(
        self,
        body: Any = None,
        *,
        status_code: int = 200,
        headers: Mapping[str, str | Sequence[str]] | None = None,
        cookies: Iterable[str] = (),
    ) -> None:
        """Make a response; see the attributes."""
        self.body = body
        self.status_code = status_code
        self.headers: dict[str, str | Sequence[str]] = dict(headers or {})
        self.cookies = [*cookies]

    def __repr__(self) -> str:
        return f"HttpResponse({self.status_code}, headers={[*self.headers]})"

    def to_event(self, event: HttpRequest | Model | Mapping[str, Any]) -> Model:
        """Write the response as the front end of a request wants it.

        Args:
            event: The request to answer: a request, a model of its event, or the event as a JSON
                object.

        Returns:
            The model of the front end's response, with headers, several values of one header and
            cookies where the front end looks for them.

        Raises:
            EventDecodeError: It is not an event of a front end.
        """
        from ._http import response_parts
        from ._http_forms import form_of, model_of

        model = event.event if isinstance(event, HttpRequest) else model_of(event)
        several: dict[str, list[str]] = {}
        cookies: list[str] = []
        for name, items in self.headers.items():
            values = [items] if isinstance(items, str) else [*items]
            if name.lower() == "set-cookie":
                cookies += values
            else:
                several[name] = values
        parts = response_parts(self.body, dict.fromkeys(several, ""))
        content_type = parts.pop("headers").get("content-type")
        if content_type:
            several["content-type"] = [content_type]
        return form_of(model).write(
            model, self.status_code, several, [*cookies, *self.cookies], parts
        )
