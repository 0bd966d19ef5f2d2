"""What an audit reads of the store: the news of open incidents, and urgent messages that wait for too long."""

from dataclasses import replace

from alerts.alert import IncidentId
from alerts.message import Lane
from alerts.timeline import Acknowledged, Opened, Resolved
from monitor.changes import Changes
from monitor.store import Store
from tests.cast import MINUTE
from tests.monitor.store.cast import NOON, claimed_by, entries, message, opening, queued

FIRST, SECOND = IncidentId("INC-1"), IncidentId("INC-2")


def test_only_what_is_new_of_open_incidents_is_read_again(store: Store) -> None:
    store.commit(Changes(entries=(*opening("INC-1"), *opening("INC-2"))))
    news = store.news({})
    assert news.open == {FIRST, SECOND}
    assert [type(event) for event in news.events[FIRST]] == [Opened]
    taken = Acknowledged(at=NOON + 1 * MINUTE, by="alba")
    store.commit(Changes(entries=entries(taken, incident=FIRST, first=2)))
    news = store.news({FIRST: 1, SECOND: 1})
    assert news.events == {FIRST: (taken,)}
    over = Resolved(at=NOON + 2 * MINUTE, why="over")
    store.commit(Changes(entries=entries(over, incident=FIRST, first=3)))
    news = store.news({FIRST: 2, SECOND: 1})
    assert news.open == {SECOND}
    assert not news.events


def test_an_urgent_message_that_nobody_attempts_is_found_once_its_time_has_passed(store: Store) -> None:
    store.commit(queued(message("page"), replace(message("notice"), lane=Lane.NORMAL)))
    assert list(store.waiting_pages(NOON)) == []
    ((key, due),) = store.waiting_pages(NOON + 1 * MINUTE)
    assert (key, due) == ("page", NOON)
    claimed_by(store, Lane.URGENT, NOON + 1 * MINUTE, 1)
    assert list(store.waiting_pages(NOON + 2 * MINUTE)) == [], "it is under way"
