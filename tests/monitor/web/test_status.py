"""A client's status page: who may read it, what stands on it, its documents, and what everybody may see."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import chain

import httpx
import pytest

from alerts.page_key import digest_of
from alerts.services import PublicPage
from monitor.issuing import revoke_page
from tests.monitor.web import statuspage_shapes, town
from tests.monitor.web.conftest import form_token, visitor
from tests.monitor.web.office import MemoryOffice
from tests.monitor.web.shown import EVERYTHING, FIRST, PAGES, SECOND, furnish, issued


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


@pytest.mark.answers("cachethq/cachet#4501", "louislam/uptime-kuma#1050", "louislam/uptime-kuma#1076")
async def test_each_client_has_a_page_of_its_own_behind_an_address_that_can_be_revoked(
    office: MemoryOffice, reader: httpx.AsyncClient, page: str
) -> None:
    mine, other = await reader.get(page), await reader.get(await issued(office, SECOND.id))
    assert (mine.status_code, FIRST.name in mine.text, SECOND.name in mine.text) == (200, True, False)
    assert (other.status_code, SECOND.name in other.text, FIRST.name in other.text) == (200, True, False)
    await office.decide(revoke_page(FIRST.id, None, "ana", town.NOW))
    gone, unknown = await reader.get(page), await reader.get("/status/unknown/")
    assert (gone.status_code, gone.content, gone.headers) == (404, unknown.content, unknown.headers)
    assert [act.action for act in office.store.done] == ["issue page", "issue page", "revoke page"]


async def test_whatever_lies_nowhere_gets_the_same_answer_with_a_live_address_and_without(
    reader: httpx.AsyncClient, page: str
) -> None:
    paths = ("x", "incidents/0", "maintenance/0", "api/v2/x.json", "api/v2/summary", "history.xml")
    answers = [await reader.get(f"{start}{path}") for path in paths for start in (page, "/status/0/")]
    assert {(one.status_code, one.content) for one in answers} == {(404, answers[0].content)}


async def test_only_a_digest_of_an_address_is_kept(office: MemoryOffice, page: str) -> None:
    key = page.split("/")[2]
    assert len(key) >= 43
    (kept,) = office.situation.page_keys.values()
    assert (kept.digest, kept.client) == (digest_of(key), FIRST.id)
    assert key not in repr((office.situation.page_keys, office.store.done))


@pytest.mark.parametrize("path", EVERYTHING)
async def test_nobody_finds_or_caches_what_an_address_opens(reader: httpx.AsyncClient, page: str, path: str) -> None:
    answer = await reader.get(f"{page}{path}")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "private, no-cache"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-robots-tag"] == "noindex, nofollow"


async def test_the_page_needs_no_script_and_names_what_clients_know(reader: httpx.AsyncClient, page: str) -> None:
    text = (await reader.get(page)).text
    assert "Invoice sync" in text
    assert "Card payments" in text
    assert "Disturbance: Invoice sync" in text
    assert "Your invoices are reaching their destination later than agreed." in text
    assert '<noscript><meta http-equiv="refresh"' in text
    hidden = ("gateway", "billing.example.com", "db-7", "erp", "madrid-1")
    assert [word for word in hidden if word in text] == []


async def test_every_state_has_a_sign_and_a_word_and_every_time_its_zone(reader: httpx.AsyncClient, page: str) -> None:
    text = (await reader.get(page)).text
    chips = re.findall(r'<span class="state \w+">(.*?)</span>\s*([^<]*)</span>', text, re.DOTALL)
    assert chips
    assert all("sign" in sign and word.strip() for sign, word in chips)
    times = re.findall(r'<time datetime="([^"]+)" title="([^"]+)">([^<]+)</time>', text)
    assert all(title.endswith(" UTC") for _, title, _ in times)
    assert ("2026-11-21T03:01:05Z", "2026-11-21 03:01:05 UTC", "Nov 20, 2026, 10:01 PM EST") in times
    assert re.findall(r"<h[1-6]", text)[0] == "<h1"
    assert all(f"<{landmark}" in text for landmark in ("header", "main", "footer"))


@pytest.mark.parametrize("name", sorted(statuspage_shapes.DOCUMENTS))
async def test_each_document_has_the_exact_shape_of_statuspage(reader: httpx.AsyncClient, page: str, name: str) -> None:
    answer = await reader.get(f"{page}api/v2/{name}.json")
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert list(statuspage_shapes.misfits(answer.json(), name)) == []


async def test_the_documents_tell_incidents_and_maintenance_by_their_state(
    reader: httpx.AsyncClient, page: str
) -> None:
    summary = (await reader.get(f"{page}api/v2/summary.json")).json()
    assert summary["status"] == {"indicator": "minor", "description": "Minor Service Outage"}
    states = {one["name"]: one["status"] for one in summary["components"]}
    assert states == {
        "Invoice sync": "degraded_performance",
        "Card payments": "under_maintenance",
    }
    assert [one["status"] for one in summary["incidents"]] == ["investigating"]
    assert {one["status"] for one in summary["scheduled_maintenances"]} == {"scheduled", "in_progress"}
    for name, wanted in (("upcoming", ["scheduled"]), ("active", ["in_progress"])):
        listed = (await reader.get(f"{page}api/v2/scheduled-maintenances/{name}.json")).json()
        assert [one["status"] for one in listed["scheduled_maintenances"]] == wanted


@pytest.mark.answers("elastic/uptime#15")
async def test_the_bars_come_with_their_method_and_the_raw_numbers(reader: httpx.AsyncClient, page: str) -> None:
    summary = (await reader.get(f"{page}api/v2/summary.json")).json()
    ours = next(one["x_service"] for one in summary["components"] if one["name"] == "Card payments")
    assert len(ours["uptime_days"]) == 90
    assert ours["uptime_days"][0]["state"] == "no_data"
    total = ours["uptime"]
    assert (total["good"], total["bad"], total["unknown"], total["excluded_bad"]) == (2880, 1, 96, 1)
    assert total["share"] == 2880 / 2881
    assert ours["uptime_since"] == "2026-11-18"
    text = (await reader.get(page)).text
    assert all(line in text for line in ours["uptime_method"])
    assert "2,880 good and 1 bad looks; 96 unknown and 1 excluded" in text


async def test_the_team_issues_an_address_sees_it_once_and_revokes_it(
    office: MemoryOffice, browser: httpx.AsyncClient, reader: httpx.AsyncClient
) -> None:
    path = f"/clients/{FIRST.id}/page"
    form = {"csrf": form_token((await browser.get(path)).text), "by": "madrid-1"}
    made = await browser.post(f"{path}/issue", data={**form, "note": "service desk"})
    assert made.headers["cache-control"] == "no-store"
    address = re.search(r"http://127\.0\.0\.1:8080(/status/[\w-]+/)", made.text)
    assert address is not None
    assert (await reader.get(address[1])).status_code == 200
    assert address[1] not in (await browser.get(path)).text
    (kept,) = office.situation.page_keys.values()
    assert (await browser.post(f"{path}/revoke", data={**form, "key": kept.id})).status_code == 303
    assert (await reader.get(address[1])).status_code == 404
    preview = (await browser.get(f"{path}/preview")).text
    assert ("Invoice sync" in preview, "/status/" in preview) == (True, False)
    assert f"{path}/preview" in (await browser.get(f"/clients/{FIRST.id}")).text


async def test_programs_issue_list_and_revoke_and_strangers_do_not(
    program: httpx.AsyncClient, stranger: httpx.AsyncClient, reader: httpx.AsyncClient
) -> None:
    path = f"/api/v1/clients/{FIRST.id}/pages"
    made = (await program.post(path, json={"by": "ana", "note": "desk"})).json()
    assert (await reader.get(made["address"])).status_code == 200
    (listed,) = (await program.get(path)).json()["items"]
    assert (listed["note"], "address" in listed) == ("desk", False)
    assert (await stranger.post(path, json={"by": "eve"})).status_code == 401
    assert (await program.post("/api/v1/clients/nobody/pages", json={"by": "ana"})).status_code == 404
    assert (await program.post(f"{path}/{listed['id']}/revoke", json={"by": "ana"})).status_code == 200
    assert (await program.post(f"{path}/none/revoke", json={"by": "ana"})).status_code == 404
    assert (await reader.get(made["address"])).status_code == 404


async def test_a_client_that_has_left_the_configuration_has_no_page(
    office: MemoryOffice, reader: httpx.AsyncClient, page: str
) -> None:
    config = office.situation.config
    left = {name: one for name, one in config.catalog.clients.items() if name != FIRST.id}
    office.situation.config = replace(config, catalog=replace(config.catalog, clients=left))
    assert (await reader.get(page)).status_code == 404


async def test_the_public_page_has_no_fact_of_a_single_client(office: MemoryOffice, reader: httpx.AsyncClient) -> None:
    assert (await reader.get("/status/public/")).status_code == 404
    public = PublicPage(name="Example Sync", services=("invoices",), clients=3)
    office.situation.config = replace(office.situation.config, pages=replace(PAGES, public=public))
    texts = [(await reader.get(f"/status/public/{path}")).text for path in EVERYTHING]
    assert "We are investigating a disturbance of Invoice sync." in texts[0]
    assert "Card payments" not in texts[0]
    known = office.situation.config.catalog.clients.values()
    private = {word for one in known for word in (one.id, one.name, *map(str, chain(*one.identifiers.values())))}
    assert [word for word in (*private, "INC-7", "billing") for text in texts if word in text] == []
    for name in statuspage_shapes.DOCUMENTS:
        document = (await reader.get(f"/status/public/api/v2/{name}.json")).json()
        assert list(statuspage_shapes.misfits(document, name)) == []


async def test_what_hurts_fewer_than_can_be_told_apart_is_not_public() -> None:
    few = MemoryOffice()
    public = PublicPage(name="Example Sync", clients=3)
    few.situation.config = replace(few.situation.config, pages=replace(PAGES, public=public))
    few.take(town.broken(few.situation, most=2))
    async with visitor(few) as one:
        summary = (await one.get("/status/public/api/v2/summary.json")).json()
    assert (summary["status"]["indicator"], summary["incidents"]) == ("none", [])


@pytest.mark.parametrize("told", ["Mon, 01 Jan 99999999999999999999 00:00:00 GMT", "x", "", "Mon, 99 Jan 2026"])
async def test_a_date_that_is_none_is_no_fault_of_ours(reader: httpx.AsyncClient, page: str, told: str) -> None:
    answer = await reader.get(f"{page}history.atom", headers={"If-Modified-Since": told})
    assert answer.status_code == 200
