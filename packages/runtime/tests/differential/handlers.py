"""The function that AWS's runtime and ours both run: it does what the event names."""

from __future__ import annotations

import enum
import importlib
import multiprocessing
import os
import signal
import sys
from collections import OrderedDict
from contextvars import ContextVar, Token
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable

    from lambda_runtime import Context

MAX_PAYLOAD_BYTES = 6 * 1024 * 1024 + 100
# The names that the expressions use, and nothing else here does.
NAMES = {
    "Decimal": Decimal,
    "OrderedDict": OrderedDict,
    "RawJSON": importlib.import_module("simplejson").RawJSON,
    "datetime": datetime,
    "signal": signal,
}


counter: ContextVar[int] = ContextVar("counter", default=0)
phase: ContextVar[str] = ContextVar("phase", default="before")
tokens: list[Token[str]] = [phase.set("import")]


class Point(NamedTuple):
    x: object
    y: object


class Colour(enum.Enum):
    RED = "red"


class Level(enum.IntEnum):
    HIGH = 3


class Word(enum.StrEnum):
    YES = "yes"


class Row:
    """An object with the method of a named tuple, as a row of SQLAlchemy has it."""

    def __init__(self, **fields: object) -> None:
        self._fields = fields

    def _asdict(self) -> dict[str, object]:
        return self._fields


class Lines(list[object]):
    def _asdict(self) -> dict[str, object]:
        return {"lines": len(self)}


@dataclass
class Priced:
    price: float

    def _asdict(self) -> dict[str, object]:
        return {"price": f"{self.price:.2f}"}


class Half(float):
    def __repr__(self) -> str:
        return "half"


class CustomError(Exception):
    """An exception as functions define them."""


@dataclass
class Checked:
    """Python makes its ``__init__``, whose file is called <string>."""

    one: int = 1
    two: int = 2
    three: int = 3
    four: int = 4
    five: int = 5

    def __post_init__(self) -> None:
        raise ValueError("never right")


class UnprintableError(Exception):
    def __str__(self) -> str:
        raise ZeroDivisionError


def handler(event: Any, context: Context) -> object:
    """Return a value, call a function of this module, or describe the event."""
    match event:
        case {"value": expression}:
            return eval(expression, globals() | NAMES)
        case {"call": name}:
            return globals()[name](context)
        case _:
            return {"type": type(event).__name__, "event": repr(event)}


def child(work: Callable[[], object]) -> int:
    """Return the exit code of a process that is forked to do some work."""
    pid = os.fork()
    if not pid:
        work()
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def process(work: Callable[..., object], *args: object) -> int | None:
    """Return the exit code of a process that multiprocessing forks."""
    process = multiprocessing.get_context("fork").Process(target=work, args=args)
    process.start()
    process.join()
    return process.exitcode


def circular(_context: Context) -> object:
    value: list[object] = []
    value.append(value)
    return {"value": value}


def nested_too_deeply(_context: Context) -> object:
    value: list[object] = []
    for _ in range(100_000):
        value = [value]
    return value


def raise_empty(_context: Context) -> NoReturn:
    raise ValueError


def raise_unicode(_context: Context) -> NoReturn:
    raise ValueError("naïve ☃ 😀 \x7f\x00 \u2028")


def raise_lone_surrogate(_context: Context) -> NoReturn:
    raise ValueError("\ud800")


def raise_multi_line(_context: Context) -> NoReturn:
    raise ValueError("one\ntwo\r\n\tthree")


def raise_long(_context: Context) -> NoReturn:
    raise ValueError("x" * 200_000)


def raise_chained(context: Context) -> NoReturn:
    try:
        raise_empty(context)
    except ValueError as error:
        raise CustomError("outer") from error


def raise_custom(_context: Context) -> NoReturn:
    raise CustomError("first", 2)


def raise_key_error(_context: Context) -> object:
    empty: dict[str, object] = {}
    return empty["missing"]


def raise_group(_context: Context) -> NoReturn:
    raise ExceptionGroup("several", [ValueError("one"), TypeError("two")])


def raise_deep(_context: Context) -> object:
    return importlib.import_module("nested.deep").outer()


def raise_recursion(context: Context) -> object:
    return raise_recursion(context)


def raise_unprintable(_context: Context) -> NoReturn:
    raise UnprintableError


def raise_in_a_local_class(_context: Context) -> NoReturn:
    class LocalError(Exception):
        pass

    raise LocalError("local")


def raise_in_made_code(_context: Context) -> object:
    return Checked()


def assertion(_context: Context) -> None:
    assert not os.environ, "there is an environment"


def exit_zero(_context: Context) -> NoReturn:
    sys.exit(0)


def exit_seven(_context: Context) -> NoReturn:
    sys.exit(7)


def exit_with_message(_context: Context) -> NoReturn:
    sys.exit("no more")


def interrupt(_context: Context) -> NoReturn:
    raise KeyboardInterrupt


def raise_no_exception(_context: Context) -> NoReturn:
    raise GeneratorExit


def cut(_context: Context) -> NoReturn:
    os._exit(5)


def largest(_context: Context) -> str:
    return "x" * (MAX_PAYLOAD_BYTES - len('""'))


def too_large(context: Context) -> str:
    return largest(context) + "x"


def leave_import(_context: Context) -> str:
    """Undo what the import has set, as an application does whose context was entered there."""
    while tokens:
        phase.reset(tokens.pop())
    return phase.get()


def count(_context: Context) -> int:
    counter.set(counter.get() + 1)
    return counter.get()


def print_in_parts(_context: Context) -> None:
    print("printed", end="")  # noqa: T201 (to see when it is written)
    os.write(1, b"\n")


def print_at_once(_context: Context) -> None:
    print("printed", end="", flush=True)  # noqa: T201 (likewise)
    os.write(1, b"\n")


def trace_id(_context: Context) -> str | None:
    return os.environ.get("_X_AMZN_TRACE_ID")


def log(context: Context) -> None:
    for message in ("one", "two\n", 3, "\n", "é☃\n"):
        context.log(message)


def remaining_time(context: Context) -> tuple[str, str]:
    left = context.get_remaining_time_in_millis()
    return type(left).__name__, "more" if left else "none"


def public_names(context: Context) -> list[str]:
    return [name for name in dir(context) if not name.startswith("_")]


def represent(context: Context) -> str:
    return repr(context).partition("(")[2]  # the name of the class is ours


def describe(context: Context) -> dict[str, object]:
    """Tell all that AWS's context holds."""
    client_context = context.client_context
    client = client_context and client_context.client
    return {
        "aws_request_id": context.aws_request_id,
        "function_name": context.function_name,
        "function_version": context.function_version,
        "invoked_function_arn": context.invoked_function_arn,
        "memory_limit_in_mb": context.memory_limit_in_mb,
        "log_group_name": context.log_group_name,
        "log_stream_name": context.log_stream_name,
        "tenant_id": context.tenant_id,
        "cognito_identity_id": context.identity.cognito_identity_id,
        "cognito_identity_pool_id": context.identity.cognito_identity_pool_id,
        "w3c": context.w3c(),
        "custom": client_context and client_context.custom,
        "env": client_context and client_context.env,
        "client": client
        and {
            "installation_id": client.installation_id,
            "app_title": client.app_title,
            "app_version_name": client.app_version_name,
            "app_version_code": client.app_version_code,
            "app_package_name": client.app_package_name,
        },
    }


async def asynchronous(event: object, _context: Context) -> object:
    return event


def of_the_event(event: object) -> object:
    return event


def of_an_object(event: str, _context: Context) -> str:  # as in public handlers, and in Instana's
    return type(event).__name__


def set_attributes(context: Context) -> dict[str, object]:
    """Give the context attributes of the function's own, by names that AWS's has not."""
    names = (
        *("after_response", "deadline", "http_route", "json_event", "raw_event", "remaining"),
        *("response_stream", "session", "state", "trace_id", "user"),
    )
    for name in names:
        setattr(context, name, name.upper())
    return {name: getattr(context, name) for name in names}
