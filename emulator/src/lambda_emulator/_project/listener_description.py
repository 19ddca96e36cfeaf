"""The description of the listeners of load balancers; a part of a project's whole description."""

from dataclasses import dataclass
from typing import Literal

from lambda_emulator._project.place import Place


@dataclass(frozen=True, kw_only=True)
class TargetGroup:
    """A target group with a function.

    Attributes:
        arn: The ARN.
        function: The name of the function; empty if the group has none.
        multi_value: True if events and responses have multi-value headers.
        weight: The share of the requests that it gets, beside the other groups of an action.
    """

    arn: str
    function: str
    multi_value: bool = False
    weight: int = 1


@dataclass(frozen=True, kw_only=True)
class Action:
    """The answer of a listener to a request.

    Attributes:
        kind: A function answers, or the load balancer itself.
        groups: The target groups of which one gets the request, for ``forward``.
        status: The status, for the other kinds.
        media_type: The type of the body.
        body: The body.
        location: The address of a redirect, with parts such as ``#{host}``.
    """

    kind: Literal["forward", "fixed-response", "redirect"]
    groups: tuple[TargetGroup, ...] = ()
    status: int = 200
    media_type: str = "text/plain"
    body: str = ""
    location: str = ""


@dataclass(frozen=True, kw_only=True)
class Condition:
    """A part of a request that must have one of some values.

    Attributes:
        part: The part.
        values: The values, in which ``*`` is any text and ``?`` any character; addresses in CIDR
            notation for ``source-ip``.
        patterns: Regular expressions, one of which may be found instead.
        header: The name of the header, for ``http-header``.
        keys: The name of a parameter for each of the values, for ``query-string``; empty for any.
    """

    part: Literal[
        "path-pattern",
        "host-header",
        "http-header",
        "http-request-method",
        "query-string",
        "source-ip",
    ]
    values: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    header: str = ""
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Rewrite:
    """A change to a request before its target gets it.

    Attributes:
        part: The host or the URL, which is the path and the query.
        pattern: A regular expression.
        replacement: The substitute of what it finds, with groups such as ``$1``.
    """

    part: Literal["host-header-rewrite", "url-rewrite"]
    pattern: str
    replacement: str


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A rule of a listener.

    Attributes:
        action: The answer to the requests that it is for.
        place: The place of the description.
        conditions: The conditions, all of which a request must meet.
        rewrites: The changes to requests.
    """

    action: Action
    place: Place
    conditions: tuple[Condition, ...] = ()
    rewrites: tuple[Rewrite, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Listener:
    """A listener of an application load balancer.

    Attributes:
        name: The name of the load balancer, and the port.
        place: The place of the description.
        rules: The rules in the order in which they are tried; the last one is for all requests.
        balancer: The name of the load balancer.
        domain: The name of its host on AWS.
        scheme: The scheme of its URLs on AWS; here it is always ``http``.
        port: The port on AWS.
    """

    name: str
    place: Place
    rules: tuple[Rule, ...]
    balancer: str
    domain: str = ""
    scheme: Literal["http", "https"] = "http"
    port: int = 80

    @property
    def functions(self) -> frozenset[str]:
        """The names of the functions that get requests."""
        groups = (group for rule in self.rules for group in rule.action.groups)
        return frozenset(group.function for group in groups if group.function)
