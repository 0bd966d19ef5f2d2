"""Taking an incident for a while, pausing its escalation, and the ladder: over the API and on the page."""

from datetime import timedelta, timezone

import httpx
import pytest

from tests.monitor.web import town
from tests.monitor.web.office import MemoryOffice

LADDER = "/api/v1/incidents/INC-7/ladder"


async def test_the_ladder_says_who_was_paged_and_who_is_next_in_their_zone(stranger: httpx.AsyncClient) -> None:
    items = (await stranger.get(LADDER)).json()["items"]
    assert items[0]["state"] == "done"
    upcoming = next(one for one in items if one["state"] == "next")
    assert upcoming["people"]
    assert "UTC" in upcoming["local"][0]
    assert "/" in upcoming["local"][0], "the zone is named"


async def test_an_incident_is_taken_for_a_while_and_the_record_says_until_when(
    office: MemoryOffice, program: httpx.AsyncClient
) -> None:
    answer = await program.post("/api/v1/incidents/INC-7/hold", json={"by": "madrid-1", "for_seconds": 1800})
    assert answer.status_code == 200, answer.text
    until = office.at + timedelta(minutes=30)
    assert answer.json()["held_by"] == "madrid-1"
    assert office.situation.incidents[town.FIRST].next_due == until
    (act,) = office.store.done
    assert (act.actor, act.action, act.detail) == ("madrid-1", "acknowledge", f"until {until:%Y-%m-%d %H:%M:%S} UTC")


async def test_a_pause_has_an_end_and_a_reason_and_is_audited(office: MemoryOffice, program: httpx.AsyncClient) -> None:
    until = office.at + timedelta(hours=2)
    said = {"by": "madrid-1", "why": "their change window", "until": until.isoformat()}
    answer = await program.post("/api/v1/incidents/INC-7/pause", json=said)
    assert answer.status_code == 200, answer.text
    assert office.situation.incidents[town.FIRST].standing.paused_until == until
    (act,) = office.store.done
    assert act.action == "pause escalation"
    assert act.detail.endswith("UTC: their change window")


async def test_a_pause_written_with_an_offset_is_told_in_utc(office: MemoryOffice, program: httpx.AsyncClient) -> None:
    until = office.at + timedelta(hours=2)
    said = {"by": "madrid-1", "why": "x", "until": until.astimezone(timezone(timedelta(hours=1))).isoformat()}
    answer = await program.post("/api/v1/incidents/INC-7/pause", json=said)
    assert answer.json()["headline"] == f"INC-7 is paused until {until:%Y-%m-%d %H:%M} UTC"
    (act,) = office.store.done
    assert act.detail == f"until {until:%Y-%m-%d %H:%M:%S} UTC: x"


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"by": "madrid-1", "why": "x"}, 422),
        ({"by": "madrid-1", "why": "x", "until": "2026-11-21T09:00:00"}, 422),
        ({"by": "madrid-1", "why": "x", "until": "2020-01-01T00:00:00Z"}, 409),
        ({"by": "madrid-1", "why": "x", "until": "2090-01-01T00:00:00Z"}, 409),
        ({"by": "madrid-1", "why": "", "for_seconds": 60}, 422),
        ({"by": "madrid-1", "why": "x", "for_seconds": 60, "until": "2026-11-21T09:00:00Z"}, 422),
    ],
)
async def test_a_pause_that_cannot_be_is_refused_and_changes_nothing(
    office: MemoryOffice, program: httpx.AsyncClient, said: dict[str, object], status: int
) -> None:
    before = office.situation.incidents[town.FIRST]
    answer = await program.post("/api/v1/incidents/INC-7/pause", json=said)
    assert answer.status_code == status, answer.text
    assert office.situation.incidents[town.FIRST] == before


async def test_only_who_may_write_takes_or_pauses(stranger: httpx.AsyncClient) -> None:
    for path, said in (("hold", {"by": "x", "for_seconds": 60}), ("pause", {"by": "x", "why": "y", "for_seconds": 60})):
        assert (await stranger.post(f"/api/v1/incidents/INC-7/{path}", json=said)).status_code == 401


async def test_what_has_ended_can_neither_be_taken_nor_paused(office: MemoryOffice, program: httpx.AsyncClient) -> None:
    await office.resolve(town.FIRST, "madrid-1", "over")
    answer = await program.post("/api/v1/incidents/INC-7/hold", json={"by": "madrid-1", "for_seconds": 60})
    assert answer.status_code == 409
    assert answer.json()["error"]["message"] == "INC-7 is not an open incident"


async def test_the_page_shows_the_ladder_and_the_pause(office: MemoryOffice, program: httpx.AsyncClient) -> None:
    page = (await program.get("/incidents/INC-7")).text
    assert 'id="ladder"' in page
    assert "there it is" in page
    await program.post("/api/v1/incidents/INC-7/pause", json={"by": "madrid-1", "why": "x", "for_seconds": 3600})
    page = (await program.get("/incidents/INC-7")).text
    assert "Paused by <strong>madrid-1</strong>" in page
    assert "Escalation paused by madrid-1 until" in page
