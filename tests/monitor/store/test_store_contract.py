"""What the store promises on either database: what is committed is remembered. Its outbox is tested next door."""

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from alerts.alert import AlertState, IncidentId
from alerts.fold import folded
from alerts.message import DeliveryState, MessageState
from alerts.uptime import HourCount
from monitor.changes import Act, Changes
from monitor.store import EntryExists, Retention, Store
from probes.budget import Balance
from probes.catalog import ClientId, FlowId, ProbeId, SystemId
from probes.cursor import Cursor
from probes.gap import Gap
from probes.heartbeat import Absence, HeartbeatId, Runs
from probes.latency import Pace
from probes.reconcile import Candidate, Sample
from probes.rhythm import Baseline, learned
from probes.sli import Indicator, IndicatorKey, IndicatorKind, Tally
from probes.timetable import Cron, Interval
from probes.tracked import BookChange, RecordState, Tracked
from tests.monitor.store.cast import (
    DAY,
    ERP,
    FIRST,
    MINUTE,
    NOON,
    RESOLVED,
    SECOND,
    STORY,
    alert,
    claimed_by,
    ended,
    entries,
    message,
    opening,
    queued,
)
from tests.monitor.store.conftest import PATIENCE

ACCEPTED = (DeliveryState.ACCEPTED, MessageState.ACCEPTED)
INVOICES = FlowId("invoices")
FIRE = alert()
INDICATOR = Indicator(
    key=IndicatorKey(kind=IndicatorKind.SYNC_LATENCY, subject="invoices", client=ClientId("acme")),
    tally=Tally(over=timedelta(minutes=15), cells={117_000: (3, 1), 117_001: (0, 2)}),
    seen=NOON,
    codes=((NOON, "stolen_card"),),
    mark=(NOON, "7"),
)
GAP = Gap(start=NOON, until=NOON + MINUTE, sent=NOON, position="in_9")
CURSOR = Cursor(probe=ProbeId("erp.invoices"), watermark=NOON, seen={"in_1": "v1"}, last_whole=NOON, gap=GAP)
SAMPLE = Sample(flow=INVOICES, pool={"in_1": Candidate(created=NOON)}, missing=("in_2",), last=NOON)
BALANCE = Balance(tats=(NOON, None), not_before=NOON + MINUTE)
OPEN = Tracked(key="in_1", state=RecordState.OPEN, client=ClientId("acme"), created=NOON)


def test_a_fresh_database_remembers_nothing(store: Store) -> None:
    remembered = store.load(NOON)
    assert remembered.next_number == 1
    assert (remembered.incidents, remembered.alerts, remembered.books, remembered.unreadable) == ({}, {}, {}, ())
    assert remembered.alive is None


def test_what_clients_weeks_are_like_survives_a_restart(url: str) -> None:
    known = replace(learned(Baseline(until=492_400), 492_400, "Europe/Madrid", 17), low=1, a_week=12.5, spread=1.25)
    with closing(Store(url)) as store:
        store.commit(Changes(baselines={"activity/billing.invoices/acme": Baseline(until=1)}))
        store.commit(Changes(baselines={"activity/billing.invoices/acme": known}))
    with closing(Store(url)) as store:
        assert store.load(NOON).baselines == {"activity/billing.invoices/acme": known}


def test_what_is_committed_survives_a_restart(url: str) -> None:
    changes = Changes(
        entries=entries(*STORY),
        alerts=(FIRE,),
        indicators=(INDICATOR,),
        cursors=(CURSOR,),
        balances={ERP: BALANCE},
        samples={INVOICES: SAMPLE},
        books=(BookChange(flow=INVOICES, kept=(OPEN,), source_covered=NOON),),
        looks=(HourCount(system=ERP, hour=NOON, good=2, unknown=1),),
    )
    first = Store(url)
    first.commit(changes)
    first.close()
    again = Store(url)
    remembered = again.load(NOON)
    again.close()
    assert remembered.incidents == {FIRST: folded(FIRST, STORY)}
    assert remembered.alerts == {str(FIRE.key): FIRE}
    assert remembered.indicators == {str(INDICATOR.key): INDICATOR}
    assert remembered.cursors == {CURSOR.probe: CURSOR}
    assert remembered.balances == {ERP: BALANCE}
    assert remembered.samples == {INVOICES: SAMPLE}
    assert remembered.looks == changes.looks
    assert remembered.books[INVOICES].tracked == {"in_1": OPEN}
    assert remembered.books[INVOICES].source_covered == NOON
    assert remembered.next_number == 2


def test_a_timeline_is_read_as_it_was_written(store: Store) -> None:
    store.commit(Changes(entries=entries(*STORY)))
    store.commit(Changes(entries=entries(RESOLVED, first=5)))
    assert store.timeline(FIRST) == entries(*STORY, RESOLVED)
    assert store.timeline(IncidentId("INC-2")) == ()


def test_an_entry_that_exists_raises_and_nothing_of_its_commit_is_kept(store: Store) -> None:
    store.commit(Changes(entries=entries(*STORY)))
    with pytest.raises(EntryExists, match="INC-1 4"):
        store.commit(Changes(entries=entries(RESOLVED, first=4), alerts=(FIRE,), messages=(message(),)))
    assert store.timeline(FIRST) == entries(*STORY)
    assert store.load(NOON).alerts == {}
    assert store.messages() == ()


def test_an_entry_without_an_opening_is_refused(store: Store) -> None:
    with pytest.raises(EntryExists, match="has no opening"):
        store.commit(Changes(entries=entries(RESOLVED, first=2)))


def test_an_inactive_alert_is_removed_and_a_changed_one_replaced(store: Store) -> None:
    store.commit(Changes(alerts=(FIRE, alert("globex"))))
    resolved = replace(FIRE, state=AlertState.RESOLVED, cleared=NOON)
    store.commit(Changes(alerts=(resolved, alert("globex", AlertState.INACTIVE))))
    assert store.load(NOON).alerts == {str(FIRE.key): resolved}


def test_of_one_alert_twice_in_a_commit_the_last_counts(store: Store) -> None:
    store.commit(Changes(alerts=(FIRE, alert("acme", AlertState.INACTIVE))))
    assert store.load(NOON).alerts == {}


def test_a_book_keeps_and_drops_records_in_the_order_of_its_changes(store: Store) -> None:
    matched = OPEN._replace(state=RecordState.MATCHED, arrived=NOON)
    store.commit(Changes(books=(BookChange(flow=INVOICES, kept=(OPEN, OPEN._replace(key="in_2"))),)))
    store.commit(
        Changes(
            books=(
                BookChange(flow=INVOICES, dropped=("in_1", "in_2"), source_covered=NOON),
                BookChange(flow=INVOICES, kept=(matched,), destination_covered=NOON + SECOND),
            )
        )
    )
    book = store.load(NOON).books[INVOICES]
    assert book.tracked == {"in_1": matched}
    assert (book.source_covered, book.destination_covered) == (NOON, NOON + SECOND)


def test_of_a_settled_record_its_key_is_remembered_until_it_is_to_be_forgotten(store: Store) -> None:
    store.commit(Changes(books=(BookChange(flow=INVOICES, kept=(OPEN,), pace=Pace(usual={3: 7}, recent={1: {3: 7}})),)))
    store.commit(Changes(books=(BookChange(flow=INVOICES, settled=("in_1", "in_2"), at=NOON, source_covered=NOON),)))
    store.commit(Changes(books=(BookChange(flow=INVOICES, forgotten=NOON),)))
    book = store.load(NOON).books[INVOICES]
    assert (book.tracked, book.settled) == ({}, {"in_1": NOON, "in_2": NOON})
    assert book.pace == Pace(usual={3: 7}, recent={1: {3: 7}})
    store.commit(Changes(books=(BookChange(flow=INVOICES, forgotten=NOON + SECOND),)))
    assert store.load(NOON).books[INVOICES].settled == {}


def test_looks_of_an_hour_add_up(store: Store) -> None:
    store.commit(Changes(looks=(HourCount(system=ERP, hour=NOON, good=2),)))
    store.commit(
        Changes(looks=(HourCount(system=ERP, hour=NOON, bad=1), HourCount(system=ERP, hour=NOON + MINUTE, good=1)))
    )
    store.commit(Changes(looks=(HourCount(system=SystemId("billing"), hour=NOON, bad=9),)))
    assert store.looks(ERP, NOON) == HourCount(system=ERP, hour=NOON, good=3, bad=1)
    assert store.looks(ERP, NOON + SECOND) == HourCount(system=ERP, hour=NOON + SECOND, good=1)
    assert store.looks(ERP, NOON + DAY) == HourCount(system=ERP, hour=NOON + DAY)


def test_what_people_did_is_read_newest_first(store: Store) -> None:
    done = tuple(Act(at=NOON, actor="madrid-1", action=what, subject="INC-1") for what in ("acknowledge", "resolve"))
    store.commit(Changes(acts=done))
    assert store.acts() == done[::-1]
    assert store.acts(limit=1) == done[1:]


def test_incidents_are_listed_newest_first_and_page_by_page(store: Store) -> None:
    for number in (1, 2, 3):
        store.commit(Changes(entries=opening(f"INC-{number}")))
    assert [one.id for one in store.incidents(2)] == ["INC-3", "INC-2"]
    assert [one.id for one in store.incidents(2, before=IncidentId("INC-2"))] == ["INC-1"]


def test_long_resolved_incidents_are_left_in_the_store_only(store: Store) -> None:
    store.commit(Changes(entries=(*entries(*STORY, RESOLVED), *opening("INC-2"))))
    assert set(store.load(RESOLVED.at + 32 * DAY).incidents) == {"INC-1", "INC-2"}
    assert set(store.load(RESOLVED.at + 33 * DAY).incidents) == {"INC-2"}
    assert len(store.incidents(10)) == 2


def test_the_next_number_is_above_every_number_ever_used(store: Store) -> None:
    store.commit(Changes(entries=opening("INC-41")))
    store.commit(Changes(entries=opening("unnumbered")))
    assert store.load(NOON).next_number == 43


def test_what_is_old_is_pruned_and_what_is_open_or_queued_is_kept(store: Store) -> None:
    store.commit(Changes(entries=(*entries(*STORY, RESOLVED), *opening("INC-2")), alerts=(FIRE,)))
    store.commit(queued(message("done"), message("waiting")))
    claimed_by(store, message().lane, NOON, 1)
    store.commit(ended("done", 1, *ACCEPTED))
    store.commit(
        Changes(alerts=(alert("globex", AlertState.RESOLVED),), looks=(HourCount(system=ERP, hour=NOON, good=1),))
    )
    store.commit(Changes(acts=(Act(at=NOON, actor="madrid-1", action="ack", subject="INC-1"),)))
    removed = store.prune(NOON + 1000 * DAY, Retention())
    counted = {"incidents": 1, "messages": 1, "alerts": 1, "looks": 1, "acts": 1}
    assert removed == {**counted, "webhooks": 0, "baselines": 0, "records": 0}
    assert store.timeline(FIRST) == ()
    assert [one.id for one in store.incidents(9)] == ["INC-2"]
    assert [one.message.key for one in store.messages()] == ["waiting"]
    assert store.deliveries("done") == ()
    assert store.load(NOON).alerts == {str(FIRE.key): FIRE}


def test_records_of_a_flow_that_nobody_reads_any_more_are_pruned_and_those_of_one_that_is_read_are_kept(
    store: Store,
) -> None:
    other = FlowId("payouts")
    gone = BookChange(flow=INVOICES, kept=(OPEN,), source_covered=NOON, destination_covered=NOON)
    read = BookChange(flow=other, kept=(OPEN,), source_covered=NOON, destination_covered=NOON + 80 * DAY)
    store.commit(Changes(books=(gone, read)))
    assert store.prune(NOON + 100 * DAY, Retention())["records"] == 1
    assert [list(book.tracked) for book in store.load(NOON).books.values() if book.flow == other] == [[OPEN.key]]


def test_pruning_never_gives_a_number_free(store: Store) -> None:
    store.commit(Changes(entries=entries(*STORY, RESOLVED)))
    store.prune(NOON + 1000 * DAY, Retention())
    assert store.load(NOON).next_number == 2


def test_what_is_still_fresh_is_not_pruned(store: Store) -> None:
    store.commit(Changes(entries=entries(*STORY, RESOLVED), messages=(message(),)))
    assert not any(store.prune(NOON + DAY, Retention()).values())


def test_text_that_no_database_takes_is_replaced_and_does_not_block_the_rest(store: Store) -> None:
    odd = OPEN._replace(key="in\x00\ud800")
    store.commit(Changes(books=(BookChange(flow=INVOICES, kept=(odd,)),), messages=(message("a\ud800"),)))
    assert len(store.load(NOON).books[INVOICES].tracked) == 1
    store.commit(Changes(books=(BookChange(flow=INVOICES, dropped=(odd.key,)),)))
    assert store.load(NOON).books.get(INVOICES) is None
    assert len(claimed_by(store, message().lane, NOON, 9)) == 1


def test_a_naive_instant_is_refused(store: Store) -> None:
    naive = Act(at=NOON.replace(tzinfo=None), actor="madrid-1", action="ack", subject="INC-1")
    with pytest.raises(Exception, match="needs a time zone"):
        store.commit(Changes(acts=(naive,)))


def test_instants_are_exact_to_the_microsecond_and_in_utc(store: Store) -> None:
    far = datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
    store.commit(Changes(acts=(Act(at=far, actor="madrid-1", action="ack", subject="INC-1"),)))
    (act,) = store.acts()
    assert act.at == far
    assert act.at.tzinfo is UTC


def test_a_small_write_shows_that_the_store_is_writable_and_is_remembered(store: Store) -> None:
    assert store.writable(NOON) == ""
    assert store.writable(NOON + MINUTE) == ""
    assert store.load(NOON).alive == NOON + MINUTE


def test_what_another_version_wrote_is_left_out_named_and_left_in_place(url: str) -> None:
    store = Store(url, PATIENCE)
    store.commit(Changes(entries=(*entries(*STORY), *opening("INC-2")), alerts=(FIRE, alert("globex"))))
    with store._engines.writer.begin() as connection:
        connection.exec_driver_sql("UPDATE alerts SET value = '{\"shape\": 2}' WHERE key LIKE '%%globex'")
        connection.exec_driver_sql("UPDATE timeline SET value = 'no JSON' WHERE incident = 'INC-1' AND sequence = 2")
    remembered = store.load(NOON)
    store.close()
    assert list(remembered.alerts) == [str(FIRE.key)]
    assert list(remembered.incidents) == ["INC-2"]
    assert set(remembered.unreadable) == {"incidents INC-1", "alerts sync_latency/invoices/globex"}
    assert remembered.next_number == 3


def test_what_was_heard_of_heartbeats_is_remembered_until_it_is_to_be_forgotten(store: Store) -> None:
    nightly = Runs(
        timetable=Cron(expression="0 22 * * *", zone="Europe/Madrid", by=time(6)),
        since=NOON,
        succeeded=NOON + MINUTE,
        took=SECOND,
        absences=(Absence(start=NOON, end=NOON + SECOND),),
    )
    feed = Runs(timetable=Interval(every=MINUTE), since=NOON, started=NOON, failed=NOON)
    both = {HeartbeatId("nightly"): nightly, HeartbeatId("feed"): feed}
    store.commit(Changes(runs=both))
    assert store.load(NOON).runs == both
    store.commit(Changes(runs={HeartbeatId("feed"): None}))
    assert store.load(NOON).runs == {"nightly": nightly}
