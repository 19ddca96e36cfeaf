"""Amazon DocumentDB change streams.

https://docs.aws.amazon.com/lambda/latest/dg/with-documentdb.html

Documents are in MongoDB's extended JSON, such as ``{"$oid": "..."}`` for an object id; they are
left as they are. ``bson.json_util.object_hook`` of PyMongo makes Python's types of them.
"""

from __future__ import annotations

from ._field import EMPTY, field
from ._model import Model

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from ._arn import ARN
    from ._detect import Signatures


class DocumentDBResumeToken(Model):
    """A change's id.

    Attributes:
        data: The token, which a change stream can be resumed after.
    """

    data: str = field("_data")


class DocumentDBNamespace(Model):
    """A collection of a database.

    Attributes:
        db: The database.
        coll: The collection; None if the change is about the database.
    """

    db: str
    coll: str | None = None


class DocumentDBTruncatedArray(Model):
    """An array that an update made shorter.

    Attributes:
        field: The array's path in the document.
        new_size: The number of items that remain.
    """

    field: str
    new_size: int


class DocumentDBUpdateDescription(Model):
    """The changes of an update.

    Attributes:
        updated_fields: The new values by path.
        removed_fields: The paths of fields that are gone.
        truncated_arrays: The arrays that became shorter.
    """

    updated_fields: dict[str, Any] = EMPTY
    removed_fields: list[str] = EMPTY
    truncated_arrays: list[DocumentDBTruncatedArray] = EMPTY


class DocumentDBChange(Model):
    """A change.

    https://www.mongodb.com/docs/manual/reference/change-events/

    Attributes:
        id: The change's id.
        operation_type: ``insert``, ``update``, ``replace``, ``delete``, ``drop``,
            ``dropDatabase``, ``rename`` or ``invalidate``.
        cluster_time: The time of the change, in extended JSON: ``{"$timestamp": {"t": ..., "i":
            ...}}``.
        ns: The namespace of the change: database and collection. None for ``invalidate``.
        to: The new name, for ``rename``.
        document_key: The document's ``_id``, and its shard key; None for changes of collections.
        full_document: The document, for ``insert`` and ``replace``; for ``update`` if the trigger
            asks for it.
        update_description: The fields that an ``update`` changed.
        txn_number: The transaction's number, in extended JSON, if there was one.
        lsid: The transaction's session, if there was one.
    """

    id: DocumentDBResumeToken = field("_id")
    operation_type: str
    cluster_time: dict[str, Any]
    ns: DocumentDBNamespace | None = None
    to: DocumentDBNamespace | None = None
    document_key: dict[str, Any] | None = None
    full_document: dict[str, Any] | None = None
    update_description: DocumentDBUpdateDescription | None = None
    txn_number: Any = None
    lsid: dict[str, Any] | None = None

    @property
    def cluster_time_utc(self) -> datetime | None:
        """`cluster_time` as an aware datetime, to the second."""
        from ._field import look
        from ._time import from_epoch

        return from_epoch(look(self.cluster_time, "$timestamp/t"))

    @property
    def document_id(self) -> Any:
        """The document's ``_id``: the text of an object id, or another id as JSON has it.

        None if the change is not about one document.
        """
        found = self.document_key.get("_id") if isinstance(self.document_key, dict) else None
        return found["$oid"] if isinstance(found, dict) and "$oid" in found else found


class DocumentDBRecord(Model):
    """The wrapper of a change.

    Attributes:
        event: The change.
    """

    event: DocumentDBChange


class DocumentDBEvent(Model, expects={"events": list, "eventSource": "aws:docdb"}):
    """Changes of a cluster, a database or a collection.

    https://docs.aws.amazon.com/lambda/latest/dg/with-documentdb.html

    Attributes:
        event_source: ``aws:docdb``.
        event_source_arn: The cluster.
        events: The changes, in order.
    """

    event_source: str = "aws:docdb"
    event_source_arn: ARN
    events: list[DocumentDBRecord]


DETECT: Signatures = {"DocumentDBEvent": {"eventSource": "aws:docdb", "events": list}}
