"""What people order about an incident, over the API."""

import httpx
import pytest

from tests.monitor.web.office import MemoryOffice

SAID = {"by": "madrid-1", "why": "one change broke both"}


async def test_each_order_is_carried_out_and_audited(office: MemoryOffice, program: httpx.AsyncClient) -> None:
    tiers = sorted(office.situation.config.catalog.tiers.values(), key=lambda tier: tier.weight)
    said = {**SAID, "tier": tiers[0].id}
    answer = await program.post("/api/v1/incidents/INC-7/severity", json=said)
    assert (answer.status_code, answer.json()["tier"]) == (200, tiers[0].id)
    assert (office.store.done[-1].action, office.store.done[-1].actor) == ("grade", "madrid-1")
    (client, *_) = office.situation.incidents["INC-7"].impacts  # type: ignore[index]
    split = await program.post("/api/v1/incidents/INC-7/split", json={**SAID, "clients": [client]})
    assert split.status_code == 200
    assert client not in {one["client"] for one in split.json()["impacts"]}
    (fresh,) = office.situation.incidents.keys() - {"INC-7"}
    merged = await program.post("/api/v1/incidents/INC-7/merge", json={**SAID, "other": fresh})
    assert client in {one["client"] for one in merged.json()["impacts"]}
    assert (await program.get(f"/api/v1/incidents/{fresh}")).json()["resolved_why"].startswith("INC-7 goes on with it")


@pytest.mark.parametrize(
    ("what", "said", "status", "message"),
    [
        ("merge", {"other": "INC-7"}, 409, "INC-7 cannot be merged with itself"),
        ("split", {"clients": ["nobody"]}, 409, "nobody is not part of INC-7"),
        ("reassign", {"to": "nobody"}, 409, "there is nobody called nobody under people"),
        ("severity", {"tier": "lead"}, 409, "there is no tier lead"),
        ("reopen", {}, 409, "INC-7 is not over"),
    ],
)
async def test_what_cannot_be_done_is_refused_in_words(
    program: httpx.AsyncClient, what: str, said: dict[str, object], status: int, message: str
) -> None:
    answer = await program.post(f"/api/v1/incidents/INC-7/{what}", json={**SAID, **said})
    assert (answer.status_code, answer.json()["error"]["message"]) == (status, message)


async def test_an_order_without_a_reason_or_about_nothing_is_refused(program: httpx.AsyncClient) -> None:
    assert (await program.post("/api/v1/incidents/INC-7/reopen", json={"by": "madrid-1"})).status_code == 422
    assert (await program.post("/api/v1/incidents/INC-99/reopen", json=SAID)).status_code == 404


async def test_the_page_names_whom_an_incident_was_given_to_and_leads_to_the_orders(
    program: httpx.AsyncClient, browser: httpx.AsyncClient
) -> None:
    assert "Nobody yet." in (await browser.get("/incidents/INC-7")).text
    given = await program.post("/api/v1/incidents/INC-7/reassign", json={**SAID, "to": "tokyo-1"})
    assert given.status_code == 200
    page = (await browser.get("/incidents/INC-7")).text
    assert '<strong>tokyo-1</strong> <span class="quiet">was given it and has not acknowledged yet</span>' in page
    assert "<p><strong>Nobody yet.</strong>" not in page
    assert 'href="#orders"' in page
    assert 'id="orders"' in page
