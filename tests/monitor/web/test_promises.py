"""How promises came to their figures, and what people say of clocks: over the API and on the page."""

from datetime import timedelta

import httpx
import pytest

from alerts.clocks import PauseCause, Promise
from tests.monitor.web import town
from tests.monitor.web.conftest import form_token
from tests.monitor.web.office import MemoryOffice

CLOCKS = "/api/v1/incidents/INC-7/clocks"


def hurt(office: MemoryOffice) -> str:
    return next(iter(office.situation.incidents[town.FIRST].impacts))


async def test_an_explanation_has_each_promise_with_its_rows_and_reads_as_text(
    office: MemoryOffice, stranger: httpx.AsyncClient
) -> None:
    answer = await stranger.get(f"/api/v1/incidents/INC-7/clients/{hurt(office)}/sla")
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found["lines"][0].startswith("INC-7, ")
    for promise in found["promises"]:
        counted = sum(row["seconds"] for row in promise["rows"] if row["kind"] == "counted")
        assert counted == pytest.approx(promise["counted_seconds"])
        assert promise["contracts"]
    assert Promise.REPAIR in {promise["promise"] for promise in found["promises"]}


async def test_clocks_are_paused_and_run_again_by_a_persons_word_which_is_audited(
    office: MemoryOffice, program: httpx.AsyncClient
) -> None:
    client = hurt(office)
    said = {"by": "madrid-1", "why": "we wait for their file", "clients": [client]}
    answer = await program.post(CLOCKS, json={**said, "order": "pause"})
    assert answer.status_code == 200, answer.text
    (pause,) = office.situation.incidents[town.FIRST].impacts[client].clocks.pauses  # type: ignore[index]
    assert (pause.cause, pause.why, pause.live) == (PauseCause.CLIENTS_TURN, "we wait for their file", True)
    again = await program.post(CLOCKS, json={**said, "order": "pause"})
    assert again.status_code == 409
    await program.post(CLOCKS, json={**said, "order": "resume", "why": "it came"})
    (pause,) = office.situation.incidents[town.FIRST].impacts[client].clocks.pauses  # type: ignore[index]
    assert (pause.live, pause.ended_why) == (False, "it came")
    assert [act.action for act in office.store.done] == ["pause clocks", "resume clocks"]


async def test_the_start_can_be_set_for_one_client_or_all(office: MemoryOffice, program: httpx.AsyncClient) -> None:
    at = office.at - timedelta(hours=3)
    said = {"order": "start", "by": "madrid-1", "why": "the vendor told us", "at": at.isoformat()}
    assert (await program.post(CLOCKS, json=said)).status_code == 200
    impacts = office.situation.incidents[town.FIRST].impacts.values()
    assert {one.clocks.start.start for one in impacts if one.clocks.start is not None} == {at}
    assert all(one.clocks.start is not None for one in impacts)


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"order": "pause", "clients": ["nobody"]}, 409),
        ({"order": "start"}, 409),
        ({"order": "reset"}, 409),
        ({"order": "resume"}, 409),
        ({"order": "start", "at": "2090-01-01T00:00:00Z"}, 409),
        ({"order": "pause", "cause": "vendor_caused"}, 409),
        ({"order": "stop"}, 422),
    ],
)
async def test_what_cannot_be_is_refused_and_changes_nothing(
    office: MemoryOffice, program: httpx.AsyncClient, said: dict[str, object], status: int
) -> None:
    before = office.situation.incidents[town.FIRST]
    answer = await program.post(CLOCKS, json={"by": "madrid-1", "why": "so", **said})
    assert answer.status_code == status, answer.text
    assert office.situation.incidents[town.FIRST] == before
    assert office.store.done == []


async def test_the_page_shows_the_rows_and_pauses(office: MemoryOffice, browser: httpx.AsyncClient) -> None:
    client = hurt(office)
    page = f"/incidents/INC-7/promises/{client}"
    shown = await browser.get(page)
    assert shown.status_code == 200, shown.text
    assert "Promises to" in shown.text
    assert "Pause the clocks" in shown.text
    form = {
        "csrf": form_token(shown.text),
        "order": "pause",
        "by": "madrid-1",
        "why": "we wait",
        "cause": "clients_turn",
    }
    done = await browser.post(page, data=form)
    assert done.status_code == 303, done.text
    after = await browser.get(page)
    assert "Clocks stand still" in after.text
    assert "we wait, said by madrid-1" in after.text
    assert (await browser.get("/incidents/INC-7/promises/nobody")).status_code == 404


async def test_reports_tell_times_and_promises_as_json_as_csv_and_as_a_page(
    office: MemoryOffice, stranger: httpx.AsyncClient, browser: httpx.AsyncClient
) -> None:
    await office.resolve(town.FIRST, "madrid-1", "over")
    answer = await stranger.get("/api/v1/reports/mttr", params={"by": "tier"})
    assert answer.status_code == 200, answer.text
    items = answer.json()["items"]
    tiers = {impact.terms.tier for impact in office.situation.incidents[town.FIRST].impacts.values()}
    assert tiers <= {item["name"] for item in items}
    repair = items[0]["times"]["repair"]
    assert repair["least_seconds"] <= repair["most_seconds"] <= repair["longest_seconds"]
    written = await stranger.get("/api/v1/reports/mttr.csv", params={"by": "client"})
    header, *rows = written.text.splitlines()
    assert header.startswith("name,incidents,clients,detect_least_seconds")
    assert len(rows) >= len(tiers)
    assert (await stranger.get("/api/v1/reports/mttr", params={"month": "1999-01"})).json()["items"] == []
    assert (await stranger.get("/api/v1/reports/mttr", params={"month": "yesterday"})).status_code == 422
    page = await browser.get("/reports?by=cause")
    assert page.status_code == 200, page.text
    assert "How long it took" in page.text


async def test_months_are_those_of_the_clients_that_were_hurt(
    office: MemoryOffice, stranger: httpx.AsyncClient
) -> None:
    answer = await stranger.get("/api/v1/reports/months")
    assert answer.status_code == 200, answer.text
    hurt_ones = {client for one in office.situation.incidents.values() for client in one.impacts}
    found = {item["client"] for item in answer.json()["items"]}
    assert found == hurt_ones & office.situation.config.catalog.clients.keys()
    assert all(0 <= item["availability"] <= 1 for item in answer.json()["items"])
