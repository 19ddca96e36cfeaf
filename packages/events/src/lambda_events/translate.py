"""Amazon Translate, through EventBridge.

https://docs.aws.amazon.com/translate/latest/dg/monitoring-with-eventbridge.html
"""

from __future__ import annotations

from ._model import Model
from .eventbridge import ServiceEvent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from ._detect import Signatures

_TYPES = (
    "Translate TextTranslationJob State Change",
    "Translate Parallel Data State Change",
)


class TranslateStateChangeDetail(Model):
    """A batch job that ended, or what became of parallel data.

    https://docs.aws.amazon.com/translate/latest/dg/monitoring-with-eventbridge.html

    Attributes:
        job_id: The job's id; None if the event is about parallel data.
        job_status: ``COMPLETED``, ``COMPLETED_WITH_ERROR``, ``FAILED`` or ``STOPPED``.
        operation: ``CreateParallelData`` or ``UpdateParallelData``; None if it is about a job.
        name: The parallel data's name.
        status: The parallel data's status: ``ACTIVE`` or ``FAILED``.
        latest_update_attempt_status: The status of the update.
        latest_update_attempt_at: The time of the update, ISO 8601.
    """

    job_id: str | None = None
    job_status: str | None = None
    operation: str | None = None
    name: str | None = None
    status: str | None = None
    latest_update_attempt_status: str | None = None
    latest_update_attempt_at: str | None = None

    @property
    def latest_update_attempt_at_utc(self) -> datetime | None:
        """`latest_update_attempt_at` as an aware datetime."""
        from ._time import from_text

        return from_text(self.latest_update_attempt_at)


class TranslateStateChangeEvent(
    ServiceEvent[TranslateStateChangeDetail],
    expects={"source": "aws.translate", "detail-type": _TYPES},
):
    """A batch translation job ended, or parallel data was made or changed.

    https://docs.aws.amazon.com/translate/latest/dg/monitoring-with-eventbridge.html
    """


DETECT: Signatures = {
    "TranslateStateChangeEvent": {
        "detail-type": _TYPES,
        "source": "aws.translate",
        "detail": dict,
        "account": str,
    }
}
