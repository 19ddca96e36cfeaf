"""The pytest plugin: fixtures that run functions. It is loaded by pytest, by its entry point.

Nothing but pytest is imported until a fixture is used.
"""

from __future__ import annotations

import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Protocol, Unpack

import pytest

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from importlib.machinery import ModuleSpec
    from pathlib import Path
    from types import ModuleType

    from lambda_runtime import Context

    from ._durable import DurableExecution
    from ._event import InvocationOptions
    from ._fake import FakeRuntimeAPI
    from ._function import Function
    from ._invoker import Invoker
    from ._launch import Target
    from ._process import LambdaProcess

_MARKER = "lambda_function"
_PROCESSES = pytest.StashKey["list[LambdaProcess]"]()


class _AwslambdaricFinder:
    """Finds the names of ``awslambdaric`` where that is not installed, as on Lambda."""

    @staticmethod
    def find_spec(
        name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name != "awslambdaric":
            return None
        from lambda_runtime.compatibility import find_spec

        return find_spec(name, path, target)


class MakeContext(Protocol):
    """The type of the fixture `make_lambda_context`."""

    def __call__(
        self, *, timeout: float | None = None, **options: Unpack[InvocationOptions]
    ) -> Context:
        """Make a context.

        Args:
            timeout: Seconds from now to the deadline; the function's by default.
            **options: The options of the invocation; see `InvocationOptions`.
        """
        ...


class StartProcess(Protocol):
    """The type of the fixture `lambda_process`."""

    def __call__(
        self,
        target: Target,
        *,
        function: Function | None = None,
        env: Mapping[str, str] | None = None,
        cwd: str | os.PathLike[str] | None = None,
        runtime: str = "lambda_runtime",
        limited: bool = False,
        read_only: bool = False,
    ) -> LambdaProcess:
        """Start a function; it is ended with the test.

        Args:
            target: As for `LambdaProcess`, like all others.
            function: The configuration of the function; `lambda_function` by default.
            env: Environment variables of the function's own.
            cwd: The folder of its code; the ini option ``lambda_task_root`` by default.
            runtime: The module that serves ``"module.handler"``.
            limited: True to let it allocate its memory size and no more.
            read_only: True to let it write below ``/tmp`` only.
        """
        ...


class StartExecution(Protocol):
    """The type of the fixture `durable_execution`."""

    def __call__(
        self,
        handler: Callable[[Any, Any], Any] | str,
        event: Any = None,
        *,
        functions: Mapping[str, Callable[[Any, Any], Any]] = ...,
        durable_functions: Mapping[str, Callable[[Any, Any], Any]] = ...,
        skip_time: bool = True,
    ) -> DurableExecution:
        """Start a durable execution; it is ended with the test.

        Args:
            handler: The durable handler, or its name as ``"module.function"``.
            event: The event; anything that JSON has.
            functions: Handlers that it may invoke, by function name.
            durable_functions: The same of durable handlers.
            skip_time: True to skip waits and the time before retries.
        """
        ...


class StartEmulator(Protocol):
    """The type of the fixtures `lambda_emulator` and `lambda_client`."""

    def __call__(self, *functions: Any, **options: Any) -> Any:
        """Start an emulator; it is ended with the test.

        Args:
            *functions: The functions to serve, as the emulator takes them; or a mapping of their
                names to them.
            **options: The other options of the emulator.
        """
        ...


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    """Make ``awslambdaric`` importable for handlers under test, before they are imported."""
    sys.meta_path.append(_AwslambdaricFinder)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Register the ini options."""
    parser.addini(
        "lambda_wait",
        "how long a test waits for a function under test, in seconds",
        default="30",
    )
    parser.addini(
        "lambda_task_root",
        "the folder of the functions' code, from the root of the tests",
        default=".",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line(
        "markers",
        f"{_MARKER}(**options): what Lambda knows of the function under test, such as timeout=3, "
        "memory_mb=512 or max_concurrency=4; see lambda_testing.Function",
    )


def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> None:
    """Add the logs of the functions that run to the report of a test that fails."""
    if call.excinfo is None:
        return
    for process in item.stash.get(_PROCESSES, []):
        item.add_report_section(
            call.when, f"log of {process.name}", process.output.replace("\r", "\n")
        )


@pytest.fixture
def lambda_function(request: pytest.FixtureRequest) -> Function:
    """Return the configuration of the function under test.

    Override it for a whole module, or mark a test: ``@pytest.mark.lambda_function(timeout=3)``.
    """
    from ._function import Function

    options: dict[str, Any] = {}
    for marker in request.node.iter_markers(_MARKER):
        if marker.args:
            raise TypeError(f"@pytest.mark.lambda_function takes keywords only, not {marker.args}")
        options = {**marker.kwargs, **options}  # the closest comes first
    return Function(**options)


@pytest.fixture
def runtime_api(lambda_function: Function) -> Iterator[FakeRuntimeAPI]:
    """Serve the Runtime API, for a runtime that the test starts itself."""
    from ._fake import FakeRuntimeAPI

    with FakeRuntimeAPI(function=lambda_function) as api:
        yield api


@pytest.fixture
def invoke(lambda_function: Function, monkeypatch: pytest.MonkeyPatch) -> Iterator[Invoker]:
    """Invoke handlers in this process: ``invoke(handler, event).value``.

    Lambda's environment variables are set as long as the test runs.
    """
    from lambda_runtime.in_process import printed_logging

    from ._invoker import Invoker

    _set_variables(lambda_function, monkeypatch)
    invoker = Invoker(lambda_function)
    with printed_logging():
        yield invoker
    invoker.close()


@pytest.fixture
def make_lambda_context(lambda_function: Function) -> MakeContext:
    """Make contexts to call handlers with: ``make_lambda_context(tenant_id="blue")``.

    They are those that lambda-runtime passes to handlers; their attributes can be set.
    """
    from lambda_runtime.in_process import make_context

    from ._invoker import invocation_headers

    environ = lambda_function.environment("")

    def make(*, timeout: float | None = None, **options: Unpack[InvocationOptions]) -> Context:
        return make_context(invocation_headers(lambda_function, timeout, options), environ)

    return make


@pytest.fixture
def lambda_context(make_lambda_context: MakeContext) -> Context:
    """A context to call a handler with."""
    return make_lambda_context()


@pytest.fixture
def lambda_process(
    request: pytest.FixtureRequest,
    lambda_function: Function,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[StartProcess]:
    """Start functions in their own processes: ``lambda_process("app.handler").invoke(event)``."""
    from ._process import LambdaProcess

    config = request.config
    # It outlives the fixture: the report of a teardown that fails is made after all of it.
    started = request.node.stash[_PROCESSES] = list["LambdaProcess"]()
    with ExitStack() as stack:

        def start(
            target: Target,
            *,
            function: Function | None = None,
            cwd: str | os.PathLike[str] | None = None,
            **options: Any,
        ) -> LambdaProcess:
            process = LambdaProcess(
                target,
                function=function or lambda_function,
                output=tmp_path_factory.mktemp("lambda_process") / "output",
                cwd=_task_root(config) if cwd is None else cwd,
                import_paths=[str(path) for path in config.getini("pythonpath")],
                wait=_wait(config),
                **options,
            )
            started.append(stack.enter_context(process))
            return process

        yield start


@pytest.fixture
def durable_execution(
    request: pytest.FixtureRequest, lambda_function: Function, monkeypatch: pytest.MonkeyPatch
) -> Iterator[StartExecution]:
    """Execute durable handlers in this process: ``durable_execution(handler, event).value``.

    Lambda's environment variables are set as long as the test runs.
    """
    from ._durable import DurableExecution

    _set_variables(lambda_function, monkeypatch)
    wait = _wait(request.config)
    with ExitStack() as stack:

        def start(
            handler: Callable[[Any, Any], Any] | str,
            event: Any = None,
            *,
            functions: Mapping[str, Callable[[Any, Any], Any]] | None = None,
            durable_functions: Mapping[str, Callable[[Any, Any], Any]] | None = None,
            skip_time: bool = True,
        ) -> DurableExecution:
            execution = DurableExecution(
                handler,
                event,
                function=lambda_function,
                functions=functions or {},
                durable_functions=durable_functions or {},
                skip_time=skip_time,
                wait=wait,
            )
            return stack.enter_context(execution)

        yield start


@pytest.fixture
def lambda_emulator() -> Iterator[StartEmulator]:
    """Start lambda-emulator: ``lambda_emulator("app.handler").url``; skip if it is missing."""
    from ._emulated import emulator_class

    emulator = emulator_class()
    with ExitStack() as stack:

        def start(*functions: Any, **options: Any) -> Any:
            several = functions[0] if isinstance(functions[0], dict) else functions
            return stack.enter_context(emulator(functions=several, **options))

        yield start


@pytest.fixture
def lambda_client(
    request: pytest.FixtureRequest, lambda_function: Function, lambda_emulator: StartEmulator
) -> StartEmulator:
    """Start lambda-emulator, and get boto3's client of it: ``lambda_client("app.handler")``.

    It does not retry. The test is skipped where one of the two is not installed.
    """
    from ._emulated import client_of

    wait = _wait(request.config)

    def start(*functions: Any, **options: Any) -> Any:
        emulator = lambda_emulator(*functions, **options)
        return client_of(emulator.url, lambda_function.region, wait)

    return start


def _set_variables(function: Function, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in function.environment("").items():
        # There is no Runtime API here, and a change of TZ has no effect on a process that runs.
        if name not in ("AWS_LAMBDA_RUNTIME_API", "TZ"):
            monkeypatch.setenv(name, value)


def _wait(config: pytest.Config) -> float:
    return float(config.getini("lambda_wait"))


def _task_root(config: pytest.Config) -> Path:
    return config.rootpath / str(config.getini("lambda_task_root"))
