"""Amazon Transcribe, through EventBridge.

https://docs.aws.amazon.com/transcribe/latest/dg/monitoring-events.html
"""

from __future__ import annotations

from ._model import Model
from .eventbridge import ServiceEvent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._detect import Signatures


class TranscribeJobStateChangeDetail(Model, case="pascal"):
    """A job that ended.

    https://docs.aws.amazon.com/transcribe/latest/dg/monitoring-events.html

    Attributes:
        transcription_job_name: The job's name.
        transcription_job_status: ``COMPLETED`` or ``FAILED``.
        failure_reason: The reason for the failure, in words.
    """

    transcription_job_name: str
    transcription_job_status: str
    failure_reason: str | None = None


class TranscribeJobStateChangeEvent(
    ServiceEvent[TranscribeJobStateChangeDetail],
    expects={"source": "aws.transcribe", "detail-type": "Transcribe Job State Change"},
):
    """A transcription job ended.

    https://docs.aws.amazon.com/transcribe/latest/dg/monitoring-events.html
    """


DETECT: Signatures = {
    "TranscribeJobStateChangeEvent": {
        "detail-type": "Transcribe Job State Change",
        "source": "aws.transcribe",
        "detail": dict,
        "detail/TranscriptionJobName": str,
    }
}
