"""What is on record of one client: its notices, their deliveries, its systems' looks by the hour, and nobody else's."""

from dataclasses import replace
from datetime import timedelta

from alerts.alert import IncidentId
from alerts.calendar import Interval
from alerts.message import DeliveryState, Lane, MessageKind, MessageState
from alerts.page_key import PageKey, digest_of, revoked
from alerts.uptime import HourCount
from monitor.changes import Changes
from monitor.store import Store
from monitor.store.clients import Wanted
from probes.catalog import ClientId, SystemId
from tests.monitor.store.cast import (
    ACME,
    DAY,
    ERP,
    FIRST,
    NOON,
    RESOLVED,
    SECOND,
    STORY,
    claimed_by,
    ended,
    entries,
    message,
    opening,
    queued,
)

HOUR = timedelta(hours=1)
HOURS = [NOON.replace(minute=0, second=0, microsecond=0) + n * HOUR for n in (-48, -1, 0)]
WANTED = Wanted(client=ACME, systems=frozenset({ERP}), span=Interval(start=NOON - DAY, end=NOON + DAY))
NOTICE = replace(message("INC-1/notice/acme/1/1"), kind=MessageKind.NOTICE, lane=Lane.NORMAL)


def filled(store: Store) -> None:
    """Write an incident that is over with its notice, another client's notice, and looks of two systems."""
    store.commit(Changes(entries=entries(*STORY, RESOLVED)))
    store.commit(queued(NOTICE, replace(NOTICE, key="n/2", client=ClientId("boreal")), message()))
    looks = [HourCount(system=SystemId(name), hour=hour, good=60, bad=1) for name in ("erp", "crm") for hour in HOURS]
    store.commit(Changes(looks=tuple(looks)))


def test_a_clients_page_reads_its_own_notices_and_the_hours_of_its_systems(store: Store) -> None:
    filled(store)
    record = store.told_client(WANTED)
    assert [one.message.key for one in record.notices] == [NOTICE.key]
    assert record.hours == tuple(HourCount(system=ERP, hour=hour, good=60, bad=1) for hour in HOURS[1:])
    assert record.measured == {ERP: HOURS[0]}
    assert [one.resolved for one in record.incidents.values()] == [RESOLVED.at]


def test_incidents_that_are_known_already_are_not_read_again(store: Store) -> None:
    filled(store)
    assert store.told_client(replace(WANTED, known=frozenset({FIRST}))).incidents == {}


def test_the_evidence_of_a_time_has_every_attempt_and_every_incident_that_touches_the_client(store: Store) -> None:
    filled(store)
    store.commit(Changes(entries=opening("INC-2")))
    claimed_by(store, Lane.NORMAL, NOON + SECOND)
    store.commit(ended(NOTICE.key, 1, DeliveryState.ACCEPTED, MessageState.ACCEPTED))
    record = store.happened_to(WANTED)
    assert [(one.key, one.state) for one in record.deliveries] == [(NOTICE.key, DeliveryState.ACCEPTED)]
    assert list(record.incidents) == [FIRST]
    assert record.latest == HOURS[-1]


def test_what_lies_outside_of_the_time_is_not_read(store: Store) -> None:
    filled(store)
    later = replace(WANTED, span=Interval(start=NOON + DAY, end=NOON + 2 * DAY))
    record = store.happened_to(later)
    assert (record.hours, record.notices, record.incidents) == ((), (), {})
    assert IncidentId("INC-1") not in store.told_client(later).incidents


def test_the_keys_of_pages_survive_a_restart_as_digests_alone(store: Store) -> None:
    key = PageKey(digest=digest_of("a key"), client=ACME, created=NOON, by="ana", note="desk")
    store.commit(Changes(page_keys={key.digest: key}))
    assert store.load(NOON).page_keys == {key.digest: key}
    gone = revoked(key, "ben", NOON + HOUR)
    store.commit(Changes(page_keys={key.digest: gone}))
    assert store.load(NOON).page_keys == {key.digest: gone}
