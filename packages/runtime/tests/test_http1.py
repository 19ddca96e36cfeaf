from __future__ import annotations

from itertools import pairwise
from time import process_time

import pytest
from hypothesis import given, strategies as st

from lambda_runtime._chunks import chunk_head, last_chunk
from lambda_runtime._http1 import MAX_BODY_BYTES, Response, ResponseReader, request_head

HEAD = b"HTTP/1.1 200 OK\r\n"


def read(data: bytes, cuts: list[int] | None = None, *, end: bool = False) -> Response | None:
    reader = ResponseReader()
    edges = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts or [])})
    response = None
    for begin, stop in pairwise(edges):
        assert response is None, "the response was whole before all of it had come"
        response = reader.feed(data[begin:stop])
    return reader.feed(b"") if end else response


def chunked(parts: list[bytes]) -> bytes:
    body = b"".join(b"%x;ext=1\r\n%b\r\n" % (len(part), part) for part in parts if part)
    return HEAD + b"Transfer-Encoding: Chunked\r\n\r\n" + body + b"0\r\nTrailer: x\r\n\r\n"


@given(st.binary(max_size=400), st.lists(st.integers(min_value=0), max_size=8))
def test_a_response_reads_the_same_however_it_is_cut(body: bytes, cuts: list[int]) -> None:
    data = HEAD + b"Content-Length: %d\r\nX-One:  a: b \r\n\r\n%b" % (len(body), body)
    response = read(data, cuts)
    assert response is not None
    assert (response.status, response.body) == (200, body)
    assert response.headers["x-one"] == "a: b"
    assert response.keep_alive


@given(st.lists(st.binary(max_size=60), max_size=6), st.lists(st.integers(min_value=0), max_size=8))
def test_chunks_are_joined(parts: list[bytes], cuts: list[int]) -> None:
    response = read(chunked(parts), cuts)
    assert response is not None
    assert response.body == b"".join(parts)
    assert response.keep_alive


@given(st.binary(min_size=1, max_size=80))
def test_noise_is_a_connection_error_or_waits_for_more(noise: bytes) -> None:
    reader = ResponseReader()
    try:
        if reader.feed(noise) is None:
            reader.feed(b"")
    except ConnectionError:
        pass


@pytest.mark.parametrize("size", range(1, 60, 7))
def test_a_response_that_breaks_off_is_a_connection_error(size: int) -> None:
    data = (HEAD + b"Content-Length: 30\r\n\r\n" + b"x" * 30)[:-size]
    with pytest.raises(ConnectionError):
        read(data, end=True)


def test_a_connection_that_ends_before_its_response_is_a_connection_error() -> None:
    with pytest.raises(ConnectionError, match="closed before the response was whole"):
        ResponseReader().feed(b"")


@given(st.lists(st.integers(min_value=0), max_size=8))
def test_interim_responses_are_passed_over(cuts: list[int]) -> None:
    interim = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </>\r\n\r\n"
    response = read(interim + HEAD + b"Content-Length: 2\r\n\r\nok", cuts)
    assert response is not None
    assert (response.status, response.body) == (200, b"ok")
    assert "link" not in response.headers


def test_no_more_is_wanted_than_belongs_to_the_body() -> None:
    reader = ResponseReader()
    assert reader.feed(HEAD + b"Content-Length: 10\r\n\r\n0123") is None
    assert (reader.wanted, reader.exact) == (6, True)
    assert reader.feed(b"45") is None
    assert (reader.wanted, reader.exact) == (4, True)
    response = reader.feed(b"6789")
    assert response is not None
    assert response.body == b"0123456789"


def test_header_names_are_asked_for_in_lower_case() -> None:
    response = read(HEAD + b"LaMbDa-X:1\r\ncONTENT-lENGTH:\t2 \r\n\r\nok")
    assert response is not None
    assert response.headers == {"lambda-x": "1", "content-length": "2"}


def test_a_body_without_a_length_ends_with_the_connection() -> None:
    response = read(HEAD + b"\r\nall of it", end=True)
    assert response is not None
    assert response.body == b"all of it"
    assert not response.keep_alive


@pytest.mark.parametrize(
    "head",
    [
        HEAD + b"Connection: close\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
        HEAD + b"Content-Length: 0\r\n\r\nHTTP/1.1 200 what nobody asked for",
    ],
)
def test_a_connection_is_not_used_again(head: bytes) -> None:
    response = read(head)
    assert response is not None
    assert not response.keep_alive


@pytest.mark.parametrize("status", [b"204 No Content", b"304 Not Modified"])
def test_some_responses_have_no_body(status: bytes) -> None:
    response = read(b"HTTP/1.1 " + status + b"\r\n\r\n")
    assert response is not None
    assert response.body == b""
    assert response.keep_alive


@pytest.mark.parametrize(
    "data",
    [
        HEAD + b"Content-Length: -1\r\n\r\n",
        HEAD + b"Content-Length: many\r\n\r\n",
        HEAD + b"Content-Length: %d\r\n\r\n" % (MAX_BODY_BYTES + 1),
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % (MAX_BODY_BYTES + 1),
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabcdef",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n-3\r\nabc\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nthree\r\nabc\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n\r\n",
        b"HTTP/1.1 OK\r\n\r\n",
        b"HTTP/1.1\r\n\r\n",
        b"HTTP/2 200\r\n\r\n",
        b"\r\n\r\n",
        b"SSH-2.0-OpenSSH\r\n\r\n",
        HEAD + b"x" * (2 * 1024 * 1024),
    ],
)
def test_what_is_no_response_is_refused(data: bytes) -> None:
    with pytest.raises(ConnectionError):
        read(data)


def test_header_values_keep_every_byte() -> None:
    response = read(HEAD + b"X: \xff\xc3\xa9\r\nContent-Length: 0\r\n\r\n")
    assert response is not None
    head = request_head("GET", "/", "h", [("X", response.headers["x"])], None)
    assert b"X: \xff\xc3\xa9\r\n" in head


def test_a_request_says_how_long_its_body_is_and_a_get_does_not() -> None:
    assert request_head("POST", "/a", "h:1", [], b"") == (
        b"POST /a HTTP/1.1\r\nHost: h:1\r\nContent-Length: 0\r\n\r\n"
    )
    assert request_head("GET", "/a", "h:1", [], None) == b"GET /a HTTP/1.1\r\nHost: h:1\r\n\r\n"


def test_a_request_in_chunks_says_no_length() -> None:
    headers = [("Transfer-Encoding", "chunked")]
    assert request_head("POST", "/a", "h:1", headers, None) == (
        b"POST /a HTTP/1.1\r\nHost: h:1\r\nTransfer-Encoding: chunked\r\n\r\n"
    )


def test_a_chunk_begins_with_its_size_in_hexadecimal() -> None:
    assert chunk_head(1) == b"1\r\n"
    assert chunk_head(65535) == b"ffff\r\n"


def test_the_last_chunk_ends_with_the_trailers() -> None:
    assert last_chunk([]) == b"0\r\n\r\n"
    assert last_chunk([("A", "b"), ("C", "d e")]) == b"0\r\nA: b\r\nC: d e\r\n\r\n"


def test_a_trailer_is_ascii() -> None:
    with pytest.raises(UnicodeEncodeError):
        last_chunk([("A", "é")])


@given(
    st.lists(st.binary(min_size=1, max_size=300), max_size=6),
    st.lists(st.tuples(st.just("X"), st.text("abc =", max_size=9)), max_size=3),
)
def test_chunks_that_are_written_can_be_read(
    parts: list[bytes], trailers: list[tuple[str, str]]
) -> None:
    written = b"".join(chunk_head(len(part)) + part + b"\r\n" for part in parts)
    data = HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + written + last_chunk(trailers)
    response = read(data)
    assert response is not None
    assert response.body == b"".join(parts)
    assert response.keep_alive


def outcome(data: bytes, cuts: list[int]) -> tuple[int, bytes, bool] | None:
    """Return what is read of a whole response, or None if it is refused or wants more."""
    reader = ResponseReader()
    edges = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    try:
        for begin, stop in pairwise(edges):
            if (response := reader.feed(data[begin:stop])) is not None:
                return response.status, response.body, response.keep_alive and stop == len(data)
    except ConnectionError:
        return None
    return None


framing = st.sampled_from(
    [
        b"Content-Length: 12",
        b"Content-Length: 2",
        b"content-length: 012",
        b"Content-Length: +12",
        b"Content-Length: 1_2",
        b"Content-Length: 12, 12",
        b"Content-Length:",
        b"Transfer-Encoding: chunked",
        b"transfer-encoding: Chunked",
        b"Transfer-Encoding: gzip, chunked",
        b"Transfer-Encoding: identity",
        b"Connection: keep-alive, Close",
    ]
)


@given(
    st.sampled_from([b"200 OK", b"204 No Content", b"304 Not Modified"]),
    st.lists(framing, max_size=3),
    st.sampled_from([b"2\r\nok\r\n0\r\n\r\n", b"0x2\r\nok\r\n0\r\n\r\n"]),
    st.lists(st.integers(min_value=0), max_size=8),
)
def test_where_a_body_ends_does_not_depend_on_how_it_is_cut(
    status: bytes, headers: list[bytes], body: bytes, cuts: list[int]
) -> None:
    data = b"HTTP/1.1 " + b"\r\n".join([status, *headers]) + b"\r\n\r\n" + body
    assert outcome(data, cuts) == outcome(data, [])


@pytest.mark.parametrize("length", [b"12", b"2", b"99"])
@pytest.mark.parametrize("first", [True, False])
def test_chunks_count_and_a_length_beside_them_does_not(length: bytes, first: bool) -> None:
    headers = [b"Content-Length: " + length, b"Transfer-Encoding: chunked"]
    head = b"\r\n".join(headers if first else headers[::-1])
    response = read(HEAD + head + b"\r\n\r\n2\r\nok\r\n0\r\n\r\n")
    assert response is not None
    assert response.body == b"ok"


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 2\r\nContent-Length: 3",
        b"Content-Length: 3\r\nContent-Length: 2",
        b"Content-Length: +2",
        b"Content-Length: 0_2",
        "Content-Length: \u0662".encode(),
        b"Content-Length: ",
        b"Transfer-Encoding: gzip",
        b"Transfer-Encoding: gzip, chunked",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip",
    ],
)
def test_a_body_whose_end_is_not_clear_is_refused(head: bytes) -> None:
    with pytest.raises(ConnectionError):
        read(HEAD + head + b"\r\n\r\nok")


@pytest.mark.parametrize("size", [b"+2", b"0x2", b"2_", b"0_2", b" 2", b"", b";a"])
def test_a_chunk_says_its_size_in_hexadecimal_digits(size: bytes) -> None:
    with pytest.raises(ConnectionError):
        read(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + size + b"\r\nok\r\n0\r\n\r\n")


def test_a_head_is_read_in_linear_time() -> None:
    data = HEAD + b"X: " + b"x" * 400_000 + b"\r\nContent-Length: 0\r\n\r\n"
    reader = ResponseReader()
    begun = process_time()
    responses = [reader.feed(data[at : at + 1]) for at in range(len(data))]
    assert process_time() - begun < 8, "it took 40 seconds when each byte copied all before it"
    assert responses[-1] is not None


def test_many_small_chunks_are_read_in_linear_time() -> None:
    body = b"1\r\nx\r\n" * 200_000
    begun = process_time()
    response = read(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + body + b"0\r\n\r\n")
    assert process_time() - begun < 8, "it took minutes when each chunk copied all after it"
    assert response is not None
    assert response.body == b"x" * 200_000
