"""The output of a function's process: to the log, to extensions, and a developer at a prompt."""

from typing import TYPE_CHECKING

from ._breakpoint import Keyboard, has_prompt, is_prompt
from ._config import FunctionConfig
from ._log import LogStream
from ._messages import say
from ._platform import PlatformRecord
from ._telemetry import Telemetry

if TYPE_CHECKING:
    from ._time_limit import TimeLimit


class ProcessOutput:
    """Passes on what a process writes, and the records that Lambda writes about it.

    Attributes:
        limit: The time for what the process does now, which a developer at a prompt lifts; or None.
    """

    def __init__(self, config: FunctionConfig, log: LogStream, telemetry: Telemetry) -> None:
        """Prepare to pass on output.

        Args:
            config: The function, and how it is run.
            log: Takes the output of the process and Lambda's records.
            telemetry: Takes the same, for extensions.
        """
        self.limit: TimeLimit | None = None
        self._config = config
        self._log = log
        self._telemetry = telemetry

    def take(self, data: bytes) -> None:
        """Pass on what the process has written.

        Args:
            data: The output that was written at once.
        """
        self._log.write(data)
        keyboard = self._config.keyboard
        if keyboard is None:
            if has_prompt(data):
                self._say_how_to_debug()
        elif is_prompt(data):
            self._on_prompt(keyboard)
        if self._telemetry.wanted:
            self._telemetry.send_output(data)

    def write(self, *records: PlatformRecord) -> None:
        """Write records of Lambda's own.

        Args:
            *records: The records.
        """
        log_format = self._config.log_format
        self._log.write_platform(b"".join([record.render(log_format) for record in records]))
        if self._telemetry.wanted:
            for record in records:
                self._telemetry.send("platform", record.as_json())

    def _say_how_to_debug(self) -> None:
        say(
            f"{self._config.function.name} is at a breakpoint() without a terminal:"
            " use `lambda-emulator invoke` in one, or start with --debug."
        )

    def _on_prompt(self, keyboard: Keyboard) -> None:
        """Let the developer answer a debugger, however long that takes."""
        if self.limit is not None:
            self.limit.lift()
        keyboard.open()
