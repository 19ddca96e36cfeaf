"""Integrations of REST APIs that are not proxies: mapping templates, and what chooses responses."""

from __future__ import annotations

import json
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from lambda_emulator import Emulator
from lambda_emulator._project.configure import configure_project
from lambda_emulator._project.describe import as_text
from lambda_emulator._project.read import read_project

from .conftest import LIMIT, OPTIONS, Response, receive

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lambda_emulator._project.description import Project

SOURCE = """
def handler(event, context):
    if isinstance(event, dict) and "fail" in event:
        raise ValueError(event["fail"])
    return event
"""
# As API Gateway's console makes it for all parameters, shortened.
ALL = """##  All of a request
#set($all = $input.params())
{
"body" : $input.json('$'),
#foreach($type in $all.keySet())
    #set($some = $all.get($type))
"$type" : {
    #foreach($name in $some.keySet())
    "$name" : "$util.escapeJavaScript($some.get($name)).replaceAll("\\\\'", "'")"
        #if($foreach.hasNext),#end
    #end
},
#end
"stage" : "$context.stage ${context.identity.sourceIp} $stageVariables.color"
}"""
SENT = {"n": 5, "text": 'a "quoted" text', "list": [{"id": 1}, {"id": 2}]}
# As the Serverless Framework makes it, shortened.
MAPS = """#define( $loop )
  {
  #foreach($key in $map.keySet())
      #set( $v = $util.escapeJavaScript($map.get($key)).replaceAll("\\\\'", "'") )
      "$key": "$v"
      #if( $foreach.hasNext ) , #end
  #end
  }
#end
#set( $map = $input.params().querystring )
{ "query": $loop,
#set( $map = $stageVariables )
  "stageVariables": $loop }"""
TEMPLATES = {
    "text": ("\"$input.path('$.text')\"", 'a "quoted" text', False),
    "escaped": ("\"$util.escapeJavaScript($input.path('$.text'))\"", SENT["text"], True),
    "json": ("$input.json('$.list[1]')", {"id": 2}, True),
    "path": ("$input.path('$.list')", SENT["list"], True),
    "whole": ("#set($root = $input.path('$'))[$root.n, $root.list[0].id]", [5, 1], True),
    "loop": (
        "[#foreach($one in $input.path('$.list'))$one.id#if($foreach.hasNext),#end#end]",
        [1, 2],
        True,
    ),
    "branches": (
        "#if($input.path('$.n') < 5)1#elseif($input.path('$.n') == 5 && !$x)2#else 3#end",
        2,
        True,
    ),
    "else": ("#if($none)1#{else}2#end", 2, True),
    "comments": ("#* all of\nthis *#1 ## and this", 1, True),
    "undefined": ('"$none $!none"', "$none ", True),
    "absent": (
        "[\"$context.authorizer.claims.sub$stageVariables.no$input.path('$.no')\"]",
        [""],
        True,
    ),
    "parameters": (
        "[\"$input.params('q')\", \"$input.params().header.get('X-Own')\",\"$input.params('no')\"]",
        ["1 2", "mine", ""],
        True,
    ),
    "util": (
        '["$util.base64Encode("hé")", "$util.base64Decode("aGk=")", "$util.urlEncode("a b&")"]',
        ["aMOp", "hi", "a+b%26"],
        True,
    ),
    "parsed": (
        """["$util.urlDecode("a%20b")", $util.parseJson('{"a": 1}').a]""",
        ["a b", 1],
        True,
    ),
    "contains": ('#if($input.body.contains("quoted"))1#end', 1, True),
    "methods": (
        '#set($list = [1, "b"])#set($ok = $list.add(3))[$list.size(), "$list[1].toUpperCase()$ok"]',
        [3, "Btrue"],
        True,
    ),
    "sum": (
        '#set($n = 1 + 2 - 5)#set($t = "n=" + $n)["$t", "${t}!", $n]',
        ["n=-2", "n=-2!", -2],
        True,
    ),
}


def integration(template: str, *responses: dict[str, Any], **more: Any) -> dict[str, Any]:
    uri = (
        "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/"
        "arn:aws:lambda:us-east-1:123456789012:function:App/invocations"
    )
    default = {"default": {"statusCode": "200"}}
    return {
        "type": "aws",
        "httpMethod": "POST",
        "uri": uri,
        "requestTemplates": {"application/json": template} if template else {},
        "responses": {key: each for response in responses for key, each in response.items()}
        or default,
        **more,
    }


def shaped(template: str, status: str = "200", **parameters: str) -> dict[str, Any]:
    names = {f"method.response.header.{name}": value for name, value in parameters.items()}
    templates = {"application/json": template}
    return {"statusCode": status, "responseParameters": names, "responseTemplates": templates}


OTHERS: dict[str, dict[str, Any]] = {
    "all": integration(ALL),
    "maps": integration(MAPS),
    "plain": integration(""),
    "never": integration("", passthroughBehavior="NEVER"),
    "some": integration("1", passthroughBehavior="WHEN_NO_TEMPLATES"),
    "shaped": integration(
        "",
        {"default": shaped("{\"got\": $input.json('$.n')}", "201", X="'fixed'")},
        {
            "Not .*": shaped(
                '{"sorry": "$input.path(\'$.errorMessage\')"}',
                "404",
                X="integration.response.body.errorType",
            )
        },
    ),
    "overridden": integration(
        "",
        {
            "default": shaped(
                "#set($context.responseOverride.status = 409)"
                "#set($context.responseOverride.header.X = 'own')1"
            )
        },
    ),
    "unanswered": integration("", {"4..": {"statusCode": "400"}}),
    "broken": integration("not JSON"),
    "endless": integration(
        "#set($a = [1, 2])#foreach($x in $a)#set($ok = $a.add(1))#end"
        "#set($t = 'x')" + "#set($t = $t + $t)" * 60
    ),
    "nested": integration("#set($a = [1])" + "#set($a = [$a, $a])" * 40 + "$a"),
    "itself": integration("#set($a = [1])#set($ok = $a.add($a))$a"),
    "unknown": integration("#foreach($i in [1..3])$i#end"),
    "macro": integration("#macro(x)1#end"),
    "asynchronous": integration(
        "", requestParameters={"integration.request.header.X-Amz-Invocation-Type": "'Event'"}
    ),
    "mock": {
        "type": "mock",
        "requestTemplates": {
            "application/json": "{\"statusCode\": #if($input.params('q') == '')200#else 404#end}"
        },
        "responses": {
            "default": shaped('{"id": "$context.requestId"}'),
            "404": shaped('{"no": "$input.params(\'q\')"}', "404"),
        },
    },
}
TEMPLATE: dict[str, Any] = {
    "Resources": {
        "App": {
            "Type": "AWS::Lambda::Function",
            "Properties": {
                "FunctionName": "App",
                "Runtime": "python3.13",
                "Handler": "index.handler",
                "Code": {"ZipFile": SOURCE},
            },
        },
        "Api": {
            "Type": "AWS::ApiGateway::RestApi",
            "Properties": {
                "Body": {
                    "swagger": "2.0",
                    "info": {"title": "rest"},
                    "paths": {
                        f"/{name}": {
                            "x-amazon-apigateway-any-method": {
                                "x-amazon-apigateway-integration": each
                            }
                        }
                        for name, each in {
                            **{name: integration(each[0]) for name, each in TEMPLATES.items()},
                            **OTHERS,
                        }.items()
                    },
                }
            },
        },
        "Stage": {
            "Type": "AWS::ApiGateway::Stage",
            "Properties": {
                "RestApiId": {"Ref": "Api"},
                "StageName": "v1",
                "Variables": {"color": "blue"},
            },
        },
    }
}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    path = tmp_path_factory.mktemp("mapping") / "template.json"
    path.write_text(json.dumps(TEMPLATE))
    return read_project(path)


@pytest.fixture(scope="module")
def emulator(project: Project) -> Iterator[Emulator]:
    with Emulator(configure_project(project, OPTIONS, ()).configs, apis=project.apis) as emulator:
        yield emulator


def ask(
    emulator: Emulator, path: str, body: Any = None, media_type: str = "application/json"
) -> Response:
    url = urlsplit(emulator.api_url("rest"))
    connection = HTTPConnection(url.hostname or "", url.port, timeout=LIMIT)
    payload = None if body is None else json.dumps(body)
    headers = {"Content-Type": media_type, "X-Own": "mine"}
    connection.request("GET" if body is None else "POST", f"{url.path}{path}", payload, headers)
    return receive(connection)


@pytest.mark.parametrize("name", TEMPLATES)
def test_what_a_function_gets(emulator: Emulator, name: str) -> None:
    _, expected, is_json = TEMPLATES[name]
    response = ask(emulator, f"/{name}?q=1%202", SENT)
    if is_json:
        assert (response.status, response.json()) == (200, expected)
    else:  # the quotes of the text are not escaped, so the function would get no JSON
        assert response.status == 500


def test_a_template_for_all_parameters(emulator: Emulator) -> None:
    said = ask(emulator, "/all?q=it's&r=%22", SENT).json()
    assert said["body"] == SENT
    assert said["querystring"] == {"q": "it's", "r": '"'}
    assert (said["path"], said["header"]["X-Own"]) == ({}, "mine")
    assert said["stage"] == "v1 127.0.0.1 blue"


def test_a_block_that_is_written_more_than_once(emulator: Emulator) -> None:
    said = ask(emulator, "/maps?q=it's&r=%22").json()
    assert said == {"query": {"q": "it's", "r": '"'}, "stageVariables": {"color": "blue"}}


def test_bodies_without_a_template(emulator: Emulator) -> None:
    assert ask(emulator, "/plain", [1]).json() == [1]
    assert ask(emulator, "/plain").json() == {}
    assert ask(emulator, "/json", [1], "text/csv").json() == [1]
    for path in ("/never", "/some"):
        response = ask(emulator, path, [1], "text/csv")
        assert (response.status, response.json()) == (415, {"message": "Unsupported Media Type"})


def test_an_event_that_is_too_large_for_lambda(emulator: Emulator) -> None:
    response = ask(emulator, "/plain", "x" * 7_000_000)  # API Gateway takes up to 10 MB
    assert (response.status, response.json()) == (413, {"message": "Request Too Long"})


def test_responses(emulator: Emulator) -> None:
    response = ask(emulator, "/shaped", {"n": 1})
    assert (response.status, response.json(), response.headers["X"]) == (201, {"got": 1}, "fixed")
    response = ask(emulator, "/shaped", {"fail": "Not there"})
    assert (response.status, response.json()) == (404, {"sorry": "Not there"})
    assert response.headers["X"] == "ValueError"
    assert ask(emulator, "/shaped", {"fail": "Otherwise"}).status == 201
    response = ask(emulator, "/overridden")
    assert (response.status, response.headers["X"]) == (409, "own")
    assert ask(emulator, "/unanswered").status == 500


def test_templates_that_fail(emulator: Emulator, capsys: pytest.CaptureFixture[str]) -> None:
    for path, reason in (
        ("broken", "the function would get no JSON"),
        ("endless", "a text has"),
        ("nested", "a value is too large"),
        ("itself", "a value is nested too deep"),
    ):
        response = ask(emulator, f"/{path}")
        assert (response.status, response.json()) == (500, {"message": "Internal server error"})
        said = f"The mapping template of ANY /{path} of rest fails: {reason}"
        assert said in capsys.readouterr().err


def test_mocks(emulator: Emulator) -> None:
    response = ask(emulator, "/mock")
    assert (response.status, len(response.json()["id"])) == (200, 36)
    response = ask(emulator, "/mock?q=x")
    assert (response.status, response.json()) == (404, {"no": "x"})


def test_what_is_not_served(project: Project) -> None:
    text = as_text(project)
    for said in (
        "ANY /unknown is not served: its mapping template is not understood",
        "ANY /macro is not served: its mapping template is not understood: #macro",
        "ANY /asynchronous is not served: its function is invoked asynchronously.",
    ):
        assert said in text
