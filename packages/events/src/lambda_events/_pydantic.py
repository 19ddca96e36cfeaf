"""Models of pydantic: their validation, with a bounded number of problems."""

from __future__ import annotations

import json
import sys
import threading
from typing import TYPE_CHECKING, Any

from ._problems import Problem, Problems, found
from ._pydantic_schema import (
    MANY_OF,
    change_schema,
    cut_unknown_keys,
    has_setting,
    stop_early,
    stops_early,
    wrap,
    wrap_choice,
)
from .errors import MAX_PLACES

if TYPE_CHECKING:
    from collections.abc import Callable

_LARGE = 65_536  # characters, from which on pydantic may find more problems than memory holds
_MANY = 10_000


class Validator:
    """A validator that stops looking for problems when there are enough.

    pydantic collects all of them: of an event of 6 MB these may be a million, which take several
    hundred bytes each. Large values are first validated with each container stopping at its first
    problem. Those that are wrong are looked at once more, by functions around the schema's parts,
    which let all others pass once there are more problems than an error lists.
    """

    def __init__(self, kind: Any) -> None:
        self._kind = kind
        self._state = threading.local()
        self._adapter: Any = None
        self._bounded: tuple[Any, Any] | None = None
        self._by_json = False

    def of_document(self, document: Any) -> Any:
        """Validate a JSON document, text or bytes."""
        return self._validate("validate_json", document, is_large=len(document) >= _LARGE)

    def of_value(self, value: Any) -> Any:
        """Validate a JSON value."""
        self._prepare()
        if self._by_json:
            return self.of_document(json.dumps(value))
        return self._validate("validate_python", value, is_large=_is_large(value))

    def _validate(self, method: str, value: Any, *, is_large: bool) -> Any:
        self._prepare()
        validator = every = self._adapter
        if is_large:
            validator, every = self._bounded = self._bounded or self._bounded_ones()
            self._state.problems = 0
        try:
            return getattr(validator, method)(value)
        except sys.modules["pydantic"].ValidationError as error:
            problems = _problems_of_model(error)
        if every is not validator and not self._by_json:
            try:
                value = value if method == "validate_python" else json.loads(value)
                self._state.problems = 0
                every.validate_python(value)
            except sys.modules["pydantic"].ValidationError as error:
                problems = _problems_of_model(error)
            except (RecursionError, ValueError):
                pass  # it is not JSON, which is reported already
        raise problems

    def _prepare(self) -> None:
        if self._adapter is None:  # now, for classes that name later ones
            adapter = sys.modules["pydantic"].TypeAdapter(self._kind)
            # A strict model takes text for a date in JSON mode only.
            self._by_json = has_setting(adapter.core_schema, ("strict", "val_json_bytes"))
            self._adapter = adapter

    def _bounded_ones(self) -> tuple[Any, Any]:
        """Return the validator that stops at a container's first problem, and the other one."""
        schema = self._adapter.core_schema
        try:
            make = sys.modules["pydantic_core"].SchemaValidator
            every = make(self._guarded(schema), _use_prebuilt=False)
            if not (self._by_json or stops_early(schema)):
                return every, every
            quick = change_schema(schema, stop_early)
            if not self._by_json:  # functions see Python's objects, not JSON
                quick = change_schema(quick, cut_unknown_keys)
            return make(quick, _use_prebuilt=False), every
        except Exception:  # noqa: BLE001 (another version of pydantic, which finds all problems)
            return self._adapter, self._adapter

    def _check(self, value: Any, handler: Callable[[Any], Any]) -> Any:
        """Validate a part, unless there are problems enough."""
        if self._state.problems > MAX_PLACES:
            return value  # nobody will see it: there are problems
        before = self._state.problems
        try:
            return handler(value)
        except sys.modules["pydantic"].ValidationError as error:
            # The value inside has counted its own places.
            self._state.problems = max(self._state.problems, before + error.error_count())
            raise

    def _try(self, value: Any, handler: Callable[[Any], Any]) -> Any:
        """Validate a member of a union, whose problems do not count if another one is right."""
        before, self._state.problems = self._state.problems, 0
        try:
            return handler(value)
        finally:
            self._state.problems = before

    def _guarded(self, schema: Any) -> Any:
        """Return a schema with functions around the parts that a value may have any number of."""

        def guard(made: dict[str, Any], forbids: bool) -> dict[str, Any]:
            for key in MANY_OF:
                item = made.get(key)
                if isinstance(item, dict):
                    made[key] = wrap(item, self._check)
                elif isinstance(item, list):  # of a tuple
                    made[key] = [wrap(each, self._check) for each in item]
            kind = made.get("type")
            if kind == "union":
                made["choices"] = [wrap_choice(choice, self._try) for choice in made["choices"]]
            made = cut_unknown_keys(made, forbids)
            return wrap(made, self._check) if kind in {"dataclass", "model"} else made

        return change_schema(schema, guard)


def _is_large(value: Any) -> bool:
    """Return True if a value has more parts than may be wrong without harm."""
    pending = [value]
    for item in pending:
        if len(pending) > _MANY:
            return True
        if type(item) is dict:
            pending += item.values()
        elif type(item) is list:
            pending += item
    return False


def _problems_of_model(error: Any) -> Problems:
    problems = []
    for one in error.errors(include_url=False, include_context=False)[: MAX_PLACES + 1]:
        steps: Any = None
        for step in reversed(one["loc"]):
            if not str(step).startswith("function-wrap["):  # a member of a union, see `wrap_choice`
                steps = (step, steps)
        if one["type"] == "missing":
            problem = Problem("a value", "nothing", steps=steps)
        else:
            problem = Problem("", "", f"{one['msg']}, found {found(one['input'])}", steps)
        problems.append(problem)
    return Problems(problems)
