from __future__ import annotations

import json
import os
import re
import struct
import subprocess
import sys
import threading
from typing import Any

import pytest
from hypothesis import given, strategies as st

from lambda_logging import PlatformLog

TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
FAILURE = {
    "errorMessage": "two\nlines",
    "errorType": "ValueError",
    "requestId": "id-1",
    "stackTrace": ['  File "a.py", line 1, in f\n    g()\n'],
}


class Channel:
    """A pipe in the place of Lambda's framed channel, read while it is written to."""

    def __init__(self) -> None:
        self._read_end, self.write_end = os.pipe()
        self._data = b""
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        while part := os.read(self._read_end, 65536):
            self._data += part

    def frames(self) -> list[tuple[int, int, bytes]]:
        """End the channel, and return the type, the time and the body of each frame."""
        os.close(self.write_end)
        self._thread.join()
        os.close(self._read_end)
        frames, rest = [], self._data
        while rest:
            kind, length, time = struct.unpack(">IIQ", rest[:16])
            frames.append((kind, time, rest[16 : 16 + length]))
            rest = rest[16 + length :]
        return frames


@pytest.fixture
def channel() -> Channel:
    return Channel()


def log(**environ: str) -> PlatformLog:
    return PlatformLog.from_environment(dict(environ))


def framed(channel: Channel, **environ: str) -> PlatformLog:
    return log(_LAMBDA_TELEMETRY_LOG_FD=str(channel.write_end), **environ)


def test_text_goes_to_standard_output_one_line_a_record(
    capfd: pytest.CaptureFixture[str],
) -> None:
    log().write("WARN", "two\nlines", "id-1")
    out = capfd.readouterr().out
    assert re.fullmatch(rf"\[WARN\]\t{TIME}\tid-1\ttwo\rlines\n", out, re.DOTALL)


def test_a_failure_is_one_line_whose_indentation_survives(
    capfd: pytest.CaptureFixture[str],
) -> None:
    log().failure(FAILURE)
    assert capfd.readouterr().out == (
        "[ERROR] ValueError: two\rlines\rTraceback (most recent call last):\r"
        '\u00a0\u00a0File "a.py", line 1, in f\r\u00a0\u00a0\u00a0\u00a0g()\n'
    )


@pytest.mark.parametrize("name", ["JSON", "json", "Json"])
def test_json_has_the_managed_runtimes_keys(capfd: pytest.CaptureFixture[str], name: str) -> None:
    log(AWS_LAMBDA_LOG_FORMAT=name).write("INFO", "a/b\né", "id-1")
    log(AWS_LAMBDA_LOG_FORMAT=name).failure(FAILURE)
    first, second = map(json.loads, capfd.readouterr().out.splitlines())
    assert list(first) == ["timestamp", "level", "message", "requestId"]
    assert re.fullmatch(TIME, first.pop("timestamp"))
    assert first == {"level": "INFO", "message": "a/b\né", "requestId": "id-1"}
    assert re.fullmatch(TIME, second.pop("timestamp"))
    assert second == {"level": "ERROR", **FAILURE}


def test_records_keep_their_place_among_what_is_printed() -> None:
    code = (
        "from lambda_logging import PlatformLog; log = PlatformLog.from_environment({}); "
        "print('one'); log.raw('two\\n'); print('three', end=''); log.raw('four'); print('!')"
    )
    out = subprocess.check_output([sys.executable, "-c", code], text=True)
    assert out == "one\ntwo\nthreefour!\n"


@pytest.mark.parametrize(
    ("level", "json_type"),
    [
        ("TRACE", 0xA55A0006),
        ("DEBUG", 0xA55A000A),
        ("INFO", 0xA55A000E),
        ("WARN", 0xA55A0012),
        ("ERROR", 0xA55A0016),
        ("FATAL", 0xA55A001A),
    ],
)
def test_a_frame_says_level_format_and_time(channel: Channel, level: Any, json_type: int) -> None:
    framed(channel, AWS_LAMBDA_LOG_FORMAT="JSON").write(level, "m")
    framed(channel).write(level, "two\nlines", "id")
    framed(channel).raw("raw")
    as_json, as_text, raw = channel.frames()
    assert as_json[0] == json_type
    assert json.loads(as_json[2])["level"] == level
    assert as_text[0] == json_type | 1
    assert as_text[2].endswith(b"\tid\ttwo\nlines\n")
    assert raw[0] == 0xA55A0003
    assert raw[2] == b"raw"
    assert 1_700_000_000_000_000 < as_json[1] < 4_000_000_000_000_000


def test_the_channel_is_taken_out_of_the_environment(channel: Channel) -> None:
    environ = {"_LAMBDA_TELEMETRY_LOG_FD": str(channel.write_end), "OTHER": "x"}
    PlatformLog.from_environment(environ)
    assert environ == {"OTHER": "x"}
    channel.frames()


@pytest.mark.parametrize("fd", ["", "x", "-1"])
def test_a_channel_that_is_no_number_is_none(capfd: pytest.CaptureFixture[str], fd: str) -> None:
    log(_LAMBDA_TELEMETRY_LOG_FD=fd).raw("here")
    assert capfd.readouterr().out == "here"


@pytest.mark.parametrize(
    ("threshold", "written"),
    [("", "TDIWEF"), ("trace", "TDIWEF"), ("WARN", "WEF"), ("FATAL", "F"), ("LOUD", "TDIWEF")],
)
def test_levels_below_the_threshold_are_not_written(
    capfd: pytest.CaptureFixture[str], threshold: str, written: str
) -> None:
    some = log(AWS_LAMBDA_LOG_LEVEL=threshold)
    levels: Any = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")
    for level in levels:
        some.write(level, "m")
    assert "".join(re.findall(r"^\[(.)", capfd.readouterr().out, re.MULTILINE)) == written
    some.failure(FAILURE)
    assert bool(capfd.readouterr().out) == (threshold != "FATAL")


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_is_written_and_json_stays_json(text: str) -> None:
    channel = Channel()
    framed(channel, AWS_LAMBDA_LOG_FORMAT="JSON").write("INFO", text, text)
    framed(channel).write("INFO", text)
    framed(channel).failure({**FAILURE, "errorMessage": text})
    record, *others = channel.frames()
    assert json.loads(record[2])["message"] == text
    assert len(others) == 2


def test_a_failure_over_the_limit_is_cut(capfd: pytest.CaptureFixture[str]) -> None:
    for name in ("JSON", "Text"):
        some = log(AWS_LAMBDA_LOG_FORMAT=name)
        some.failure({**FAILURE, "errorMessage": "m" * 300_000})
        some.failure({**FAILURE, "stackTrace": ["f" * 100] * 10_000})
        first, second, _ = capfd.readouterr().out.split("\n")
        assert max(len(first.encode()), len(second.encode())) < 256 * 1024 - 26
        assert "m" * 200_000 in first
        if name == "JSON":
            assert json.loads(second)["errorMessage"] == "two\nlines"
            assert json.loads(second)["stackTrace"][49:52] == [
                "f" * 100,
                "... (9900 more)",
                "f" * 100,
            ]


def test_a_record_larger_than_the_pipe_stays_whole(channel: Channel) -> None:
    os.set_blocking(channel.write_end, False)
    framed(channel).raw("x" * 1_000_000)
    framed(channel).raw("y")
    assert [len(body) for _, _, body in channel.frames()] == [1_000_000, 1]


def test_a_closed_channel_raises_nothing() -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    some = log(_LAMBDA_TELEMETRY_LOG_FD=str(write_end))
    some.write("ERROR", "nobody reads this")
    some.failure(FAILURE)
    os.close(write_end)
    some.write("ERROR", "nor this")


@pytest.mark.parametrize("stream", ["None", "open(os.devnull, 'w')"])
def test_any_standard_output_will_do(stream: str) -> None:
    code = (
        "import os, sys; from lambda_logging import PlatformLog; "
        f"sys.stdout = sys.stderr = {stream}; log = PlatformLog.from_environment({{}}); "
        "log.flush(); log.raw('out')"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "out"


def test_importing_the_package_loads_nothing_but_itself() -> None:
    code = (
        "import sys; before = set(sys.modules); import lambda_logging; "
        "print(*sorted(set(sys.modules) - before))"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "lambda_logging\n"
