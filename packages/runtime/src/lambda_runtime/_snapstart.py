"""SnapStart: what happens around the snapshot that Lambda takes of a started function.

Contract: https://docs.aws.amazon.com/lambda/latest/dg/snapstart-runtime-hooks-python.html
"""

from __future__ import annotations

import sys

from lambda_logging.runtime import is_awaitable

from ._failure import Failure
from ._prepared_handler import reject_awaitable
from ._start_requests import RESTORE_NEXT, init_error_request, restore_error_request
from .errors import RuntimeAPIError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from typing import Any, TypeAlias, TypeVar

    from lambda_logging import PlatformLog

    from ._extension import ShutdownExtension
    from ._http1 import Request
    from ._socket_transport import SocketTransport

    F = TypeVar("F", bound=Callable[..., object])
    Hook: TypeAlias = tuple[Callable[..., object], tuple[Any, ...], dict[str, Any]]

_BEFORE_SNAPSHOT_FAILED, _AFTER_RESTORE_FAILED = 64, 65  # the managed runtime's exit codes

_before: list[Hook] = []
_after: list[Hook] = []


def register_before_snapshot(hook: F, /, *args: object, **kwargs: object) -> F:
    """Run a hook before Lambda takes a snapshot; the last registered runs first.

    It can be used as a decorator. Hooks registered with AWS's ``snapshot_restore_py`` count too.

    Args:
        hook: The function to call; an ``async def`` needs an ``async def`` handler.
        *args: The arguments.
        **kwargs: The arguments by name.

    Returns:
        The hook.
    """
    _before.append((hook, args, kwargs))
    return hook


def register_after_restore(hook: F, /, *args: object, **kwargs: object) -> F:
    """Run a hook after Lambda restores a snapshot; the first registered runs first.

    It can be used as a decorator. Hooks registered with AWS's ``snapshot_restore_py`` count too.

    Args:
        hook: The function to call; an ``async def`` needs an ``async def`` handler.
        *args: The arguments.
        **kwargs: The arguments by name.

    Returns:
        The hook.
    """
    _after.append((hook, args, kwargs))
    return hook


def snapshot(
    transport: SocketTransport, extension: ShutdownExtension | None, log: PlatformLog
) -> Generator[Any, None, None]:
    """Run the hooks, and wait for the snapshot to be restored.

    It blocks, an event loop too: no part of a program that is about to be frozen may be under way.

    Args:
        transport: A way to the Runtime API that is used for nothing else; it is closed.
        extension: The extension whose connection the snapshot breaks.
        log: Gets the failures.

    Yields:
        The result of each hook; when it is awaitable, await it and throw in any exception that it
        raises.

    Raises:
        SystemExit: A hook failed, and was reported; the code is 64 before the snapshot and 65
            after it.
    """
    before, after = _hooks()
    try:
        for hook, args, kwargs in reversed(before):
            yield hook(*args, **kwargs)
        response = transport.round_trip(RESTORE_NEXT)
        if response.status != 200:
            said = response.body[:500].decode("utf-8", "replace")
            refusal = f"Lambda refused to restore: status {response.status}: {said}"
            raise RuntimeAPIError(refusal)  # noqa: TRY301 (reported below, as a hook's)
    except BaseException as error:  # noqa: BLE001 (a hook may raise anything)
        failure = _log_failure(error, log)
        _report(transport, init_error_request(failure.body, "Runtime.BeforeSnapshotError"), log)
        sys.exit(_BEFORE_SNAPSHOT_FAILED)
    transport.close()  # no connection outlives a snapshot
    try:
        if extension is not None:
            extension.wait()
        _reseed_random()
        for hook, args, kwargs in after:
            yield hook(*args, **kwargs)
    except BaseException as error:  # noqa: BLE001 (a hook may raise anything)
        failure = _log_failure(error, log)
        _report(transport, restore_error_request(failure.body, "Runtime.AfterRestoreError"), log)
        sys.exit(_AFTER_RESTORE_FAILED)


def run_hooks(
    steps: Generator[object, None, None], wait: Callable[[Any], object] | None = None
) -> None:
    """Take the steps of a snapshot outside of an event loop.

    Args:
        steps: The generator of `snapshot`.
        wait: Awaits the result of an asynchronous hook; None refuses it.

    Raises:
        SystemExit: A hook failed, and was reported to Lambda.
    """
    for value in steps:
        try:
            if wait is None:
                reject_awaitable(value, "this hook")
            elif is_awaitable(value):
                wait(value)
        except BaseException as error:  # noqa: BLE001 (a hook may raise anything)
            steps.throw(error)


async def run_hooks_async(steps: Generator[Any, None, None]) -> None:
    """Take the steps of a snapshot on the running event loop.

    Args:
        steps: The generator of `snapshot`.

    Raises:
        SystemExit: A hook failed, and was reported to Lambda.
    """
    for value in steps:
        if is_awaitable(value):
            try:
                await value
            except BaseException as error:  # noqa: BLE001 (a hook may raise anything)
                steps.throw(error)


def _hooks() -> tuple[list[Hook], list[Hook]]:
    try:
        import snapshot_restore_py  # type: ignore[import-untyped] # AWS's, if it is there
    except ImportError:
        return _before, _after
    theirs: Any = snapshot_restore_py  # its types are wrong
    return [*theirs.get_before_snapshot(), *_before], [*theirs.get_after_restore(), *_after]


def _log_failure(error: BaseException, log: PlatformLog) -> Failure:
    failure = Failure(error)
    log.failure(failure.error)
    log.flush()
    return failure


def _report(transport: SocketTransport, request: Request, log: PlatformLog) -> None:
    from ._delivery import deliver, exchange

    try:
        exchange(transport, request, deliver(request, log))
    except RuntimeAPIError as unreachable:
        log.write("FATAL", str(unreachable))


def _reseed_random() -> None:
    """Give environments that come from one snapshot different random numbers."""
    random = sys.modules.get("random")
    if random is not None:
        random.seed()
