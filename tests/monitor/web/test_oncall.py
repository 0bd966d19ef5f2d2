"""Overrides, swaps, gaps and calendars over the API, and whom an incident that is open already pages."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from icalendar import Calendar

from alerts.coverage import all_gaps
from alerts.escalation import call
from alerts.oncall import Board
from alerts.published import Published, published, turns
from monitor.web.subscription import Subject, address_of
from tests.monitor.web import town
from tests.monitor.web.conftest import form_token
from tests.monitor.web.office import MemoryOffice

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
FIRST, SECOND = town.PEOPLE[0].id, town.PEOPLE[1].id


def wish(**more: object) -> dict[str, object]:
    start = town.NOW + HOUR
    values = {"schedule": "integrations", "start": start.isoformat(), "end": (start + HOUR).isoformat(), "by": "ana"}
    return {**values, "person": SECOND, "instead_of": FIRST, **more}


async def items(caller: httpx.AsyncClient, path: str) -> list[dict[str, object]]:
    return list((await caller.get(f"/api/v1/oncall/{path}")).json()["items"])


async def test_an_override_is_posted_seen_and_cancelled_and_all_of_it_is_on_record(
    program: httpx.AsyncClient, office: MemoryOffice
) -> None:
    made = await program.post("/api/v1/oncall/overrides", json=wish(why="a wedding"))
    assert made.status_code == 200, made.text
    (policy,) = office.situation.config.roster.policies.values()
    at = town.NOW + HOUR
    assert [one.id for one in call(policy, 0, office.situation.board, at).people] == [SECOND]
    assert [one.id for one in call(policy, 0, Board(), at).people] == [FIRST]
    (one,) = await items(program, "overrides")
    assert (one["person"], one["why"], one["cancelled"]) == (SECOND, "a wedding", None)
    gone = await program.post(f"/api/v1/oncall/overrides/{one['id']}/cancel", json={"by": "ben"})
    assert gone.json()["cancelled"] is not None
    assert [one.id for one in call(policy, 0, office.situation.board, at).people] == [FIRST]
    assert [act.action for act in office.store.done] == ["override", "cancel override"]


async def test_what_cannot_be_posted_is_refused_in_words(
    program: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    refused = await program.post("/api/v1/oncall/overrides", json=wish(person="zoe"))
    assert (refused.status_code, "nobody called zoe" in refused.text) == (409, True)
    assert (await program.post("/api/v1/oncall/overrides/none/cancel", json={"by": "ana"})).status_code == 404
    assert (await stranger.post("/api/v1/oncall/overrides", json=wish())).status_code == 401


async def test_two_turns_are_swapped_and_given_back_together(program: httpx.AsyncClient, office: MemoryOffice) -> None:
    (schedule,) = (await program.get("/api/v1/oncall")).json()["items"]
    first, second, third = (turn["start"] for turn in schedule["turns"][:3])
    swap = {
        "schedule": "integrations",
        "by": "ana",
        "turns": [
            {"person": SECOND, "start": first, "end": second},
            {"person": FIRST, "start": second, "end": third},
        ],
    }
    made = await program.post("/api/v1/oncall/swaps", json=swap)
    assert made.status_code == 200, made.text
    both = await items(program, "overrides")
    assert {(one["person"], one["start"]) for one in both} == {(FIRST, first), (SECOND, second)}
    await program.post(f"/api/v1/oncall/overrides/{both[0]['id']}/cancel", json={"by": "ben"})
    assert all(one.cancelled for one in office.situation.overrides.values())


async def test_a_calendar_has_an_address_that_is_its_key_and_can_be_revoked(
    program: httpx.AsyncClient, stranger: httpx.AsyncClient, office: MemoryOffice
) -> None:
    (schedule,) = office.situation.config.roster.schedules.values()
    wanted = turns(schedule, Board(), town.NOW)
    office.situation.published["integrations"] = published(Published(schedule="integrations"), wanted, town.NOW)
    told = await items(program, "calendars")
    path = next(str(one["address"]) for one in told if one["subject"] == f"person:{FIRST}").removeprefix(town.ADDRESS)
    answer = await stranger.get(path)
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["cache-control"] == "private, max-age=300"
    events = Calendar.from_ical(answer.content).walk("VEVENT")
    assert events
    assert all(FIRST in str(event["SUMMARY"]) for event in events)
    assert (await stranger.get(path, headers={"If-None-Match": answer.headers["etag"]})).status_code == 304
    revoked = await program.post(f"/api/v1/oncall/calendars/person:{FIRST}/revoke", json={"by": "ana"})
    assert (await stranger.get(path)).status_code == 404
    assert (await stranger.get(revoked.json()["address"].removeprefix(town.ADDRESS))).status_code == 200
    assert (await stranger.get("/calendar/guess.ics")).status_code == 404
    assert (await stranger.get("/api/v1/oncall/calendars")).status_code == 409


async def test_gaps_are_told_with_whom_they_concern(program: httpx.AsyncClient, office: MemoryOffice) -> None:
    roster = office.situation.config.roster
    empty = replace(roster.schedules["integrations"], rotations=())
    office.situation.gaps = all_gaps(
        office.situation.config.catalog,
        replace(roster, schedules={"integrations": empty}),
        Board(),
        town.NOW,
        town.NOW + DAY,
    )
    (gap,) = await items(program, "gaps")
    assert (gap["schedule"], gap["promised"], gap["tiers"]) == ("integrations", True, ["gold", "platinum", "silver"])


@pytest.mark.parametrize("kind", ["person", "schedule"])
def test_no_two_calendars_share_an_address(office: MemoryOffice, kind: str) -> None:
    found = {address_of(office.situation, office.keys, office.doors, Subject(kind, name)) for name in ("a", "b")}
    assert len(found) == 2


async def test_the_page_shows_the_weeks_and_posts_and_cancels_an_override(
    browser: httpx.AsyncClient, office: MemoryOffice
) -> None:
    page = (await browser.get("/oncall")).text
    assert 'class="duty tone0"' in page
    assert "no gap in contract hours" in page
    form = {"csrf": form_token(page), "by": FIRST, "schedule": "integrations", "person": SECOND, "instead_of": ""}
    times = {"start": "2026-11-21T18:00", "end": "2026-11-22T08:00", "timezone": "Europe/Madrid", "why": "a wedding"}
    assert (await browser.post("/oncall/overrides", data={**form, **times})).status_code == 303
    (one,) = office.situation.overrides.values()
    assert one.start == datetime(2026, 11, 21, 17, tzinfo=UTC)
    page = (await browser.get("/oncall")).text
    assert "a wedding" in page
    assert (await browser.post(f"/oncall/overrides/{one.id}/cancel", data=form)).status_code == 303
    assert "cancelled" in (await browser.get("/oncall")).text
    refused = await browser.post("/oncall/overrides", data={**form, **times, "start": "yesterday"})
    assert (refused.status_code, "no date and time" in refused.text) == (409, True)


async def test_the_page_swaps_two_turns_and_revokes_an_address(
    browser: httpx.AsyncClient, office: MemoryOffice
) -> None:
    page = (await browser.get("/oncall")).text
    options = re.findall(r'<option value="([^"|]+\|[^"]+)"', page)
    form = {
        "csrf": form_token(page),
        "by": FIRST,
        "schedule": "integrations",
        "first": options[0],
        "second": options[1],
    }
    assert (await browser.post("/oncall/swaps", data=form)).status_code == 303
    assert len(office.situation.overrides) == 2
    form = {"csrf": form_token(page), "by": FIRST, "subject": f"person:{FIRST}"}
    assert (await browser.post("/oncall/calendars/revoke", data=form)).status_code == 303
    assert office.situation.calendar_links[f"person:{FIRST}"].generation == 1


async def test_who_only_reads_sees_no_address_and_no_form(stranger: httpx.AsyncClient) -> None:
    page = (await stranger.get("/oncall")).text
    assert "/calendar/" not in page
    assert 'action="/oncall/overrides"' not in page
