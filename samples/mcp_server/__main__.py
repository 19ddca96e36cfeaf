"""A server of the Model Context Protocol, whose tools models call over streamable HTTP."""

import os
from typing import Any

from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.server.transport_security import TransportSecuritySettings

from lambda_asgi import AsgiHandler
from lambda_runtime import function, run

server = MCPServer(
    "shop",
    instructions="Ask here for what the shop has, and what it costs.",
    log_level="WARNING",
)
PRICES = {"coffee": 4.2, "tea": 3.5}


@server.tool()
async def price(item: str, count: int = 1) -> float:
    """Return the price of some pieces of an item, in euros."""
    print(f"mcp_server is asked for the price of {item}")
    return PRICES[item] * count


@server.tool()
async def brew(item: str, context: Context[Any, Any]) -> str:
    """Make a cup, and report how far it is."""
    for step, words in enumerate(("water", "heat", item), 1):
        await context.report_progress(step, 3, words)
    return f"a cup of {item}"


@server.resource("shop://items")
def items() -> list[str]:
    """Return what the shop has."""
    return sorted(PRICES)


# Stateless: the next request may be another environment's. A function URL checks the host itself.
app = server.streamable_http_app(
    stateless_http=True,
    transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
)
# The library that sends events starts a task in the first request.
handler = function(leftover_tasks="keep")(AsgiHandler(app, streaming=True))

if __name__ == "__main__":
    # Only on this machine: a port of its own gives the function URL the paths that it has on AWS.
    os.environ.setdefault("LAMBDA_EMULATOR_URL_PORT", "8000")
    run(handler)
