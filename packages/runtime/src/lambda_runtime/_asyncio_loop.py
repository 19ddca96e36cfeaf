"""The invocation loop for `async def` handlers: on one event loop, one or more at a time."""

from __future__ import annotations

import asyncio

from ._asyncio_invocation import exchange, this_task
from ._delivery import NEXT, poll_next
from ._invocation import Invocation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

    from ._asyncio_invocation import InvocationServer
    from ._asyncio_shutdown import PollerShutdown
    from ._delivery import RetryPolicy
    from ._in_flight import Slot
    from ._shutdown import Shutdown
    from ._transport import AsyncTransport, Response


async def serve(
    server: InvocationServer, transport: AsyncTransport, shutdown: Shutdown
) -> NoReturn:
    """Answer invocations one after the other, for as long as the process lives.

    Args:
        server: Serves one invocation.
        transport: The way to the Runtime API; it is closed in the end.
        shutdown: The request to end the loop between two invocations.

    Raises:
        RuntimeAPIError: The Runtime API is gone, or has given this environment up.
        SystemExit: The handler ended the process, after its caller got an error; or Lambda did.
    """
    poller = this_task()
    try:
        while True:
            shutdown.idle = True
            if shutdown.requested:
                raise SystemExit(0)
            invocation = await _next_invocation(transport, server.handler.policy)
            shutdown.idle = False
            ending = await server.serve_one(transport, invocation, poller)
            if ending is not None:
                raise ending
    finally:
        shutdown.idle = False  # a signal does not disturb the end
        await transport.close()


async def _next_invocation(transport: AsyncTransport, policy: RetryPolicy) -> Invocation:
    first: Response | OSError
    try:  # nearly always, one attempt is enough
        first = await transport.round_trip(NEXT)
        if first.status == 200:
            invocation = Invocation(first.headers, first.body)
            if invocation.request_id:
                return invocation
    except OSError as error:
        first = error
    return await exchange(transport, NEXT, poll_next(policy, first))


async def serve_many(
    server: InvocationServer,
    transports: Sequence[AsyncTransport],
    shutdown: PollerShutdown,
    slots: Sequence[Slot],
) -> None:
    """Answer as many invocations at the same time as there are transports.

    Args:
        server: Serves one invocation.
        transports: Ways to the Runtime API; they are closed in the end.
        shutdown: The request to end the pollers.
        slots: For each poller, where it notes its invocation for the case that it dies.

    Raises:
        RuntimeAPIError: The Runtime API is gone, or has given this environment up.
        SystemExit: A handler ended the process; its caller got an error before.
    """
    pollers = [
        asyncio.Task(_poll(server, transport, shutdown, slot), name=f"lambda-poller-{number}")
        for number, (transport, slot) in enumerate(zip(transports, slots, strict=True))
    ]
    try:
        await asyncio.wait(pollers, return_when=asyncio.FIRST_COMPLETED)
        # One ends because all are to, or has trouble: the others may finish what they do.
        shutdown.request()
        await asyncio.wait(pollers)
    finally:
        for poller in pollers:
            poller.cancel()
        for transport in transports:
            await transport.close()
    for poller in pollers:
        if not poller.cancelled() and (ending := poller.result()) is not None:
            raise ending


async def _poll(
    server: InvocationServer, transport: AsyncTransport, shutdown: PollerShutdown, slot: Slot
) -> BaseException | None:
    """Serve until the end; return the exception by which a handler ends the process."""
    poller = this_task()
    while not shutdown.requested:
        shutdown.idle.add(poller)
        try:
            invocation = await _next_invocation(transport, server.handler.policy)
        finally:
            shutdown.idle.discard(poller)
        slot.enter(invocation.request_id, invocation.invocation_id)
        ending = await server.serve_one(transport, invocation, poller, slot)
        if ending is not None:
            return ending
    return None
