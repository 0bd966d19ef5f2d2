"""The feeds and the calendar of a client's status page, read by real readers, and what has not changed since."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import feedparser  # type: ignore[import-untyped]
import httpx
import pytest
from icalendar import Calendar

from alerts.maintenance import WindowId
from monitor.loops.forewarning import told
from probes.manners import MaintenanceNotice
from tests.monitor.web import town
from tests.monitor.web.conftest import visitor
from tests.monitor.web.office import MemoryOffice
from tests.monitor.web.shown import FEEDS, HOUR, furnish, issued, window


@pytest.fixture(autouse=True)
def furnished(office: MemoryOffice) -> None:
    """Furnish the office."""
    furnish(office)


@pytest.fixture
async def page(office: MemoryOffice) -> str:
    """Return the path of the first client's page."""
    return await issued(office)


@pytest.fixture
async def reader(office: MemoryOffice) -> AsyncIterator[httpx.AsyncClient]:
    """Return a client's browser, which has no key of ours."""
    async with visitor(office) as one:
        yield one


async def test_feeds_are_read_by_a_real_reader_and_their_ids_stay(
    office: MemoryOffice, reader: httpx.AsyncClient, page: str
) -> None:
    before = [feedparser.parse((await reader.get(f"{page}{name}")).content) for name in FEEDS]
    assert [(one.bozo, one.version) for one in before] == [(False, "atom10"), (False, "rss20")] * 2
    later = await issued(office)
    after = [feedparser.parse((await reader.get(f"{later}{name}")).content) for name in FEEDS]
    ids = [[entry.id for entry in one.entries] for one in before]
    assert ids == [[entry.id for entry in one.entries] for one in after]
    assert all(one.startswith("tag:127.0.0.1,2026-01-01:") for each in ids for one in each)
    assert ids[0] == ids[1]


@pytest.mark.answers("cachethq/cachet#2531", "louislam/uptime-kuma#7418", "cachethq/cachet#547")
async def test_a_feed_carries_the_end_of_an_incident_and_not_only_its_first_post(
    office: MemoryOffice, reader: httpx.AsyncClient, page: str
) -> None:
    first = feedparser.parse((await reader.get(f"{page}history.atom")).content)
    office.at = town.NOW + HOUR
    office.take(town.cleared(office.situation, office.at))
    last = feedparser.parse((await reader.get(f"{page}history.atom")).content)
    began, over = (next(one for one in feed.entries if "Disturbance" in one.title) for feed in (first, last))
    assert (began.id, began.published) == (over.id, over.published)
    assert began.updated < over.updated
    assert "Resolved" in over.content[0].value
    assert "Resolved" not in began.content[0].value
    every = feedparser.parse((await reader.get(f"{page}updates.rss")).content)
    assert [one.title.partition(":")[0] for one in every.entries] == ["Resolved", "Investigating"]
    assert len({one.id for one in every.entries}) == 2


@pytest.mark.answers("vespa-engine/vespa#26292")
async def test_each_entry_leads_to_the_page_of_its_incident(reader: httpx.AsyncClient, page: str) -> None:
    feed = feedparser.parse((await reader.get(f"{page}history.rss")).content)
    for entry in feed.entries:
        answer = await reader.get(entry.link)
        assert (answer.status_code, entry.title in answer.text) == (200, True)


@pytest.mark.parametrize("path", [*FEEDS, "maintenance.ics", "api/v2/incidents.json"])
async def test_what_has_not_changed_is_not_sent_again(
    office: MemoryOffice, reader: httpx.AsyncClient, page: str, path: str
) -> None:
    first = await reader.get(f"{page}{path}")
    office.at += timedelta(minutes=3)
    again = await reader.get(f"{page}{path}", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    if "last-modified" in first.headers:
        since = {"If-Modified-Since": first.headers["last-modified"]}
        assert (await reader.get(f"{page}{path}", headers=since)).status_code == 304


@pytest.mark.answers("cstate/cstate#329", "cachethq/cachet#2580")
async def test_maintenance_that_a_client_was_told_of_keeps_its_event_when_it_is_moved_and_called_off(
    office: MemoryOffice, reader: httpx.AsyncClient, page: str
) -> None:
    async def event() -> Any:  # noqa: ANN401 - icalendar's
        known = replace(town.context(office.situation), quiet=office.situation.quiet)
        await office.decide(lambda situation: told(situation, known, office.at))
        answer = await reader.get(f"{page}maintenance.ics")
        (only,) = Calendar.from_ical(answer.content).walk("VEVENT")
        return only

    lead = MaintenanceNotice(lead=7 * 24 * HOUR)
    config = office.situation.config
    tiers = {name: replace(one, maintenance=lead) for name, one in config.catalog.tiers.items()}
    office.situation.config = replace(config, catalog=replace(config.catalog, tiers=tiers))
    office.situation.windows.clear()
    later = office.situation.windows[WindowId("w")] = replace(window("w", 5 * HOUR), text="The database is renewed.")
    planned = await event()
    assert (int(planned["SEQUENCE"]), str(planned["STATUS"])) == (0, "CONFIRMED")
    for turn in (1, 2):
        office.at += timedelta(minutes=1)
        start = town.NOW + (5 + turn) * HOUR
        office.situation.windows[later.id] = replace(later, starts=start, ends=start + HOUR)
        moved = await event()
        assert (moved["UID"], int(moved["SEQUENCE"])) == (planned["UID"], turn)
        assert moved.start == start
    office.at += timedelta(minutes=1)
    del office.situation.windows[later.id]
    gone = await event()
    assert (gone["UID"], int(gone["SEQUENCE"]), str(gone["STATUS"])) == (planned["UID"], 3, "CANCELLED")
    listed = (await reader.get(f"{page}api/v2/scheduled-maintenances.json")).json()["scheduled_maintenances"]
    assert [one["x_stage"] for one in listed[0]["incident_updates"]] == ["cancelled", "moved", "moved", "scheduled"]
    every = feedparser.parse((await reader.get(f"{page}updates.atom")).content)
    assert sum("Maintenance" in one.title for one in every.entries) == 4


async def test_one_calendar_has_all_maintenance_and_what_has_begun_or_was_called_off_stays(
    office: MemoryOffice, reader: httpx.AsyncClient, page: str
) -> None:
    async def events() -> dict[str, Any]:
        answer = await reader.get(f"{page}maintenance.ics")
        assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
        return {str(one["UID"]): one for one in Calendar.from_ical(answer.content).walk("VEVENT")}

    before = await events()
    assert len(before) == 3
    cancelled = replace(window("coming", 2 * HOUR), cancelled=town.NOW, updated=town.NOW)
    office.situation.windows[cancelled.id] = cancelled
    after = await events()
    assert before.keys() == after.keys()
    states = sorted(str(one["STATUS"]) for one in after.values())
    assert states == ["CANCELLED", "CONFIRMED", "CONFIRMED"]
    text = (await reader.get(f"{page}maintenance.ics")).text
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT15M" in text
    assert "TRANSP:TRANSPARENT" in text
    assert "\r\nSEQUENCE:1\r\n" in text
