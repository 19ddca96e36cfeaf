"""Web applications: lambda-asgi against Mangum on awslambdaric, with the same applications."""

from __future__ import annotations

import json

from _compare import AWS, FIRST_ANSWER, FIRST_POLL, OURS, PEAK, PROCESSOR, WALL, Comparison
from _group import Group
from _installed import WEB, Installed
from _rounds import Programs
from _server import Load

_EVENT = {
    "version": "2.0",
    "routeKey": "$default",
    "rawPath": "/items/tea",
    "rawQueryString": "count=2&page=1",
    "cookies": ["session=9b1f5b0c", "theme=dark"],
    "headers": {
        "accept": "application/json",
        "accept-encoding": "gzip, br",
        "accept-language": "en-GB,en;q=0.8",
        "content-length": "0",
        "host": "abcdefghij.lambda-url.eu-west-1.on.aws",
        "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        "x-amzn-trace-id": "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700",
        "x-forwarded-for": "203.0.113.7",
        "x-forwarded-port": "443",
        "x-forwarded-proto": "https",
    },
    "queryStringParameters": {"count": "2", "page": "1"},
    "requestContext": {
        "accountId": "anonymous",
        "apiId": "abcdefghij",
        "domainName": "abcdefghij.lambda-url.eu-west-1.on.aws",
        "domainPrefix": "abcdefghij",
        "http": {
            "method": "GET",
            "path": "/items/tea",
            "protocol": "HTTP/1.1",
            "sourceIp": "203.0.113.7",
            "userAgent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        },
        "requestId": "9e19c088-2aa8-470e-abc1-80237a548583",
        "routeKey": "$default",
        "stage": "$default",
        "time": "14/Nov/2023:22:13:20 +0000",
        "timeEpoch": 1700000000000,
    },
    "isBase64Encoded": False,
}
_LOAD = Load(event=json.dumps(_EVENT).encode(), invocations=1000, warmup=200)
_MODULES = {
    "Starlette": ("web_starlette", "mangum_starlette"),
    "FastAPI": ("web_fastapi", "mangum_fastapi"),
    "FastAPI with a lifespan": ("web_lifespan", "mangum_lifespan"),
    "FastAPI, the peer's lifespan off": ("web_fastapi", "mangum_off"),
}
_COMPARISONS = [
    Comparison(
        what,
        (*OURS, f"{module}:app"),
        (*AWS, f"{peer}.handler"),
        _LOAD,
        [FIRST_POLL, FIRST_ANSWER, WALL, PROCESSOR, PEAK],
    )
    for what, (module, peer) in _MODULES.items()
]
GROUP = Group(
    title="Web applications",
    ours="lambda-asgi",
    peer="Mangum",
    distributions=[
        "lambda-asgi",
        "lambda-runtime",
        "mangum",
        "awslambdaric",
        "fastapi",
        "starlette",
    ],
    measurements=[
        Installed(*WEB, _COMPARISONS),
        Programs("import", "from lambda_asgi import AsgiHandler", "from mangum import Mangum"),
    ],
)
