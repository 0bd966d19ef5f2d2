"""Drafts of client notices on pages and over the API: read, previewed, approved, written, refused, taken back."""

from dataclasses import replace

import httpx
import pytest

from alerts.notice_draft import NoticeDraft
from monitor.situation import Situation
from probes.catalog import Catalog, NoticePolicy, TierId
from probes.consent import Consent, Named, NamedKind
from tests.monitor.web import town
from tests.monitor.web.conftest import form_token
from tests.monitor.web.office import MemoryOffice

MADRID = Consent(approvers=(Named(kind=NamedKind.SCHEDULE, name="integrations"),))


def careful() -> Situation:
    """Return a town in which notices to platinum clients need approval."""
    known = town.catalog()
    platinum = replace(known.tiers[TierId("platinum")], notices=NoticePolicy.APPROVAL, consent=MADRID)
    tiers = {**known.tiers, platinum.id: platinum}
    return town.situation(Catalog(tiers=tiers, clients=known.clients, systems=known.systems, flows=known.flows))


@pytest.fixture
def office() -> MemoryOffice:
    """Return an office in which an incident has begun, and platinum clients were not told of it yet."""
    office = MemoryOffice(careful())
    office.take(town.broken(office.situation))
    return office


def draft(office: MemoryOffice) -> NoticeDraft:
    (one,) = (one for one in office.situation.notice_drafts.values() if one.waiting)
    return one


@pytest.mark.answers("rundeck/rundeck#4288", "rundeck/rundeck#9078")
async def test_a_draft_is_listed_previewed_and_approved_over_the_api(
    office: MemoryOffice, program: httpx.AsyncClient
) -> None:
    (listed,) = (await program.get("/api/v1/notices")).json()["items"]
    one = draft(office)
    assert (listed["id"], listed["state"], listed["cause"], listed["eyes"]) == (one.id, "waiting", "approval", 1)
    assert listed["approvers"] == ["madrid-1", "tokyo-1"]
    seen = (await program.get(f"/api/v1/notices/{one.id}/preview")).json()
    assert seen["clients"] == len(one.clients) == seen["tiers"]["platinum"]
    assert all("•••" in each["address"] and each["channel"] == "mail" for each in seen["recipients"])
    assert not any(secret in str(seen) for secret in office.situation.config.secrets), "no reference, no address"
    wrong = await program.post(f"/api/v1/notices/{one.id}/approve", json={"by": "duty-manager"})
    assert wrong.status_code == 409
    assert "may not decide on notices to platinum clients" in wrong.text
    stale = await program.post(f"/api/v1/notices/{one.id}/approve", json={"by": "madrid-1", "text": "another"})
    assert "the text of" in stale.text
    sent = await program.post(f"/api/v1/notices/{one.id}/approve", json={"by": "madrid-1", "text": seen["text"]})
    assert sent.json()["state"] == "sent", sent.text
    assert [(act.actor, act.action) for act in office.store.done] == [("madrid-1", "approve notice")]
    again = await program.post(f"/api/v1/notices/{one.id}/approve", json={"by": "tokyo-1"})
    assert again.status_code == 409
    assert (await program.get("/api/v1/notices/INC-0-0")).status_code == 404


async def test_a_text_by_hand_is_read_by_the_linter_and_may_be_taken_back(
    office: MemoryOffice, program: httpx.AsyncClient
) -> None:
    one = draft(office)
    texts = {"": {"subject": "Invoices are late", "body": "See OPS-1234."}}
    await program.post(f"/api/v1/notices/{one.id}/text", json={"by": "madrid-1", "texts": texts})
    (first, *_) = (await program.get(f"/api/v1/notices/{one.id}/preview")).json()["texts"]
    assert first["subject"] == "Invoices are late (INC-7)"
    assert [no["rule"] for no in first["objections"] if no["grade"] == "refuse"][:1] == ["ticket"]
    refused = await program.post(f"/api/v1/notices/{one.id}/approve", json={"by": "madrid-1"})
    assert "cannot be sent as it is" in refused.text
    gone = await program.post(f"/api/v1/notices/{one.id}/refuse", json={"by": "tokyo-1", "why": "not now"})
    assert (gone.json()["state"], gone.json()["why"]) == ("refused", "refused by tokyo-1: not now")


async def test_a_stage_is_said_and_a_false_alarm_taken_back(office: MemoryOffice, program: httpx.AsyncClient) -> None:
    what = {"incident": "INC-7", "stage": "identified", "by": "madrid-1", "why": "a certificate"}
    assert (await program.post("/api/v1/notices/stage", json=what)).status_code == 200
    assert draft(office).stage == "identified", "what was overtaken is proposed anew"
    assert (await program.post("/api/v1/notices/stage", json=what)).status_code == 409
    preview = (await program.get("/api/v1/notices/preview?incident=INC-7&stage=retracted")).json()
    assert set(preview["tiers"]) == {"gold", "silver"}, "who was told nothing is told of no false alarm"
    end = {"incident": "INC-7", "by": "madrid-1", "why": "our clock"}
    assert (await program.post("/api/v1/notices/retract", json=end)).status_code == 200
    assert office.situation.incidents[town.FIRST].course.false_alarm
    assert [act.action for act in office.store.done] == ["say identified", "retract"]


async def test_the_pages_show_what_waits_and_what_it_would_do_and_approve_it(
    office: MemoryOffice, browser: httpx.AsyncClient
) -> None:
    one = draft(office)
    listing = (await browser.get("/notices")).text
    assert f'href="/notices/{one.id}"' in listing
    assert "asks for approval" in listing
    incident = (await browser.get("/incidents/INC-7")).text
    assert f'href="/notices/{one.id}"' in incident
    assert "Say that the cause is identified" in incident
    assert "Retract: it was a false alarm" in incident
    page = (await browser.get(f"/notices/{one.id}")).text
    assert "Whom it reaches" in page
    assert one.text in page, "what is approved is what was read"
    form = {"csrf": form_token(page), "by": "duty-manager", "seen": one.text}
    refused = await browser.post(f"/notices/{one.id}/approve", data=form)
    assert refused.status_code == 409
    assert "may not decide" in refused.text
    done = await browser.post(f"/notices/{one.id}/approve", data={**form, "by": "madrid-1"})
    assert done.status_code == 303
    after = (await browser.get(f"/notices/{one.id}")).text
    assert f"sent to {len(one.clients)}" in after
    assert "was approved by madrid-1" in (await browser.get("/incidents/INC-7")).text


async def test_the_buttons_of_the_pages_write_refuse_say_and_take_back(
    office: MemoryOffice, browser: httpx.AsyncClient
) -> None:
    one = draft(office)
    csrf = form_token((await browser.get(f"/notices/{one.id}")).text)
    said = {"csrf": csrf, "by": "madrid-1"}
    own = {**said, "language": "", "subject": "Late", "body": "We know.\r\n\r\nSoon more."}
    assert (await browser.post(f"/notices/{one.id}/text", data=own)).status_code == 303
    assert "We know.\n\nSoon more." in (await browser.get(f"/notices/{one.id}")).text
    assert (await browser.post(f"/notices/{one.id}/refuse", data={**said, "why": "no"})).status_code == 303
    stage = {**said, "stage": "monitoring", "why": "rerouted"}
    assert (await browser.post("/incidents/INC-7/stage", data=stage)).status_code == 303
    assert (await browser.post("/incidents/INC-7/retract", data={**said, "why": "a test"})).status_code == 303
    assert "Retracted as a false alarm by madrid-1: a test" in (await browser.get("/incidents/INC-7")).text
