"""From the start of a process to its first invocation: find the handler, choose a way to serve it."""

from __future__ import annotations

import gc
import os
import sys

from lambda_logging import PlatformLog

from ._function import Function, start_failure
from ._handler import add_import_paths, is_async, load
from ._version import __version__
from .errors import RuntimeAPIError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, Literal, NoReturn

    from ._runtime_api import AsyncTransport

    TransportName = Literal["auto", "socket", "stream", "aiohttp"]


def run(
    handler: Callable[..., Any] | str | None = None, *, transport: TransportName = "auto"
) -> NoReturn:
    """Serve invocations with a handler, for as long as the process lives.

    Outside Lambda, where ``AWS_LAMBDA_RUNTIME_API`` is not set, the program is served by
    lambda-emulator when that is installed.

    Args:
        handler: A function, a method, an object with ``__call__``, or the name of one as
            ``"module.function"``, declared with ``def`` or ``async def``. It takes the event and,
            if it can, the `Context`. Without one, the environment variable ``_HANDLER`` names it.
        transport: How to talk to the Runtime API. ``"socket"`` blocks, loads least, and serves
            ``def`` handlers; ``"stream"`` and ``"aiohttp"`` run on an asyncio event loop.
            ``"auto"`` takes ``"socket"`` for ``def`` handlers, and ``"stream"`` for ``async def``
            ones: that is quicker than ``"aiohttp"`` even in a program that has loaded aiohttp.

    Raises:
        SystemExit: Always, in the end. Its code is 1 when the function cannot start or the Runtime
            API cannot be reached, and the handler's own when that ends the process.
        ValueError: The transport does not exist, or cannot serve the handler.

    Contract: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html
    """
    address = os.environ.get("AWS_LAMBDA_RUNTIME_API")
    if not address:
        sys.exit(_serve_locally())
    handler = handler or os.environ.get("_HANDLER")
    if not handler:
        sys.exit("There is no handler: name one as module.function, or set _HANDLER.")
    log = PlatformLog.from_environment(os.environ)
    _end_lines_at_once()
    try:
        if isinstance(handler, str):
            add_import_paths(sys.path, os.environ.get("LAMBDA_TASK_ROOT"), os.getcwd())  # noqa: PTH109
            handler = load(handler)
        serve = _prepare(handler, address, transport, log)
    except BaseException as error:  # noqa: BLE001 (a module may raise anything, and Lambda is told)
        _give_up(error, address, log)
    # What the start has made stays for good: no collection needs to look at it again.
    gc.freeze()
    try:
        serve()
    except RuntimeAPIError as error:
        log.write("FATAL", str(error))
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)  # as a shell says of a program that was interrupted


def _prepare(
    handler: Callable[..., Any], address: str, transport: TransportName, log: PlatformLog
) -> Callable[[], NoReturn]:
    """Load all that serving takes, while Lambda still grants the processor of the init phase."""
    if transport == "auto":
        transport = "stream" if is_async(handler) else "socket"
    function = Function(handler, log)
    if transport == "socket":
        if is_async(handler):
            raise ValueError('an `async def` handler needs transport="stream" or "aiohttp"')
        from . import _blocking_loop
        from ._socket_transport import SocketTransport

        return lambda: _blocking_loop.serve(SocketTransport(address, _headers()), function)
    connect: Callable[[str, Sequence[tuple[str, str]]], AsyncTransport]
    if transport == "stream":
        from ._stream_transport import StreamTransport

        connect = StreamTransport
    elif transport == "aiohttp":
        from ._aiohttp_transport import AiohttpTransport

        connect = AiohttpTransport
    else:
        raise ValueError(f"transport={transport!r}: auto, socket, stream and aiohttp exist")
    import asyncio

    from . import _asyncio_loop

    async def serve() -> NoReturn:
        await _asyncio_loop.serve(connect(address, _headers()), function)

    return lambda: asyncio.run(serve())


def _headers() -> tuple[tuple[str, str], ...]:
    python = ".".join(map(str, sys.version_info[:3]))
    return (("User-Agent", f"lambda-runtime/{__version__} Python/{python}"),)


def _give_up(error: BaseException, address: str, log: PlatformLog) -> NoReturn:
    """Report that the function cannot start, and end the process."""
    from ._blocking_loop import exchange
    from ._runtime_api import delivering
    from ._socket_transport import SocketTransport

    call = start_failure(error, log)
    log.flush()
    try:
        exchange(SocketTransport(address, _headers()), call, delivering(call, log))
    except RuntimeAPIError as unreachable:
        log.write("FATAL", str(unreachable))
    sys.exit(error.code if isinstance(error, SystemExit) else 1)


def _end_lines_at_once() -> None:
    """Send each line that the function prints to the log as it is printed, not a page later."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)  # it may be None, or a user's object
    if reconfigure is not None:
        reconfigure(line_buffering=True)


def _serve_locally() -> int | str:
    """Run this program under whatever is installed to serve it; return its exit code."""
    from importlib.metadata import entry_points

    for entry in entry_points(group="lambda_runtime.local"):
        serve: Callable[[], int] = entry.load()
        return serve()
    return (
        "AWS_LAMBDA_RUNTIME_API is not set: this program runs in AWS Lambda, or in an emulator. "
        "To run it here, `pip install lambda-emulator`."
    )
