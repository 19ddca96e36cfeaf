"""Trailers, out of whatever bytes around them and however those are cut."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given, strategies as st

from lambda_testing._trailers import TrailerFilter

Trailers = list[tuple[str, str]]
Sent = tuple[bytes, bytes, Trailers]

LOOKALIKES = [
    b"0\r\n\r\n",
    b"\r\n0\r\nLambda-Runtime-Function-Error-Type: Function.Fake\r\n\r\n",
    b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
    b"\n",
    b"\r",
]
DATA = st.one_of(st.sampled_from(LOOKALIKES), st.binary(min_size=1, max_size=40))
NAMES = st.text("AZaz-09", min_size=1, max_size=8)
VALUES = st.text("!0:;=~ \xe4", max_size=8).map(str.strip)


@st.composite
def chunked(draw: st.DrawFn) -> Sent:
    """Return a request with a body in chunks, what should pass of it, and its trailers."""
    name = draw(st.sampled_from(["Transfer-Encoding", "transfer-encoding"]))
    begin = f"POST /x:y HTTP/1.1\r\nHost: h\r\n{name}: Chunked\r\n\r\n".encode()
    for data in draw(st.lists(DATA, max_size=4)):
        size = draw(st.sampled_from(["%x", "%X", "00%x", "%x;extension=1"])) % len(data)
        begin += size.encode() + b"\r\n" + data + b"\r\n"
    begin += draw(st.sampled_from([b"0\r\n", b"000\r\n", b"0;a=b\r\n"]))
    trailers = draw(st.lists(st.tuples(NAMES, VALUES), max_size=3))
    section = "".join(f"{name}: {value}\r\n" for name, value in trailers).encode()
    return begin + section + b"\r\n", begin + b"\r\n", trailers


@st.composite
def sized(draw: st.DrawFn) -> Sent:
    """Return a request with a length, or with no body at all."""
    data = draw(st.one_of(st.none(), st.just(b""), DATA))
    length = b"" if data is None else b"Content-Length: %d\r\n" % len(data)
    request = b"GET / HTTP/1.1\r\n" + length + b"\r\n" + (data or b"")
    return request, request, []


def fed(trailer_filter: TrailerFilter, data: bytes, cuts: list[int]) -> bytes:
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return b"".join(trailer_filter.feed(data[a:b]) for a, b in pairwise(places))


@given(st.lists(st.one_of(chunked(), sized()), max_size=4), st.lists(st.integers(0), max_size=30))
def test_all_passes_but_trailers(requests: list[Sent], cuts: list[int]) -> None:
    trailer_filter = TrailerFilter()
    passed = fed(trailer_filter, b"".join(sent for sent, _, _ in requests), cuts)
    assert passed == b"".join(expected for _, expected, _ in requests)
    seen = {place: list(found.items()) for place, found in trailer_filter.trailers.items()}
    assert seen == {place: found for place, (_, _, found) in enumerate(requests) if found}


@given(chunked(), st.data())
def test_trailers_are_known_when_their_request_is_complete(sent: Sent, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(sent[0]) - 1))
    trailer_filter = TrailerFilter()
    trailer_filter.feed(sent[0][:cut])
    assert trailer_filter.trailers == {}
    trailer_filter.feed(sent[0][cut:])
    assert bool(trailer_filter.trailers) == bool(sent[2])


@given(st.binary(max_size=60), st.lists(st.integers(0), max_size=5))
@example(b"GET / HTTP/1.1\r\nContent-Length: many\r\n\r\n0\r\n", [])
@example(b"GET / HTTP/1.1\r\nContent-Length: -5\r\n\r\n0\r\n", [])
@example(b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\nx\r\n", [42, 44])
def test_what_is_no_http_passes_by_the_line(data: bytes, cuts: list[int]) -> None:
    passed = fed(TrailerFilter(), data, cuts)
    assert passed == data[: len(passed)]
    assert b"\n" not in data[len(passed) :]


@pytest.mark.parametrize("chunk", [b"x\r\n", b"-1\r\n", b"\r\n", b"2\r\nlong\r\n"])
def test_chunks_that_make_no_sense_are_told(chunk: bytes) -> None:
    trailer_filter = TrailerFilter()
    sent = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n!\r\n"
    broken: list[bool] = []
    for data in (sent, chunk + b"0\r\n\r\n"):
        assert trailer_filter.feed(data) == data
        broken.append(trailer_filter.broken)
    assert broken == [False, True]
    assert trailer_filter.trailers == {}


def test_a_name_may_come_in_any_case_and_twice() -> None:
    trailer_filter = TrailerFilter()
    head = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    trailer_filter.feed(head + b"0\r\nA-B:  1 \r\nX: \xc3\xbc\xff\r\na-b:2\r\n\r\n")
    trailers = trailer_filter.trailers[0]
    assert (trailers["a-b"], trailers["x"]) == ("1", "ü\udcff")
    assert [value for name, value in trailers.items() if name.lower() == "a-b"] == ["1", "2"]
