"""Pickles, copies and encodings of a context hold the same as awslambdaric's, and no more."""

from __future__ import annotations

import copy
import inspect
import json
import pickle
import pprint
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from lambda_runtime import Context

from .test_differential import start_both

jsonpickle = pytest.importorskip("jsonpickle")

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lambda_testing import FakeRuntimeAPI
    from lambda_testing.plugin import MakeContext

    from .conftest import FunctionProcess

PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)
ALIKE = {
    "vars": "sorted(vars(context))",
    "jsonpickle": """{
        name: value
        for name, value in json.loads(jsonpickle.encode(context, unpicklable=False)).items()
        if name != "_epoch_deadline_time_in_ms"
    }""",
    "jsonpickle of a list": "len(json.loads(jsonpickle.encode([context, context])))",
    "json with str": "'LambdaContext([' in json.dumps({'c': context}, default=str)",
    "json with a dict": "sorted(json.loads(json.dumps(context, default=describe)))",
    "getmembers": """[
        name for name, value in inspect.getmembers(context)
        if not name.startswith("__") and name in FIELDS
    ]""",
    "repr": "repr(context).replace(context.log_stream_name, '')",
    "pprint": "pprint.pformat(context).replace(context.log_stream_name, '')",
    "an f-string": "f'{context}'[:15]",
    "pickle": """[
        sorted(vars(pickle.loads(pickle.dumps(context, protocol))))
        for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1)  # awslambdaric's knows no others
    ]""",
    "deepcopy": "sorted(vars(copy.deepcopy(context)))",
    "copy": "sorted(vars(copy.copy(context)))",
    "equality": """[
        context == context, context == copy.copy(context), context in {context: 1},
        copy.copy(context) in {context: 1}, bool(context),
    ]""",
    "an attribute of one's own": """
        setattr(context, 'mine', 1) or vars(copy.deepcopy(context))['mine']
    """,
    "is_dataclass": "dataclasses.is_dataclass(context)",
    "weakref": "weakref.ref(context)() is context",
    "client context": "copy.deepcopy(context).client_context.custom",
    "pickled client": "pickle.loads(pickle.dumps(context)).client_context.client.app_title",
    "a method": "pickle.loads(pickle.dumps(context)).get_remaining_time_in_millis() > 0",
    "w3c": """[
        it.w3c() for it in (context, copy.deepcopy(context), pickle.loads(pickle.dumps(context)))
    ]""",
}
SOURCE = f"""
import copy, dataclasses, inspect, json, jsonpickle, pickle, pprint, sys, weakref

FIELDS = {{
    "aws_request_id", "client_context", "function_name", "function_version", "identity",
    "get_remaining_time_in_millis", "invoked_function_arn", "log", "log_group_name",
    "log_stream_name", "memory_limit_in_mb", "tenant_id", "w3c", "_epoch_deadline_time_in_ms",
}}
EXPRESSIONS = {ALIKE!r}

def describe(value):
    if hasattr(value, "__dict__"): return vars(value)
    return {{name: getattr(value, name) for name in value.__slots__}}

def handler(event, context):
    return eval(EXPRESSIONS[event].strip(), {{**globals(), "context": context}})
"""
CLIENT = {
    "client": {"app_title": "t"},
    "custom": {"a": [1]},
    "w3c": {"traceparent": "00-a-b-01"},
}


@pytest.mark.skipif(sys.platform != "linux", reason="awslambdaric is published for Linux only")
def test_it_looks_like_the_managed_runtimes(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(SOURCE, encoding="utf-8")
    with start_both("app.handler", tmp_path) as peers:
        for name in ALIKE:
            aws, ours = (
                peer.api.invoke(
                    name, request_id="1", client_context=CLIENT, trace_id="Root=1"
                ).json()
                for peer in peers
            )
            assert (name, ours) == (name, aws)
            assert "stackTrace" not in str(aws)


@pytest.mark.parametrize("define", ["def", "async def"])
@pytest.mark.parametrize("unpicklable", [True, False])
def test_no_event_is_in_what_jsonpickle_makes_of_it(
    define: str, unpicklable: bool, api: FakeRuntimeAPI, start: Callable[..., FunctionProcess]
) -> None:
    start(
        f"""
        import jsonpickle
        from contextlib import contextmanager
        from lambda_runtime import function
        @contextmanager
        def lifespan(): yield ["secret"] * 1000
        def observer(event, context): yield
        @function(lifespan=lifespan, observers=[observer])
        {define} handler(event, context):
            context.after_response(print, "secret")
            return jsonpickle.encode(context, unpicklable={unpicklable})
        """
    )
    text = api.invoke({"secret": "x" * 120_000}, trace_id="Root=1").json()
    assert len(text) < 2048
    assert "secret" not in text
    assert "aws_request_id" in text


@pytest.mark.parametrize("define", ["def", "async def"])
def test_every_member_can_be_looked_at(
    define: str, api: FakeRuntimeAPI, start: Callable[..., FunctionProcess]
) -> None:
    start(
        f"""
        import inspect
        {define} handler(event, context):
            found = [name for name, _ in inspect.getmembers(context)]
            return [hasattr(context, name) for name in ("aws_request_id", "state", "deadline")]
        """
    )
    assert api.invoke({}).json() == [True, False, True]


def test_a_copy_does_what_the_context_does(make_lambda_context: MakeContext) -> None:
    context: Any = make_lambda_context(trace_id="Root=1", client_context=CLIENT)
    context.mine = [1]
    for copied in (copy.copy(context), copy.deepcopy(context)):
        assert type(copied) is Context
        assert vars(copied).keys() == vars(context).keys()
        assert copied.trace_id == "Root=1"
        assert 0 < copied.get_remaining_time_in_millis() <= context.get_remaining_time_in_millis()
        assert copied.deadline == context.deadline
        copied.after_response(print)
        assert repr(copied) == repr(context)
    assert copy.copy(context).mine is context.mine
    deep: Any = copy.deepcopy([context, context.mine])
    assert deep[0].mine is deep[1]
    assert deep[0].mine is not context.mine


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_pickle_has_the_fields_and_no_invocation(
    protocol: int, make_lambda_context: MakeContext, capsys: pytest.CaptureFixture[str]
) -> None:
    context = make_lambda_context(trace_id="Root=1", client_context=CLIENT)
    pickled = pickle.loads(pickle.dumps(context, protocol))
    assert repr(pickled) == repr(context)
    assert pickled.get_remaining_time_in_millis() > 0
    assert pickled.remaining() > 0
    assert pickled.deadline == context.deadline
    assert pickled.w3c() == {"traceparent": "00-a-b-01"}
    assert pickled.identity.cognito_identity_id is None
    assert (pickled.trace_id, pickled.response_stream) == (None, None)
    assert not hasattr(pickled, "state")
    assert not hasattr(pickled, "session")
    with pytest.raises(RuntimeError, match="over"):
        pickled.after_response(print)
    pickled.log("said")
    assert capsys.readouterr().out == "said"
    assert {name for name, _ in inspect.getmembers(pickled)} >= vars(context).keys()


def test_a_pickle_of_an_invocation_in_a_process(
    api: FakeRuntimeAPI, start: Callable[..., FunctionProcess]
) -> None:
    start(
        """
        import base64, copy, pickle
        from concurrent.futures import ThreadPoolExecutor
        def handler(event, context):
            copied = copy.deepcopy(context)
            copied.log("from the copy\\n")
            with ThreadPoolExecutor(1) as pool:
                left = pool.submit(copied.get_remaining_time_in_millis).result()
            return [base64.b64encode(pickle.dumps(context)).decode(), left > 0]
        """
    )
    text, has_time = api.invoke({"x": "y" * 100_000}, request_id="abc").json()
    assert has_time
    assert len(text) < 2048


def test_the_deadline_is_awslambdarics(make_lambda_context: MakeContext) -> None:
    context: Any = make_lambda_context()
    context._epoch_deadline_time_in_ms = int(time.time() * 1000) + 500  # as tests of users do
    assert 0 < context.get_remaining_time_in_millis() <= 500
    assert json.dumps(sorted(vars(context))).count("_") > 3
    assert pprint.pformat(context).startswith("LambdaContext([")
