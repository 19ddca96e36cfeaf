from __future__ import annotations

import asyncio
import json
import logging
import re
import struct
import sys
from logging.handlers import QueueHandler, QueueListener
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

import pytest

from lambda_logging import LambdaHandler, keep_request, log

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Kept, Program, StartLog

    OnLambda = Callable[..., list[dict[str, Any]]]

other = logging.getLogger("other")


def fail() -> None:
    raise ValueError("v") from KeyError("k")


def test_a_record_has_the_managed_runtimes_keys(kept: Kept, in_request: Any) -> None:
    in_request.tenant_id = "blue"
    extra = {"order": 17, "none": None, "level": "high", "tenant_id": "of a shop"}
    other.warning("%s apples", 3, extra=extra)
    assert list(kept.record) == [
        *("timestamp", "level", "message", "logger", "requestId", "tenantId"),
        *("order", "level_", "tenant_id"),
    ]
    assert kept.record["tenant_id"] == "of a shop"  # AWS's runtime leaves it out
    assert kept.record["level"] == "WARNING"
    assert kept.record["message"] == "3 apples"
    assert kept.record["logger"] == "other"


def test_a_record_stays_as_it_was_made(kept: Kept) -> None:
    record = other.makeRecord("other", 25, "f.py", 1, "%s", ("a",), None, "f")
    before = dict(vars(record))
    LambdaHandler().handle(record)
    assert vars(record) == before
    assert kept.record["level"] == "INFO"
    assert kept.record["message"] == "a"


def test_the_time_is_the_records_to_the_millisecond(kept: Kept) -> None:
    for milliseconds in range(1000):
        made = {"created": 1_700_000_000 + milliseconds / 1000, "levelno": 20}
        LambdaHandler().handle(logging.makeLogRecord(made))
    assert [record["timestamp"] for record in kept.records] == [
        f"2023-11-14T22:13:20.{milliseconds:03}Z" for milliseconds in range(1000)
    ]


def test_a_factory_of_other_records_is_understood(kept: Kept) -> None:
    class Other(logging.LogRecord):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            self.early = 1
            super().__init__(*args, **kwargs)

    LambdaHandler().handle(Other("other", 20, "f.py", 1, "m", (), None))
    assert kept.record["early"] == 1


@pytest.mark.parametrize("format", ["JSON", "Text"])
def test_a_field_may_have_any_name(start_log: StartLog, format: str) -> None:  # noqa: A002
    """The standard library raises a KeyError for these."""
    kept = start_log(format)
    extra = {"name": "tea", "message": "x", "args": [1], "asctime": 1, "order": 17}
    before = dict(extra)
    other.warning("%s apples", 3, extra=extra)
    logging.LoggerAdapter(other, {"name": "tea"}).warning("4 apples")
    other.handle(other.makeRecord("other", 30, "f.py", 1, "5", (), None, extra={"msg": 6}))
    assert extra == before
    if format == "Text":
        assert [line.rsplit("\t")[-1] for line in kept.lines] == [
            "3 apples name_=tea message_=x args_=[1] asctime_=1 order=17\n",
            "4 apples name_=tea\n",
            "5 msg_=6\n",
        ]
        return
    first, second, third = kept.records
    assert (first["message"], first["logger"]) == ("3 apples", "other")
    assert {**first, "name_": "tea", "message_": "x", "args_": [1], "asctime_": 1} == first
    assert first["order"] == 17
    assert second["name_"] == "tea"
    assert (third["message"], third["msg_"]) == ("5", 6)


def test_a_task_name_of_the_function_is_a_field(start_log: StartLog) -> None:
    """Python 3.12 and later give records an attribute of this name."""
    kept = start_log("JSON")
    other.warning("started", extra={"taskName": "import"})
    name = "taskName" if sys.version_info < (3, 12) else "taskName_"
    assert kept.record[name] == "import"


def test_text_has_fields_between_the_message_and_the_stack(start_log: StartLog) -> None:
    kept = start_log("Text")
    extra = {"order": 17, "none": None, "words": "a b", "lines": "a\nb", "in": {"x": [1, 2.5]}}
    with log.scope(shop="tea"):
        other.warning("sold %s", 3, extra=extra)
        other.warning("here", extra={"n": 1}, stack_info=True)
        try:
            fail()
        except ValueError:
            other.exception("failed", extra={"n": 2})
    sold, here, failed = (line.split("\t")[-1].rstrip("\n").split("\r") for line in kept.lines)
    fields = 'shop=tea order=17 words="a b" lines="a\\nb" in={"x":[1,2.5]}'
    assert sold == [f"sold 3 {fields}"]
    assert here[:2] == ["here shop=tea n=1", "Stack (most recent call last):"]
    assert failed[0] == "failed shop=tea n=2"
    assert failed[-1] == "ValueError: v"


def test_text_hides_the_secrets_of_fields(start_log: StartLog) -> None:
    kept = start_log("Text", redact=["password"])
    other.warning("login", extra={"password": "secret", "user": {"password": "secret"}})
    words = kept.lines[0].split("\t")[-1]
    assert words == 'login password=[redacted] user={"password":"[redacted]"}\n'


def test_filters_decide(kept: Kept) -> None:
    handler = LambdaHandler()
    handler.addFilter(lambda record: record.levelno > 20)
    for level in (20, 30):
        handler.handle(other.makeRecord("other", level, "f.py", 1, "m", (), None))
    assert kept.record["level"] == "WARNING"


def test_levels_are_the_standard_librarys(start_log: StartLog) -> None:
    kept = start_log("JSON", "TRACE")
    assert logging.getLevelName(5) == "TRACE"
    assert logging.getLogger().level == 5
    other.log(5, "m")
    assert kept.record["level"] == "TRACE"
    kept = start_log("Text", "WARN")
    other.info("no")
    other.warning("yes")
    other.critical("yes")
    assert [line.partition("\t")[0] for line in kept.lines] == ["[WARNING]", "[CRITICAL]"]


def test_scope_fields_are_in_records_of_others(kept: Kept) -> None:
    with log.scope(order=17):
        other.info("m", extra={"more": 1})
    assert (kept.record["order"], kept.record["more"]) == (17, 1)


def test_an_exception_is_told_as_by_log(kept: Kept) -> None:
    try:
        fail()
    except ValueError:
        other.exception("failed")
    record = kept.record
    assert list(record)[:9] == [
        *("timestamp", "level", "message", "logger", "stackTrace", "errorType", "errorMessage"),
        *("errorCause", "requestId"),
    ]
    assert record["errorCause"]["errorType"] == "KeyError"
    path, _, line = record["location"].rsplit(":", 2)
    assert (path, line.isdecimal()) == (__file__, True)


ORDERS = {
    "before": "import logging\nlambda_logging.configure()",
    "after": "lambda_logging.configure()\nimport logging",
    "first use of log": "lambda_logging.log.info('m')\nimport logging.handlers",
    "both": "lambda_logging.configure(); import logging; lambda_logging.configure()",
    "after basicConfig": (
        "import logging; logging.basicConfig(level='INFO'); lambda_logging.configure()"
    ),
}


@pytest.mark.parametrize("order", ORDERS)
def test_logging_is_set_up_whenever_it_is_imported(on_lambda: OnLambda, order: str) -> None:
    records = on_lambda(
        f"import lambda_logging\n{ORDERS[order]}\n"
        "logging.basicConfig(format='mine'); logging.getLogger('x').warning('once')\n"
        "logging.warning('twice')\n"
        "import logging; assert len(logging.getLogger().handlers) == 1\n"
        "assert logging.__loader__ is logging.__spec__.loader and logging.__spec__.cached\n"
    )
    ours = [record["logger"] for record in records if "logger" in record]
    assert ours == ["x", "root"]


DICT_CONFIG = (
    "logging.config.dictConfig({'version': 1, "
    "'handlers': {'lambda': {'class': 'lambda_logging.LambdaHandler'}}, "
    "'root': {'level': 'DEBUG', 'handlers': ['lambda']}})"
)
HANDLERS = {
    "by force": "logging.basicConfig(level='DEBUG', force=True)",
    "by force, with a stream": "logging.basicConfig(level=10, stream=sys.stdout, force=True)",
    "no level": "logging.basicConfig(); logging.getLogger().setLevel(10)",
    "dictConfig": DICT_CONFIG,
    "dictConfig, and configure again": f"{DICT_CONFIG}; lambda_logging.configure()",
}


@pytest.mark.parametrize("way", HANDLERS)
@pytest.mark.parametrize("order", ["{configure}; {way}", "{way}; {configure}"])
def test_a_program_that_sets_logging_up_gets_its_level_and_each_record_once(
    on_lambda: OnLambda, way: str, order: str
) -> None:
    setup = order.format(configure="lambda_logging.configure()", way=HANDLERS[way])
    records = on_lambda(
        f"import logging.config, os, sys, lambda_logging\n{setup}\n"
        "logging.debug('theirs'); lambda_logging.log.info('ours')\n"
    )
    assert [record["message"] for record in records] == ["theirs", "ours"]


@pytest.mark.parametrize(
    "options",
    ["level='DEBUG'", "level=10, format='%(msg)s'", "level=10, stream=sys.stdout", "level=10, k=1"],
)
@pytest.mark.parametrize("level", ["", "ERROR"])
def test_basic_config_without_force_changes_nothing(
    program: Program, options: str, level: str
) -> None:
    """As under AWS's runtime: the records that botocore writes at DEBUG would be a flood."""
    pytest.importorskip("awslambdaric")
    calls = (
        f"import logging, sys; root = logging.getLogger(); logging.basicConfig({options})\n"
        "logging.getLogger('botocore').debug('a flood')\n"
        "print(root.level, root.handlers[0].level, len(root.handlers))\n"
        "print(root.handlers[0].formatter._fmt)"
    )
    environ = {"CALLS": calls, "AWS_LAMBDA_RUNTIME_API": "x", "AWS_LAMBDA_LOG_LEVEL": level}
    assert program(OURS, **environ) == program(AWS, **environ) == program(UNDER_AWS, **environ)


def test_what_aws_runtime_would_ignore_of_basic_config_fails_nobody(on_lambda: OnLambda) -> None:
    """A function has a read-only file system, and its basicConfig has done no harm so far."""
    (record,) = on_lambda(
        "import logging, lambda_logging; lambda_logging.configure()\n"
        "logging.basicConfig(filename='/nowhere/at/all'); logging.basicConfig(level='verbose')\n"
        "logging.basicConfig(format='no field'); logging.warning('seen')"
    )
    assert record["message"] == "seen"


def test_a_queue_brings_records_of_their_requests(kept: Kept, in_request: Any) -> None:
    waiting: SimpleQueue[logging.LogRecord] = SimpleQueue()
    forward = QueueHandler(waiting)
    forward.addFilter(keep_request)
    listener = QueueListener(waiting, LambdaHandler())
    lone = logging.getLogger("lone")
    lone.propagate = False
    lone.addHandler(forward)
    listener.start()
    try:
        with log.scope(order=17):
            lone.warning("sold %s", 3, extra={"left": 2})
            lone.warning("again")
    finally:
        listener.stop()
        lone.removeHandler(forward)
        lone.propagate = True
    first, second = kept.records
    assert list(first) == ["timestamp", "level", "message", "logger", "requestId", "order", "left"]
    assert (first["message"], first["order"], first["left"]) == ("sold 3", 17, 2)
    assert first["requestId"] == second["requestId"] == in_request.aws_request_id


def test_nobody_loads_logging_for_those_who_do_not(program: Program) -> None:
    code = (
        "import sys; before = set(sys.modules); import lambda_logging; "
        "lambda_logging.configure().write('INFO', 'm'); {use}; "
        "print(*sorted("
        "{{'logging', 'warnings', 'traceback', 'dataclasses', 'typing', 're', 'enum'}}"
        " & (set(sys.modules) - before)))"
    )
    for use in ("pass", "lambda_logging.log.info('m', field=1)"):
        out = program(code.format(use=use), AWS_LAMBDA_RUNTIME_API="x")
        assert out.splitlines()[-1] == ""


def test_starting_a_runtime_loads_this_and_no_more(program: Program) -> None:
    code = (
        "import sys; before = set(sys.modules); from lambda_logging import configure; configure(); "
        "print(*sorted(set(sys.modules) - before))"
    )
    names = program(code, AWS_LAMBDA_RUNTIME_API="x").split()
    assert set(names) <= {
        *("__future__", "_contextvars", "lambda_logging", "lambda_logging._config"),
        *("lambda_logging._platform", "lambda_logging._settings", "lambda_logging._sink"),
        *("lambda_logging._small_json", "_json"),  # a failure is written without an import
    }


@pytest.mark.parametrize("module", ["decimal", "json.nothing", "nothing"])
def test_other_imports_are_left_alone(program: Program, module: str) -> None:
    code = (
        "import sys, lambda_logging; lambda_logging.configure()\n"
        f"try: import {module}\nexcept ModuleNotFoundError as error: print(error.name)\n"
        "else: print('found')\n"
        "import logging, warnings\nprint([type(each) for each in sys.meta_path if "
        "type(each).__module__.startswith('lambda_logging')])"
    )
    out = program(code, AWS_LAMBDA_RUNTIME_API="x")
    assert out == f"{'found' if module == 'decimal' else module}\n[]\n"


def test_a_module_of_the_same_name_is_left_alone(program: Program) -> None:
    code = (
        "import sys, types; sys.modules['logging'] = types.ModuleType('logging')\n"
        "from lambda_logging import log; log.info('m')"
    )
    assert program(code, AWS_LAMBDA_RUNTIME_API="x").endswith("\tm\n")


def test_warnings_are_records(on_lambda: OnLambda) -> None:
    for imports in ("import warnings, lambda_logging", "import lambda_logging, warnings"):
        (record,) = on_lambda(f"{imports}\nlambda_logging.configure()\nwarnings.warn('old')")
        assert record["level"] == "WARN"
        assert record["logger"] == "py.warnings"
        assert record["message"] == "<string>:3: UserWarning: old"
    (record,) = on_lambda(
        "import lambda_logging; lambda_logging.configure(); import logging, warnings\n"
        "logging.captureWarnings(True); warnings.warn('old')"
    )
    assert record["logger"] == "py.warnings"


def test_at_home_a_program_that_sets_logging_up_later_has_its_way(program: Program) -> None:
    out = program(
        "from lambda_logging import log; log.info('ours'); import logging, sys\n"
        "logging.basicConfig(format='mine: %(message)s', stream=sys.stdout)\n"
        "logging.warning('theirs'); log.info('ours')"
    )
    first, second, third = out.splitlines()
    assert re.fullmatch(r"[\d:.]+ INFO  ours", first)
    assert second == "mine: theirs"
    assert re.fullmatch(r"[\d:.]+ INFO  ours", third)


def test_at_home_a_program_that_has_handlers_keeps_them(program: Program) -> None:
    out = program(
        "import logging, sys; logging.basicConfig(format='mine: %(message)s', stream=sys.stdout)\n"
        "from lambda_logging import log; log.info('ours'); logging.warning('theirs')"
    )
    first, second = out.splitlines()
    assert re.fullmatch(r"[\d:.]+ INFO  ours", first)
    assert second == "mine: theirs"


def test_pytest_sees_what_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    log.warn("seen", order=17)
    try:
        fail()
    except ValueError:
        log.exception({"a": 1})
    log.debug("not written")
    logging.getLogger("other").warning("once")
    first, second, third = caplog.records
    assert (first.name, first.levelname, first.getMessage()) == ("lambda", "WARNING", "seen")
    assert (first.pathname, first.funcName) == (__file__, "test_pytest_sees_what_is_logged")
    assert vars(first)["order"] == 17
    assert second.exc_info is not None
    assert second.exc_info[0] is ValueError
    assert third.getMessage() == "once"


def test_a_handler_that_fails_fails_nobody_else(kept: Kept) -> None:
    class Failing(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            raise ValueError(record)

    logging.getLogger().addHandler(Failing())
    log.info("m")
    assert kept.record["message"] == "m"


def test_structlog_gives_the_same_records(start_log: StartLog, in_request: Any) -> None:
    structlog = pytest.importorskip("structlog")
    kept = start_log("JSON", "INFO")

    def to_lambda(_: object, level: str, fields: dict[str, Any]) -> None:
        log.log(level, fields.pop("event"), **fields)
        raise structlog.DropEvent

    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, to_lambda],
        wrapper_class=structlog.make_filtering_bound_logger(0),
    )
    shop = structlog.get_logger().bind(order=17)
    try:
        with structlog.contextvars.bound_contextvars(user="ada"):
            shop.warning("sold %s", "it", name="tea", level="high", message="x", total=2.5)
        shop.debug("below the level")
        shop.critical("closed")
        asyncio.run(shop.ainfo("in another thread"))
        try:
            fail()
        except ValueError:
            shop.exception("failed")
    finally:
        structlog.reset_defaults()
    first, *others, last = kept.records
    assert (first["message"], first["level"]) == ("sold it", "WARN")
    assert {**first, "order": 17, "user": "ada", "name": "tea", "total": 2.5} == first
    assert (first["level_"], first["message_"]) == ("high", "x")
    assert [record["level"] for record in others] == ["FATAL", "INFO"]
    assert {record["requestId"] for record in kept.records} == {in_request.aws_request_id}
    assert (last["level"], last["errorType"]) == ("ERROR", "ValueError")


def test_loguru_gives_the_same_records(kept: Kept, in_request: Any) -> None:
    loguru = pytest.importorskip("loguru")

    def to_lambda(message: Any) -> None:
        record = message.record
        error = record["exception"].value if record["exception"] else None
        log.log(record["level"].no, record["message"], exc_info=error, **record["extra"])

    loguru.logger.remove()
    loguru.logger.add(to_lambda, level=0, format="{message}")
    try:
        loguru.logger.bind(order=17).success("sold {}", "it")
        try:
            fail()
        except ValueError:
            loguru.logger.exception("failed")
    finally:
        loguru.logger.remove()
    first, second = kept.records
    assert (first["message"], first["level"], first["order"]) == ("sold it", "INFO", 17)
    assert first["requestId"] == in_request.aws_request_id
    assert (second["message"], second["errorType"]) == ("failed", "ValueError")


LEVELS = """
import logging
for level in (10, 15, 20, 25, 30, 35, 39, 40, 45, 50, 55, 1000):
    logging.log(level, "m")
logging.addLevelName(25, "NOTICE")
logging.addLevelName(30, "WARN")
logging.addLevelName(50, "EMERGENCY")
for level in (25, 30, 50, 60):
    logging.log(level, "m")
"""


def test_levels_have_the_names_of_the_managed_runtime(on_lambda: OnLambda) -> None:
    pytest.importorskip("awslambdaric")
    environ = {"CALLS": LEVELS, "AWS_LAMBDA_LOG_LEVEL": "DEBUG"}
    theirs, mine, under_aws = (
        [record["level"] for record in on_lambda(code, **environ)]
        for code in (AWS, OURS, UNDER_AWS)
    )
    assert mine == theirs == under_aws
    assert len(mine) == 16


def test_levels_may_have_the_platforms_names(start_log: StartLog) -> None:
    kept = start_log(platform_levels=True)
    for level in (30, 35, 50, 60):
        other.log(level, "m")
    assert [record["level"] for record in kept.records] == ["WARN", "WARN", "FATAL", "FATAL"]
    kept = start_log("JSON", "TRACE")
    other.log(5, "m")
    other.critical("m")
    log.critical("m")
    assert [record["level"] for record in kept.records] == ["TRACE", "CRITICAL", "FATAL"]
    assert [level for level, _, _ in kept.frames] == ["TRACE", "FATAL", "FATAL"]


CALLS = """
import logging
logger = logging.getLogger("shop")
logger.warning("sold %s", 3, extra={"order": 17, "tags": ["a", None], "none": None})
logger.error({"event": "sold", "total": 2.5})
logger.critical("é\\u2028/ \\"quoted\\"\\ttab")
logger.info("not by default")
logging.warning([1, 2])
try:
    {}["missing"]
except KeyError:
    logger.exception("failed")
logging.getLogger().error(ValueError("as a message"), extra={"when": object})
"""

FIELDS = {
    "sold 3": 'order=17 tags=["a",null]',
    "as a message": "when=\"<class 'object'>\"",
}

AWS = """
import os
import awslambdaric.bootstrap as aws
aws._GLOBAL_AWS_REQUEST_ID, aws._GLOBAL_TENANT_ID = "id-1", "blue"
with aws.create_log_sink() as sink:
    aws._setup_logging(aws._AWS_LAMBDA_LOG_FORMAT, aws._AWS_LAMBDA_LOG_LEVEL, sink)
    exec(compile(os.environ["CALLS"], "calls.py", "exec"))
"""

OURS = """
import os
from types import SimpleNamespace
from lambda_logging import configure
from lambda_logging.runtime import current_request
current_request.set(SimpleNamespace(aws_request_id="id-1", tenant_id="blue", trace_id=None))
configure()
exec(compile(os.environ["CALLS"], "calls.py", "exec"))
"""

UNDER_AWS = """
import os
import awslambdaric.bootstrap as aws
aws._GLOBAL_AWS_REQUEST_ID, aws._GLOBAL_TENANT_ID = "id-1", "blue"
with aws.create_log_sink() as sink:
    aws._setup_logging(aws._AWS_LAMBDA_LOG_FORMAT, aws._AWS_LAMBDA_LOG_LEVEL, sink)
    from lambda_logging import configure
    configure()
    exec(compile(os.environ["CALLS"], "calls.py", "exec"))
"""


@pytest.mark.parametrize("ours", [OURS, UNDER_AWS], ids=["our runtime", "AWS's runtime"])
@pytest.mark.parametrize("level", ["", "DEBUG", "ERROR"])
def test_json_is_that_of_the_managed_runtime(on_lambda: OnLambda, level: str, ours: str) -> None:
    pytest.importorskip("awslambdaric")
    environ = {"CALLS": CALLS, **({"AWS_LAMBDA_LOG_LEVEL": level} if level else {})}
    theirs, mine = on_lambda(AWS, **environ), on_lambda(ours, **environ)
    assert len(theirs) >= 4
    for their, my in zip(theirs, mine, strict=True):
        assert list(my) == list(their)
        assert re.fullmatch(r"[\d-]{10}T[\d:]{8}\.\d{3}Z", my.pop("timestamp"))
        assert re.fullmatch(r"[\d-]{10}T[\d:]{8}Z", their.pop("timestamp"))  # without milliseconds
        assert my == their


@pytest.mark.parametrize("ours", [OURS, UNDER_AWS], ids=["our runtime", "AWS's runtime"])
def test_text_is_that_of_the_managed_runtime(program: Program, ours: str) -> None:
    pytest.importorskip("awslambdaric")
    environ = {"CALLS": CALLS, "AWS_LAMBDA_RUNTIME_API": "x", "AWS_LAMBDA_LOG_FORMAT": "Text"}
    theirs, mine = program(AWS, **environ), program(ours, **environ)
    time = r"\d{4}-\d\d-\d\dT[\d:.]{12}Z"
    theirs, mine = re.sub(time, "", theirs), re.sub(time, "", mine)
    # Theirs breaks the record of an exception into one for each line, and does not end it.
    trace = re.compile(r"\n+(Traceback .*\n(?: .*\n)*KeyError: 'missing')", re.MULTILINE)
    theirs = trace.sub(lambda match: "\r" + match[1].replace("\n", "\r") + "\n", theirs)
    for line, fields in FIELDS.items():  # theirs leaves out what `extra` gives
        theirs = theirs.replace(f"\t{line}\n", f"\t{line} {fields}\n")
    assert mine == theirs


CHANNEL = """
import os, time
read_end, write_end = os.pipe()
os.environ["_LAMBDA_TELEMETRY_LOG_FD"] = str(write_end)
time.time, time.time_ns = (lambda: 1_700_000_000.125), (lambda: 1_700_000_000_125_000_000)
{code}
os.write(1, os.read(read_end, 65_536).hex().encode())
"""


def frames_in(data: bytes) -> list[tuple[int, int, str]]:
    """Return the kind, the time and the text of each record of a channel."""
    found = []
    while data:
        kind, length, time = struct.unpack_from(">IIQ", data)
        found.append((kind, time, data[16 : 16 + length].decode()))
        data = data[16 + length :]
    return found


@pytest.mark.parametrize("ours", [OURS, UNDER_AWS], ids=["our runtime", "AWS's runtime"])
@pytest.mark.parametrize("format", ["JSON", "Text"])
def test_frames_are_those_of_the_managed_runtime(
    program: Program,
    ours: str,
    format: str,  # noqa: A002
) -> None:
    pytest.importorskip("awslambdaric")

    def frames(code: str) -> list[tuple[int, int, str]]:
        environ = {"CALLS": CALLS, "AWS_LAMBDA_LOG_FORMAT": format, "AWS_LAMBDA_LOG_LEVEL": "DEBUG"}
        out = program(CHANNEL.format(code=code), AWS_LAMBDA_RUNTIME_API="x", **environ)
        return frames_in(bytes.fromhex(out))

    theirs, mine = frames(AWS), frames(ours)
    assert len(theirs) == 7
    for their, my in zip(theirs, mine, strict=True):
        assert my[:2] == their[:2] == (my[0], 1_700_000_000_125_000)
        if format == "Text":
            words = their[2].rstrip("\n")  # theirs of an exception does not end
            fields = FIELDS.get(words.rpartition("\t")[2])
            assert my[2] == (f"{words} {fields}\n" if fields else f"{words}\n")
        else:
            their_record, my_record = json.loads(their[2]), json.loads(my[2])
            assert list(my_record) == list(their_record)
            assert my_record.pop("timestamp") == "2023-11-14T22:13:20.125Z"
            assert their_record.pop("timestamp") == "2023-11-14T22:13:20Z"
            assert my_record == their_record


def test_the_channel_of_the_managed_runtime_is_found(program: Program) -> None:
    pytest.importorskip("awslambdaric")
    code = (
        "import os; read_end, write_end = os.pipe()\n"
        "os.environ['_LAMBDA_TELEMETRY_LOG_FD'] = str(write_end)\n" + UNDER_AWS.strip() + "\n"
        "    from lambda_logging import log; log.info('ours')\n"
        "print(os.read(read_end, 65536).hex())"
    )
    environ = {"CALLS": "import logging; logging.warning('theirs')", "AWS_LAMBDA_RUNTIME_API": "x"}
    out = program(code, **environ, AWS_LAMBDA_LOG_FORMAT="JSON")
    (theirs, _, _), (mine, _, _) = frames = frames_in(bytes.fromhex(out))
    assert (theirs, mine) == (0xA55A0012, 0xA55A000E)  # a warning, an information
    records = [json.loads(text) for _, _, text in frames]
    assert [record["message"] for record in records] == ["theirs", "ours"]
    assert [record["requestId"] for record in records] == ["id-1", "id-1"]


def test_a_handler_that_a_program_adds_itself_configures_first(on_lambda: OnLambda) -> None:
    code = (
        "import logging\nfrom lambda_logging import LambdaHandler\n"
        "other = logging.getLogger('other')\nother.propagate = False\n"
        "other.addHandler(LambdaHandler())\nother.warning('m', extra={'order': 17})\n"
        "import warnings\nwarnings.warn('w')\nfrom lambda_logging import log\nlog.info('n')\n"
    )
    records = on_lambda(code)
    assert [record["level"] for record in records] == ["WARNING", "WARN", "INFO"]
    assert records[0]["order"] == 17
