"""The rules of a load balancer's listener: which one a request is for, and what it changes.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html
"""

import ipaddress
import re
from collections.abc import Iterable

from multidict import CIMultiDict, CIMultiDictProxy

from lambda_emulator._http_request import HTTPRequest
from lambda_emulator._origin import read_host
from lambda_emulator._project.listener_description import Condition, Listener, Rewrite, Rule

from .wildcards import wildcard

_GROUP = re.compile(r"\$(\d)")


def rule_for(listener: Listener, request: HTTPRequest) -> Rule:
    """Return the first rule whose conditions a request meets.

    Args:
        listener: The listener.
        request: The request.
    """
    return next(
        rule for rule in listener.rules if all(_is_met(each, request) for each in rule.conditions)
    )


def rewritten(request: HTTPRequest, rewrites: Iterable[Rewrite]) -> HTTPRequest:
    """Return a request as a rule changes it.

    Args:
        request: The request.
        rewrites: The changes.
    """
    for each in rewrites:
        replacement = _GROUP.sub(r"\\g<\1>", each.replacement.replace("\\", r"\\"))
        if each.part == "host-header-rewrite":
            headers = CIMultiDict(request.headers)
            host = re.sub(each.pattern, replacement, headers.get("Host", ""), count=1)
            headers["Host"] = host
            request = request._replace(headers=CIMultiDictProxy(headers))
        else:
            url = re.sub(each.pattern, replacement, _url(request), count=1)
            path, _, query = url.partition("?")
            request = request._replace(raw_path=path, raw_query=query)
    return request


def _is_met(condition: Condition, request: HTTPRequest) -> bool:
    if condition.part == "source-ip":
        address = ipaddress.ip_address(request.source_ip)
        networks = (ipaddress.ip_network(each, strict=False) for each in condition.values)
        return any(address in network for network in networks)
    if condition.part == "http-request-method":
        return request.method in condition.values
    if condition.part == "query-string":
        return any(
            _fits(value, (one for name, one in _pairs(request) if not key or _fits(key, [name])))
            for key, value in zip(condition.keys, condition.values, strict=True)
        )
    if condition.part == "path-pattern":
        return _has(condition, [request.raw_path], cased=True)
    if condition.part == "host-header":
        return _has(condition, [read_host(request.headers, required=False)[0]])
    return _has(condition, request.headers.getall(condition.header, []))


def _has(condition: Condition, texts: Iterable[str], *, cased: bool = False) -> bool:
    """Return whether one of some texts has a value of a condition, or what it searches for."""
    several = [*texts]
    flags = 0 if cased else re.IGNORECASE
    return any(_fits(value, several, cased=cased) for value in condition.values) or any(
        re.search(pattern, text, flags) for pattern in condition.patterns for text in several
    )


def _fits(pattern: str, texts: Iterable[str], *, cased: bool = False) -> bool:
    return any(wildcard(pattern, cased=cased).fullmatch(text) for text in texts)


def _pairs(request: HTTPRequest) -> list[tuple[str, str]]:
    query = request.query(decoded=False)
    return [(name, value) for name, values in query.items() for value in values]


def _url(request: HTTPRequest) -> str:
    return f"{request.raw_path}?{request.raw_query}" if request.raw_query else request.raw_path
