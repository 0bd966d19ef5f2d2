"""The messages that carry a notice: one for each contact, with keys of their own."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from alerts.alert import IncidentId
from alerts.impact import Impact, terms_of
from alerts.incident import Incident
from alerts.message import Lane, Message, MessageKind, MessageSeverity, Stage
from alerts.notice import letters
from alerts.notice_draft import OwnText
from probes.catalog import SecretRef
from tests.cast import ACME, CATALOG, CLIENTS, CONTEXT, MINUTE, NOON, after, catalog_of

TOLD, UPDATED, ENDED = Stage.INVESTIGATING, Stage.UPDATE, Stage.RESOLVED
FRESH = Impact(terms=terms_of(CLIENTS[ACME], CATALOG.tier_of(ACME), NOON), joined=NOON, onset=NOON)
INCIDENT = Incident(id=IncidentId("INC-1"), opened=NOON, onset=NOON, nodes=frozenset(), blind=False)


def told(*stages: Stage, recovered: datetime | None = None) -> Impact:
    """Return an impact with these notices queued a minute apart from noon."""
    queued = tuple((stage, after(minutes=minute)) for minute, stage in enumerate(stages))
    return replace(FRESH, queued=queued, recovered=recovered)


def notices(impacts: Sequence[Impact], stage: Stage, at: datetime = NOON, **own: OwnText) -> list[Message]:
    return [one.message for one in letters(INCIDENT, impacts, stage, CONTEXT, at, own)]


def test_one_notice_is_one_message_per_contact_with_keys_of_their_own() -> None:
    first, second = notices([FRESH], TOLD)
    assert (first.recipient, second.recipient) == ("Service desk", "Operations")
    assert (first.key, second.key) == ("INC-1/notice/acme/1/1", "INC-1/notice/acme/1/2")
    assert first.channels == ("env:ACME_1",)
    assert (first.kind, first.lane, first.weight) == (MessageKind.NOTICE, Lane.NORMAL, 100)
    assert (first.incident, first.client, first.created) == ("INC-1", ACME, NOON)


def test_the_next_notice_has_other_keys_and_the_last_is_green() -> None:
    (update, _), (end, _) = ((notices([told(TOLD)], stage)) for stage in (UPDATED, ENDED))
    assert update.key == "INC-1/notice/acme/2/1"
    assert (update.severity, end.severity) == (MessageSeverity.WARNING, MessageSeverity.SUCCESS)


def test_the_same_notice_decided_twice_has_the_same_keys() -> None:
    once, again = ((notices([told(TOLD)], UPDATED, at)) for at in (NOON, NOON + MINUTE))
    assert [message.key for message in once] == [message.key for message in again]


def test_who_comes_back_after_a_split_is_told_in_messages_of_their_own() -> None:
    split = replace(INCIDENT, apart=frozenset({IncidentId("INC-2")}))
    back = replace(FRESH, joined=after(minutes=5))
    keys = [one.message.key for one in letters(split, [back], TOLD, CONTEXT, after(minutes=5))]
    assert len(keys) == len(FRESH.terms.contacts)
    assert {one.key for one in notices([FRESH], TOLD)}.isdisjoint(keys), "the outbox leaves what it has as it is"


def test_whose_address_was_put_right_in_mid_incident_is_told_there_and_nobody_else_is_told() -> None:
    desk, operations = CLIENTS[ACME].contacts
    moved = replace(desk, channel=SecretRef("env:ACME_NEW"))
    joined = replace(operations, name="Somebody new")
    catalog = catalog_of({ACME: replace(CLIENTS[ACME], contacts=(joined, moved))})
    context = replace(CONTEXT, catalog=catalog)
    found = [one.message for one in letters(INCIDENT, [told(TOLD)], ENDED, context, NOON)]
    assert [(one.recipient, one.channels) for one in found] == [
        (desk.name, ("env:ACME_NEW",)),
        (operations.name, (operations.channel,)),
    ]


def test_what_somebody_wrote_takes_the_place_of_the_text_and_says_when_the_next_notice_comes() -> None:
    own = OwnText(subject="Invoices are late", body="We know why.\n\nNothing is lost.")
    (one, _) = notices([told(TOLD)], UPDATED, en=own)
    assert one.subject == "Invoices are late (INC-1)"
    first, second, last = one.body.split("\n\n")
    assert (first, second) == ("We know why.", "Nothing is lost.")
    assert last.startswith("We will write again by ")
    (other, _) = notices([told(TOLD)], UPDATED, de=own)
    assert other.subject == "Update on the disturbance (INC-1)", "readers of another language are not meant"
