"""Amazon CloudFront: the requests and responses that Lambda@Edge changes and makes.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-event-structure.html
"""

from __future__ import annotations

from ._field import EMPTY, field
from ._model import Model, guard

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Self


class CloudFrontHeader(Model):
    """A header.

    Attributes:
        key: The name in the case that it is sent in; absent, the lower case of the table's key.
        value: The value.
    """

    key: str | None = None
    value: str

    def __repr__(self) -> str:
        """Hide the value as `Headers` does; also where only the table around it has the name."""
        from ._headers import SECRET

        if self.key is not None and str(self.key).lower() not in SECRET:
            return super().__repr__()
        return f"CloudFrontHeader(key={self.key!r}, value=<hidden>)"


class CloudFrontMessage(Model):
    """The base of requests and responses: headers.

    Attributes:
        headers: Headers by name in lower case.
    """

    headers: dict[str, list[CloudFrontHeader]] = EMPTY

    def header(self, name: str, default: str | None = None) -> str | None:
        """Return the value of a header.

        Args:
            name: The name in any case.
            default: The result if the header is missing.

        Returns:
            The value; several are joined with commas.

        Raises:
            EventDecodeError: The headers are not of the form that CloudFront gives them.
        """
        found = _values(self, name.lower())
        return ", ".join(found) if found else default

    def set_header(self, name: str, *values: str) -> None:
        """Put a header in the place of those of the same name; without values, remove them.

        Args:
            name: The name, in the case to send it in.
            *values: The values.
        """
        if values:
            self.headers[name.lower()] = _headers(name, values)
        else:
            self.headers.pop(name.lower(), None)


class CloudFrontBody(Model):
    """The body of a request, if the function's association asks for it.

    Attributes:
        input_truncated: True if CloudFront cut the body. A cut body cannot be replaced.
        action: ``read-only``, or ``replace`` to send `data` in its place.
        encoding: ``base64`` or, in a replacement, ``text``.
        data: The body.
    """

    input_truncated: bool | None = None
    action: str | None = None
    encoding: str | None = None
    data: str | None = None

    @property
    def data_bytes(self) -> bytes | None:
        """The body as bytes; None if there is none.

        Raises:
            EventDecodeError: It says that it is base64, but is not.
        """
        if self.data is None or self.encoding == "text":
            return None if self.data is None else self.data.encode()
        from ._bytes import from_base64

        return from_base64(self.data, "CloudFrontBody", "data")

    def replace(self, data: str | bytes) -> None:
        """Send another body to the origin.

        Args:
            data: Text, or bytes, which go as base64.
        """
        from ._bytes import to_base64

        self.action = "replace"
        self.encoding = "text" if isinstance(data, str) else "base64"
        self.data = data if isinstance(data, str) else to_base64(data)


class CloudFrontCustomOrigin(Model):
    """An origin that is any HTTP server.

    Attributes:
        custom_headers: Headers that CloudFront adds, by name in lower case; often the secret by
            which an origin knows it.
        domain_name: The server's host.
        keepalive_timeout: The seconds for which CloudFront keeps an idle connection.
        path: The prefix that CloudFront puts before the request's path, without a slash at its end.
        port: 80, 443, or 1024 to 65535.
        protocol: ``http`` or ``https``.
        read_timeout: The seconds for which CloudFront waits for each packet of the response.
        response_completion_timeout: The seconds for which CloudFront waits for the complete
            response.
        ssl_protocols: The versions of TLS, such as ``TLSv1.2``.
    """

    custom_headers: dict[str, list[CloudFrontHeader]] = field(default=EMPTY, secret=True)
    domain_name: str
    keepalive_timeout: int | None = None
    path: str | None = None
    port: int | None = None
    protocol: str | None = None
    read_timeout: int | None = None
    response_completion_timeout: int | None = None
    ssl_protocols: list[str] = EMPTY


class CloudFrontS3Origin(Model):
    """An origin that is an S3 bucket.

    Attributes:
        auth_method: ``origin-access-identity``, ``origin-access-control`` or ``none``.
        custom_headers: Headers that CloudFront adds, by name in lower case; often the secret by
            which an origin knows it.
        domain_name: The bucket's host.
        path: The prefix that CloudFront puts before the request's path, without a slash at its end.
        region: The bucket's region.
        read_timeout: The seconds for which CloudFront waits for each packet of the response.
        response_completion_timeout: The seconds for which CloudFront waits for the complete
            response.
    """

    auth_method: str | None = None
    custom_headers: dict[str, list[CloudFrontHeader]] = field(default=EMPTY, secret=True)
    domain_name: str
    path: str | None = None
    region: str | None = None
    read_timeout: int | None = None
    response_completion_timeout: int | None = None


class CloudFrontOrigin(Model):
    """The origin of a request; one of two.

    Attributes:
        custom: An HTTP server.
        s3: A bucket.
    """

    custom: CloudFrontCustomOrigin | None = None
    s3: CloudFrontS3Origin | None = None


class CloudFrontRequest(CloudFrontMessage):
    """A request; to go on with it, a function changes and returns it.

    Attributes:
        body: The body, if the function's association asks for it.
        client_ip: The viewer's address.
        method: The method.
        origin: The origin, in an origin request or response.
        querystring: The query as the viewer sent it; empty if there is none.
        uri: The path.
    """

    body: CloudFrontBody | None = None
    client_ip: str
    method: str
    origin: CloudFrontOrigin | None = None
    querystring: str | None = None
    uri: str

    @property
    def query(self) -> dict[str, list[str]]:
        """All values of the query by name, decoded."""
        from ._http import parse_query

        return parse_query(self.querystring)

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies by name."""
        from ._http import parse_cookies

        return parse_cookies([item.value for item in self.headers.get("cookie", [])])


class CloudFrontResponse(CloudFrontMessage):
    """A response: of an origin, or one that a function makes.

    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-generating-http-responses.html

    Attributes:
        status: The HTTP status, as text.
        status_description: The reason, such as ``OK``.
        body: The body, in a response that a function makes.
        body_encoding: ``text`` or ``base64``.
    """

    status: str
    status_description: str | None = None
    body: str | None = None
    body_encoding: str | None = None

    @classmethod
    def of(
        cls,
        body: Any = None,
        *,
        status: int = 200,
        headers: Mapping[str, str | Sequence[str]] | None = None,
    ) -> Self:
        """Make a response in the place of the origin's.

        Args:
            body: Text as it is, bytes as base64, all else as JSON with its content type.
            status: The HTTP status.
            headers: One value or several by name.

        Returns:
            The response.
        """
        from ._http import response_parts

        several = {
            name: [items] if isinstance(items, str) else [*items]
            for name, items in (headers or {}).items()
        }
        parts = response_parts(body, {name: ", ".join(several[name]) for name in several})
        response = cls(status=str(status), headers={})
        for name, value in parts["headers"].items():
            response.set_header(name, *several.get(name, [value]))
        if parts["body"] is not None:
            response.body = parts["body"]
            response.body_encoding = "base64" if parts["is_base64_encoded"] else "text"
        return response


def _headers(name: str, values: Sequence[str]) -> list[CloudFrontHeader]:
    return [CloudFrontHeader(key=name, value=value) for value in values]


@guard("headers")
def _values(message: CloudFrontMessage, name: str) -> list[str]:
    return [item.value for item in message.headers.get(name) or ()]
