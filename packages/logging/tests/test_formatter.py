"""Formatters that programs set on the root logger's handler, as under AWS's runtime."""

from __future__ import annotations

import io
import json
import logging
import queue
import re
import sys
import threading
from logging.handlers import QueueHandler
from typing import TYPE_CHECKING, Any

import pytest

from lambda_logging import LambdaHandler, invocation
from lambda_logging.runtime import root_handler

from .conftest import request
from .test_stdlib import AWS, CHANNEL, OURS, UNDER_AWS, frames_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .conftest import Kept, Program, StartLog
    from .test_stdlib import OnLambda

other = logging.getLogger("other")

SETUPS = {
    "set": "handler.setFormatter(logging.Formatter('%(aws_request_id)s|%(name)s|%(message)s'))",
    "tenant": "handler.setFormatter(logging.Formatter('%(tenant_id)s|%(message)s'))",
    "braces": "handler.setFormatter(logging.Formatter('{aws_request_id}|{message}', style='{'))",
    "dollars": "handler.setFormatter(logging.Formatter('$aws_request_id|$message', style='$'))",
    "line end": "handler.setFormatter(logging.Formatter('%(levelname)s %(message)s\\n'))",
    "time": "handler.setFormatter(logging.Formatter('%(asctime)s %(message)s'))",
    "time of day": "handler.setFormatter(logging.Formatter('%(asctime)s %(message)s', '%H:%M'))",
    "extended": (
        "own = handler.formatter\n"
        "new = own._fmt.replace('%(message)s', '%(name)s: %(message)s')\n"
        "handler.setFormatter(logging.Formatter(new, own.datefmt))"
    ),
    "defaults": (
        "handler.setFormatter(logging.Formatter('%(order)s|%(message)s', defaults={'order': 0}))"
    ),
    "a class": (
        "class Own(logging.Formatter):\n"
        "    def format(self, record): return f'{record.aws_request_id}>{record.getMessage()}'\n"
        "handler.setFormatter(Own())"
    ),
    "python-json-logger": (
        "from pythonjsonlogger.json import JsonFormatter\n"
        "handler.setFormatter(JsonFormatter('%(levelname)s %(message)s %(aws_request_id)s'))"
    ),
    "AWS's for JSON": (
        "from awslambdaric.lambda_runtime_log_utils import JsonFormatter\n"
        "handler.setFormatter(JsonFormatter())"
    ),
    "dictConfig": (
        "import logging.config\n"
        "logging.config.dictConfig({'version': 1, 'disable_existing_loggers': False,\n"
        "    'incremental': True, 'root': {'level': 'DEBUG'}})\n"
        "handler.setFormatter(logging.Formatter('%(aws_request_id)s %(message)s'))"
    ),
}

CALLS = """
import logging
handler = logging.getLogger().handlers[0]
{setup}
logger = logging.getLogger("shop")
logger.warning("sold %s", 3, extra={{"order": 17, "none": None}})
logger.error("two\\nlines")
logger.critical({{"event": "sold"}})
logger.debug("é")
try:
    {{}}["missing"]
except KeyError:
    logger.exception("failed")
"""


@pytest.mark.parametrize("setup", SETUPS)
@pytest.mark.parametrize("format", ["JSON", "Text"])
@pytest.mark.parametrize("ours", [OURS, UNDER_AWS], ids=["our runtime", "AWS's runtime"])
def test_a_formatter_is_used_as_under_the_managed_runtime(
    program: Program,
    setup: str,
    format: str,  # noqa: A002
    ours: str,
) -> None:
    pytest.importorskip("awslambdaric")
    calls = CALLS.format(setup=SETUPS[setup])

    def frames(code: str) -> list[tuple[int, int, str]]:
        environ = {"CALLS": calls, "AWS_LAMBDA_LOG_FORMAT": format, "AWS_LAMBDA_LOG_LEVEL": "DEBUG"}
        code = CHANNEL.format(code=code)
        out = program(code, AWS_LAMBDA_RUNTIME_API="x", TZ="Asia/Tokyo", **environ)
        return frames_in(bytes.fromhex(out))

    theirs = frames(AWS)
    assert len(theirs) == 5
    if setup == "extended" and format == "JSON":
        return  # there is no message in JSON's format to extend
    # A record of theirs ends as its format does; ours always ends with a line end.
    assert frames(ours) == [(kind, at, text.rstrip("\n") + "\n") for kind, at, text in theirs]


@pytest.mark.parametrize("format", ["JSON", "Text"])
def test_the_own_formatter_reads_as_that_of_the_managed_runtime(
    program: Program,
    format: str,  # noqa: A002
) -> None:
    pytest.importorskip("awslambdaric")
    calls = (
        "import logging; own = logging.getLogger().handlers[0].formatter\n"
        "print(repr((own._fmt, own.datefmt, own._style._fmt, own.usesTime())))"
    )
    environ = {"CALLS": calls, "AWS_LAMBDA_RUNTIME_API": "x", "AWS_LAMBDA_LOG_FORMAT": format}
    assert program(AWS, **environ) == program(OURS, **environ) == program(UNDER_AWS, **environ)


CHANGES = {
    "format": "own._style._fmt = '%(aws_request_id)s %(message)s\\n'",
    "date": "own.datefmt = '%d.%m.%Y'",
    "method": "own.format = lambda record: 'all the same\\n'",
    "clock": "import time; own.converter = lambda _: time.gmtime(0)",
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_own_formatter_may_be_changed(program: Program, change: str) -> None:
    pytest.importorskip("awslambdaric")
    calls = (
        "import logging, time; time.time = lambda: 1_700_000_000.5\n"
        "time.time_ns = lambda: 1_700_000_000_500_000_000\n"  # of which Python 3.13 makes records
        f"own = logging.getLogger().handlers[0].formatter; {CHANGES[change]}\n"
        "logging.warning('sold %s', 3)"
    )
    environ = {"CALLS": calls, "AWS_LAMBDA_RUNTIME_API": "x", "AWS_LAMBDA_LOG_FORMAT": "Text"}
    assert program(OURS, **environ) == program(AWS, **environ)


@pytest.mark.parametrize("format", ["JSON", "Text"])
def test_a_formatter_may_ask_the_one_that_was_there(start_log: StartLog, format: str) -> None:  # noqa: A002
    kept = start_log(format)
    own = root_handler.formatter
    assert own is not None
    ask = own.format

    class Around(logging.Formatter):
        def format(self, record: logging.LogRecord) -> str:
            return f"<{ask(record).strip()}>"

    other.warning("m", extra={"order": 17})
    root_handler.setFormatter(Around())
    other.warning("m", extra={"order": 17})
    first, second = kept.lines
    changes = re.compile(r"\d\d:\d\d\.\d{3}Z")
    assert changes.sub("", second) == changes.sub("", f"<{first.strip()}>\n")


FORCED = {
    "format": "logging.basicConfig(force=True, format='%(aws_request_id)s|%(message)s')",
    "level": "logging.basicConfig(force=True, format='id-1|%(message)s', level='DEBUG')",
    "stdout": "logging.basicConfig(force=True, format='id-1|%(message)s', stream=sys.stdout)",
    "style": "logging.basicConfig(force=True, format='{aws_request_id}|{message}', style='{')",
    "no handler": (
        "root = logging.getLogger(); [root.removeHandler(each) for each in root.handlers[:]]\n"
        "logging.basicConfig(format='%(aws_request_id)s|%(message)s')"
    ),
    "dictConfig": (
        "logging.config.dictConfig({'version': 1,\n"
        "'formatters': {'mine': {'format': '%(aws_request_id)s|%(message)s'}},\n"
        "'handlers': {'lambda': {'class': 'lambda_logging.LambdaHandler', 'formatter': 'mine'}},\n"
        "'root': {'handlers': ['lambda']}})"
    ),
    "dictConfig with a stream": (
        "logging.config.dictConfig({'version': 1,\n"
        "'formatters': {'mine': {'format': '%(aws_request_id)s|%(message)s'}},\n"
        "'handlers': {'out': {'class': 'logging.StreamHandler', 'formatter': 'mine',\n"
        "                     'stream': 'ext://sys.stdout'}},\n"
        "'root': {'handlers': ['out']}})"
    ),
    "a handler of a logger": (
        "shop = logging.getLogger('shop'); shop.propagate = False\n"
        "handler = logging.StreamHandler(sys.stdout); shop.addHandler(handler)\n"
        "handler.setFormatter(logging.Formatter('%(aws_request_id)s|%(message)s'))"
    ),
    "a method of the handler": (
        "logging.getLogger().handlers[0].format = (\n"
        "    lambda record: f'{record.aws_request_id}|{record.getMessage()}')"
    ),
    "a factory of records": (
        "make = logging.getLogRecordFactory()\n"
        "logging.setLogRecordFactory(lambda *args, **named: make(*args, **named))\n"
        "logging.basicConfig(force=True, format='%(aws_request_id)s|%(message)s')"
    ),
}


@pytest.mark.parametrize("way", FORCED)
@pytest.mark.parametrize("format", ["JSON", "Text"])
def test_a_format_is_used_however_it_is_set(program: Program, way: str, format: str) -> None:  # noqa: A002
    calls = (
        f"import logging, logging.config, sys\n{FORCED[way]}\n"
        "logging.getLogger('shop').warning('sold %s', 3)"
    )
    environ = {"CALLS": calls, "AWS_LAMBDA_RUNTIME_API": "x", "AWS_LAMBDA_LOG_FORMAT": format}
    assert program(OURS, **environ) == "id-1|sold 3\n"


def test_force_without_a_format_brings_the_platforms_back(program: Program) -> None:
    calls = (
        "import logging; logging.basicConfig(force=True, format='mine: %(message)s')\n"
        "logging.basicConfig(force=True, level='INFO'); logging.info('m')"
    )
    environ = {"CALLS": calls, "AWS_LAMBDA_RUNTIME_API": "x", "AWS_LAMBDA_LOG_FORMAT": "JSON"}
    assert json.loads(program(OURS, **environ))["message"] == "m"


def test_force_with_handlers_of_others_leaves_none_of_ours(program: Program) -> None:
    calls = (
        "import logging\n"
        "class Mine(logging.Handler):\n"
        "    def emit(self, record): print('mine', self.format(record))\n"
        "logging.basicConfig(force=True, handlers=[Mine()], format='%(message)s')\n"
        "logging.warning('once')"
    )
    environ = {"CALLS": calls, "AWS_LAMBDA_RUNTIME_API": "x", "AWS_LAMBDA_LOG_FORMAT": "JSON"}
    assert program(OURS, **environ) == program(AWS, **environ) == "mine once\n"


def test_a_formatter_of_awss_handler_stays_when_ours_takes_its_place(program: Program) -> None:
    pytest.importorskip("awslambdaric")
    setup = (
        "import logging; handler = logging.getLogger().handlers[0]; handler.setLevel('ERROR')\n"
        "    handler.setFormatter(logging.Formatter('%(aws_request_id)s|%(message)s'))\n"
        "    handler.addFilter(lambda record: 'not' not in record.msg)\n"
        "    from lambda_logging import configure"
    )
    code = UNDER_AWS.replace("from lambda_logging import configure", setup)
    calls = "logging.warning('w'); logging.error('not'); logging.error('e')"
    environ = {"CALLS": calls, "AWS_LAMBDA_RUNTIME_API": "x", "AWS_LAMBDA_LOG_FORMAT": "JSON"}
    assert program(code, **environ) == "id-1|e\n"


class Failing(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        raise RuntimeError("no format")


@pytest.mark.parametrize(
    ("formatter", "reason"),
    [
        (Failing(), "RuntimeError: no format"),
        (logging.Formatter("%(nothing)s"), "ValueError: Formatting field not found in record"),
        (logging.Formatter("{message:d}", style="{"), "ValueError"),
    ],
)
@pytest.mark.parametrize("format", ["JSON", "Text"])
def test_a_formatter_that_fails_loses_no_record(
    start_log: StartLog,
    formatter: logging.Formatter,
    reason: str,
    format: str,  # noqa: A002
) -> None:
    kept = start_log(format)
    root_handler.setFormatter(formatter)
    other.warning("sold %s", 3, extra={"order": 17})
    (line,) = kept.lines
    assert "sold 3" in line
    assert reason in line
    if format == "JSON":
        assert (kept.record["order"], kept.record["logger"]) == (17, "other")


def test_a_formatted_record_is_one_record(start_log: StartLog) -> None:
    kept = start_log("Text", max_bytes=1000)
    root_handler.setFormatter(logging.Formatter("%(message)s\n\n"))
    other.warning("two\nlines")
    other.warning("%d", "no number")
    other.warning("\ud800" + "x" * 2000)
    two, _, long = kept.lines
    assert two == "two\rlines\n"
    assert len(long) <= 1000
    assert [level for level, _, _ in kept.frames] == ["WARN"] * 3


def test_a_formatter_may_return_what_it_should_not(kept: Kept) -> None:
    class Bytes(logging.Formatter):
        def format(self, record: logging.LogRecord) -> Any:
            return {"message": record.msg}

    root_handler.setFormatter(Bytes())
    other.warning("m")
    assert kept.lines == ["{'message': 'm'}\n"]


def test_a_formatted_record_is_kept_back_like_others(start_log: StartLog) -> None:
    kept = start_log("JSON", "INFO")
    root_handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))

    @invocation(buffer="DEBUG")
    def handler(event: Any, context: Any) -> None:
        other.debug("kept")
        if event:
            other.error("wrong")

    handler(None, request())
    assert kept.frames == []
    handler(1, request())
    assert kept.lines == ["DEBUG kept\n", "ERROR wrong\n"]


def test_a_formatter_sees_no_secrets(start_log: StartLog) -> None:
    pytest.importorskip("pythonjsonlogger")
    from pythonjsonlogger.json import JsonFormatter

    kept = start_log(redact=["password"])
    root_handler.setFormatter(JsonFormatter("%(message)s"))
    secret = {"password": "secret", "user": "ada"}
    other.warning("login %s", secret, extra={"body": secret, "password": "secret"})
    assert "secret" not in kept.lines[0]
    assert kept.record["body"] == {"password": "[redacted]", "user": "ada"}
    assert secret["password"] == "secret"


def test_a_record_that_others_made_has_the_request_too(start_log: StartLog) -> None:
    kept = start_log("Text")
    handler = LambdaHandler()
    handler.setFormatter(logging.Formatter("[%(aws_request_id)s] %(message)s"))
    handler.handle(logging.makeLogRecord({"msg": "m", "levelno": 20}))
    made = {"msg": "m", "levelno": 20, "aws_request_id": "id-9"}
    handler.handle(logging.makeLogRecord(made))
    assert kept.lines == ["[] m\n", "[id-9] m\n"]


class Others(logging.Handler):
    """A handler of somebody else, which keeps what its formatter makes of records."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


class Direct(Others):
    def handle(self, record: logging.LogRecord) -> bool:
        self.emit(record)
        return True


class Marked(logging.LogRecord):
    pass


STYLES = {"%": "%(aws_request_id)s %(message)s", "{": "{aws_request_id} {message}"}


@pytest.fixture
def shop(start_log: StartLog) -> Iterator[logging.Logger]:
    start_log()
    logger = logging.getLogger("shop")
    yield logger
    logger.handlers.clear()
    logger.filters.clear()
    logger.propagate = True


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("kind", [Others, Direct])
@pytest.mark.parametrize("propagate", [False, True])
def test_handlers_of_others_have_the_request(
    shop: logging.Logger, in_request: Any, kind: type[Others], style: Any, propagate: bool
) -> None:
    handler = kind()
    handler.setFormatter(logging.Formatter(STYLES[style], style=style))
    shop.propagate = propagate
    shop.addHandler(handler)
    shop.warning("m")
    made = shop.makeRecord("shop", 30, __file__, 1, "made", (), None)
    shop.handle(made)
    shop.handle(logging.makeLogRecord({"msg": "by hand", "levelno": 30}))
    request_id = in_request.aws_request_id
    assert handler.lines == [f"{request_id} {each}" for each in ("m", "made", "by hand")]
    assert made.aws_request_id == request_id  # type: ignore[attr-defined]


def test_the_records_of_a_factory_have_the_request(shop: logging.Logger, in_request: Any) -> None:
    handler = Others()
    handler.setFormatter(logging.Formatter("%(aws_request_id)s %(message)s"))
    shop.addHandler(handler)
    factory = logging.getLogRecordFactory()
    logging.setLogRecordFactory(Marked)
    try:
        shop.warning("m")
    finally:
        logging.setLogRecordFactory(factory)
    assert handler.lines == [f"{in_request.aws_request_id} m"]


def test_a_filter_of_a_logger_reads_the_request(shop: logging.Logger, in_request: Any) -> None:
    seen: list[str] = []

    def look(record: Any) -> bool:
        seen.append(record.aws_request_id)
        return True

    shop.addFilter(look)
    shop.warning("m", extra={"order": 17})
    assert seen == [in_request.aws_request_id]


def test_a_filter_of_the_handler_finds_the_request_in_the_record(
    kept: Kept, in_request: Any
) -> None:
    in_request.tenant_id = "blue"
    seen: list[object] = []
    handler = LambdaHandler()

    def look(record: logging.LogRecord) -> bool:
        seen.append((vars(record)["aws_request_id"], vars(record)["tenant_id"]))
        return True

    handler.addFilter(look)
    handler.handle(other.makeRecord("other", 20, "f.py", 1, "m", (), None, extra={"order": 17}))
    assert seen == [(in_request.aws_request_id, "blue")]
    assert list(kept.record)[-3:] == ["requestId", "tenantId", "order"]


class Everything(logging.Formatter):
    """Writes all that was added to a record, as python-json-logger does."""

    def format(self, record: logging.LogRecord) -> str:
        known = logging.makeLogRecord({})
        return repr({key: value for key, value in vars(record).items() if key not in vars(known)})


def test_a_handler_of_others_gets_no_tenant_where_there_is_none(
    shop: logging.Logger, in_request: Any
) -> None:
    handler = Others()
    handler.setFormatter(Everything())
    shop.addHandler(handler)
    shop.warning("m")
    in_request.tenant_id = "blue"
    shop.warning("m")
    request_id = in_request.aws_request_id
    assert handler.lines == [
        repr({"aws_request_id": request_id}),
        repr({"aws_request_id": request_id, "tenant_id": "blue"}),
    ]


class Looking(logging.Handler):
    """Finds the code that logs as loguru's recipe does."""

    def emit(self, record: logging.LogRecord) -> None:
        frame = sys._getframe(1)
        while frame.f_code.co_filename == logging.__file__ and frame.f_back is not None:
            frame = frame.f_back
        self.found = frame.f_code.co_name


def test_a_handler_of_others_finds_who_logs(shop: logging.Logger) -> None:
    handler = Looking()
    shop.addHandler(handler)
    shop.warning("m")
    assert handler.found == "test_a_handler_of_others_finds_who_logs"


def test_an_error_of_a_handler_of_others_shows_who_logs(
    shop: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.addHandler(logging.StreamHandler(io.StringIO()))
    shop.handlers[-1].setFormatter(Failing())
    shop.warning("m")
    stack = capsys.readouterr().err.partition("Call stack:")[2]
    assert "in test_an_error_of_a_handler_of_others_shows_who_logs" in stack
    assert "store_and_do" not in stack


def test_a_queue_takes_the_request_of_the_thread_that_logs(
    shop: logging.Logger, in_request: Any
) -> None:
    passed: queue.SimpleQueue[logging.LogRecord] = queue.SimpleQueue()
    shop.addHandler(QueueHandler(passed))
    shop.warning("m")
    last = Others()
    last.setFormatter(logging.Formatter("%(aws_request_id)s %(message)s"))
    thread = threading.Thread(target=lambda: last.handle(passed.get()))
    thread.start()
    thread.join()
    assert last.lines == [f"{in_request.aws_request_id} m"]


AGENT = """
import logging, sys
original = logging.Logger.makeRecord
def make(self, *args, **kwargs):
    record = original(self, *args, **kwargs)
    record.trace = "t-1"
    return record
logging.Logger.makeRecord = make
from lambda_logging import configure
configure()
logging.warning("m", extra={"order": 17})
logging.warning("m", extra={"name": "Ada"})
configure()
assert logging.Logger.makeRecord.__wrapped__ is make
"""


def test_an_agents_records_stay_an_agents(on_lambda: OnLambda) -> None:
    first, second = on_lambda(AGENT)
    assert first["trace"] == "t-1"
    assert first["order"] == 17
    assert second["logger"] == "root"
    assert second["name_"] == "Ada"
