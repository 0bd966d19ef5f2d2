"""Heartbeats come in by POST alone, each with its own token, and are answered once they are stored."""

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from monitor.web.access import Doors
from monitor.web.site import create
from probes.catalog import SecretRef
from probes.heartbeat import Heartbeat, HeartbeatId, Runs
from probes.timetable import Interval
from tests.monitor.web import town
from tests.monitor.web.office import TOKEN, MemoryOffice

NIGHTLY = Heartbeat(
    id=HeartbeatId("nightly"), timetable=Interval(every=timedelta(hours=1)), token=SecretRef("env:NIGHTLY")
)
MINE = {"Authorization": "Bearer env:NIGHTLY"}
PUBLIC = Doors(host="0.0.0.0", port=8080, external="https://watch.example.com")  # noqa: S104 - it is never opened


def an_office(doors: Doors | None = None) -> MemoryOffice:
    office = MemoryOffice(doors=doors)
    office.situation.config = replace(office.situation.config, heartbeats={NIGHTLY.id: NIGHTLY})
    return office


def sender(office: MemoryOffice) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(create(office)), base_url=office.doors.address)


def heard_by(office: MemoryOffice) -> Runs | None:
    return office.situation.runs.get(NIGHTLY.id)


@pytest.mark.parametrize("doors", [None, PUBLIC])
async def test_a_success_is_stored_and_the_answer_says_when_the_next_is_due(doors: Doors | None) -> None:
    office = an_office(doors)
    async with sender(office) as client:
        answer = await client.post("/in/heartbeat/nightly", headers=MINE)
    assert (answer.status_code, answer.text) == (202, "stored; a success is due by 2026-11-21T04:02:19Z\n")
    known = heard_by(office)
    assert known is not None
    assert known.succeeded == town.NOW


async def test_a_run_tells_of_its_start_its_failure_and_its_success() -> None:
    office = an_office()
    async with sender(office) as client:
        for signal in ("start", "fail", "start", "success"):
            office.at += timedelta(minutes=1)
            assert (await client.post(f"/in/heartbeat/nightly/{signal}", headers=MINE)).status_code == 202
    known = heard_by(office)
    assert known is not None
    assert (known.started, known.failed, known.took) == (None, None, timedelta(minutes=1))


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("nightly", {}),
        ("nightly", {"Authorization": "Bearer "}),
        ("nightly", {"Authorization": "Bearer wrong"}),
        ("nightly", {"Authorization": "Basic env:NIGHTLY"}),
        ("nightly", {"Authorization": f"Bearer {TOKEN}"}),
        ("daily", MINE),
    ],
)
async def test_without_its_own_token_nothing_is_heard_nor_learned(path: str, headers: dict[str, str]) -> None:
    office = an_office()
    async with sender(office) as client:
        answer = await client.post(f"/in/heartbeat/{path}", headers=headers)
    assert answer.status_code == 401
    assert answer.json()["error"]["message"].startswith("there is no such heartbeat, or this is not its token")
    assert heard_by(office) is None


async def test_its_token_opens_nothing_else() -> None:
    office = an_office()
    async with sender(office) as client:
        assert (await client.get("/api/v1/clients", headers=MINE)).status_code == 401
        assert (await client.post("/-/reload", headers=MINE)).status_code == 401


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
async def test_nothing_but_a_post_counts_as_a_run(method: str) -> None:
    office = an_office()
    async with sender(office) as client:
        answer = await client.request(method, "/in/heartbeat/nightly/success", headers=MINE)
    assert answer.status_code == 405
    assert heard_by(office) is None


async def test_another_word_is_refused() -> None:
    async with sender(an_office()) as client:
        answer = await client.post("/in/heartbeat/nightly/perhaps", headers=MINE)
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "signal")


async def test_what_could_not_be_stored_is_not_accepted() -> None:
    office = an_office()
    office.full = True
    async with sender(office) as client:
        assert (await client.post("/in/heartbeat/nightly", headers=MINE)).status_code == 503
    assert heard_by(office) is None
