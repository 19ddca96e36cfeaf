"""Routes that go to another server: the integrations ``HTTP_PROXY`` and ``HTTP``.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-http.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/setup-http-integrations.html
"""

import asyncio
import re
from collections.abc import Callable, Iterable
from urllib.parse import parse_qsl, quote, urlencode

import aiohttp
from aiohttp import web
from multidict import CIMultiDict
from yarl import URL

from lambda_emulator._front_end import Answer
from lambda_emulator._http_exchange import Exchange
from lambda_emulator._http_request import CONNECTION_HEADERS
from lambda_emulator._http_response import set_headers
from lambda_emulator._http_server import MAX_HEADER_SIZE
from lambda_emulator._messages import say
from lambda_emulator._project.description import Upstream
from lambda_emulator._project.integration_responses import fits

from .call import Call, Grant
from .custom_integration import UNSUPPORTED, CustomIntegration, Made
from .parameter_mapping import Answered, Expressions, change_header

MAX_RESPONSE = 10 * 1024 * 1024
"""The most bytes of a response: API Gateway's limit."""
_MOST = 100  # requests at a time; an API that goes to itself would otherwise go on forever
_AGENT = "User-Agent"
_UNREACHABLE = Answer(
    504,
    '{"message": "Network error communicating with endpoint"}',
    error_type="InternalServerErrorException",
)
_SAFE = "/:@!$&'()*+,;=-._~"
_VARIABLE = re.compile(r"\{([^{}]+)\}")
_OWN = CONNECTION_HEADERS | {"content-length", "host"}


class Upstreams:
    """Sends requests of an API to other servers."""

    def __init__(self, local: Callable[[str], str]) -> None:
        """Prepare to send.

        Args:
            local: Returns a URL with the addresses that APIs have here.
        """
        self._local = local
        self._waiting = 0

    async def answer(
        self,
        exchange: Exchange,
        call: Call,
        grant: Grant | None,
        upstream: Upstream,
        custom: CustomIntegration | None = None,
    ) -> web.Response:
        """Return the response to a request.

        Args:
            exchange: The request, to answer.
            call: The same, for its route.
            grant: The grant of the authorizer, or None.
            upstream: The server.
            custom: Maps requests and responses; None for a proxy.

        Raises:
            TemplateError: A template cannot be evaluated.
        """
        made = Made(call.request.body, "") if custom is None else custom.request(call, grant)
        if made.body is None:
            return exchange.problem("failed", UNSUPPORTED)
        if self._waiting >= _MOST:
            return exchange.problem("throttled")
        timeout = exchange.timeout or exchange.front_end.timeout
        self._waiting += 1
        try:
            async with asyncio.timeout(timeout):
                answered = await self._send(call, grant, upstream, made)
        except TimeoutError:
            return exchange.problem("timed_out")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            reason = str(error) or type(error).__name__
            say(f"{call.endpoint.route} of {call.api.name} cannot reach {upstream.url}: {reason}.")
            own = _UNREACHABLE if call.api.kind == "rest" else None
            return exchange.problem("throttled" if own is None else "failed", own)
        finally:
            self._waiting -= 1
        if custom is not None:
            return custom.response(exchange, call, grant, answered, str(answered.status))
        expressions = Expressions(call, grant, answered)
        response = _response(answered, upstream, expressions, exchange.front_end.remapped)
        set_headers(response.headers, exchange.added)
        return response

    async def _send(
        self, call: Call, grant: Grant | None, upstream: Upstream, made: Made
    ) -> Answered:
        expressions = Expressions(call, grant)
        safe = f"{_SAFE}%" if call.api.kind == "rest" else _SAFE  # REST APIs do not decode paths
        path = {name: quote(value, safe) for name, value in call.endpoint.path_parameters.items()}
        headers = _request_headers(call) if upstream.passes else _custom_headers(call, made)
        pairs = parse_qsl(call.request.raw_query, keep_blank_values=True)
        query = [*pairs] if upstream.passes else []
        url = upstream.url
        for key, expression in upstream.parameters.items():
            verb, part, name = _parameter(key)
            value = expressions.value(expression)
            if part == "path" and not name and value is not None:
                url = f"{URL(url).origin()}/{quote(value, safe).removeprefix('/')}"
            elif part == "path" and value is not None:
                path[name] = quote(value, safe)
            elif part == "header":
                change_header(headers, name, value, verb)
            elif part == "querystring":
                if verb != "append":
                    query = [each for each in query if each[0] != name]
                if value is not None and verb != "remove":
                    query.append((name, value))
        url = _VARIABLE.sub(lambda match: path.get(match[1].removesuffix("+"), match[0]), url)
        if query:
            unchanged = query == pairs and upstream.passes
            text = call.request.raw_query if unchanged else urlencode(query)
            url = f"{url}{'&' if '?' in url else '?'}{text}"
        return await _request(
            upstream.method or call.request.method,
            URL(self._local(url), encoded=True),
            headers,
            made.body or b"",
        )


async def _request(method: str, url: URL, headers: CIMultiDict[str], body: bytes) -> Answered:
    async with (
        aiohttp.ClientSession(
            auto_decompress=False,
            skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", _AGENT),
            timeout=aiohttp.ClientTimeout(total=None),
            max_line_size=MAX_HEADER_SIZE,
            max_field_size=MAX_HEADER_SIZE,
            cookie_jar=aiohttp.DummyCookieJar(),
        ) as session,
        session.request(
            method, url, headers=headers, data=body or None, allow_redirects=False
        ) as response,
    ):
        found = bytearray()
        async for chunk in response.content.iter_any():
            found += chunk
            if len(found) > MAX_RESPONSE:
                raise ValueError(f"the response has more than {MAX_RESPONSE} bytes")
        return Answered(response.status, CIMultiDict(response.headers), bytes(found))


def _response(
    answered: Answered, upstream: Upstream, expressions: Expressions, remapped: Iterable[str]
) -> web.Response:
    status, headers = answered.status, CIMultiDict[str]()
    for name, value in answered.headers.items():
        lowered = name.lower()
        if lowered in remapped:
            headers.add(f"x-amzn-Remapped-{name}", value)
        elif lowered not in _OWN:
            headers.add(name, value)
    change = next((each for each in upstream.responses if fits(each.pattern, str(status))), None)
    if change is not None:
        status = change.status or status
        for key, expression in change.parameters.items():
            verb, part, name = _parameter(key)
            changed = expressions.value(expression)
            if part == "header":
                change_header(headers, name, changed, verb)
            elif part == "statuscode" and re.fullmatch("[2-5][0-9]{2}", changed or ""):
                status = int(changed or "")
    return web.Response(status=status, headers=headers, body=answered.body)


def _request_headers(call: Call) -> CIMultiDict[str]:
    """Return the headers of a request that is passed on."""
    headers = CIMultiDict(
        (name, value) for name, value in call.request.headers.items() if name.lower() not in _OWN
    )
    headers["X-Amzn-Trace-Id"] = call.request.trace_id
    source = call.request.source_ip
    if call.api.kind == "rest":
        headers["X-Amzn-Apigateway-Api-Id"] = call.endpoint.api_id
        before = headers.getall("X-Forwarded-For", [])
        headers["X-Forwarded-For"] = ", ".join([*before, source])
        headers["X-Forwarded-Port"], headers["X-Forwarded-Proto"] = str(call.request.port), "http"
    else:
        host = call.request.headers.get("Host", "")
        forwarded = f"by=127.0.0.1;for={source};host={host};proto=http"
        change_header(headers, "Forwarded", forwarded, "append")
        change_header(headers, "Via", "HTTP/1.1 AmazonAPIGateway", "append")
    return headers


def _custom_headers(call: Call, made: Made) -> CIMultiDict[str]:
    """Return the headers of a request that only has what its integration maps."""
    headers: CIMultiDict[str] = CIMultiDict(
        {
            "Accept": "application/json",
            _AGENT: f"AmazonAPIGateway_{call.endpoint.api_id}",
            "X-Amzn-Apigateway-Api-Id": call.endpoint.api_id,
            "X-Amzn-Trace-Id": call.request.trace_id,
        }
    )
    if made.body:
        headers["Content-Type"] = made.media_type
    return headers


def _parameter(key: str) -> tuple[str, str, str]:
    """Return the verb, the part of the request or the response, and the name within it."""
    verb, colon, rest = key.partition(":")
    if not colon:  # of a REST API
        verb, rest = "overwrite", key.partition(".")[2].partition(".")[2]
    part, _, name = rest.partition(".")
    return verb, part, name
