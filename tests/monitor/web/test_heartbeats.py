"""The pages show every run that tells of itself: how it stands, when it last succeeded and when it is due again."""

from dataclasses import replace
from datetime import datetime, timedelta

import httpx

from alerts.alert import AlertKind, IncidentId
from alerts.assess import assess_time
from alerts.draft import Evaluated
from alerts.respond import respond
from alerts.weigh import Before
from monitor.web.site import create
from monitor.web.view.health import Health
from monitor.web.view.heartbeats import heartbeats
from probes.catalog import ClientId, FlowId, SecretRef
from probes.heartbeat import Heartbeat, HeartbeatId, Runs, Signal, heard
from probes.timetable import Interval
from tests.monitor.web import town
from tests.monitor.web.office import MemoryOffice
from tests.monitor.web.outline import whole

HOURLY = Interval(every=timedelta(hours=1))
EXPORT, FEED = HeartbeatId("export"), HeartbeatId("feed")
MISSED = IncidentId("INC-7")


def a_heartbeat(name: HeartbeatId, flow: FlowId | None = None, client: ClientId | None = None) -> Heartbeat:
    return Heartbeat(id=name, timetable=HOURLY, token=SecretRef("env:T"), flow=flow, client=client)


def an_office(since: datetime = town.NOW) -> MemoryOffice:
    """Return an office that watches two runs; of `feed` nothing was heard since an instant."""
    office = MemoryOffice()
    situation = office.situation
    client = next(iter(situation.config.catalog.clients))
    both = (a_heartbeat(EXPORT, flow=town.INVOICES), a_heartbeat(FEED, client=client))
    situation.config = replace(situation.config, heartbeats={one.id: one for one in both})
    began = heard(Runs(timetable=HOURLY, since=town.STARTED), Signal.START, town.NOW - timedelta(minutes=10))
    situation.runs = {
        EXPORT: heard(began, Signal.SUCCESS, town.NOW - timedelta(minutes=4)),
        FEED: Runs(timetable=HOURLY, since=since),
    }
    return office


def _judge(office: MemoryOffice) -> None:
    situation = office.situation
    known = Before(
        catalog=situation.config.catalog,
        indicators={},
        alerts={},
        books={},
        heartbeats=situation.config.heartbeats,
        runs=situation.runs,
    )
    assessment = assess_time(known, {}, office.at)
    moved = tuple(assessment.moved.values())
    assert [alert.key.kind for alert in moved] == [AlertKind.HEARTBEAT]
    found = Evaluated(moved=moved, alerts=assessment.alerts, backlog=frozenset())
    office.take(respond(found, {}, town.context(situation), 7, office.at))


async def shown(office: MemoryOffice, path: str) -> str:
    transport = httpx.ASGITransport(create(office))
    async with httpx.AsyncClient(transport=transport, base_url=town.ADDRESS) as client:
        answer = await client.get(path)
    assert answer.status_code == 200
    return answer.text


def test_a_run_that_was_never_heard_is_not_seen_yet_and_one_that_was_is_ok() -> None:
    export, feed = heartbeats(an_office().situation, town.NOW)
    assert (export.health, export.took, export.why) == (Health.OK, timedelta(minutes=6), "")
    assert (feed.health, feed.succeeded, feed.due) == (Health.UNSEEN, None, town.NOW + timedelta(hours=1))


async def test_the_first_page_shows_all_runs_and_a_flows_page_its_own() -> None:
    office = an_office()
    first, flow = await shown(office, "/"), await shown(office, "/flows/invoices")
    assert 'id="run-export"' in first
    assert 'id="run-feed"' in first
    assert "took 6 min" in first
    assert 'id="run-export"' in flow
    assert 'id="run-feed"' not in flow


async def test_without_heartbeats_no_page_speaks_of_them() -> None:
    assert "Runs that tell" not in await shown(MemoryOffice(), "/")


async def test_a_missed_run_is_shown_with_its_incident_whose_page_explains_it() -> None:
    office = an_office(since=town.NOW - timedelta(hours=2))
    _judge(office)
    first = await shown(office, "/")
    assert "missed" in first
    assert f'href="/incidents/{MISSED}"' in first
    page = await shown(office, f"/incidents/{MISSED}")
    assert "Run feed has not succeeded as expected" in page
    assert "has never told of a success" in page
    assert (await shown(office, "/runbooks/heartbeat")).count("silence") > 0


async def test_the_page_of_a_client_shows_its_runs_and_no_others() -> None:
    office = an_office()
    client = next(iter(office.situation.config.catalog.clients))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(create(office)), base_url=office.doors.address
    ) as browser:
        page = (await browser.get(f"/clients/{client}")).text
        whole(page)
        assert 'id="run-feed"' in page
        assert 'id="run-export"' not in page


async def test_programs_read_how_every_run_stands() -> None:
    office = an_office()
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(create(office)), base_url=office.doors.address
    ) as program:
        export, feed = (await program.get("/api/v1/heartbeats")).json()["items"]
    assert (export["id"], export["state"], export["took_seconds"]) == ("export", Health.OK, 360.0)
    assert (feed["id"], feed["state"], feed["succeeded"]) == ("feed", Health.UNSEEN, None)
    assert feed["client"] in office.situation.config.catalog.clients
