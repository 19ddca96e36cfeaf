"""JSON documents, and what is none."""

from __future__ import annotations

import subprocess
import sys
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

import pytest

from lambda_events import EventDecodeError, SQSEvent, detect, dumps, loads, structure, unstructure

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "document", [b"", b"{", b"\xff", "{", "\ud800", b'{"Records": [}', b"[" * 5000]
)
def test_what_is_no_json_says_so(document: bytes | str) -> None:
    with pytest.raises(EventDecodeError, match="not an SQSEvent: expected a JSON document"):
        loads(document, SQSEvent)


def test_a_json_py_of_the_function_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "json.py").write_text("raise RuntimeError('of the function')\n")
    program = (
        "from lambda_events import EventDecodeError, SQSEvent, loads\n"
        "try:\n    loads(b'{', SQSEvent)\nexcept EventDecodeError:\n    print('refused')"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, cwd=tmp_path, check=True, stdout=subprocess.PIPE, text=True)
    assert done.stdout == "refused\n"


@pytest.mark.parametrize("document", [b"1", b"null", b'"x"', b"[]", b"{}", b'{"Records": {}}'])
def test_json_of_another_kind_says_so(document: bytes) -> None:
    with pytest.raises(EventDecodeError, match="not an SQSEvent"):
        loads(document, SQSEvent)


def test_numbers_and_text_are_kept() -> None:
    document = (
        '{"Records":[],"big":12345678901234567890123456789,"float":1545084650.987,'
        '"text":"a/b \\"ß\\" \\u0000","slash":"/"}'
    ).encode()
    assert dumps(loads(document, SQSEvent)) == document


def test_a_lone_surrogate_is_escaped() -> None:
    document = b'{"Records":[],"text":"\\ud800"}'
    assert dumps(loads(document, SQSEvent)) == document


def test_other_classes_are_decoded_too() -> None:
    assert structure([1], list[int]) == [1]
    assert loads(b'{"a": 1}', dict[str, int]) == {"a": 1}
    assert unstructure(({1}, b"x", "y")) == [[1], "eA==", "y"]
    with pytest.raises(EventDecodeError, match=r"not a list\[int\]: \[1\]: expected int"):
        structure([1, "x"], list[int])


class Place(NamedTuple):
    row: int
    text: bytes


class Text(str):
    __slots__ = ()


class Row(list[object]):
    pass


class Table(dict[str, object]):
    pass


def test_what_is_made_of_json_is_json() -> None:
    value = [Place(1, b"x"), Text("t"), Row([b"x"]), Table(a=Place(2, b"")), HTTPStatus.OK]
    assert unstructure(value) == [[1, "eA=="], "t", ["eA=="], {"a": [2, ""]}, 200]
    assert {type(item) for item in unstructure(value)} == {list, str, dict, int}


@pytest.mark.parametrize("value", [object(), 1j, range(3), iter([]), len])
def test_what_is_no_json_is_not_written(value: object) -> None:
    with pytest.raises(TypeError, match="is not JSON"):
        dumps({"a": [value]})


@pytest.mark.parametrize("value", [None, 1, "x", [], {}, {"Records": []}, {"a": {"b": []}}])
def test_what_nobody_sends_is_not_recognised(value: object) -> None:
    assert detect(value) is None
