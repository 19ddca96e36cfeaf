"""CloudFormation's intrinsic functions and conditions.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

import base64
import ipaddress
import json
import re
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any, Final

from lambda_emulator._project.template_file import text_of

_VARIABLE = re.compile(r"\$\{(!?)([^}]+)\}")
_DYNAMIC = re.compile(r"\{\{resolve:([^}]+)\}\}")
_Keys = tuple[str, ...]
_Report = Callable[[str, str, _Keys], None]


class _NoValue:
    """The value of ``AWS::NoValue``."""


NO_VALUE: Final = _NoValue()


class Unknown(Exception):
    """Only AWS knows a value; the argument is the value's name."""

    @property
    def what(self) -> str:
        """The value's name."""
        return str(self.args[0])


class Evaluator:
    """Evaluates the values of one template."""

    def __init__(
        self,
        body: Mapping[str, Any],
        reference: Callable[[str], Any],
        attribute: Callable[[str, str], Any],
        export: Callable[[str], Any],
        resolve: Callable[[str], str | None],
    ) -> None:
        """Evaluate values of a template.

        Args:
            body: The template.
            reference: Returns the value of ``Ref``, or raises `Unknown`.
            attribute: Returns the value of ``Fn::GetAtt``, or raises `Unknown`.
            export: Returns the value of an export, or raises `Unknown`.
            resolve: Returns the value of a dynamic reference, or None, or raises `Unknown`.
        """
        self._mappings = body.get("Mappings") or {}
        self._conditions = body.get("Conditions") or {}
        self._names = list(self._conditions)
        self._reference = reference
        self._attribute = attribute
        self._export = export
        self._resolve = resolve
        self._running: set[str] = set()
        self._functions: dict[str, Callable[[Any, _Keys, _Report], Any]] = {
            "Ref": self._ref,
            "Condition": self._condition,
            "Fn::And": lambda value, keys, report: all(self._truths(value, keys, report)),
            "Fn::Base64": self._base64,
            "Fn::Cidr": self._cidr,
            "Fn::Equals": self._equals,
            "Fn::FindInMap": self._find_in_map,
            "Fn::GetAtt": self._get_att,
            "Fn::GetAZs": self._get_azs,
            "Fn::If": self._if,
            "Fn::ImportValue": self._import_value,
            "Fn::Join": self._join,
            "Fn::Length": lambda value, keys, report: len(self.evaluate(value, keys, report)),
            "Fn::Not": lambda value, keys, report: not any(self._truths(value, keys, report)),
            "Fn::Or": lambda value, keys, report: any(self._truths(value, keys, report)),
            "Fn::Select": self._select,
            "Fn::Split": self._split,
            "Fn::Sub": self._sub,
            "Fn::ToJsonString": self._to_json_string,
        }

    def evaluate(self, value: Any, keys: _Keys, report: _Report) -> Any:
        """Return a value with all functions in it evaluated.

        Args:
            value: A part of the template.
            keys: The keys that lead there.
            report: Is called with what only AWS knows, the placeholder for it, and its keys.
        """
        if isinstance(value, list):
            inner = [
                self.evaluate(each, (*keys, str(number)), report)
                for number, each in enumerate(value)
            ]
            return [each for each in inner if each is not NO_VALUE]
        if isinstance(value, str):
            return self._text(value, keys, report)
        if not isinstance(value, Mapping):
            return value
        if len(value) == 1:
            [(name, argument)] = value.items()
            function = self._functions.get(name)
            is_use = name != "Condition" or argument in self._names  # and not a policy's
            if function is not None and is_use:
                return self._call(name, function, argument, keys, report)
            if str(name).startswith("Fn::"):
                return _placeholder(str(name), keys, report)
        result = {
            text_of(key): self.evaluate(each, (*keys, str(key)), report)
            for key, each in value.items()
        }
        return {key: each for key, each in result.items() if each is not NO_VALUE}

    def _call(
        self,
        name: str,
        function: Callable[[Any, _Keys, _Report], Any],
        argument: Any,
        keys: _Keys,
        report: _Report,
    ) -> Any:
        try:
            return function(argument, keys, report)
        except Unknown as error:
            return _placeholder(error.what, keys, report)
        except RecursionError:
            return _placeholder(f"{name}, which refers to itself", keys, report)
        except (LookupError, OverflowError, TypeError, ValueError):
            return _placeholder(f"{name} of {json.dumps(argument, default=str)[:60]}", keys, report)

    def _text(self, value: str, keys: _Keys, report: _Report) -> str:
        """Resolve the dynamic references in a text; those that only AWS knows stay as they are."""

        def resolved(match: re.Match[str]) -> str:
            try:
                found = self._resolve(match[1])
            except Unknown as error:
                return _placeholder(error.what, keys, report)
            except RecursionError:
                found = None
            if found is None:
                report(match[0], match[0], keys)
            return match[0] if found is None else found

        return _DYNAMIC.sub(resolved, value)

    def _ref(self, name: Any, keys: _Keys, report: _Report) -> Any:
        if name == "AWS::NoValue":
            return NO_VALUE
        value = self._reference(str(name))
        return self._text(value, keys, report) if isinstance(value, str) else value

    def _get_att(self, argument: Any, keys: _Keys, report: _Report) -> Any:
        if isinstance(argument, str):
            argument = argument.split(".", 1)
        name, *rest = argument
        rest = [text_of(self.evaluate(each, keys, report)) for each in rest]
        return self._attribute(str(name), ".".join(rest))

    def _condition(self, name: Any, _keys: _Keys, report: _Report) -> bool:
        if name not in self._names:
            raise Unknown(f"the condition {name}")
        if name in self._running:
            raise Unknown(f"the condition {name}, which refers to itself")
        self._running.add(name)
        try:
            return _truth(self.evaluate(self._conditions[name], ("Conditions", name), report))
        finally:
            self._running.discard(name)

    def _truths(self, values: Any, keys: _Keys, report: _Report) -> list[bool]:
        return [_truth(self.evaluate(each, keys, report)) for each in values]

    def _equals(self, values: Any, keys: _Keys, report: _Report) -> bool:
        left, right = (self.evaluate(each, keys, report) for each in values)
        return text_of(left) == text_of(right)

    def _if(self, values: Any, keys: _Keys, report: _Report) -> Any:
        condition, when_true, when_false = values
        chosen = when_true if self._condition(condition, keys, report) else when_false
        return self.evaluate(chosen, keys, report)

    def _sub(self, argument: Any, keys: _Keys, report: _Report) -> str:
        text, variables = argument if isinstance(argument, list) else (argument, {})

        def value(match: re.Match[str]) -> str:
            if match[1]:
                return f"${{{match[2]}}}"
            name = match[2].strip()
            if name in variables:
                return text_of(self.evaluate(variables[name], keys, report))
            function = {"Fn::GetAtt": name} if "." in name else {"Ref": name}
            return text_of(self.evaluate(function, keys, report))

        return self._text(_VARIABLE.sub(value, text_of(text)), keys, report)

    def _join(self, argument: Any, keys: _Keys, report: _Report) -> str:
        delimiter, values = argument
        if isinstance(values, list):
            found = [self.evaluate(each, keys, report) for each in values]
            parts = [each for each in found if each is not NO_VALUE]
        else:
            value = self.evaluate(values, keys, report)
            parts = value if isinstance(value, list) else [value]
        return self._text(text_of(delimiter).join(map(text_of, parts)), keys, report)

    def _split(self, argument: Any, keys: _Keys, report: _Report) -> list[str]:
        delimiter, text = argument
        return text_of(self.evaluate(text, keys, report)).split(text_of(delimiter))

    def _select(self, argument: Any, keys: _Keys, report: _Report) -> Any:
        index, values = argument
        found = self.evaluate(values, keys, report)
        if isinstance(found, str):
            raise Unknown(f"Fn::Select of {found}")
        return found[int(self.evaluate(index, keys, report))]

    def _find_in_map(self, argument: Any, keys: _Keys, report: _Report) -> Any:
        names = [text_of(self.evaluate(each, keys, report)) for each in argument[:3]]
        try:
            return self.evaluate(self._mappings[names[0]][names[1]][names[2]], keys, report)
        except (LookupError, TypeError):
            if len(argument) > 3 and isinstance(argument[3], Mapping):
                return self.evaluate(argument[3]["DefaultValue"], keys, report)
            raise Unknown(f"the mapping {'.'.join(names)}") from None

    def _import_value(self, argument: Any, keys: _Keys, report: _Report) -> Any:
        return self._export(text_of(self.evaluate(argument, keys, report)))

    def _base64(self, argument: Any, keys: _Keys, report: _Report) -> str:
        return base64.b64encode(text_of(self.evaluate(argument, keys, report)).encode()).decode()

    def _cidr(self, argument: Any, keys: _Keys, report: _Report) -> list[str]:
        block, count, *bits = (self.evaluate(each, keys, report) for each in argument)
        network = ipaddress.ip_network(text_of(block))
        prefix = network.max_prefixlen - int(bits[0] if bits else 8)
        return [str(each) for each in islice(network.subnets(new_prefix=prefix), int(count))]

    def _get_azs(self, argument: Any, keys: _Keys, report: _Report) -> list[str]:
        region = self.evaluate(argument, keys, report) or self._reference("AWS::Region")
        return [f"{text_of(region)}{letter}" for letter in "abc"]

    def _to_json_string(self, argument: Any, keys: _Keys, report: _Report) -> str:
        return json.dumps(self.evaluate(argument, keys, report), separators=(",", ":"))


def _truth(value: Any) -> bool:
    return value is True or text_of(value).lower() == "true"


def _placeholder(what: str, keys: _Keys, report: _Report) -> str:
    placeholder = f"<unknown: {what}>"
    report(what, placeholder, keys)
    return placeholder
