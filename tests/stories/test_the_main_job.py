"""The main job: an API stops syncing, the right engineer is paged, clients are told, the repair is on record."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from alerts.clocks import Promise
from alerts.incident import Incident
from alerts.message import MessageKind, Stage
from alerts.sla import TimerState, time_to_detect, timers
from alerts.timeline import Paged
from monitor.sandbox.faults import Fault
from probes.catalog import ClientId
from tests.stories.day import Day, a_day, leisurely

pytestmark = pytest.mark.story

TOLD_TIERS = ("platinum", "gold")


def only(day: Day) -> Incident:
    assert len(day.incidents) == 1, [incident.alerts for incident in day.incidents]
    return day.incidents[0]


def clients_of(day: Day, *tiers: str) -> set[ClientId]:
    clients = day.application.situation.config.catalog.clients.values()
    return {client.id for client in clients if client.tier in tiers}


async def test_the_erp_stops_for_three_minutes_and_everybody_is_told_what_they_were_promised(tmp_path: Path) -> None:
    async with a_day(tmp_path) as day:
        await day.advance(minutes=2)
        assert day.incidents == []
        assert day.channel.attempts == []

        day.breaks(Fault.ERP_STOPPED)
        broke = day.clock.now()
        await day.advance(seconds=40)

        # One incident, not one per client, found while the platinum promise was hardly over.
        incident = only(day)
        assert incident.opened - broke < timedelta(seconds=40)
        assert abs(incident.onset - broke) < timedelta(seconds=10)
        assert incident.tier == "platinum"
        pages = day.told(MessageKind.PAGE)
        assert [page.recipient for page in pages] == list(incident.paged)
        assert len(pages) == 1

        # The engineer acknowledges: the page to the next person does not go out.
        await day.application.acknowledge(incident.id, by=pages[0].recipient)
        await day.advance(seconds=80)
        assert len(day.told(MessageKind.PAGE)) == 1

        # Worst first, and every client that was promised a notice has had it in time.
        incident = only(day)
        weights = [impact.terms.weight for impact in incident.hurt]
        assert weights == sorted(weights, reverse=True)
        assert set(incident.impacts) == clients_of(day, "platinum", "gold", "silver")
        told = {notice.client for notice in day.told(MessageKind.NOTICE, Stage.INVESTIGATING)}
        assert told == clients_of(day, *TOLD_TIERS)
        first = [timer for timer in timers(incident, day.clock.now()) if timer.promise is Promise.FIRST_NOTICE]
        assert {timer.state for timer in first} == {TimerState.MET}

        await day.advance(seconds=60)
        day.mends(Fault.ERP_STOPPED)
        mended = day.clock.now()
        await day.advance(minutes=3)

        # It is over because the data caught up: nobody resolved it, and no backlog drained before the ERP was back.
        incident = only(day)
        assert incident.resolved is not None
        assert "caught up" in (incident.resolved_why or "")
        drained = [impact.recovered for impact in incident.impacts.values()]
        assert all(at is not None and at > mended for at in drained)
        cleared = {notice.client for notice in day.told(MessageKind.NOTICE, Stage.RESOLVED)}
        assert cleared == told
        assert [page.recipient for page in day.told(MessageKind.PAGE, Stage.RESOLVED)] == [pages[0].recipient]


async def test_the_record_shows_detect_acknowledge_notify_and_repair_against_each_contract(tmp_path: Path) -> None:
    async with a_day(tmp_path) as day:
        await day.advance(minutes=1)
        day.breaks(Fault.ERP_STOPPED)
        await day.advance(seconds=45)
        await day.application.acknowledge(only(day).id, by="madrid-1")
        await day.advance(seconds=60)
        day.mends(Fault.ERP_STOPPED)
        await day.advance(minutes=3)

        incident = only(day)
        shown = timers(incident, day.clock.now())
        platinum = clients_of(day, "platinum")
        for client in platinum:
            mine = {timer.promise: timer for timer in shown if timer.client == client}
            assert set(mine) == {Promise.ACKNOWLEDGE, Promise.FIRST_NOTICE, Promise.REPAIR}
            assert all(timer.state is TimerState.MET for timer in mine.values())
            detected = time_to_detect(incident, incident.impacts[client])
            assert timedelta(seconds=20) < detected < timedelta(seconds=45)
        later = day.clock.now() + timedelta(days=1)
        assert timers(incident, later) == shown, "a closed record does not change with time"


async def test_without_an_acknowledgement_the_next_person_is_paged_and_at_last_the_catch_all(tmp_path: Path) -> None:
    async with a_day(tmp_path) as day:
        day.breaks(Fault.ERP_STOPPED)
        await day.advance(minutes=8)
        events = await day.application.thread.read(day.application.store.timeline, only(day).id)
        paged = [entry.event for entry in events if isinstance(entry.event, Paged)]
        assert [event.reason for event in paged] == ["first", "not_acknowledged", "exhausted"]
        assert paged[1].at - paged[0].at == timedelta(seconds=45)
        assert paged[1].people == ("duty-manager",)


@pytest.mark.parametrize(
    ("fault", "headline"),
    [
        (Fault.GATEWAY_DECLINES, "failure_ratio"),
        (Fault.BILLING_THROTTLED, "availability"),
        (Fault.BILLING_ERROR_BODY, "availability"),
        (Fault.ERP_SLOW, "sync_latency"),
        (Fault.CREDENTIAL_REVOKED, "credential"),
    ],
)
async def test_each_fault_makes_one_incident_that_ends_with_it(tmp_path: Path, fault: Fault, headline: str) -> None:
    async with a_day(tmp_path, configure=leisurely) as day:
        await day.advance(minutes=1)
        day.breaks(fault)
        await day.advance(minutes=3)
        incident = only(day)
        assert incident.open
        assert {key.split("/")[0] for key in incident.alerts} >= {headline}
        assert day.told(MessageKind.PAGE)
        day.mends(fault)
        await day.advance_until(lambda: not only(day).open, minutes=4)


@pytest.mark.parametrize("fault", [Fault.BILLING_THROTTLED, Fault.CREDENTIAL_REVOKED])
async def test_what_we_cannot_see_pages_us_and_tells_no_client(tmp_path: Path, fault: Fault) -> None:
    async with a_day(tmp_path) as day:
        await day.advance(minutes=1)
        day.breaks(fault)
        await day.advance(minutes=2)
        assert only(day).blind
        assert only(day).impacts == {}
        assert day.told(MessageKind.PAGE)
        assert day.told(MessageKind.NOTICE) == []


@pytest.mark.trials
async def test_a_calm_time_pages_nobody(tmp_path: Path) -> None:
    minutes = 60 if os.environ.get("TIERWATCH_TRIALS") == "full" else 10
    async with a_day(tmp_path) as day:
        await day.advance(minutes=minutes)
        assert day.incidents == []
        assert day.channel.attempts == []


async def test_an_alert_on_what_a_reload_took_away_ends_and_its_incident_with_it(tmp_path: Path) -> None:
    async with a_day(tmp_path) as day:
        await day.advance(minutes=1)
        day.breaks(Fault.ERP_STOPPED)
        await day.advance(minutes=2)
        systems = day.folder / "configuration" / "systems.yaml"
        text = systems.read_text()
        systems.write_text(text[: text.index("flows:")])
        (day.folder / "configuration" / "status-pages.yaml").unlink()
        assert await day.application.reload() == ()
        await day.advance(seconds=30)
        assert not only(day).open
