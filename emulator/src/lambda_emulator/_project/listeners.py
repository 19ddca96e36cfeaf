"""Listeners of load balancers: the resources of ``AWS::ElasticLoadBalancingV2``.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-rules.html
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from ipaddress import ip_network
from typing import Any, Literal, cast

from lambda_emulator._project.arns import function_name
from lambda_emulator._project.listener_description import (
    Action,
    Condition,
    Listener,
    Rewrite,
    Rule,
    TargetGroup,
)
from lambda_emulator._project.malformed import read_all
from lambda_emulator._project.place import Warned
from lambda_emulator._project.stack import Resource, Stack
from lambda_emulator._project.template_file import integer_or_none, table_of, text_of

TARGET_GROUP = "AWS::ElasticLoadBalancingV2::TargetGroup"
"""The type of target groups."""
_BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"
_LISTENER = "AWS::ElasticLoadBalancingV2::Listener"
_RULE = "AWS::ElasticLoadBalancingV2::ListenerRule"
_NAME = re.compile(r":listener/app/([^/]+)/")
_PORTS = {"HTTP": 80, "HTTPS": 443}
_MULTI_VALUE = "lambda.multi_value_headers.enabled"
_STATUSES = range(200, 600)
_REDIRECTS = {"HTTP_301": 301, "HTTP_302": 302}
# The tables of conditions, by the parts of requests that they are for.
_CONFIGS = {
    "path-pattern": "PathPatternConfig",
    "host-header": "HostHeaderConfig",
    "http-header": "HttpHeaderConfig",
    "http-request-method": "HttpRequestMethodConfig",
    "query-string": "QueryStringConfig",
    "source-ip": "SourceIpConfig",
}
_REWRITES = {
    "host-header-rewrite": "HostHeaderRewriteConfig",
    "url-rewrite": "UrlRewriteConfig",
}
_NO_RULE = Action(kind="fixed-response", status=404, body="No rule of this project is for this.\n")


def read_listeners(stacks: Iterable[Stack]) -> tuple[list[Listener], list[Warned]]:
    """Return the listeners of the load balancers of a project that have functions behind them.

    Args:
        stacks: The stacks of the project.

    Returns:
        The listeners, and what is said of those and of the others.
    """
    reader = _Reader([*stacks])
    found = read_all(reader.of_kind(_LISTENER), lambda each: [reader.listener(each)])
    found += reader.listeners_of_others()
    busy = {each.balancer for each in found if each.functions}
    served = [each for each in found if each.balancer in busy]
    idle = [
        Warned(message="No function is behind it, so it is not served.", place=each.place)
        for each in found
        if each.balancer not in busy
    ]
    return served, [*idle, *(warned for each in served for warned in _without_function(each))]


def _without_function(listener: Listener) -> Iterator[Warned]:
    for rule in listener.rules:
        for group in rule.action.groups:
            if not group.function:
                name = group.arn.rpartition("targetgroup/")[2].partition("/")[0]
                message = f"The target group {name} has no function, so its requests get a 503."
                yield Warned(message=message, place=rule.place)


class _Reader:
    def __init__(self, stacks: list[Stack]) -> None:
        self._stacks = stacks
        self._groups = {_ref(each): each for each in self.of_kind(TARGET_GROUP)}
        self._balancers = {_ref(each): each for each in self.of_kind(_BALANCER)}
        self._rules: dict[str, list[tuple[int, Rule]]] = {}
        for rule in self.of_kind(_RULE):
            made = read_all([rule], lambda each: [self._rule(each)])
            self._rules.setdefault(rule.text("ListenerArn"), []).extend(made)

    def of_kind(self, kind: str) -> Iterator[Resource]:
        for stack in self._stacks:
            yield from stack.of_kind(kind)

    def listener(self, listener: Resource) -> Listener:
        balancer = self._balancers.get(listener.text("LoadBalancerArn"))
        protocol = listener.text("Protocol", default="HTTP").upper()
        port = listener.integer("Port", default=_PORTS.get(protocol, 80))
        owner = listener if balancer is None else balancer
        default = Rule(
            action=self._action(listener, "DefaultActions"), place=listener.place("DefaultActions")
        )
        return Listener(
            name=f"{owner.name}:{port}",
            place=listener.place(),
            rules=(*self._sorted(_ref(listener)), default),
            balancer=owner.name,
            domain=text_of(_attribute(balancer, "DNSName")) if balancer is not None else "",
            scheme="https" if protocol == "HTTPS" else "http",
            port=port,
        )

    def listeners_of_others(self) -> Iterator[Listener]:
        """Yield the listeners that rules are for, but that other projects describe."""
        own = {_ref(each) for each in self.of_kind(_LISTENER)}
        for arn, rules in self._rules.items():
            if arn in own or not rules:
                continue
            place = rules[0][1].place
            match = _NAME.search(arn)
            name = match[1] if match else place.name
            default = Rule(action=_NO_RULE, place=place)
            yield Listener(
                name=name, place=place, rules=(*self._sorted(arn), default), balancer=name
            )

    def _sorted(self, arn: str) -> Iterator[Rule]:
        rules = sorted(self._rules.get(arn, ()), key=lambda each: each[0])
        yield from (rule for _, rule in rules)

    def _rule(self, rule: Resource) -> tuple[int, Rule]:
        transforms = rule.tables("Transforms")
        return rule.integer("Priority", default=1), Rule(
            action=self._action(rule, "Actions"),
            place=rule.place(),
            conditions=tuple(map(_condition, rule.tables("Conditions"))),
            rewrites=tuple(each for transform in transforms for each in _rewrites(transform)),
        )

    def _action(self, resource: Resource, key: str) -> Action:
        made = Action(kind="forward")
        for each in resource.tables(key):
            kind = text_of(each.get("Type")).lower()
            if kind == "forward":
                made = Action(kind="forward", groups=tuple(self._targets(each)))
            elif kind == "redirect":
                made = _redirect(table_of(each.get("RedirectConfig")))
            elif kind == "fixed-response":
                made = _fixed(table_of(each.get("FixedResponseConfig")))
            else:
                resource.warn(f"{kind} is not done here: requests go on without it.", key)
        return made

    def _targets(self, action: Mapping[str, Any]) -> Iterator[TargetGroup]:
        several = table_of(action.get("ForwardConfig")).get("TargetGroups")
        for each in several or [{"TargetGroupArn": action.get("TargetGroupArn")}]:
            arn, weight = text_of(each.get("TargetGroupArn")), integer_or_none(each.get("Weight"))
            made = TargetGroup(arn=arn, function="", weight=1 if weight is None else max(weight, 0))
            group = self._groups.get(arn)
            yield made if group is None else _with_function(made, group)


def _with_function(made: TargetGroup, group: Resource) -> TargetGroup:
    """Return a target group with what its resource says."""
    targets = group.tables("Targets") if group.text("TargetType") == "lambda" else []
    function = function_name(text_of(targets[0].get("Id"))) if targets else ""
    if function and group.text("HealthCheckEnabled") == "true":
        group.warn(f"Health checks do not invoke {function} here.", "HealthCheckEnabled")
    is_multi = any(
        (text_of(each.get("Key")), text_of(each.get("Value"))) == (_MULTI_VALUE, "true")
        for each in group.tables("TargetGroupAttributes")
    )
    return replace(made, function=function, multi_value=is_multi)


def _redirect(config: Mapping[str, Any]) -> Action:
    def part(name: str, default: str) -> str:
        return _line(config.get(name, default))

    path = "/" + part("Path", "/#{path}").removeprefix("/")
    address = f"{part('Protocol', '#{protocol}')}://{part('Host', '#{host}')}"
    return Action(
        kind="redirect",
        status=_REDIRECTS.get(part("StatusCode", "HTTP_302"), 302),
        location=f"{address}:{part('Port', '#{port}')}{path}?{part('Query', '#{query}')}",
    )


def _fixed(config: Mapping[str, Any]) -> Action:
    status = integer_or_none(config.get("StatusCode")) or 0
    _STATUSES.index(status)  # raises ValueError for another, so that it is left out
    return Action(
        kind="fixed-response",
        status=status,
        media_type=_line(config.get("ContentType", "text/plain")),
        body=text_of(config.get("MessageBody", "")),
    )


def _line(value: object) -> str:
    """Return a value that a header may have; raise ValueError otherwise."""
    text = text_of(value)
    if not text.isprintable():
        raise ValueError("a header cannot have it")
    return text


def _condition(table: Mapping[str, Any]) -> Condition:
    part = text_of(table.get("Field")).lower()
    config = table_of(table.get(_CONFIGS[part]))
    values = config.get("Values") or table.get("Values") or []
    is_query = part == "query-string"
    texts = tuple(text_of(each["Value"] if is_query else each) for each in values)
    if part == "source-ip":
        for each in texts:
            ip_network(each, strict=False)
    return Condition(
        part=cast("Any", part),
        values=texts,
        patterns=_compiled(config.get("RegexValues") or []),
        header=text_of(config.get("HttpHeaderName", "")),
        keys=tuple(text_of(each.get("Key", "")) for each in values) if is_query else (),
    )


def _rewrites(table: Mapping[str, Any]) -> Iterator[Rewrite]:
    part = text_of(table.get("Type"))
    for each in table_of(table.get(_REWRITES[part])).get("Rewrites") or ():
        [pattern] = _compiled([each["Regex"]])
        kind = cast("Literal['host-header-rewrite', 'url-rewrite']", part)
        yield Rewrite(part=kind, pattern=pattern, replacement=text_of(each.get("Replace", "")))


def _compiled(patterns: Iterable[object]) -> tuple[str, ...]:
    """Return regular expressions, all of which Python takes; raise ValueError otherwise."""
    texts = tuple(map(text_of, patterns))
    for each in texts:
        try:
            re.compile(each)
        except re.error as error:
            raise ValueError(str(error)) from error
    return texts


def _ref(resource: Resource) -> str:
    return text_of(resource.stack.evaluate({"Ref": resource.id}, ("Resources", resource.id)))


def _attribute(resource: Resource, name: str) -> Any:
    reference = {"Fn::GetAtt": [resource.id, name]}
    return resource.stack.evaluate(reference, ("Resources", resource.id))
