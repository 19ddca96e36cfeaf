"""Documents are read alike, whichever code reads them."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
import ujson
from hypothesis import given, strategies as st

from lambda_events._json import read

FILLING = " " * 65_536

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda children: st.lists(children) | st.dictionaries(st.text(), children),
    max_leaves=30,
).filter(lambda value: "Infinity" not in json.dumps(value))


@given(values, st.sampled_from(["", "\t\r\n ", FILLING]))
def test_the_standard_librarys_documents_are_read(value: Any, filling: str) -> None:
    for document in (json.dumps(value), json.dumps(value, ensure_ascii=False, indent=1)):
        assert read(f"{filling}{document}{filling}") == value
        assert read(f"{filling}{document}{filling}".encode("utf-8", "surrogatepass")) == value


@pytest.mark.parametrize(
    "document", ["", "{", '"', "[1,]", "1 2", "nope", "\xa01", '{"a" 1}', "[" * 9999]
)
def test_what_is_no_json_is_an_error_as_of_ujson(document: str) -> None:
    with pytest.raises(ValueError) as expected:  # noqa: PT011 (what it says is compared)
        ujson.loads(document)
    for form in (document, document.encode()):
        with pytest.raises(ValueError) as found:  # noqa: PT011
            read(form)
        assert str(found.value) == str(expected.value)


@pytest.mark.parametrize("value", [None, 1, [], {}])
def test_what_is_no_text_is_an_error(value: Any) -> None:
    with pytest.raises(TypeError):
        read(value)


def test_ujson_reads_what_is_nearly_json() -> None:
    assert read("[01, Infinity]") == [1, math.inf]
    assert math.isnan(read(b"NaN"))
