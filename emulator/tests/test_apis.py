"""HTTP and REST APIs in front of functions: routes, CORS, authorizers, checks and limits."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import RSAAlgorithm

from lambda_emulator import Cors, Emulator, configure
from lambda_emulator._gateway.gateway import GatewayOptions
from lambda_emulator._project.description import Api, Authorizer, Place, Route

from .conftest import LIMIT, Response, ask

if TYPE_CHECKING:
    from collections.abc import Iterator

FUNCTION = Path(__file__).parent / "functions" / "gateway.py"
PLACE = Place(path=Path("template.yaml"))
PAGE = "https://shop.example"
ISSUER = "https://issuer.example/"
STREAM = """
from lambda_runtime import run

def handler(event, stream, context):
    stream.content_type = "application/vnd.awslambda.http-integration-response"
    stream.write(b'{"statusCode": 201}' + bytes(8))
    stream.write(b"streamed")

run(handler)
"""
SCHEMA = {
    "type": "object",
    "required": ["name"],
    "properties": {"name": {"type": "string"}, "age": {"type": "integer"}},
}


def a_route(key: str, **options: Any) -> Route:
    method, _, path = key.rpartition(" ")
    given: dict[str, Any] = {"function": "app", **options}
    return Route(**given, method=method, path=path, place=PLACE)


def asks(name: str, kind: Any = "request", **options: Any) -> Authorizer:
    source = ("$request.header.Authorization",)
    given: dict[str, Any] = {"function": "auth", "identity_sources": source, **options}
    return Authorizer(**given, name=name, kind=kind)


def by_name(*authorizers: Authorizer) -> dict[str, Authorizer]:
    return {authorizer.name: authorizer for authorizer in authorizers}


class Issuer:
    """An issuer of tokens, with a key of its own."""

    def __init__(self) -> None:
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        public = json.loads(RSAAlgorithm.to_jwk(self._key.public_key()))
        self.keys = {"keys": [{**public, "kid": "first", "alg": "RS256", "use": "sig"}]}

    def token(self, kid: str = "first", **claims: Any) -> str:
        now = int(time.time())
        own = {"iss": ISSUER, "aud": "shop", "sub": "me", "iat": now - 5, "exp": now + 600}
        return jwt.encode({**own, **claims}, self._key, "RS256", headers={"kid": kid})


@pytest.fixture(scope="module")
def issuer() -> Issuer:
    return Issuer()


@pytest.fixture(scope="module")
def issuer_url(issuer: Issuer) -> Iterator[str]:
    """An issuer that tells its keys."""

    class Keys(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told: Any = {"jwks_uri": f"{url}/keys"} if "well-known" in self.path else issuer.keys
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(told).encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Keys) as server:
        url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield url
        server.shutdown()


@pytest.fixture(scope="module")
def emulator(
    tmp_path_factory: pytest.TempPathFactory, issuer: Issuer, issuer_url: str
) -> Iterator[Emulator]:
    folder = tmp_path_factory.mktemp("apis")
    (folder / "keys.json").write_text(json.dumps(issuer.keys))
    (folder / "stream.py").write_text(STREAM)
    functions = {
        "app": configure(FUNCTION, "app", timeout=LIMIT, region="eu-west-1"),
        "auth": configure(FUNCTION, "auth", timeout=LIMIT, concurrency=1),
        "slow": configure(FUNCTION, "slow", timeout=LIMIT),
        "stream": configure(folder / "stream.py", "stream", timeout=LIMIT),
    }
    http = Api(
        name="http",
        kind="http",
        place=PLACE,
        base_paths=("shop",),
        stage_variables={"color": "red"},
        cors=Cors(
            allow_origins=(PAGE,), allow_methods=("GET",), allow_headers=("x-a",), max_age=300
        ),
        authorizers=by_name(
            asks("simple", simple=True, cache_seconds=60),
            asks("policy"),
            asks("one", payload_format="1.0", cache_seconds=60),
            asks("open", identity_sources=()),
            asks("two", identity_sources=("$request.querystring.k", "$context.identity.sourceIp")),
            asks("jwt", "jwt", issuer=ISSUER, audiences=("shop", "other")),
            asks("fetched", "jwt", issuer=issuer_url),
            asks("unknown", "jwt", issuer="http://127.0.0.1:1"),
            asks("iam", "iam"),
            asks("absent", function="nobody"),
        ),
        routes=(
            a_route("GET /items/{id}"),
            a_route("ANY /one/{id}", payload_format="1.0"),
            *(
                a_route(f"GET /{name}", authorizer=name)
                for name in ("simple", "policy", "one", "open", "two", "jwt", "fetched")
            ),
            a_route("GET /unknown", authorizer="unknown"),
            a_route("GET /iam", authorizer="iam"),
            a_route("GET /absent", authorizer="absent"),
            a_route("GET /scoped", authorizer="jwt", scopes=("read", "write")),
            a_route("GET /simple-1", authorizer="simple", payload_format="1.0"),
            a_route("GET /jwt-1", authorizer="jwt", payload_format="1.0"),
            a_route("GET /slow", function="slow", timeout=0.2),
            a_route("GET /nobody", function="nobody"),
        ),
    )
    named = Api(
        name="named",
        kind="http",
        place=PLACE,
        stage="beta",
        routes=(a_route("$default"), a_route("GET /one", payload_format="1.0")),
    )
    header = ("method.request.header.Authorization",)
    rest = Api(
        name="my rest",
        kind="rest",
        place=PLACE,
        stage="prod",
        base_paths=("base",),
        cors=Cors(allow_origins=("*",), allow_methods=("GET", "POST")),
        binary_media_types=("image/*",),
        authorizers=by_name(
            asks("token", "token", identity_sources=header, validation="(allow|deny|raw|fail|un)"),
            asks("cached", "token", identity_sources=header, cache_seconds=60),
            asks("request", identity_sources=(*header, "method.request.querystring.k")),
            asks("cognito", "cognito", issuer=ISSUER, identity_sources=header),
            asks("iam", "iam"),
        ),
        routes=(
            a_route("GET /pets"),
            a_route("GET /pets/{id}"),
            a_route("ANY /all/{proxy+}"),
            a_route("OPTIONS /own"),
            a_route("GET /token", authorizer="token"),
            a_route("GET /cached/{x}", authorizer="cached"),
            a_route("GET /request", authorizer="request"),
            a_route("GET /cognito", authorizer="cognito"),
            a_route("GET /iam", authorizer="iam"),
            a_route("GET /scoped", authorizer="cognito", scopes=("orders/read",)),
            a_route(
                "POST /checked",
                body_schemas={"application/json": SCHEMA},
                required_parameters=(
                    "method.request.querystring.page",
                    "method.request.header.X-Who",
                ),
            ),
            a_route("GET /slow", function="slow", timeout=0.2),
            a_route("GET /stream", function="stream", streams=True),
        ),
    )
    trusting = Api(
        name="closed",
        kind="rest",
        place=PLACE,
        stage="prod",
        routes=(a_route("ANY /{proxy+}"),),
    )
    options = GatewayOptions(key_files={ISSUER: folder / "keys.json"})
    apis = [http, named, rest, trusting]
    with Emulator(functions, apis=apis, api_options=options) as emulator:
        yield emulator


def send(
    emulator: Emulator,
    api: str,
    line: str,
    headers: dict[str, str] | None = None,
    body: bytes | None = None,
    *,
    below: bool = True,
) -> Response:
    """Send a request, below the stage of an API or to its server's root."""
    url = emulator.api_url(api)
    return ask(url if below else urljoin(url, "/").rstrip("/"), line, headers, body)


def allowed(emulator: Emulator, api: str, line: str, token: str) -> Any:
    response = send(emulator, api, line, {"Authorization": token})
    assert response.status == 200, response.body
    return response.json()


# Events.


def test_http_api(emulator: Emulator) -> None:
    response = send(emulator, "http", "GET /items/a%20b?x=1&x=2")
    event = response.json()
    assert response.headers["Apigw-Requestid"]
    assert event["routeKey"] == event["requestContext"]["routeKey"] == "GET /items/{id}"
    assert event["rawPath"] == "/items/a b"
    assert event["pathParameters"] == {"id": "a b"}
    assert event["queryStringParameters"] == {"x": "1,2"}
    assert event["stageVariables"] == {"color": "red"}
    assert event["requestContext"]["stage"] == "$default"
    assert event["requestContext"]["domainName"] == "http.execute-api.eu-west-1.amazonaws.com"
    assert "authorizer" not in event["requestContext"]


def test_http_api_in_format_1(emulator: Emulator) -> None:
    event = send(emulator, "http", "POST /one/5?x=1&x=2", {"X-Own": "1"}, b"text").json()
    assert event["version"] == "1.0"
    assert (event["resource"], event["path"]) == ("/one/{id}", "/one/5")
    assert event["pathParameters"] == {"id": "5"}
    assert event["multiValueQueryStringParameters"] == {"x": ["1", "2"]}
    assert event["headers"]["x-own"] == "1"  # names are in lower case, except for a few
    assert "Content-Length" in event["headers"]
    assert event["requestContext"]["resourceId"] == "ANY /one/{id}"
    assert (event["body"], event["isBase64Encoded"]) == ("dGV4dA==", True)


def test_named_stage_of_http_api(emulator: Emulator) -> None:
    event = send(emulator, "named", "PUT /any/path").json()
    assert event["routeKey"] == "$default"
    assert event["rawPath"] == "/beta/any/path"
    assert event["requestContext"]["stage"] == "beta"
    assert send(emulator, "named", "GET /one").json()["path"] == "/beta/one"
    refused = send(emulator, "named", "GET /gamma/one", below=False)
    assert (refused.status, refused.body) == (404, b'{"message":"Not Found"}')


def test_rest_api(emulator: Emulator) -> None:
    event = send(emulator, "my rest", "GET /pets/a%20b?x=1&x=2", {"X-Own": "1"}).json()
    assert "version" not in event
    assert (event["resource"], event["path"]) == ("/pets/{id}", "/pets/a%20b")
    assert event["pathParameters"] == {"id": "a%20b"}
    assert event["headers"]["X-Own"] == "1"
    context = event["requestContext"]
    assert (context["path"], context["stage"]) == ("/prod/pets/a%20b", "prod")
    assert (context["resourcePath"], context["apiId"]) == ("/pets/{id}", "my-rest")


def test_custom_domain(emulator: Emulator) -> None:
    event = send(emulator, "my rest", "GET /base/pets", below=False).json()
    assert (event["resource"], event["path"]) == ("/pets", "/base/pets")
    assert event["requestContext"]["path"] == "/base/pets"
    event = send(emulator, "http", "GET /shop/items/1").json()
    assert (event["rawPath"], event["pathParameters"]) == ("/shop/items/1", {"id": "1"})


@pytest.mark.parametrize(
    ("api", "line", "status", "body"),
    [
        ("http", "GET /no", 404, b'{"message":"Not Found"}'),
        ("http", "POST /items/1", 404, b'{"message":"Not Found"}'),
        ("http", "GET /nobody", 500, b'{"message": "Internal Server Error"}'),
        ("http", "GET /items/%25", 400, b'{"message": "Bad Request"}'),
        ("http", "GET /slow", 503, b'{"message": "Service Unavailable"}'),
        ("my rest", "GET /no", 403, b'{"message":"Missing Authentication Token"}'),
        ("my rest", "POST /pets", 403, b'{"message":"Missing Authentication Token"}'),
        ("my rest", "GET /slow", 504, b'{"message": "Endpoint request timed out"}'),
    ],
)
def test_answers(emulator: Emulator, api: str, line: str, status: int, body: bytes) -> None:
    response = send(emulator, api, line, {"X-Do": "sleep"})
    assert (response.status, response.body) == (status, body)


def test_other_stage_of_rest_api(emulator: Emulator) -> None:
    response = send(emulator, "my rest", "GET /dev/pets", below=False)
    assert (response.status, response.body) == (403, b'{"message":"Forbidden"}')


def test_stream_and_binary(emulator: Emulator) -> None:
    response = send(emulator, "my rest", "GET /stream")
    assert (response.status, response.body) == (201, b"streamed")
    assert response.headers["Transfer-Encoding"] == "chunked"
    event = send(emulator, "my rest", "POST /all/x", {"Content-Type": "image/png"}, b"\xff").json()
    assert (event["body"], event["isBase64Encoded"]) == ("/w==", True)


# Web pages.


def test_preflight_of_http_api(emulator: Emulator) -> None:
    asked = {"Origin": PAGE, "Access-Control-Request-Method": "GET"}
    response = send(emulator, "http", "OPTIONS /jwt", asked)  # without the authorizer
    assert response.status == 204
    assert response.headers["Access-Control-Allow-Origin"] == PAGE
    assert response.headers["Access-Control-Allow-Methods"] == "GET"
    assert response.headers["Access-Control-Allow-Headers"] == "x-a"
    assert response.headers["Access-Control-Max-Age"] == "300"
    other = send(emulator, "http", "OPTIONS /jwt", {**asked, "Origin": "https://x.example"})
    assert "Access-Control-Allow-Origin" not in other.headers


def test_pages_of_http_api(emulator: Emulator) -> None:
    response = send(emulator, "http", "GET /items/1", {"Origin": PAGE})
    assert response.status == 200
    assert response.headers.get_all("Access-Control-Allow-Origin") == [PAGE]
    assert send(emulator, "http", "GET /items/1", {"Origin": "https://x.example"}).status == 403
    # The function's own header does not count.
    response = send(emulator, "http", "GET /items/1")
    assert "Access-Control-Allow-Origin" not in response.headers


def test_pages_of_rest_api(emulator: Emulator) -> None:
    asked = {"Origin": PAGE, "Access-Control-Request-Method": "GET"}
    response = send(emulator, "my rest", "OPTIONS /pets", asked)
    assert (response.status, response.headers["Access-Control-Allow-Methods"]) == (200, "GET, POST")
    assert send(emulator, "my rest", "OPTIONS /all/x", asked).body == b""  # although it has ANY
    assert send(emulator, "my rest", "OPTIONS /own", asked).json()["httpMethod"] == "OPTIONS"
    assert send(emulator, "my rest", "OPTIONS /no", asked).status == 403
    # The functions of a REST API set the other headers themselves.
    response = send(emulator, "my rest", "GET /pets", {"Origin": PAGE})
    assert response.headers["Access-Control-Allow-Origin"] == "function"
    refused = send(emulator, "closed", "GET /x", {"Origin": PAGE})
    assert (refused.status, b"--cors" in refused.body) == (403, True)
    assert send(emulator, "closed", "GET /x", {"Host": "evil.example"}).status == 403


# Functions as authorizers.


def test_simple_answers(emulator: Emulator) -> None:
    context = allowed(emulator, "http", "GET /simple", "yes 1")["requestContext"]["authorizer"]
    asked = json.loads(context["lambda"].pop("event"))
    count = context["lambda"].pop("asked")
    assert context == {"lambda": {"admin": True}}
    assert (asked["version"], asked["type"]) == ("2.0", "REQUEST")
    assert asked["routeArn"].startswith("arn:aws:execute-api:eu-west-1:")
    assert asked["routeArn"].endswith(":123456789012:http/$default/GET/simple")
    assert (asked["identitySource"], asked["routeKey"]) == (["yes 1"], "GET /simple")
    assert "body" not in asked
    # The answer is kept, for all routes that have the authorizer.
    event = allowed(emulator, "http", "GET /simple-1", "yes 1")
    assert event["requestContext"]["authorizer"]["asked"] == str(count)
    assert event["requestContext"]["authorizer"]["admin"] == "true"


@pytest.mark.parametrize(
    ("line", "token", "status", "body"),
    [
        ("GET /simple", "no", 403, b'{"message":"Forbidden"}'),
        ("GET /simple", None, 401, b'{"message":"Unauthorized"}'),
        ("GET /simple", "", 401, b'{"message":"Unauthorized"}'),
        ("GET /simple", "fail", 500, b'{"message":"Internal Server Error"}'),
        ("GET /simple", "unauthorized", 401, b'{"message":"Unauthorized"}'),
        ("GET /simple", "allow", 500, b'{"message":"Internal Server Error"}'),
        ("GET /simple", 'raw {"isAuthorized": "yes"}', 500, b'{"message":"Internal Server Error"}'),
        ("GET /simple", "raw []", 500, b'{"message":"Internal Server Error"}'),
        ("GET /policy", "deny", 403, b'{"message":"Forbidden"}'),
        ("GET /policy", "yes", 500, b'{"message":"Internal Server Error"}'),
        ("GET /two", "allow", 401, b'{"message":"Unauthorized"}'),
        ("GET /absent", "yes", 500, b'{"message":"Internal Server Error"}'),
    ],
)
def test_refusals_of_http_api(
    emulator: Emulator, line: str, token: str | None, status: int, body: bytes
) -> None:
    headers = {} if token is None else {"Authorization": token}
    response = send(emulator, "http", line, headers)
    assert (response.status, response.body) == (status, body)


def test_policies(emulator: Emulator) -> None:
    authorizer = allowed(emulator, "http", "GET /policy", "allow")["requestContext"]["authorizer"]
    assert authorizer["lambda"]["admin"] is True
    for pattern in ("*", "arn:aws:execute-api:*:*:*/*/GET/pol?cy"):
        allowed(emulator, "http", "GET /policy", f"allow {pattern}")
    other = {"Authorization": "allow arn:aws:execute-api:*:*:http/*/POST/*"}
    assert send(emulator, "http", "GET /policy", other).status == 403


def test_authorizer_in_format_1(emulator: Emulator) -> None:
    context = allowed(emulator, "http", "GET /one", "allow")["requestContext"]["authorizer"]
    asked = json.loads(context["lambda"]["event"])
    assert (asked["version"], asked["type"]) == ("1.0", "REQUEST")
    assert asked["methodArn"].endswith("/$default/GET/one")
    assert asked["identitySource"] == asked["authorizationToken"] == "allow"


def test_identity_sources(emulator: Emulator) -> None:
    allowed(emulator, "http", "GET /open", "allow")  # it is asked without any
    authorizer = allowed(emulator, "http", "GET /two?k=allow", "x")["requestContext"]["authorizer"]
    assert json.loads(authorizer["lambda"]["event"])["identitySource"] == ["allow", "127.0.0.1"]


def test_token_authorizer(emulator: Emulator) -> None:
    context = allowed(emulator, "my rest", "GET /token", "allow")["requestContext"]["authorizer"]
    asked = json.loads(context["event"])
    assert asked["type"] == "TOKEN"
    assert asked["authorizationToken"] == "allow"
    assert asked["methodArn"].endswith(":my-rest/prod/GET/token")
    assert (context["principalId"], context["admin"]) == ("someone", "true")
    assert isinstance(context["integrationLatency"], int)
    assert "none" not in context


def test_request_authorizer(emulator: Emulator) -> None:
    event = allowed(emulator, "my rest", "GET /request?k=v", "allow")
    asked = json.loads(event["requestContext"]["authorizer"]["event"])
    assert (asked["type"], asked["resource"], asked["httpMethod"]) == ("REQUEST", "/request", "GET")
    assert asked["pathParameters"] == asked["stageVariables"] == {}
    assert asked["queryStringParameters"] == {"k": "v"}
    assert asked["requestContext"]["stage"] == "prod"
    assert "version" not in asked
    assert "body" not in asked


DENIED = b'{"Message":"User is not authorized to access this resource'


@pytest.mark.parametrize(
    ("line", "token", "status", "body"),
    [
        ("GET /token", None, 401, b'{"message":"Unauthorized"}'),
        ("GET /token", "other", 401, b'{"message":"Unauthorized"}'),  # the expression refuses it
        ("GET /token", "unauthorized", 401, b'{"message":"Unauthorized"}'),
        ("GET /token", "deny", 403, DENIED + b' with an explicit deny"}'),
        ("GET /token", "allow arn:aws:execute-api:*/POST/*", 403, DENIED + b'"}'),
        ("GET /token", "fail", 500, b'{"message":null}'),
        ("GET /token", "raw {}", 500, b'{"message":null}'),
        ("GET /token", 'raw {"principalId": "me"}', 500, b'{"message":null}'),
        (
            "GET /token",
            'raw {"principalId": "me", "policyDocument": {"Statement": [{"Effect": "Allow"}]}}',
            500,
            b'{"message":null}',
        ),
        ("GET /request", "allow", 401, b'{"message":"Unauthorized"}'),
    ],
)
def test_refusals_of_rest_api(
    emulator: Emulator, line: str, token: str | None, status: int, body: bytes
) -> None:
    headers = {} if token is None else {"Authorization": token}
    response = send(emulator, "my rest", line, headers)
    assert (response.status, response.body) == (status, body)
    assert response.headers["x-amzn-ErrorType"]


def test_policy_is_kept(emulator: Emulator) -> None:
    token = "allow arn:aws:execute-api:*/prod/GET/cached/a"
    first = allowed(emulator, "my rest", "GET /cached/a", token)
    second = allowed(emulator, "my rest", "GET /cached/a", token)
    asked = [each["requestContext"]["authorizer"]["asked"] for each in (first, second)]
    assert asked[0] == asked[1]
    # It is for the other resource, too, which it does not name.
    response = send(emulator, "my rest", "GET /cached/b", {"Authorization": token})
    assert (response.status, response.body) == (403, DENIED + b'"}')


def test_iam(emulator: Emulator) -> None:
    signed = "AWS4-HMAC-SHA256 Credential=AKIDLOCAL/20260101/eu-west-1/execute-api/aws4_request"
    authorizer = allowed(emulator, "http", "GET /iam", signed)["requestContext"]["authorizer"]
    assert authorizer["iam"]["accessKey"] == "AKIDLOCAL"
    identity = allowed(emulator, "my rest", "GET /iam", signed)["requestContext"]["identity"]
    assert identity["accessKey"] == "AKIDLOCAL"


# Tokens.


def test_jwt(emulator: Emulator, issuer: Issuer) -> None:
    token = issuer.token(groups=["a", "b"], admin=True, level=3, nested={"x": [1]}, scope="read")
    event = allowed(emulator, "http", "GET /jwt", f"Bearer {token}")
    given = event["requestContext"]["authorizer"]["jwt"]
    claims = given["claims"]
    assert given["scopes"] is None
    assert (claims["groups"], claims["admin"], claims["level"]) == ("[a b]", "true", "3")
    assert (claims["nested"], claims["exp"].isdigit()) == ("map[x:[1]]", True)
    event = allowed(emulator, "http", "GET /scoped", token)
    assert event["requestContext"]["authorizer"]["jwt"]["scopes"] == ["read", "write"]
    event = allowed(emulator, "http", "GET /jwt-1", token)
    assert event["requestContext"]["authorizer"]["claims"]["sub"] == "me"
    allowed(emulator, "http", "GET /jwt", issuer.token(aud=["x", "other"]))
    token = issuer.token(aud=None, client_id="shop")
    assert refused_jwt(emulator, "GET /jwt", token) == "the token does not have a valid audience"


def refused_jwt(emulator: Emulator, line: str, token: str) -> str:
    response = send(emulator, "http", line, {"Authorization": token})
    assert (response.status, response.body) == (401, b'{"message":"Unauthorized"}')
    return response.headers["www-authenticate"].partition('error_description="')[2].rstrip('"')


def test_jwt_is_checked(emulator: Emulator, issuer: Issuer) -> None:
    now = int(time.time())
    for claims, reason in (
        ({"exp": now - 5}, "the token has expired"),
        ({"aud": "x"}, "the token does not have a valid audience"),
        ({"iss": "https://x"}, "the token does not have a valid issuer"),
        ({"nbf": now + 300}, "the token is not valid yet"),
        ({"iat": now + 300}, "the token is not valid yet"),
        ({"kid": "second"}, "the token has an unknown key id"),
    ):
        told: dict[str, Any] = claims
        assert refused_jwt(emulator, "GET /jwt", issuer.token(**told)) == reason
    good = issuer.token()
    elliptic = ec.generate_private_key(ec.SECP256R1())
    for token in (
        good[:-8] + "AAAAAAAA",
        "x",
        "a.b.c",
        Issuer().token(),
        jwt.encode({"sub": "me"}, "", "none"),
        jwt.encode({"sub": "me"}, "secret" * 8, "HS256", headers={"kid": "first"}),
        jwt.encode({"sub": "me"}, elliptic, "ES256", headers={"kid": "first"}),
    ):
        assert refused_jwt(emulator, "GET /jwt", token)
    assert send(emulator, "http", "GET /jwt").headers["www-authenticate"] == "Bearer"
    response = send(emulator, "http", "GET /scoped", {"Authorization": issuer.token(scope="no")})
    assert (response.status, response.body) == (403, b'{"message":"Forbidden"}')


def test_keys_are_fetched(emulator: Emulator, issuer: Issuer, issuer_url: str) -> None:
    allowed(emulator, "http", "GET /fetched", issuer.token(iss=issuer_url, client_id="any"))
    reason = refused_jwt(emulator, "GET /unknown", issuer.token(iss="http://127.0.0.1:1"))
    assert reason == "OIDC discovery endpoint communication error"


def test_cognito(emulator: Emulator, issuer: Issuer) -> None:
    groups: dict[str, Any] = {"cognito:groups": ["a", "b"]}
    token = issuer.token(token_use="id", exp=4102444800, **groups)
    event = allowed(emulator, "my rest", "GET /cognito", token)
    claims = event["requestContext"]["authorizer"]["claims"]
    assert claims["exp"] == "Fri Jan 01 00:00:00 UTC 2100"
    assert claims["cognito:groups"] == "a,b"
    access = issuer.token(token_use="access", scope="orders/read")
    allowed(emulator, "my rest", "GET /scoped", access)
    for line, refused, body in (
        ("GET /cognito", access, b'{"message":"Unauthorized"}'),
        ("GET /scoped", token, b'{"message":"Unauthorized"}'),
        ("GET /cognito", issuer.token(exp=1), b'{"message":"The incoming token has expired"}'),
    ):
        response = send(emulator, "my rest", line, {"Authorization": refused})
        assert (response.status, response.body) == (401, body)


def test_tokens_are_trusted() -> None:
    api = Api(
        name="api",
        kind="http",
        place=PLACE,
        authorizers=by_name(asks("jwt", "jwt", issuer=ISSUER, audiences=("shop",))),
        routes=(a_route("GET /", authorizer="jwt"),),
    )
    options = GatewayOptions(trust_tokens=True)
    token = jwt.encode({"sub": "me", "exp": 1}, "anybody" * 8, "HS256")
    with Emulator({"app": FUNCTION}, apis=[api], api_options=options, timeout=LIMIT) as emulator:
        event = allowed(emulator, "api", "GET /", token)
        assert event["requestContext"]["authorizer"]["jwt"]["claims"] == {"sub": "me", "exp": "1"}
        assert send(emulator, "api", "GET /", {"Authorization": "x"}).status == 401


# Requests that are checked.


@pytest.mark.parametrize(
    ("query", "headers", "body", "status", "message"),
    [
        ("?page=1", {"X-Who": "me"}, b'{"name": "x", "age": 1}', 200, None),
        ("", {}, b"{}", 400, "Missing required request parameters: [page, X-Who]"),
        ("?page=", {"X-Who": "me"}, b"{}", 400, "Missing required request parameters: [page]"),
        ("?page=1", {"X-Who": "me"}, b"{}", 400, "Invalid request body"),
        ("?page=1", {"X-Who": "me"}, b'{"name": 1}', 400, "Invalid request body"),
        ("?page=1", {"X-Who": "me"}, b"no JSON", 400, "Invalid request body"),
        ("?page=1", {"X-Who": "me"}, b"", 400, "Invalid request body"),
        ("?page=1", {"X-Who": "me", "Content-Type": "text/plain"}, b"x", 200, None),
        (
            "?page=1",
            {"X-Who": "me", "Content-Type": "application/json; charset=utf-8"},
            b"[]",
            400,
            "Invalid request body",
        ),
    ],
)
def test_checks(
    emulator: Emulator,
    query: str,
    headers: dict[str, str],
    body: bytes,
    status: int,
    message: str | None,
) -> None:
    response = send(emulator, "my rest", f"POST /checked{query}", headers, body)
    assert response.status == status
    if message is not None:
        assert response.json() == {"message": message}
        assert response.headers["x-amzn-ErrorType"] == "BadRequestException"


# Servers.


def test_ports_follow_each_other() -> None:
    """Each API has a port of its own; a port in use is named."""
    apis = [
        Api(name=name, kind="http", place=PLACE, routes=(a_route("$default"),))
        for name in ("first", "second")
    ]
    with Emulator({"app": FUNCTION}, apis=apis, timeout=LIMIT) as emulator:
        port = urlsplit(emulator.api_url("second")).port
        assert port is not None
        options = GatewayOptions(port=port)
        second = Emulator({"app": FUNCTION}, apis=apis[:1], api_options=options)
        with pytest.raises(OSError, match="in use") as raised, second:
            pass
        assert vars(raised.value)["port"] == port


@pytest.mark.parametrize("port", [0, 65535])
def test_apis_that_cannot_be_served(port: int, tmp_path: Path) -> None:
    api = Api(name="api", kind="http", place=PLACE)
    apis = [api, api] if port == 0 else [api, Api(name="b", kind="http", place=PLACE)]
    options = GatewayOptions(port=port)
    with pytest.raises(ValueError, match="Two APIs" if port == 0 else "no port for each"):
        Emulator({"app": FUNCTION}, apis=apis, api_options=options)
    (tmp_path / "keys").write_text("[]")
    options = GatewayOptions(key_files={ISSUER: tmp_path / "keys"})
    with pytest.raises(ValueError, match="not a JSON Web Key Set"):
        Emulator({"app": FUNCTION}, apis=[api], api_options=options)
