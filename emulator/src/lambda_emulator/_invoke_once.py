"""A function that a command invokes once."""

import uuid
from collections.abc import Sequence

from ._breakpoint import keyboard
from ._bus import Bus
from ._config import FunctionConfig
from ._invocation import MissingTenant
from ._log_printer import LogPrinter
from ._messages import say
from ._server import EmulatorServer
from ._service import FunctionService
from ._start_advice import explain_start, start_advice
from ._terminal import CommandError, check_debug_ports, ended_by_signals


async def invoke_once(
    config: FunctionConfig,
    event: bytes,
    *,
    tenant: str | None = None,
    others: Sequence[FunctionConfig] = (),
    skip_time: bool = False,
) -> tuple[bytes, bool]:
    """Start a function, invoke it once, and end it. Its log goes to standard error.

    A durable function is executed to the end, with a server at a free port, which it needs.

    If the function waits at a `breakpoint`, what is typed in the terminal is for the debugger, and
    there is no time limit. A function that cannot start is not invoked: its error is the response.

    Args:
        config: The function.
        event: The event, as JSON.
        tenant: The tenant that it is for, or None.
        others: Functions that a durable one may invoke.
        skip_time: True if a durable execution does not wait for its timers.

    Returns:
        The response or the error, as JSON; and whether it is an error.

    Raises:
        CommandError: The port for a debugger is in use, or a package or the tenant is missing.
        SystemExit: A signal came first; the code is 128 and its number, as in shells.
    """
    with ended_by_signals() as signals:
        check_debug_ports([config])
        with keyboard() as typed:
            config = config._replace(keyboard=typed)
            if config.durable is not None:
                return await _execute([config, *others], event, tenant, skip_time=skip_time)
            async with FunctionService(config, LogPrinter(2, times=False), Bus()) as service:
                return await _invoke(service, event, tenant)
    raise SystemExit(128 + signals[0])


async def _execute(
    configs: Sequence[FunctionConfig], event: bytes, tenant: str | None, *, skip_time: bool
) -> tuple[bytes, bool]:
    """Execute the first function durably; the others are there for it to invoke."""
    log = LogPrinter(2, [config.function.name for config in configs], times=False)
    try:
        server = EmulatorServer(configs, log, port=0, skip_time=skip_time)
    except ValueError as error:
        raise CommandError(str(error)) from error
    async with server:
        say(f"{server.url}/ shows the execution, and takes the answers to its callbacks.")
        return await _invoke(next(iter(server.functions.values())), event, tenant)


async def _invoke(service: FunctionService, event: bytes, tenant: str | None) -> tuple[bytes, bool]:
    failure = await service.initialized()
    if failure is not None and failure.status == "error":  # it would fail again
        if start_advice(service.config, failure):  # the log has all the rest
            reason = explain_start(service.config, failure)
            say(f"Error: The function {service.function.name} cannot start: {reason}")
        return failure.payload(str(uuid.uuid4())), True
    try:
        invocation = service.invoke(event, tenant_id=tenant)
    except MissingTenant:
        name = service.function.name
        raise CommandError(f"{name} isolates tenants: name one with --tenant-id.") from None
    await invocation
    await invocation.wait_for_report()
    if invocation.failure is not None and invocation.failure.status == "timeout":
        say(f"The limit is {service.function.timeout:g} seconds: --timeout SECONDS changes it.")
    return invocation.payload, invocation.is_error
