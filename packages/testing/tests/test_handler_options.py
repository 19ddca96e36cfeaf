"""Options that `function` binds to a handler count however the handler is tested."""

from __future__ import annotations

import asyncio
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest

from lambda_testing import Function, LambdaProcess

if TYPE_CHECKING:
    from pathlib import Path

    from lambda_testing import Invoker

APP = """
    from contextlib import contextmanager
    from lambda_runtime import function

    @contextmanager
    def opened():
        print("entered")
        yield "opened"
        print("left")

    def shout(event, context, call_next):
        return call_next(event, context) + "!"

    def seen(event, context):
        outcome = yield
        print("seen", outcome.value)

    @function(lifespan=opened, middleware=[shout], observers=[seen])
    def handler(event, context):
        return context.state
"""
RUN = "\nif __name__ == '__main__':\n    from lambda_runtime import run\n    run(handler)\n"
PRINTED = ["entered", "seen opened!", "left"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("app.py", "shop/app.py", "program/__main__.py"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(dedent(APP) + RUN)
    return tmp_path


@pytest.mark.parametrize("target", ["app.handler", "shop/app.handler", "app.py", "program"])
def test_in_a_process(target: str, folder: Path, tmp_path: Path) -> None:
    place: Any = folder / target if target in ("app.py", "program") else target
    output = tmp_path / "output"
    with LambdaProcess(place, cwd=folder, function=Function(), output=output) as process:
        assert process.invoke({}).value == "opened!"
        process.shut_down()
    assert process.output.splitlines() == PRINTED


@pytest.mark.parametrize("define", ["def", "async def"])
def test_in_each_process_of_an_environment(define: str, folder: Path, tmp_path: Path) -> None:
    source = dedent(APP).replace("middleware=[shout], ", "").replace("def handler", "def shouted")
    source += f"\n@function\n{define} handler(event, context): return context.state\n"
    source = source.replace("@function\n", "@function(lifespan=opened)\n")
    (folder / "app.py").write_text(source)
    function = Function(max_concurrency=2)
    output = tmp_path / "output"
    with LambdaProcess("app.handler", cwd=folder, function=function, output=output) as process:
        assert {process.invoke({}).value for _ in range(4)} == {"opened"}
        process.api.wait_for_polls(2)  # or one process could be ended while it starts
        process.shut_down()
    lines = process.output.splitlines()
    assert lines.count("entered") == lines.count("left") > 0


def test_in_this_process(
    invoke: Invoker,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.syspath_prepend(str(folder / "shop"))
    namespace: dict[str, Any] = {"__name__": "here"}
    exec(dedent(APP), namespace)
    for handler in (namespace["handler"], "app.handler"):
        assert invoke(handler, {}).value == "opened!"
        assert capsys.readouterr().out.splitlines() == PRINTED
        assert asyncio.run(invoke.on_loop(handler, {})).value == "opened!"
        assert capsys.readouterr().out.splitlines() == PRINTED
    assert invoke(namespace["handler"], {}, middleware=[]).value == "opened"
