"""The rules of an HTTP front end of Lambda: its limits, its events, and its own answers."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

from ._event import MAX_EVENT_SIZE

_TEXT_TYPES = frozenset({"application/json", "application/xml", "application/javascript"})
Problem = Literal[
    "failed",
    "throttled",
    "timed_out",
    "stopped",
    "too_large",
    "head_too_large",
    "bad_request",
    "bad_method",
    "too_many_addresses",
    "no_stage",
    "no_route",
    "unauthorized",
    "token_expired",
    "denied",
    "denied_explicitly",
    "forbidden",
    "authorizer_failed",
    "bad_body",
    "bad_parameters",
    "no_tenant",
    "too_many_requests",
    "quota_exceeded",
]


class Answer(NamedTuple):
    """An answer that a front end gives itself.

    Attributes:
        status: The status.
        body: The body.
        content_type: The media type of the body.
        error_type: The value of ``x-amzn-ErrorType``, or None.
    """

    status: int
    body: str
    content_type: str = "application/json"
    error_type: str | None = None


class FrontEnd(NamedTuple):
    """The rules of a front end.

    Attributes:
        title: The name, for messages.
        max_head: The most bytes of the request line and all headers.
        max_header: The most bytes of the request line, and of a header.
        max_body: The most bytes of a request's body.
        max_response: The most bytes of a function's response.
        max_prelude: The most bytes before the body of a streamed response.
        timeout: Seconds for which it waits for a response that is not streamed, or None.
        text_types: Media types, besides ``text/*``, whose bodies are text unless they are
            compressed; None if a body is text whatever its type.
        lower_names: True if headers in an event have names in lower case, False if they keep the
            case of the request.
        renamed: Names of headers, by their lower case, that an event has in another way.
        dropped: Headers of a request, in lower case, that an event does not have.
        fields: The fields of a response that count.
        prelude_fields: More of them that count before the body of a streamed response.
        refuses_other_fields: True if other fields make a response malformed.
        refused_fields: Fields that make a response malformed.
        infers: True if a response without a ``statusCode`` is a body.
        takes_raw_text: True if a response that is not JSON is a body, too.
        default_status: The status of a response that names none; None if it must.
        coerces: True if numbers and booleans become text, and null counts as absent.
        json_body: True if a body that is not a string is sent as JSON.
        default_type: The media type of a response that names none.
        inferred_type: The same where the response is inferred.
        remapped: Headers of a response, in lower case, that are sent as ``x-amzn-remapped-*``.
        request_id_headers: Headers of every answer that have the request's id.
        repeats_cors: True if headers of CORS are sent in addition to those of the function.
        upgrades: True if a request may ask for another protocol. It does not get it.
        refused_methods: Methods of requests that it does not take.
        max_addresses: The most addresses in a request's ``X-Forwarded-For``, or None.
        traces_itself: True if it adds a field to the trace header of a request.
        streams: True if it can send a response while the function produces it.
        requires_prelude: True if a streamed response must begin with a prelude.
        problems: The own answers.
    """

    title: str
    max_head: int
    max_header: int
    fields: frozenset[str]
    default_type: str
    max_body: int = MAX_EVENT_SIZE
    max_response: int | None = None
    max_prelude: int = 1024 * 1024
    timeout: float | None = None
    text_types: frozenset[str] | None = _TEXT_TYPES
    lower_names: bool = True
    renamed: Mapping[str, str] = MappingProxyType({})
    dropped: frozenset[str] = frozenset()
    prelude_fields: frozenset[str] = frozenset()
    refuses_other_fields: bool = False
    refused_fields: frozenset[str] = frozenset()
    infers: bool = False
    takes_raw_text: bool = False
    default_status: int | None = None
    coerces: bool = True
    json_body: bool = False
    inferred_type: str = "application/json"
    remapped: frozenset[str] = frozenset()
    request_id_headers: tuple[str, ...] = ()
    repeats_cors: bool = False
    upgrades: bool = True
    refused_methods: frozenset[str] = frozenset()
    max_addresses: int | None = None
    traces_itself: bool = False
    streams: bool = False
    requires_prelude: bool = False
    problems: Mapping[Problem, Answer] = MappingProxyType({})

    def answer(self, problem: Problem) -> Answer:
        """Return its own answer to a request.

        Args:
            problem: The reason that the function gave no response.
        """
        return self.problems.get(problem) or self.problems["failed"]
