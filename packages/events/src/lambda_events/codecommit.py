"""AWS CodeCommit: triggers of repositories.

https://docs.aws.amazon.com/lambda/latest/dg/services-codecommit.html
"""

from __future__ import annotations

from ._field import EMPTY, field
from ._model import Model

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime

    from ._arn import ARN
    from ._detect import Signatures


class CodeCommitReference(Model):
    """A branch or a tag that was pushed, made or deleted.

    https://docs.aws.amazon.com/codecommit/latest/userguide/how-to-notify-lambda.html

    Attributes:
        commit: The commit that it names now; of a deleted one, the last that it named.
        ref: The full name, such as ``refs/heads/main``.
        created: True if it is new.
        deleted: True if it is gone.
    """

    commit: str
    ref: str
    created: bool | None = None
    deleted: bool | None = None


class CodeCommitReferences(Model):
    """A trigger's record of a repository.

    https://docs.aws.amazon.com/codecommit/latest/userguide/how-to-notify-lambda.html

    Attributes:
        references: The branches and tags.
    """

    references: list[CodeCommitReference] = EMPTY


class CodeCommitRecord(Model):
    """A trigger that fired.

    https://docs.aws.amazon.com/lambda/latest/dg/services-codecommit.html

    Attributes:
        event_id: The event's id.
        event_version: This object's form.
        event_time: The time of the event, ISO 8601 with an offset.
        event_trigger_name: The trigger's name.
        event_trigger_config_id: The id of the repository's triggers.
        event_part_number: The number of this part of the event.
        event_total_parts: The number of parts of the event.
        event_name: The kind of event, such as ``ReferenceChanges`` or ``TriggerEventTest``.
        event_source_arn: The repository.
        event_source: ``aws:codecommit``.
        user_identity_arn: The identity that caused it.
        aws_region: The repository's region.
        codecommit: The branches and tags that it is about.
        custom_data: The custom data of the trigger's configuration.
    """

    event_id: str
    event_version: str
    event_time: str
    event_trigger_name: str
    event_trigger_config_id: str
    event_part_number: int
    event_total_parts: int
    event_name: str
    event_source_arn: ARN = field("eventSourceARN")
    event_source: str = "aws:codecommit"
    user_identity_arn: ARN = field("userIdentityARN")
    aws_region: str
    codecommit: CodeCommitReferences
    custom_data: str | None = None

    @property
    def event_time_utc(self) -> datetime | None:
        """`event_time` as an aware datetime."""
        from ._time import from_text

        return from_text(self.event_time)

    @property
    def repository(self) -> str:
        """The repository's name."""
        return self.event_source_arn.resource


class CodeCommitEvent(Model, expects={"Records": list, "Records/0/eventSource": "aws:codecommit"}):
    """Triggers of a repository that fired.

    https://docs.aws.amazon.com/lambda/latest/dg/services-codecommit.html

    Attributes:
        records: The triggers.
    """

    records: list[CodeCommitRecord] = field("Records")


DETECT: Signatures = {"CodeCommitEvent": {"Records/0/eventSource": "aws:codecommit"}}
