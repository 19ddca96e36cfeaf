"""Amazon Cognito Sync.

https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-events.html
"""

from __future__ import annotations

from ._field import EMPTY
from ._model import Model

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._detect import Signatures


class CognitoSyncRecord(Model):
    """A change of a data set.

    Attributes:
        new_value: The new value.
        old_value: The old one.
        op: ``replace`` or ``remove``; a function may change it, and `new_value`.
    """

    new_value: str | None = None
    old_value: str | None = None
    op: str


class CognitoSyncEvent(Model, expects={"datasetRecords": dict}):
    """A device synchronizes a data set; the function returns the event, changed or not.

    https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-events.html

    Attributes:
        dataset_name: The data set.
        dataset_records: The changes by key.
        event_type: ``SyncTrigger``.
        identity_id: The identity.
        identity_pool_id: The identity's pool.
        region: The pool's region.
        version: The version of the event, 2.
    """

    dataset_name: str
    dataset_records: dict[str, CognitoSyncRecord] = EMPTY
    event_type: str
    identity_id: str
    identity_pool_id: str
    region: str
    version: int


DETECT: Signatures = {
    "CognitoSyncEvent": {"datasetName": str, "datasetRecords": dict, "identityPoolId": str},
}
