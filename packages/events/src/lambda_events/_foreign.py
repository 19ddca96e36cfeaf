"""Classes that decode and encode themselves: models of pydantic, structs of msgspec.

Whoever has such a class has loaded its library, so nothing is imported here. Values go through
JSON, as each library's own ``validate_json`` and ``decode`` take them: what is strict about Python's
objects takes text for a date there.
"""

from __future__ import annotations

import json
import sys
import threading
from typing import TYPE_CHECKING, Any, get_args, get_origin

from ._faults import Fault, Faults, Path, found, missing, name, noted
from ._kinds import is_foreign, is_msgspec, is_pydantic
from .errors import MAX_PLACES

if TYPE_CHECKING:
    from collections.abc import Callable

    Hook = Callable[[Any, Any], Any]

_LARGE = 65_536  # characters, from which on pydantic may find more faults than memory holds
_DEEP = 20


def is_union_of_one_library(annotation: Any) -> bool:
    """Tell whether all members of a union are of pydantic, or all of msgspec, or None."""
    bare = annotation.__origin__ if hasattr(annotation, "__metadata__") else annotation
    members = [member for member in get_args(bare) if member is not type(None)]
    is_union = type(bare).__name__ in {"UnionType", "Union", "_UnionGenericAlias"}
    return (
        is_union
        and len(members) > 1
        and (all(map(is_pydantic, members)) or all(map(is_msgspec, members)))
    )


def foreign_hook(kind: Any) -> Hook:
    """Return the hook that has a class's own library decode it."""
    decode = document_decoder(kind)
    convert = _converter_of_objects(kind)

    def structure(value: Any, _: Any) -> Any:
        try:
            document = json.dumps(value)
        except TypeError:  # numbers, bytes and sets of DynamoDB
            return convert(value)
        return decode(document)

    return structure


def document_decoder(kind: Any) -> Callable[[Any], Any]:
    """Return what decodes a JSON document, text or bytes, to a class of pydantic or msgspec.

    It raises `Faults`, with the places that the library names.
    """
    if _is_of_msgspec(kind):
        decode = sys.modules["msgspec"].json.decode

        def decode_struct(document: Any) -> Any:
            try:
                return decode(document, type=kind)
            except sys.modules["msgspec"].MsgspecError as error:
                raise _faults_of_struct(error, document, kind) from None

        return decode_struct
    adapter: Any = None
    bounded: Any = None

    def decode_model(document: Any) -> Any:
        nonlocal adapter, bounded
        if adapter is None:  # now, for classes that name later ones
            adapter = sys.modules["pydantic"].TypeAdapter(kind)
        validate = adapter.validate_json
        if len(document) >= _LARGE:
            bounded = bounded or _Bounded(adapter)
            validate = bounded.validate_json
        try:
            return validate(document)
        except sys.modules["pydantic"].ValidationError as error:
            raise _faults_of_model(error, kind) from None

    return decode_model


def _converter_of_objects(kind: Any) -> Callable[[Any], Any]:
    """Return what decodes values that JSON cannot write."""

    def convert(value: Any) -> Any:
        if _is_of_msgspec(kind):
            library = sys.modules["msgspec"]
            try:
                return library.convert(value, kind, str_keys=True)
            except library.MsgspecError as error:
                raise Faults([_fault_of_msgspec(error)]) from None
        library = sys.modules["pydantic"]
        try:
            return library.TypeAdapter(kind).validate_python(value)
        except library.ValidationError as error:
            raise _faults_of_model(error, kind) from None

    return convert


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


class _Bounded:
    """A validator that stops looking for faults when there are enough.

    pydantic collects all of them: of an event of 6 MB these may be a million, which take several
    hundred bytes each. Here its objects are looked at by a function that lets all others pass once
    there are more faults than anybody is told.
    """

    def __init__(self, adapter: Any) -> None:
        self._state = threading.local()
        validator = type(sys.modules["pydantic"].BaseModel.__pydantic_validator__)
        validator = sys.modules["pydantic_core"].SchemaValidator
        schema = self._guarded(adapter.core_schema)
        try:
            self._validate = validator(schema, _use_prebuilt=False).validate_json
        except Exception:  # noqa: BLE001 (another version of pydantic, and not worth failing for)
            self._validate = adapter.validate_json

    def validate_json(self, document: Any) -> Any:
        """Validate a document."""
        self._state.faults = 0
        return self._validate(document)

    def _check(self, value: Any, handler: Callable[[Any], Any]) -> Any:
        if self._state.faults > MAX_PLACES:
            return value  # nobody will see it: there are faults
        try:
            return handler(value)
        except sys.modules["pydantic"].ValidationError as error:
            self._state.faults += error.error_count()
            raise

    def _guarded(self, schema: Any) -> Any:
        """Return a schema with a function around each of its objects."""
        if isinstance(schema, list):
            return [self._guarded(item) for item in schema]
        if isinstance(schema, tuple):
            return tuple([self._guarded(item) for item in schema])
        if not isinstance(schema, dict):
            return schema
        kept = ("cls", "config", "metadata", "serialization")
        made = {
            key: item if key in kept else self._guarded(item) for key, item in schema.items()
        }
        if made.get("type") not in {"dataclass", "model", "typed-dict"}:
            return made
        guard = {"type": "no-info", "function": self._check}
        around = {"type": "function-wrap", "function": guard, "schema": made}
        if "ref" in made:
            around["ref"] = made.pop("ref")
        return around


def _faults_of_model(error: Any, kind: Any) -> Faults:
    faults = []
    for one in error.errors(include_url=False, include_context=False)[: MAX_PLACES + 1]:
        steps: Any = None
        for step in reversed(one["loc"]):
            steps = (step, steps)
        if one["type"] == "missing":
            fault = Fault(name(kind), "nothing", steps=steps)
        else:
            fault = Fault("", "", f"{one['msg']}, found {found(one['input'])}", steps)
        faults.append(fault)
    return Faults(faults)


# msgspec


def _faults_of_struct(error: Any, document: Any, kind: Any) -> Faults:
    """Return the faults of a document; msgspec itself stops at the first."""
    library = sys.modules["msgspec"]
    first = Faults([_fault_of_msgspec(error)])
    if not isinstance(error, library.ValidationError):
        return first  # it is not JSON
    return _deeper(library.json.decode(document), kind, library, _DEEP) or first


def _fault_of_msgspec(error: Exception) -> Fault:
    told, _, path = str(error).rpartition(" - at `$")
    if not told:
        return Fault("", "", str(error))
    return Fault("", "", told, (Path(path[:-1].removeprefix(".")), None))


def _deeper(value: Any, kind: Any, library: Any, depth: int) -> Faults | None:
    """Return the faults of the parts of a value, each found by msgspec itself."""
    if depth == 0:
        return None
    if hasattr(kind, "__metadata__"):
        kind = kind.__origin__
    faults: Faults | None = None
    for step, part, part_kind, required in _parts(value, kind, library):
        if part is library.UNSET:
            if required:
                faults = missing(faults, step, part_kind)
        else:
            try:
                library.convert(part, part_kind, str_keys=True)
            except library.ValidationError as error:
                inner = _deeper(part, part_kind, library, depth - 1)
                inner = inner or Faults([_fault_of_msgspec(error)])
                faults = noted(faults, step, inner, part, part_kind)
        if faults is not None and faults.full:
            break
    return faults


def _parts(value: Any, kind: Any, library: Any) -> Any:
    """Yield the parts of a value: each one's step, value, type, and whether it must be there."""
    arguments = get_args(kind)
    if is_msgspec(kind) and isinstance(value, dict):
        for field in library.structs.fields(kind):
            key = field.encode_name
            yield key, value.get(key, library.UNSET), field.type, field.required
    elif isinstance(value, list) and get_origin(kind) in (list, set, frozenset, tuple):
        if get_origin(kind) is not tuple or arguments[1:] == (...,):
            for index, item in enumerate(value):
                yield index, item, arguments[0], True
    elif isinstance(value, dict) and get_origin(kind) is dict:
        for key, item in value.items():
            yield key, item, arguments[1], True
    else:
        members = [member for member in arguments if member is not type(None)]
        if len(members) == 1 and is_foreign(members[0]):
            yield from _parts(value, members[0], library)
