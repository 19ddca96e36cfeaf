"""The plugin as pytest's users have it: in a test run of its own."""

from __future__ import annotations

import re
import subprocess
import sys
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Run = Callable[..., str]

APP = """
    import os, sys

    def handler(event, context):
        print("handling", event)
        if "fail" in event:
            raise ValueError(event["fail"])
        return {"name": context.function_name, "where": os.getcwd(), **event}
"""
CONFIG = """
    [pytest]
    filterwarnings = error
    addopts = --strict-markers --strict-config
"""
# Other plugins of the machine's are only loaded where a test is about them: they take longer than
# the tests do.
OTHERS = ("anyio", "asyncio", "faker", "hypothesispytest", "xdist")


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run tests in an empty project; return what pytest says."""
    (tmp_path / "app.py").write_text(dedent(APP))
    (tmp_path / "pytest.ini").write_text(dedent(CONFIG))

    def run(tests: str, *options: str, beside: str = "", code: int = 0, config: str = "") -> str:
        (tmp_path / "test_app.py").write_text(dedent(tests))
        with (tmp_path / "pytest.ini").open("a") as file:
            file.write(config)
        absent = [f"-pno:{name}" for name in ("cacheprovider", *OTHERS) if name != beside]
        # Sessions that share a folder for temporary files clear it, each while others use it.
        own = f"--basetemp={tmp_path / 'own'}"
        command = [sys.executable, "-m", "pytest", own, *absent, *options]
        result = subprocess.run(
            command, cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False
        )
        assert result.returncode == code, result.stdout + result.stderr
        return result.stdout

    return run


def test_each_fixture_works(run: Run) -> None:
    printed = run(
        """
        import pytest
        from app import handler

        def test_runtime_api(runtime_api):
            assert runtime_api.environment()["AWS_LAMBDA_RUNTIME_API"] == runtime_api.address

        def test_invoke(invoke):
            assert invoke(handler, {"a": 1}).value["a"] == 1

        def test_lambda_context(lambda_context, make_lambda_context):
            assert handler({}, lambda_context)["name"] == "test-function"
            assert handler({}, make_lambda_context(tenant_id="blue"))["name"] == "test-function"

        @pytest.mark.lambda_function(name="orders", timeout=3)
        def test_lambda_process(lambda_process):
            assert lambda_process("app.handler").invoke({}).value["name"] == "orders"
        """
    )
    assert "4 passed" in printed


def test_it_works_in_parallel(run: Run) -> None:
    printed = run(
        """
        import pytest

        @pytest.mark.parametrize("number", range(4))
        def test_both(number, invoke, lambda_process):
            event = {"number": number}
            assert invoke("app.handler", event).value["number"] == number
            result = lambda_process("app.handler").invoke(event)
            assert result.value["number"] == number
            assert result.logs == [f"handling {event}"]
        """,
        "-n2",
        beside="xdist",
    )
    assert "4 passed" in printed


def test_a_failure_shows_the_error_the_place_and_the_log(run: Run) -> None:
    printed = run(
        """
        def test_in_process(invoke):
            from app import handler
            assert invoke(handler, {"fail": "no such order"}).value == {}

        def test_in_a_process(lambda_process):
            process = lambda_process("app.handler")
            assert process.invoke({"fail": "no such order"}).value == {}
        """,
        code=1,
    )
    first, second = re.split(r"^_+ test_in_a_process _+$", printed, flags=re.MULTILINE)
    assert "lambda_runtime/" not in first, "the runtime's own frames are noise, too"
    for part in (first, second):
        assert "InvocationError: the function failed (error): ValueError: no such order" in part
        assert "_result.py" not in part, "the helper's own frames are noise"
        assert 'raise ValueError(event["fail"])' in part
        assert re.search(r"^handling \{'fail'", part, re.MULTILINE)
    assert "direct cause" in first
    assert re.search(r"^-+ Captured log of .*app.handler call -+$", second, re.MULTILINE)


def test_a_fixture_that_fails_shows_the_log(run: Run) -> None:
    printed = run(
        """
        import pytest

        @pytest.fixture
        def early(lambda_process):
            assert lambda_process("app.handler").invoke({"phase": "setup"}).value == {}

        @pytest.fixture
        def late(lambda_process):
            process = lambda_process("app.handler")
            yield
            assert process.invoke({"phase": "teardown"}).value == {}

        def test_early(early): ...
        def test_late(late): ...
        """,
        code=1,
    )
    for phase in ("setup", "teardown"):
        log = rf"^-* ?Captured log of .*app.handler {phase} -*\nhandling .*{phase}"
        assert re.search(log, printed, re.MULTILINE)


def test_a_difference_is_shown_where_it_is(run: Run) -> None:
    printed = run(
        """
        def test_value(invoke):
            value = invoke("app.handler", {"size": 2, "colour": "red"}).value
            assert value == {**value, "colour": "blue"}

        def test_error(invoke):
            assert invoke("app.handler", {"fail": "no"}).error.type == "KeyError"

        def test_logs(invoke):
            assert invoke("app.handler", {}).logs == ["handling", "done"]
        """,
        code=1,
    )
    assert "{'colour': 'red'} != {'colour': 'blue'}" in printed
    assert re.search(r"- KeyError\nE +\+ ValueError", printed)
    assert "[ERROR] ValueError: no\nTraceback" in printed
    assert "At index 0 diff: 'handling {}' != 'handling'" in printed


def test_a_test_that_passes_shows_no_log(run: Run) -> None:
    printed = run(
        """
        def test_it(lambda_process):
            assert lambda_process("app.handler").invoke({}).ok
        """,
        "-rA",
    )
    assert "handling" not in printed


def test_the_marker_adds_up_and_a_fixture_replaces_it(run: Run) -> None:
    printed = run(
        """
        import pytest
        from lambda_testing import Function

        pytestmark = pytest.mark.lambda_function(name="module", memory_mb=512)

        @pytest.mark.lambda_function(name="test")
        def test_marker(lambda_context):
            assert lambda_context.function_name == "test"
            assert lambda_context.memory_limit_in_mb == "512"

        class TestFixture:
            @pytest.fixture
            def lambda_function(self):
                return Function(name="fixture")

            def test_fixture(self, lambda_context):
                assert lambda_context.function_name == "fixture"
        """
    )
    assert "2 passed" in printed
    assert "@pytest.mark.lambda_function(**options): what Lambda knows" in run("", "--markers")


def test_a_marker_with_a_mistake_says_so(run: Run) -> None:
    printed = run(
        """
        import pytest

        @pytest.mark.lambda_function(memory=512)
        def test_it(invoke): ...

        @pytest.mark.lambda_function("orders")
        def test_without_a_keyword(invoke): ...
        """,
        code=1,
    )
    assert "unexpected keyword argument 'memory'" in printed
    assert "lambda_function takes keywords only, not ('orders',)" in printed


def test_options_say_where_code_is_and_how_long_to_wait(run: Run, tmp_path: Path) -> None:
    source = tmp_path / "src"
    library = tmp_path / "library"
    for folder in (source, library):
        folder.mkdir()
    (library / "shared.py").write_text("NAME = 'shared'")
    (source / "slow.py").write_text(
        "import shared, os, threading\n"
        "def where(event): return [shared.NAME, os.getcwd()]\n"
        "def slow(event): threading.Event().wait()\n"
    )
    printed = run(
        """
        import pytest
        from pathlib import Path

        def test_it(lambda_process):
            place = str(Path(__file__).parent / "src")
            assert lambda_process("slow.where").invoke({}, wait=60).value == ["shared", place]
            with pytest.raises(TimeoutError, match="after"):
                lambda_process("slow.slow").invoke({})
        """,
        config="lambda_task_root = src\nlambda_wait = 1\npythonpath = library\n",
    )
    assert "1 passed" in printed


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_it_works_under_anyio(run: Run, backend: str) -> None:
    printed = run(
        f"""
        import pytest

        pytestmark = pytest.mark.anyio

        @pytest.fixture
        def anyio_backend():
            return {backend!r}

        async def handler(event):
            return event

        async def test_invoke(invoke):
            assert invoke(handler, 1).value == 1

        async def test_lambda_process(lambda_process):
            assert lambda_process("app.handler").invoke({{}}).ok
        """,
        beside="anyio",
    )
    assert "2 passed" in printed


def test_the_emulator_serves_boto3(run: Run) -> None:
    for package in ("boto3", "lambda_emulator"):
        pytest.importorskip(package)
    printed = run(
        """
        import json

        def test_client(lambda_client):
            client = lambda_client("app.handler")
            assert client.meta.config.retries["total_max_attempts"] == 1
            answer = client.invoke(FunctionName="app", Payload=b'{"a": 1}')
            assert json.load(answer["Payload"])["a"] == 1

        def test_emulator(lambda_emulator):
            emulator = lambda_emulator({"orders": "app.handler"})
            assert emulator.url.startswith("http://127.0.0.1:")
        """
    )
    assert "2 passed" in printed


def test_fixtures_of_what_is_not_installed_skip(run: Run) -> None:
    printed = run(
        """
        import pytest

        @pytest.fixture(autouse=True)
        def nothing_is_installed(monkeypatch):
            from lambda_testing import _emulated
            monkeypatch.setattr(_emulated, "entry_points", lambda group: [])

        def test_emulator(lambda_emulator): ...
        def test_client(lambda_client): ...
        """,
        "-rs",
    )
    assert "2 skipped" in printed
    assert "no emulator is installed: pip install lambda-emulator" in printed


def test_nothing_heavy_is_imported_until_a_fixture_is_used(run: Run) -> None:
    printed = run(
        """
        import sys

        def test_it():
            ours = {name for name in sys.modules if name.startswith("lambda_")}
            assert ours == {"lambda_testing", "lambda_testing._version", "lambda_testing.plugin"}
            assert not {"aiohttp", "multidict", "ujson"} & sys.modules.keys()
            # pytest loads pdb, and that loads asyncio from Python 3.14 on.
            assert "asyncio" not in sys.modules or sys.version_info >= (3, 14)
        """
    )
    assert "1 passed" in printed


def test_it_can_be_left_out(run: Run) -> None:
    printed = run("def test_it(invoke): ...", "-p", "no:lambda-testing", code=1)
    assert "fixture 'invoke' not found" in printed


def test_handlers_may_import_the_context_of_awslambdaric(run: Run) -> None:
    run(
        """
        from importlib.metadata import PackageNotFoundError, distribution
        from awslambdaric.lambda_context import CognitoIdentity, LambdaContext
        from lambda_runtime import Context

        def handler(event, context: LambdaContext):
            return isinstance(context, LambdaContext)

        def test_a_context_made_by_hand():
            context = LambdaContext("id", {"custom": {"a": 1}}, None, 0, "arn", "tenant")
            assert context.aws_request_id == "id"
            assert context.client_context.custom == {"a": 1}
            assert context.identity.cognito_identity_id is None
            assert context.get_remaining_time_in_millis() == 0
            assert (context.invoked_function_arn, context.tenant_id) == ("arn", "tenant")

        def test_the_runtimes_context(invoke):
            try:
                distribution("awslambdaric")
            except PackageNotFoundError:  # else the class is that one's own
                assert invoke(handler).value is True
                assert isinstance(CognitoIdentity(), CognitoIdentity)
        """
    )
