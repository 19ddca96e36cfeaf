"""Tumbling windows: a function that keeps a state over the records of some seconds.

https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-windows.html
"""

import json
from datetime import UTC, datetime
from typing import Any

_MAX_STATE_BYTES = 1 << 20


class TumblingWindow:
    """The window of a shard that is open, and the state that the function keeps in it.

    Attributes:
        start: The beginning, in seconds of Unix time.
        end: The end.
    """

    def __init__(self, shard: str, source_arn: str, seconds: int, arrival: float) -> None:
        """Open the window of a record.

        Args:
            shard: The id of the shard.
            source_arn: The ARN of the stream.
            seconds: The length of a window.
            arrival: The arrival of the record.
        """
        self.start = int(arrival // seconds * seconds)
        self.end = self.start + seconds
        self._shard = shard
        self._source_arn = source_arn
        self._state: dict[str, Any] = {}
        self._is_large = False

    @property
    def ends_early(self) -> bool:
        """True if the state has become too large to go on."""
        return self._is_large

    def event(self, records: list[dict[str, Any]], *, final: bool = False) -> dict[str, Any]:
        """Return the event for records of the window.

        Args:
            records: The records.
            final: True for the window's last invocation.
        """
        return {
            "Records": records,
            "window": {"start": _iso(self.start), "end": _iso(self.end)},
            "state": self._state,
            "shardId": self._shard,
            "eventSourceARN": self._source_arn,
            "isFinalInvokeForWindow": final,
            "isWindowTerminatedEarly": final and self._is_large,
        }

    def keep_state(self, payload: bytes) -> None:
        """Keep the state that a response has.

        Args:
            payload: The response.
        """
        try:
            state = json.loads(payload)["state"]
        except (ValueError, LookupError, TypeError, RecursionError):
            state = {}
        self._state = state if isinstance(state, dict) else {}
        self._is_large = len(json.dumps(self._state)) > _MAX_STATE_BYTES


def _iso(moment: int) -> str:
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%dT%H:%M:%SZ}"
