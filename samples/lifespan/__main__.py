"""Open clients once, before the first invocation, and close them after the last."""

import os
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

from aiohttp import ClientSession, web

from lambda_runtime import Context, function, run

RATES = {"EUR": 0.86, "JPY": 156.0}


@asynccontextmanager
async def demo_service() -> AsyncGenerator[str]:
    """Serve exchange rates on this machine, so that the sample needs no network.

    Yields:
        The service's address.
    """

    async def rate(request: web.Request) -> web.Response:
        currency = request.match_info["currency"]
        if currency not in RATES:
            raise web.HTTPNotFound(reason=f"There is no rate for {currency}")
        return web.json_response(RATES[currency])

    app = web.Application()
    app.router.add_get("/rates/{currency}", rate)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def lifespan() -> AsyncGenerator[ClientSession]:
    """Open a session for all invocations.

    Yields:
        `Context.state`: here a session that keeps its connections to the service.
    """
    async with AsyncExitStack() as stack:
        address = os.environ.get("RATES_URL")
        if address is None:
            address = await stack.enter_async_context(demo_service())
        session = await stack.enter_async_context(ClientSession(address, raise_for_status=True))
        print("opened the session")
        yield session
    print("closed the session")


@function(lifespan=lifespan)
async def handler(event: dict[str, float], context: Context) -> dict[str, float]:
    """Answer one invocation.

    Args:
        event: Amounts in dollars by the currency that is asked for, such as ``{"EUR": 100}``.
        context: Holds the session, as its state.

    Returns:
        The amounts in those currencies.
    """
    session: ClientSession = context.state
    amounts: dict[str, float] = {}
    for currency, dollars in event.items():
        async with session.get(f"/rates/{currency}") as response:
            amounts[currency] = round(dollars * await response.json(), 2)
    print(f"{context.function_name} converted {len(amounts)} amounts")
    return amounts


if __name__ == "__main__":
    run(handler)
