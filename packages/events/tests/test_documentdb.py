"""DocumentDB: changes of documents and collections."""

from __future__ import annotations

from pathlib import Path

from lambda_events import DocumentDBChange, DocumentDBEvent, loads

HANDMADE = Path(__file__).parent / "handmade"


def change(name: str) -> DocumentDBChange:
    return (
        loads((HANDMADE / f"DocumentDBEvent-{name}.json").read_bytes(), DocumentDBEvent)
        .events[0]
        .event
    )


def test_an_insert_has_the_document_in_extended_json() -> None:
    insert = change("insert")
    assert insert.id.data.startswith("0163")
    assert insert.document_id == "63eeb6e7d418cd98afb1c1d7"
    assert insert.full_document is not None
    assert insert.full_document["n"] == {"$numberLong": "9"}
    assert str(insert.cluster_time_utc) == "2023-02-16 23:06:15+00:00"


def test_a_rename_has_both_names_and_no_document() -> None:
    rename = change("rename")
    assert rename.ns is not None
    assert rename.to is not None
    assert (rename.ns.coll, rename.to.coll) == ("orders", "old_orders")
    assert rename.document_key is rename.document_id is rename.update_description is None


def test_a_dropped_database_has_no_collection() -> None:
    dropped = change("dropdatabase")
    assert dropped.ns is not None
    assert (dropped.ns.db, dropped.ns.coll) == ("shop", None)


def test_an_id_need_not_be_an_object_id() -> None:
    insert = change("insert")
    insert.document_key = {"_id": 7}
    assert insert.document_id == 7
    insert.cluster_time = {}
    assert insert.cluster_time_utc is None
