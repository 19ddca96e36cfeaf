"""Classes that decode and encode themselves: models of pydantic, structs of msgspec.

Whoever has such a class has loaded its library, so nothing is imported here. Values go through
JSON, as each library's own ``validate_json`` and ``decode`` take them: what is strict about
Python's objects takes text for a date there.
"""

from __future__ import annotations

import json
import sys
import threading
from decimal import Decimal
from functools import lru_cache
from operator import is_not
from typing import TYPE_CHECKING, Any, get_args, get_origin

from ._field import is_foreign, is_msgspec, is_pydantic
from ._problems import UNIONS, Path, Problem, Problems, found, missing, noted
from ._scalars import ExactFloat
from .errors import MAX_PLACES

if TYPE_CHECKING:
    from collections.abc import Callable

    Hook = Callable[[Any, Any], Any]

_LARGE = 65_536  # characters, from which on pydantic may find more problems than memory holds
_MANY = 10_000
_DEEP = 20
_PIECE = 256
_ListOf: Any = list
_KEPT = frozenset(("cls", "config", "metadata", "serialization"))
_CONTAINERS = frozenset(("dict", "frozenset", "list", "set", "tuple"))
_FIELDS = frozenset(("dataclass-args", "model-fields", "typed-dict"))
_MANY_OF = ("extras_schema", "items_schema", "keys_schema", "values_schema")
_SCALARS = frozenset(("bool", "float", "int", "none", "str"))


def is_union_of_one_library(annotation: Any) -> bool:
    """Return True if all members of a union are of pydantic, or all of msgspec, or None."""
    bare = annotation.__origin__ if hasattr(annotation, "__metadata__") else annotation
    members = [member for member in get_args(bare) if member is not type(None)]
    is_union = type(bare).__name__ in UNIONS
    return (
        is_union
        and len(members) > 1
        and (all(map(is_pydantic, members)) or all(map(is_msgspec, members)))
    )


@lru_cache(maxsize=256)
def foreign_hook(kind: Any) -> Hook:
    """Return the hook that has a class's own library decode a JSON value."""
    decode = _struct_decoder(kind) if _is_of_msgspec(kind) else _Validator(kind).of_value
    return lambda value, _: decode(value)


@lru_cache(maxsize=256)
def document_decoder(kind: Any) -> Callable[[Any], Any]:
    """Return what decodes a JSON document, text or bytes, to a class of pydantic or msgspec.

    It raises `Problems`, with the places that the library names.
    """
    if not _is_of_msgspec(kind):
        return _Validator(kind).of_document
    library = sys.modules["msgspec"]

    def decode(document: Any) -> Any:
        try:
            return library.json.decode(document, type=kind)
        except library.ValidationError as error:
            raise _problems_of_struct(error, library.json.decode(document), kind) from None
        except library.MsgspecError as error:  # it is not JSON
            raise Problems([_problem_of_msgspec(error)]) from None

    return decode


def unstructure(value: Any) -> Any:
    """Return an object of pydantic or msgspec as its library writes it to JSON."""
    kind = type(value)
    if is_msgspec(kind):
        return sys.modules["msgspec"].to_builtins(value, str_keys=True)
    if hasattr(kind, "model_dump"):
        return value.model_dump(mode="json")
    return sys.modules["pydantic"].TypeAdapter(kind).dump_python(value, mode="json")


def _is_of_msgspec(kind: Any) -> bool:
    return is_msgspec(kind) or any(map(is_msgspec, get_args(kind)))


# pydantic


class _Validator:
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
                pass  # it is not JSON, which is said already
        raise problems

    def _prepare(self) -> None:
        if self._adapter is None:  # now, for classes that name later ones
            adapter = sys.modules["pydantic"].TypeAdapter(self._kind)
            # A strict model takes text for a date in JSON mode only.
            self._by_json = _holds(adapter.core_schema, ("strict", "val_json_bytes"))
            self._adapter = adapter

    def _bounded_ones(self) -> tuple[Any, Any]:
        """Return the validator that stops at a container's first problem, and the other one."""
        schema = self._adapter.core_schema
        try:
            make = sys.modules["pydantic_core"].SchemaValidator
            every = make(self._guarded(schema), _use_prebuilt=False)
            if not (self._by_json or _stops(schema)):
                return every, every
            quick = _changed(schema, _stopping)
            if not self._by_json:  # functions see Python's objects, not JSON
                quick = _changed(quick, _cut)
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
            for key in _MANY_OF:
                item = made.get(key)
                if isinstance(item, dict):
                    made[key] = _around(item, self._check)
                elif isinstance(item, list):  # of a tuple
                    made[key] = [_around(each, self._check) for each in item]
            kind = made.get("type")
            if kind == "union":
                made["choices"] = [_tried(choice, self._try) for choice in made["choices"]]
            made = _cut(made, forbids)
            return _around(made, self._check) if kind in {"dataclass", "model"} else made

        return _changed(schema, guard)


def _changed(
    schema: Any, change: Callable[[dict[str, Any], bool], dict[str, Any]], forbids: bool = False
) -> Any:
    """Return a schema with each of its parts changed, the inner ones first.

    Args:
        schema: A schema of pydantic's, or a part of one.
        change: Called with a part of the schema, and True if the part's class refuses unknown keys.
        forbids: True if the class of this part of the schema refuses unknown keys.
    """
    if isinstance(schema, list):
        return [_changed(item, change, forbids) for item in schema]
    if isinstance(schema, tuple):
        return tuple([_changed(item, change, forbids) for item in schema])
    if not isinstance(schema, dict):
        return schema
    if "config" in schema:
        forbids = (schema["config"] or {}).get("extra_fields_behavior") == "forbid"
    made = {
        key: item if key in _KEPT else _changed(item, change, forbids)
        for key, item in schema.items()
    }
    return change(made, forbids or made.get("extra_behavior") == "forbid")


def _stops(schema: Any) -> bool:
    """Return True if all that may hold any number of values can stop at its first problem."""
    if isinstance(schema, dict):
        holds_many = any(key in schema for key in _MANY_OF)
        return (not holds_many or schema.get("type") in _CONTAINERS) and all(
            _stops(item) for key, item in schema.items() if key not in _KEPT
        )
    return not isinstance(schema, (list, tuple)) or all(map(_stops, schema))


def _stopping(made: dict[str, Any], _: bool) -> dict[str, Any]:
    """Let a container stop at its first problem."""
    if made.get("type") in _CONTAINERS:
        made["fail_fast"] = True
    return made


def _cut(made: dict[str, Any], forbids: bool) -> dict[str, Any]:
    """Let an object lose most of the keys that its class refuses."""
    if forbids and made.get("type") in _FIELDS:
        return _around(made, _without_most_others(made["fields"]))
    return made


def _around(schema: dict[str, Any], function: Callable[[Any, Any], Any]) -> dict[str, Any]:
    """Return a schema with a function around it: of the value, and of what validates it."""
    guard = {"type": "no-info", "function": function}
    around = {"type": "function-wrap", "function": guard, "schema": schema}
    if "ref" in schema:
        around["ref"] = schema.pop("ref")
    return around


def _tried(choice: Any, function: Callable[[Any, Any], Any]) -> Any:
    schema, *label = choice if isinstance(choice, tuple) else (choice,)
    if schema["type"] in _SCALARS:
        return choice
    around = _around(schema, function)
    return (around, *label) if label else around


def _without_most_others(fields: Any) -> Callable[[Any, Any], Any]:
    """Return what hands on an object without most of its keys that a class does not know."""
    known = set()
    names = [field["name"] for field in fields] if isinstance(fields, list) else [*fields]
    every = fields if isinstance(fields, list) else fields.values()
    for name, field in zip(names, every, strict=True):
        known.add(name)
        alias = field.get("validation_alias", name)
        paths = [alias] if isinstance(alias, str) else alias
        for path in paths:
            known.add(path if isinstance(path, str) else path[0])

    def cut(value: Any, handler: Callable[[Any], Any]) -> Any:
        if type(value) is dict and len(value) > len(known) + MAX_PLACES:
            others = [key for key in value if key not in known]
            dropped = frozenset(others[MAX_PLACES + 1 :])
            value = {key: item for key, item in value.items() if key not in dropped}
        return handler(value)

    return cut


def _holds(schema: Any, keys: tuple[str, ...]) -> bool:
    """Return True if one of some settings is on, anywhere in a schema."""
    if isinstance(schema, dict):
        return any(schema.get(key) for key in keys) or any(
            _holds(item, keys) for key, item in schema.items() if key != "metadata"
        )
    return isinstance(schema, (list, tuple)) and any(_holds(item, keys) for item in schema)


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
            if not str(step).startswith("function-wrap["):  # a member of a union, see `_tried`
                steps = (step, steps)
        if one["type"] == "missing":
            problem = Problem("a value", "nothing", steps=steps)
        else:
            problem = Problem("", "", f"{one['msg']}, found {found(one['input'])}", steps)
        problems.append(problem)
    return Problems(problems)


# msgspec


def _struct_decoder(kind: Any) -> Callable[[Any], Any]:
    library = sys.modules["msgspec"]

    def decode(value: Any) -> Any:
        try:
            try:
                return library.convert(value, kind, str_keys=True)
            except library.ValidationError:
                plain = _plain_numbers(value)
                if plain is value:
                    raise
                return library.convert(plain, kind, str_keys=True)
        except library.ValidationError as error:
            raise _problems_of_struct(error, value, kind) from None

    return decode


def _plain_numbers(value: Any) -> Any:
    """Return a value with JSON's numbers for those that carry their digits, or the value itself."""
    if isinstance(value, dict):
        made: Any = {key: _plain_numbers(item) for key, item in value.items()}
        return made if any(made[key] is not item for key, item in value.items()) else value
    if isinstance(value, list):
        made = [_plain_numbers(item) for item in value]
        return made if any(map(is_not, made, value)) else value
    if type(value) is ExactFloat:
        return float(value)
    if type(value) is Decimal:
        return int(value) if value == value.to_integral_value() else float(value)
    return value


def _problems_of_struct(error: Any, value: Any, kind: Any) -> Problems:
    """Return the problems of a value; msgspec itself stops at the first."""
    found = _deeper(value, kind, sys.modules["msgspec"], _DEEP)
    return found or Problems([_problem_of_msgspec(error)])


def _problem_of_msgspec(error: Exception) -> Problem:
    told, _, path = str(error).rpartition(" - at `$")
    if not told:
        return Problem("", "", str(error))
    return Problem("", "", told, (Path(path[:-1].removeprefix(".")), None))


def _deeper(value: Any, kind: Any, library: Any, depth: int) -> Problems | None:
    """Return the problems of the parts of a value, each found by msgspec itself."""
    if depth == 0:
        return None
    if hasattr(kind, "__metadata__"):
        kind = kind.__origin__
    problems: Problems | None = None
    for step, part, part_kind, required in _parts(value, kind, library):
        if part is library.UNSET:
            if required:
                problems = missing(problems, step, part_kind)
        else:
            try:
                library.convert(part, part_kind, str_keys=True)
            except library.ValidationError as error:
                inner = _deeper(part, part_kind, library, depth - 1)
                inner = inner or Problems([_problem_of_msgspec(error)])
                problems = noted(problems, step, inner, part, part_kind)
        if problems is not None and problems.full:
            break
    return problems


def _is_right(value: Any, kind: Any, library: Any) -> bool:
    try:
        library.convert(value, kind, str_keys=True)
    except library.ValidationError:
        return False
    return True


def _parts(value: Any, kind: Any, library: Any) -> Any:
    """Yield the parts of a value: each one's step, value, type, and whether it must be there."""
    arguments = get_args(kind)
    if is_msgspec(kind) and isinstance(value, dict):
        for field in library.structs.fields(kind):
            key = field.encode_name
            yield key, value.get(key, library.UNSET), field.type, field.required
    elif isinstance(value, list) and get_origin(kind) in (list, set, frozenset, tuple):
        if get_origin(kind) is not tuple or arguments[1:] == (...,):
            for start in range(0, len(value), _PIECE):
                piece = value[start : start + _PIECE]
                if not _is_right(piece, _ListOf[arguments[0]], library):
                    for index, item in enumerate(piece, start):
                        yield index, item, arguments[0], True
    elif isinstance(value, dict) and get_origin(kind) is dict:
        keys = [*value]
        for start in range(0, len(keys), _PIECE):
            part = {key: value[key] for key in keys[start : start + _PIECE]}
            if not _is_right(part, kind, library):
                for key, item in part.items():
                    yield key, item, arguments[1], True
    else:
        members = [member for member in arguments if member is not type(None)]
        if len(members) == 1 and is_foreign(members[0]):
            yield from _parts(value, members[0], library)
