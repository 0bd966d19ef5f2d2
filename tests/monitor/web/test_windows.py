"""The pages show what is due at a time of day: runs on the flow's page, cut-offs on the client's and the incident's."""

from dataclasses import replace
from datetime import time, timedelta

import httpx

from alerts.fold import advanced
from alerts.timeline import SeveritySet
from monitor.changes import Entry
from monitor.web.site import create
from monitor.web.view.story import line
from monitor.web.view.windows import windows
from probes.batch import Batch
from probes.book import Book
from probes.catalog import Catalog, ClientId, Cutoff, TierId
from probes.tracked import RecordState, Tracked
from tests.monitor.web import town
from tests.monitor.web.office import MemoryOffice, with_incident

MINUTE = timedelta(minutes=1)
# Three in the night in UTC: four in Madrid.
NIGHTLY = Batch(begins=time(1), finished_by=time(6), zone="Europe/Madrid")
# In UTC 03:44:00, and never in the minute of now.
RUN = Cutoff(name="invoice-run", expression="44 3 * * *", zone="UTC", raise_within=timedelta(hours=2))


def changed(office: MemoryOffice, *cutoffs: Cutoff, batch: Batch | None = None) -> MemoryOffice:
    """Return the office with cut-offs for platinum, and perhaps with a flow whose records travel in runs."""
    known = office.situation.config.catalog
    tiers = {**known.tiers, TierId("platinum"): replace(known.tiers[TierId("platinum")], cutoffs=cutoffs)}
    flows = {**known.flows, town.INVOICES: replace(known.flows[town.INVOICES], batch=batch)}
    catalog = Catalog(tiers=tiers, clients=known.clients, systems=known.systems, flows=flows)
    office.situation.config = replace(office.situation.config, catalog=catalog)
    return office


def platinum(office: MemoryOffice) -> ClientId:
    """Return a client of the tier."""
    clients = office.situation.config.catalog.clients.values()
    return next(one.id for one in clients if one.tier == "platinum")


async def shown(office: MemoryOffice, path: str) -> str:
    transport = httpx.ASGITransport(create(office))
    async with httpx.AsyncClient(transport=transport, base_url=town.ADDRESS) as client:
        answer = await client.get(path)
    assert answer.status_code == 200
    return answer.text


def a_record(number: int, client: ClientId, state: RecordState) -> Tracked:
    return Tracked(f"r{number}", state, town.NOW - 5 * timedelta(hours=1), client)


async def test_a_flows_page_shows_how_far_its_run_is() -> None:
    office = changed(MemoryOffice(), batch=NIGHTLY)
    client = platinum(office)
    records = [a_record(number, client, RecordState.MATCHED) for number in range(3)]
    records += [a_record(number, client, RecordState.OPEN) for number in range(3, 8)]
    late = Tracked("tomorrow", RecordState.OPEN, town.NOW, client)
    office.situation.books[town.INVOICES] = Book(town.INVOICES, [*records, late])
    (run,) = windows(office.situation, town.INVOICES, town.NOW)
    assert (run.clients, run.arrived, run.waiting, run.total, run.under_way) == (24, 3, 5, 8, True)

    page = await shown(office, "/flows/invoices")
    assert 'id="windows"' in page
    assert "under way" in page
    assert "3 of 8 records" in page
    assert "by its run" in page
    assert 'id="windows"' not in await shown(MemoryOffice(), "/flows/invoices")


def test_clients_on_several_clocks_have_their_own_runs_the_nearest_first() -> None:
    office = changed(MemoryOffice(), batch=replace(NIGHTLY, zone=None))
    runs = windows(office.situation, town.INVOICES, town.NOW)
    assert len(runs) == len({one.timezone for one in town.clients().values()})
    assert [one.run.due for one in runs] == sorted(one.run.due for one in runs)
    assert sum(one.clients for one in runs) == 24


async def test_a_clients_page_and_its_incidents_count_down_to_the_next_cut_off() -> None:
    office = changed(with_incident(), RUN)
    client = platinum(office)
    page = await shown(office, f"/clients/{client}")
    assert 'id="cutoffs"' in page
    assert "invoice-run" in page
    (incident,) = office.situation.open_incidents
    page = await shown(office, f"/incidents/{incident.id}")
    assert 'id="cutoff"' in page
    assert "Next invoice-run of" in page
    assert "2026-11-21T03:44:00Z" in page


async def test_where_nothing_is_cut_off_no_page_speaks_of_it() -> None:
    office = with_incident()
    (incident,) = office.situation.open_incidents
    assert 'id="cutoff' not in await shown(office, f"/incidents/{incident.id}")
    assert 'id="cutoffs"' not in await shown(office, f"/clients/{platinum(office)}")


def test_the_timeline_says_why_severity_was_raised() -> None:
    office = with_incident()
    (incident,) = office.situation.open_incidents
    assert incident.policy is not None
    event = SeveritySet(at=town.NOW, tier=TierId("top"), weight=900, policy=incident.policy, why="invoice-run is near")
    told = line(Entry(incident=incident.id, sequence=9, event=event), {})
    assert told.text == f"Severity top; escalation {incident.policy.name}: invoice-run is near"
    assert advanced(incident, event).weight == 900
