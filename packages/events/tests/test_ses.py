"""SES: mail that comes in."""

from __future__ import annotations

from pathlib import Path

from lambda_events import SESEvent, SESRecord, SESResponse, loads, unstructure

HANDMADE = Path(__file__).parent / "handmade"


def record(name: str) -> SESRecord:
    return loads((HANDMADE / f"SESEvent-{name}.json").read_bytes(), SESEvent).records[0]


def test_a_mail_has_its_headers() -> None:
    mail = record("bounce").ses.mail
    assert mail.header_values("RECEIVED") == ["from a", "from b"]
    assert mail.header_values("absent") == []
    assert mail.common_headers.from_ == ["Me <me@example.org>"]
    assert mail.common_headers.reply_to == ["me@example.org"]
    assert str(mail.common_headers.date_utc) == "2026-01-02 03:04:05+00:00"
    assert str(mail.timestamp_utc) == "2026-01-02 03:04:05.678000+00:00"


def test_verdicts_are_objects_and_the_policy_is_text() -> None:
    receipt = record("bounce").ses.receipt
    assert receipt.spam_verdict.passed
    assert not receipt.spf_verdict.passed
    assert receipt.dmarc_verdict is not None
    assert not receipt.dmarc_verdict.passed
    assert receipt.dmarc_policy == "quarantine"
    assert str(receipt.timestamp_utc) == "2026-01-02 03:04:05.678000+00:00"


def test_actions_have_attributes_by_their_type() -> None:
    bounce = record("bounce").ses.receipt.action
    assert (bounce.type, bounce.smtp_reply_code, bounce.status_code) == ("Bounce", "550", "5.1.1")
    assert bounce.topic_arn is not None
    assert bounce.topic_arn.resource == "bounces"
    workmail = record("workmail").ses.receipt.action
    assert workmail.organization_arn is not None
    assert workmail.topic_arn is workmail.bucket_name is None


def test_the_response_is_a_word() -> None:
    assert unstructure(SESResponse(disposition="STOP_RULE_SET")) == {"disposition": "STOP_RULE_SET"}
