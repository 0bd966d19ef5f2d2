"""Events of webhooks are remembered, each once, and what they told of goes and comes with a restart."""

from dataclasses import replace
from datetime import timedelta

from monitor.changes import Changes, HeardEvent
from monitor.store import Retention, Store
from probes.announced import Announcement, Fate, Reception
from tests.monitor.store.cast import ACME, ERP, NOON, SECOND

ONE = Announcement(system=ERP, resource="invoices", record="in_1", created=NOON, client=ACME, told=NOON, version="v")
RECEPTION = Reception(system=ERP, since=NOON, last=NOON + SECOND, events=7)


def heard(*names: str, days: int = 0) -> Changes:
    at = NOON + timedelta(days=days)
    return Changes(events=tuple(HeardEvent(system=ERP, id=name, at=at) for name in names))


def test_an_event_is_known_once_it_was_heard_by_its_system_alone(store: Store) -> None:
    store.commit(heard("evt_1", "evt_2"))
    store.commit(heard("evt_2"))
    asked = ["evt_1", "evt_3", *(f"other-{number}" for number in range(1200))]
    assert store.heard_before(ERP, asked) == {"evt_1"}
    assert store.heard_before(ERP, []) == frozenset()


def test_what_was_told_of_is_remembered_until_it_is_forgotten(store: Store) -> None:
    lost = replace(ONE, record="in_2", told=None, seen=NOON, lost=True)
    kept = {ONE.key: ONE, lost.key: lost}
    store.commit(Changes(announcements=kept, receptions={ERP: RECEPTION}))
    known = store.load(NOON)
    assert known.announcements == kept
    assert known.receptions == {ERP: RECEPTION}
    store.commit(Changes(announcements={ONE.key: None}, fates=(Fate(system=ERP, client=None, at=NOON, lost=False),)))
    assert store.load(NOON).announcements == {lost.key: lost}


def test_events_are_forgotten_after_three_months(store: Store) -> None:
    store.commit(heard("old"))
    store.commit(heard("new", days=2))
    assert store.prune(NOON + timedelta(days=91), Retention())["webhooks"] == 1
    assert store.heard_before(ERP, ["old", "new"]) == {"new"}
