"""Several functions on one port."""

from __future__ import annotations

import sys
from http.client import HTTPConnection
from typing import TYPE_CHECKING

import pytest

from lambda_testing import FakeRuntimeAPI, Function, LambdaProcess

if TYPE_CHECKING:
    from pathlib import Path

NEXT = "2018-06-01/runtime/invocation/next"


def test_each_has_its_own_path_and_state() -> None:
    orders, stock = Function(name="orders"), Function(name="stock", max_concurrency=2)
    with FakeRuntimeAPI.several(orders, stock) as (first, second):
        host, _, path = first.address.partition("/")
        assert path == "orders"
        assert second.address == f"{host}/stock"
        assert first.environment()["AWS_LAMBDA_RUNTIME_API"] == first.address
        assert (first.function, second.function) == (orders, stock)
        invocations = [second.enqueue("s"), first.enqueue("o")]
        connection = HTTPConnection(host, timeout=10)
        for fake, event in ((first, b'"o"'), (second, b'"s"')):
            prefix = fake.address.removeprefix(host)
            connection.request("GET", f"{prefix}/{NEXT}")
            response = connection.getresponse()
            assert response.read() == event
            request_id = response.headers["Lambda-Runtime-Aws-Request-Id"]
            path = f"{prefix}/2018-06-01/runtime/invocation/{request_id}/response"
            connection.request("POST", path, event)
            assert connection.getresponse().read() == b'{"status":"OK"}\n'
        assert [invocation.wait().json() for invocation in invocations] == ["s", "o"]
        for path in (f"/{NEXT}", f"/nobody/{NEXT}", "/orders/what"):
            connection.request("GET", path)
            response = connection.getresponse()
            assert (response.status, response.read()[:3]) == (404, b"404")
        connection.close()
        assert [request.path for request in first.requests][-1] == "/orders/what"
        assert len(second.requests) == 2
    with pytest.raises(ConnectionAbortedError):
        _ = second.enqueue(1)


def test_they_are_told_apart_by_name() -> None:
    with (
        pytest.raises(ValueError, match="two share one: \\['f', 'f'\\]"),
        FakeRuntimeAPI.several(Function(name="f"), Function(name="f")),
    ):
        pass


@pytest.mark.skipif(sys.platform != "linux", reason="AWS's client is built for Linux only")
def test_aws_client_finds_its_function(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("def handler(event, context): return context.function_name")
    with FakeRuntimeAPI.several(Function(name="orders"), Function(name="stock")) as fakes:
        for fake in fakes:
            with LambdaProcess(
                "app.handler",
                function=fake.function,
                output=tmp_path / fake.function.name,
                cwd=tmp_path,
                runtime="awslambdaric",
                env=fake.environment(),  # the shared server, in place of the process's own
            ):
                assert fake.invoke({}).json() == fake.function.name
