"""Amazon ECR, through EventBridge.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html
"""

from __future__ import annotations

from ._field import EMPTY, field
from ._model import Model
from .eventbridge import ServiceEvent

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._detect import Signatures


class ECRImageActionDetail(Model, case="kebab"):
    """An action on an image.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html

    Attributes:
        result: ``SUCCESS`` or ``FAILURE``.
        repository_name: The repository.
        image_digest: The image's digest, with its algorithm.
        image_tag: The image's tag; None if it has none.
        action_type: ``PUSH`` or ``DELETE``.
        manifest_media_type: The media type of the image's manifest.
        artifact_media_type: The media type of the artifact.
    """

    result: str
    repository_name: str
    image_digest: str
    image_tag: str | None = None
    action_type: str
    manifest_media_type: str | None = None
    artifact_media_type: str | None = None


class ECRImageActionEvent(
    ServiceEvent[ECRImageActionDetail],
    expects={"source": "aws.ecr", "detail-type": "ECR Image Action"},
):
    """An image was pushed or deleted.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html
    """


class ECRFindingSeverityCounts(Model):
    """The number of findings of a scan by severity; None where there are none.

    https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageScanFindings.html

    Attributes:
        critical: Critical ones.
        high: High ones.
        medium: Medium ones.
        low: Low ones.
        informational: Informational ones.
        undefined: Ones that are not rated.
        total: All of them, as enhanced scanning counts them.
    """

    critical: int | None = field("CRITICAL", default=None)
    high: int | None = field("HIGH", default=None)
    medium: int | None = field("MEDIUM", default=None)
    low: int | None = field("LOW", default=None)
    informational: int | None = field("INFORMATIONAL", default=None)
    undefined: int | None = field("UNDEFINED", default=None)
    total: int | None = field("TOTAL", default=None)


class ECRImageScanDetail(Model, case="kebab"):
    """The result of a scan.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html

    Attributes:
        scan_status: ``COMPLETE`` or ``FAILED``.
        repository_name: The repository.
        finding_severity_counts: The number of findings by severity.
        image_digest: The image's digest, with its algorithm.
        image_tags: The image's tags.
    """

    scan_status: str
    repository_name: str
    finding_severity_counts: ECRFindingSeverityCounts = EMPTY
    image_digest: str
    image_tags: list[str] = EMPTY


class ECRImageScanEvent(
    ServiceEvent[ECRImageScanDetail],
    expects={"source": "aws.ecr", "detail-type": "ECR Image Scan"},
):
    """A basic scan of an image ended.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html
    """


DETECT: Signatures = {
    "ECRImageActionEvent": {
        "detail-type": "ECR Image Action",
        "source": "aws.ecr",
        "detail": dict,
        "detail/repository-name": str,
    },
    "ECRImageScanEvent": {
        "detail-type": "ECR Image Scan",
        "source": "aws.ecr",
        "detail": dict,
        "detail/repository-name": str,
    },
}
