from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from collections import OrderedDict
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings, strategies as st

from lambda_runtime._json import decode, encode

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
values = st.recursive(
    scalars,
    lambda children: st.lists(children) | st.dictionaries(st.text(), children),
    max_leaves=30,
)


class Point(NamedTuple):
    x: int
    y: Decimal


class Size(IntEnum):
    BIG = 3


class Colour(StrEnum):
    RED = "red"


class Plain(Enum):
    ONE = 1


class Text(str):
    __slots__ = ()


class Sneaky:
    """An object with the methods that ujson would call."""

    def toDict(self) -> dict[str, int]:  # noqa: N802 (ujson's name)
        return {"a": 1}


# Small documents and large ones are read and written by other code.
FILLING = "x" * 65_536
LARGE = 65_536
AROUND = [
    b"%b" + b" " * LARGE,
    b'["' + b"x" * LARGE + b'",%b]',
    b"[" + b"-1.5e3," * 10_000 + b"%b]",
    b'{"a":' + b"[" * 100 + b'"\\"",' * LARGE + b"%b" + b"]" * 100 + b"}",
]
"""Documents over 64 KiB around a small one."""


@given(values)
def test_what_is_encoded_is_decoded(value: Any) -> None:
    assert decode(encode(value)) == value
    assert decode(encode([value, FILLING])) == [value, FILLING]


@given(values)
def test_the_standard_library_reads_the_same(value: Any) -> None:
    for whole in (value, [value, FILLING]):
        assert json.loads(encode(whole)) == whole
        assert decode(json.dumps(whole).encode()) == whole
        assert decode(f"\r\n {json.dumps(whole, indent=1)}\t\n".encode()) == whole


@pytest.mark.parametrize(
    ("code", "loaded"),
    [
        ("decode(encode({'name': 'Ada', 'ages': [36, None, 1.5]}))", False),
        ("decode(b'{')", False),
        ("encode('x' * 65_536)", False),  # the first one; ujson is for the next
        ("[encode('x' * 65_536) for _ in range(2)]", True),
        ("decode(b'[%b1]' % (b' ' * 65_536))", False),
        ("encode([__import__('decimal').Decimal(1)])", True),
    ],
)
def test_only_who_needs_ujson_loads_it(code: str, loaded: bool) -> None:
    program = (
        "import sys; from lambda_runtime._json import decode, encode\n"
        f"try: {code}\nexcept ValueError: pass\nprint('ujson' in sys.modules)"
    )
    command = [sys.executable, "-S", "-c", program]
    environment = {"PYTHONPATH": os.pathsep.join(sys.path)}
    result = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    assert result.stdout == f"{loaded}\n"


@given(st.text(st.characters(categories=["Cs", "L"])))
def test_lone_surrogates_are_escaped(text: str) -> None:
    document = encode({"text": text})
    assert document.decode("utf-8")
    assert json.loads(document) == json.loads(json.dumps({"text": text}))


@pytest.mark.parametrize(
    ("value", "document"),
    [
        ("a/b</script>é", '"a/b</script>é"'),
        (10**40, str(10**40)),
        (Decimal("12345678901234567890.12345678901234567890"),) * 2,
        (Decimal("1E+2"), "1E+2"),
        ({"n": [Decimal("0.10")]}, '{"n":[0.10]}'),
        ((1, (2, 3)), "[1,[2,3]]"),
        (Point(1, Decimal("2.50")), '{"x":1,"y":2.50}'),
        ([Point(1, Decimal(2))], '[{"x":1,"y":2}]'),
        (Size.BIG, "3"),
        (Colour.RED, '"red"'),
        (Text("t"), '"t"'),
        ({"b": b"bytes"}, '{"b":"bytes"}'),
        (OrderedDict(b=1, a=2), '{"b":1,"a":2}'),
        ({1: 1, 1.5: 2, None: 3}, '{"1":1,"1.5":2,"null":3}'),
        ({math.nan: 1, -math.inf: [2]}, '{"NaN":1,"-Infinity":[2]}'),
        ({True: 1, False: 0}, '{"true":1,"false":0}'),
        ({Size.BIG: 1, Colour.RED: 2, b"k": 3}, '{"3":1,"red":2,"k":3}'),
        ({"d": Decimal("0.1"), "s": "\ud800"}, '{"d":0.1,"s":"\\ud800"}'),
        ([], "[]"),
        ({}, "{}"),
        (None, "null"),
    ],
)
def test_values_have_one_form(value: Any, document: object) -> None:
    assert encode(value).decode() == str(document)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({1}, "Object of type set is not JSON serializable"),
        ({"a": [0, {1}]}, "Object of type set is not JSON serializable (at .a[1])"),
        (datetime(2026, 1, 1, tzinfo=UTC), "Object of type datetime is not JSON serializable"),
        (Plain.ONE, "Object of type Plain is not JSON serializable"),
        (bytearray(b"x"), "Object of type bytearray is not JSON serializable"),
        (Sneaky(), "Object of type Sneaky is not JSON serializable"),
        ({(1, 2): 3}, "keys must be str, int, float, bool or None, not tuple"),
        ({"a": {Decimal(1): 3}}, "keys must be str, int, float, bool or None, not Decimal (at .a)"),
    ],
)
def test_what_json_has_no_word_for_is_an_error_that_says_where(value: Any, message: str) -> None:
    with pytest.raises(TypeError) as caught:
        encode(value)
    assert str(caught.value) == message


def test_one_among_many_is_found() -> None:
    rows: list[Any] = [{"number": number, "squares": [number**2, ()]} for number in range(500)]
    written = json.dumps(rows, separators=(",", ":"))
    assert encode(rows).decode() == written
    assert (
        encode([*rows, Point(1, Decimal("2.50"))]).decode() == f'{written[:-1]},{{"x":1,"y":2.50}}]'
    )
    assert encode([*rows, {1.5: 2}]).decode() == f'{written[:-1]},{{"1.5":2}}]'
    with pytest.raises(TypeError, match=r"keys must be .*, not tuple \(at \[500\]\)"):
        encode([*rows, {(1, 2): 3}])


class Priced:
    def __init__(self, number: int, price: object) -> None:
        self.number = number
        self.price = price


LONG_TEXT = "x" * 70_000
# Python 3.13 keeps an object's attributes in the object, as long as that lives.
OBJECTS = [Priced(1, Decimal("0.10")), Priced(1, Point(1, Decimal("0.10")))]


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ([vars(OBJECTS[0])], '[{"number":1,"price":0.10}]'),
        # As many keys that are not strings as there are attributes: neither may hide the other.
        (
            [vars(OBJECTS[1]), {1: 2, 3: 4}],
            '[{"number":1,"price":{"x":1,"y":0.10}},{"1":2,"3":4}]',
        ),
        ([{1: (2,)}, {"a": (3, Colour.RED)}], '[{"1":[2]},{"a":[3,"red"]}]'),
        ([{2.5: {}}, [[]], (), {None: True}], '[{"2.5":{}},[[]],[],{"null":true}]'),
        ([[Decimal("0.10")]] * 2, "[[0.10],[0.10]]"),
    ],
)
def test_large_results_are_written_like_small_ones(value: list[Any], written: str) -> None:
    assert encode(value).decode() == written
    for _ in range(2):  # the first large one is written by other code than the next
        assert encode([LONG_TEXT, *value]).decode() == f'["{LONG_TEXT}",{written[1:]}'
    with pytest.raises(TypeError, match=r"keys must be .*, not tuple \(at \[1\]\)"):
        encode([LONG_TEXT, {(1, 2): 3}, *value])


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf, Decimal("NaN"), Decimal("inf")])
def test_no_number_is_written_that_json_cannot_read(number: object) -> None:
    with pytest.raises(ValueError, match=r"not JSON compliant: .*\(at \.rows\[0\]\)"):
        encode({"rows": [number]})


def test_objects_become_what_their_converter_says() -> None:
    def unstructure(value: Any) -> Any:
        return {"is": str(value)} if isinstance(value, (Plain, datetime)) else value

    now = datetime(2026, 1, 1, tzinfo=UTC)
    document = encode({"plain": [Plain.ONE], "at": now}, unstructure)
    assert json.loads(document) == {
        "plain": [{"is": "Plain.ONE"}],
        "at": {"is": "2026-01-01 00:00:00+00:00"},
    }
    assert encode({"n": [1, Decimal("2.50")]}, unstructure) == b'{"n":[1,2.50]}'
    with pytest.raises(TypeError, match=r"Object of type set is not JSON serializable \(at \.a\)"):
        encode({"a": {1}}, unstructure)


def test_plain_values_and_their_errors_load_no_converter() -> None:
    program = (
        "import sys; from lambda_runtime._json import encode; encode({'a': [1, (2.5, b'x')]})\n"
        "try: encode({'a': {1}})\n"
        "except TypeError: pass\n"
        "print(*{'attr', 'cattrs', 'typing', 'lambda_runtime._unstructure'} & {*sys.modules})"
    )
    # Without `site`, whose .pth files may import anything.
    result = subprocess.run(
        [sys.executable, "-S", "-c", program],
        env={"PYTHONPATH": os.pathsep.join(sys.path)},
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert result.stdout == "\n"


def test_a_value_that_holds_itself_is_an_error() -> None:
    circle: list[object] = []
    circle.append(circle)
    with pytest.raises(ValueError, match="Circular reference"):
        encode(circle)


@pytest.mark.parametrize("filling", [b"", b" " * 65_536], ids=["small", "large"])
@pytest.mark.parametrize(
    "document", [b"", b"{", b"[1,]", b"nope", b"\xff", b'{"a" 1}', b'"', b"1 2"]
)
def test_a_document_that_is_no_json_says_where(document: bytes, filling: bytes) -> None:
    with pytest.raises(ValueError, match=r"char \d|position \d"):
        decode(document)


def strict(document: bytes) -> Any:
    """Return what the standard library reads, with an error for constants that are not JSON."""

    def refuse(constant: str) -> None:
        raise ValueError(constant)

    try:
        return json.loads(document.decode("utf-8-sig"), parse_constant=refuse)
    except ValueError:
        return ValueError


@pytest.mark.parametrize(
    "document",
    [
        *(b"NaN", b'{"a": [-Infinity]}', b"[Infinity]", b"{nan: 1}", b"{NaN: 1}", b"[nan]"),
        *(b"01", b"-", b"[-]", b"[0.]", b"[1.e5]", b"[-.5]", b"[00.1]", b"[-01]", b"[.5]", b"[+1]"),
        *(b'"\0"', b'"\x01"', b'["a\tb"]', b'{"a\n": 1}', b"\xa01", b"[1\x0b]", b"[1,]", b"['a']"),
    ],
)
def test_what_only_some_take_for_json_is_none(document: bytes) -> None:
    for around in (b"%b", *AROUND):
        with pytest.raises(ValueError, match=r"char \d|position \d|Out of range"):
            decode(around % document)


@given(
    st.text(st.sampled_from('-+.0123eEnaNIfity[]{},:" \t\n\x00\\u'), max_size=12).map(str.encode)
    | st.binary(max_size=12)
)
@settings(max_examples=200)
def test_the_standard_library_reads_the_same_documents(noise: bytes) -> None:
    for around in (b"%b", b"[%b]", b'{"a": %b}', b'["%b"]', *AROUND):
        document = around % noise
        try:
            value = decode(document)
        except ValueError:
            value = ValueError
        assert repr(value) == repr(strict(document))


def test_a_result_is_written_also_where_no_library_can_be_loaded() -> None:
    program = (
        "import json, sys; from decimal import Decimal\n"
        "from lambda_runtime._json import encode\n"
        "sys.modules['ujson'] = None\n"
        "values = ['x' * 70_000, [Decimal('1.10'), {1: (Decimal(2), {}), 'a\"b': []}], [10**30]]\n"
        "print(*[len(encode(values[0])) for _ in range(3)])\n"
        "print(*map(bytes.decode, map(encode, values[1:])))"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, timeout=60
    )
    assert result.stdout == (
        '70002 70002 70002\n[1.10,{"1":[2,{}],"a\\"b":[]}] [1000000000000000000000000000000]\n'
    )


def test_json_is_read_and_written_without_pythons_c_code() -> None:
    """Not every Python has `_json`, and its own `json` does without."""
    program = r"""
import sys
sys.modules["_json"] = None
from lambda_events import loads
from lambda_runtime._failure import Failure
from lambda_runtime._json import decode, encode
value = {"a": ["\u00e9", 1.5, 10**30, None, True, {"b": {}}], "c": "x" * 70_000}
for _ in range(2):
    assert decode(encode(value)) == value == loads(encode(value), dict)
for wrong in (b"[NaN]", b"[1,]", b"01", b'"\t"', b"\xff", b""):
    try:
        decode(wrong)
    except ValueError:
        continue
    raise AssertionError(wrong)
try:
    encode({"a": {1}})
except TypeError as error:
    print(error)
print(Failure(ValueError("\u00e9\U0001f600\x7f")).cause.isprintable())
"""
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60
    )
    assert result.stdout == ("Object of type set is not JSON serializable (at .a)\nTrue\n"), (
        result.stderr
    )


@pytest.mark.parametrize(
    "levels",
    [
        pytest.param(
            20_000,
            marks=pytest.mark.skipif(
                sys.version_info >= (3, 14), reason="there, only the stack's size is a limit"
            ),
        ),
        500_000,
    ],
)
def test_a_document_too_deep_for_python_is_an_error(levels: int) -> None:
    with pytest.raises(ValueError, match=r"recursion|Stack overflow"):
        decode(b"[" * levels + b"]" * levels)


@pytest.mark.parametrize("filling", [b"", b" " * 65_536], ids=["small", "large"])
def test_a_byte_order_mark_is_passed_over(filling: bytes) -> None:
    assert decode(b"\xef\xbb\xbf{}" + filling) == {}
