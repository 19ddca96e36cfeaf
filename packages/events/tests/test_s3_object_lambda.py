"""S3 Object Lambda: four requests, one event."""

from __future__ import annotations

from pathlib import Path

import pytest

from lambda_events import S3ObjectLambdaEvent, loads, structure, unstructure

HANDMADE = Path(__file__).parent / "handmade"


def event(name: str) -> S3ObjectLambdaEvent:
    path = HANDMADE / f"S3ObjectLambdaEvent-{name}.json"
    return loads(path.read_bytes(), S3ObjectLambdaEvent)


@pytest.mark.parametrize(
    ("name", "attribute"), [("head", "head_object_context"), ("list2", "list_objects_v2_context")]
)
def test_one_of_the_contexts_is_there(name: str, attribute: str) -> None:
    request = event(name)
    assert request.context is getattr(request, attribute)
    assert request.get_object_context is None
    assert request.list_objects_context is None
    assert request.input_s3_url is not None
    assert request.input_s3_url.endswith("X-Amz-Signature=s")


def test_an_event_without_a_context_has_no_url() -> None:
    value = unstructure(event("head"))
    del value["headObjectContext"]
    assert structure(value, S3ObjectLambdaEvent).input_s3_url is None


def test_what_lets_others_in_is_hidden() -> None:
    value = unstructure(event("head"))
    value["getObjectContext"] = {
        "inputS3Url": "https://example.org/?X-Amz-Signature=s",
        "outputRoute": "route",
        "outputToken": "token-1",
    }
    request = structure(value, S3ObjectLambdaEvent)
    assert request.get_object_context is not None
    assert request.get_object_context.output_token == "token-1"
    assert "X-Amz-Signature" not in repr(request)
    assert "token-1" not in repr(request)
    assert "route" in repr(request)


def test_the_session_is_what_the_documentation_shows() -> None:
    session = event("head").user_identity.session_context
    assert session is not None
    assert session.attributes.mfa_authenticated == "false"
    assert str(session.attributes.creation_date_utc) == "2021-03-10 23:41:52+00:00"
    assert session.session_issuer is not None
    assert session.session_issuer.user_name == "reader"


def test_headers_do_not_mind_the_case() -> None:
    assert event("head").user_request.headers["host"] == "view.example.org"
