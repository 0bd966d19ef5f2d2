"""Which notice is due to whom, and the messages that carry it."""

from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.alert import IncidentId
from alerts.impact import Impact, terms_of
from alerts.incident import Incident
from alerts.message import Lane, MessageKind, MessageSeverity, Stage
from alerts.notice import next_update, notices, stage_due
from alerts.words import PLAIN
from probes.catalog import NoticePolicy
from tests.cast import ACME, CATALOG, CLIENTS, COBALT, DUNE, MINUTE, NOON, after

TOLD, UPDATED, ENDED = Stage.INVESTIGATING, Stage.UPDATE, Stage.RESOLVED
FRESH = Impact(terms=terms_of(CLIENTS[ACME], CATALOG.tier_of(ACME), NOON), joined=NOON, onset=NOON)
INCIDENT = Incident(id=IncidentId("INC-1"), opened=NOON, onset=NOON, nodes=frozenset(), blind=False)


def told(*stages: Stage, recovered: datetime | None = None) -> Impact:
    """Return an impact with these notices queued a minute apart from noon."""
    queued = tuple((stage, after(minutes=minute)) for minute, stage in enumerate(stages))
    return replace(FRESH, queued=queued, recovered=recovered)


@pytest.mark.parametrize(
    ("impact", "minutes", "stage"),
    [
        (told(), 0, TOLD),
        (told(TOLD), 1.9, None),
        (told(TOLD), 2, UPDATED),
        (told(TOLD, UPDATED), 2.9, None),
        (told(TOLD, UPDATED), 3, UPDATED),
        (told(TOLD, recovered=NOON), 0, ENDED),
        (told(TOLD, UPDATED, recovered=NOON), 60, ENDED),
        (told(TOLD, ENDED, recovered=NOON), 60, None),
        (told(recovered=NOON), 60, None),
        (told(TOLD, ENDED), 2, TOLD),
        (told(TOLD, ENDED, TOLD), 4, UPDATED),
    ],
)
def test_the_notice_that_is_due_follows_from_what_was_written_and_whether_it_is_over(
    impact: Impact, minutes: float, stage: Stage | None
) -> None:
    assert stage_due(impact, after(minutes=minutes)) is stage


def test_a_tier_without_notices_and_a_client_without_contacts_are_not_written_to() -> None:
    silent = replace(FRESH, terms=replace(FRESH.terms, notices=NoticePolicy.NONE))
    nobody = replace(FRESH, terms=replace(FRESH.terms, contacts=()))
    assert stage_due(silent, NOON) is None
    assert stage_due(nobody, NOON) is None
    dune = Impact(terms=terms_of(CLIENTS[DUNE], CATALOG.tier_of(DUNE), NOON), joined=NOON, onset=NOON)
    assert stage_due(dune, NOON) is None


def test_the_next_update_is_due_at_the_contracts_cadence() -> None:
    assert next_update(told()) is None
    assert next_update(told(TOLD)) == after(minutes=2)
    assert next_update(told(TOLD, UPDATED)) == after(minutes=3)
    assert next_update(told(TOLD, recovered=NOON)) is None
    cobalt = replace(told(TOLD), terms=terms_of(CLIENTS[COBALT], CATALOG.tier_of(COBALT), NOON))
    assert next_update(cobalt) is None


def test_one_notice_is_one_message_per_contact_with_keys_of_their_own() -> None:
    first, second = notices(INCIDENT, [FRESH], TOLD, PLAIN, NOON)
    assert (first.recipient, second.recipient) == ("Service desk", "Operations")
    assert (first.key, second.key) == ("INC-1/notice/acme/1/1", "INC-1/notice/acme/1/2")
    assert first.channels == ("env:ACME_1",)
    assert (first.kind, first.lane, first.weight) == (MessageKind.NOTICE, Lane.NORMAL, 100)
    assert (first.incident, first.client, first.created) == ("INC-1", ACME, NOON)


def test_the_next_notice_has_other_keys_and_the_last_is_green() -> None:
    (update, _), (end, _) = (list(notices(INCIDENT, [told(TOLD)], stage, PLAIN, NOON)) for stage in (UPDATED, ENDED))
    assert update.key == "INC-1/notice/acme/2/1"
    assert (update.severity, end.severity) == (MessageSeverity.WARNING, MessageSeverity.SUCCESS)


def test_the_same_notice_decided_twice_has_the_same_keys() -> None:
    once, again = (list(notices(INCIDENT, [told(TOLD)], UPDATED, PLAIN, at)) for at in (NOON, NOON + MINUTE))
    assert [message.key for message in once] == [message.key for message in again]


@given(st.lists(st.tuples(st.integers(min_value=1, max_value=300), st.booleans()), max_size=20))
def test_however_a_client_is_hurt_and_recovers_its_notices_alternate(turns: list[tuple[int, bool]]) -> None:
    impact, at = FRESH, NOON
    for seconds, hurt in turns:
        at = at + seconds * MINUTE / 60
        impact = replace(impact, recovered=None if hurt else at)
        stage = stage_due(impact, at)
        if stage is not None:
            impact = replace(impact, queued=(*impact.queued, (stage, at)))
        assert impact.owed == (impact.recovered is None), "written to while it is hurt, and not after"
    stages = [stage for stage, _ in impact.queued if stage is not UPDATED]
    assert stages == [(TOLD, ENDED)[number % 2] for number in range(len(stages))]
