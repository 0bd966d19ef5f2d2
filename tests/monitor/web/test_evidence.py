"""The evidence of a client's month: what stands in it, in each form, and that the same record gives the same bytes."""

import html
import json
import re
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from alerts.alert import IncidentId
from alerts.dunning import DunningHold, FailedPayment
from alerts.message import Delivery, DeliveryState, MessageKind, MessageState, Part, Stage
from alerts.uptime import HourCount
from probes.catalog import SystemId
from probes.credit import CreditStep
from runbooks.evidence_json import is_whole
from tests.monitor.web import town
from tests.monitor.web.office import MemoryOffice
from tests.monitor.web.shown import issued

FIRST, SECOND = list(town.clients().values())[:2]
PATH = f"/api/v1/clients/{FIRST.id}/evidence/2026-11"
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def a_month(office: MemoryOffice) -> None:
    """Let the incident end after 20 minutes, count looks until the month is over, and deliver at the second attempt."""
    office.at = town.NOW + 20 * timedelta(minutes=1)
    office.take(town.cleared(office.situation, office.at))
    first = town.NOW.replace(minute=0, second=0, microsecond=0) - 100 * HOUR
    office.store.hours = [
        HourCount(system=SystemId(name), hour=first + n * HOUR, good=59, bad=n == 100, unknown=1)
        for n in range(400)
        for name in ("billing", "erp")
    ]
    for row in office.store.rows:
        if row.message.kind is MessageKind.NOTICE:
            office.store.tries += [
                Delivery(
                    key=row.message.key,
                    attempt=attempt,
                    channel=row.message.channels[0],
                    state=state,
                    reason="the channel answered 503",
                    started=row.message.created,
                    ended=row.message.created + timedelta(seconds=attempt),
                )
                for attempt, state in ((1, DeliveryState.REJECTED), (2, DeliveryState.ACCEPTED))
            ]


async def test_a_month_tells_what_happened_what_was_told_and_what_was_kept(program: httpx.AsyncClient) -> None:
    made = (await program.get(PATH)).json()
    assert is_whole(made)
    assert (made["client"], made["ends"], made["recorded_until"]) == (FIRST.name, made["ends"], made["ends"])
    (case,) = made["incidents"]
    happened = [line["what"] for line in case["timeline"]]
    assert happened[0] == "began"
    assert set(happened) >= {"noticed", "paged", "told", "recovered", "closed"}
    assert [one["stage"] for one in case["notices"]] == ["investigating", "resolved"]
    assert all(one["accepted"] > one["written"] and one["attempts"] == 2 for one in case["notices"])
    promises = {one["promise"]: one for one in case["promises"]}
    assert promises["repair"]["state"] == "breached"
    for one in promises.values():
        counted = sum(part["seconds"] for part in one["parts"] if part["kind"] == "counted")
        assert counted == pytest.approx(one["took_seconds"])


async def test_a_bad_month_gives_its_credit_with_the_step_that_it_came_to(
    program: httpx.AsyncClient, office: MemoryOffice
) -> None:
    config = office.situation.config
    steps = (CreditStep(credit=0.1, below=0.9999), CreditStep(credit=0.05, breaches=1))
    tiers = {name: replace(one, credits=steps) for name, one in config.catalog.tiers.items()}
    office.situation.config = replace(config, catalog=replace(config.catalog, tiers=tiers))
    sums = (await program.get(PATH)).json()["sums"]
    assert (sums["credit"], sums["credit_because"]["availability_below"]) == (0.1, 0.9999)
    assert sums["availability"] == 1 - sums["hurt_seconds"] / sums["month_seconds"]


async def test_the_days_of_the_month_are_those_of_the_clients_zone_with_their_numbers(
    program: httpx.AsyncClient,
) -> None:
    (service,) = (await program.get(PATH)).json()["services"]
    assert [day["day"] for day in service["days"]] == [f"2026-11-{day:02}" for day in range(1, 31)]
    assert service["days"][0]["state"] == "no_data"
    assert service["total"]["bad"] == 1
    assert service["total"]["share"] == service["total"]["good"] / (service["total"]["good"] + 1)
    assert sum(day["disturbed_seconds"] > 0 for day in service["days"]) == 1


@pytest.mark.parametrize("how", ["json", "html", "pdf"])
async def test_the_same_record_gives_the_same_bytes_whenever_they_are_asked_for(
    program: httpx.AsyncClient, office: MemoryOffice, how: str
) -> None:
    first = await program.get(PATH, params={"format": how})
    office.at += timedelta(days=40)
    again = await program.get(PATH, params={"format": how})
    assert (first.status_code, first.content) == (200, again.content)
    assert f'filename="evidence-{FIRST.id}-2026-11.{how}"' in first.headers["content-disposition"]


async def test_what_was_held_of_payment_failures_is_evidence_against_late_fees(
    program: httpx.AsyncClient, office: MemoryOffice
) -> None:
    failed = FailedPayment(system=SystemId("billing"), id="ch_42", at=town.NOW + HOUR)
    mine = DunningHold(
        client=FIRST.id,
        number=1,
        affected=town.NOW,
        since=town.NOW,
        expires=town.NOW + 2 * HOUR,
        released=town.NOW + 2 * HOUR,
        incidents=(IncidentId("INC-1"),),
        payments=(failed,),
        failed=1,
    )
    others = replace(mine, client=SECOND.id, payments=(replace(failed, id="ch_43"),))
    office.situation.dunning = {one.key: one for one in (mine, others)}
    (held,) = (await program.get(PATH)).json()["payment_failures_held"]
    assert (held["failed"], held["incidents"], held["payments"][0]["id"]) == (1, ["INC-1"], "ch_42")
    html = (await program.get(PATH, params={"format": "html"})).text
    assert "no late fee was to follow" in html
    assert "ch_42" in html
    assert "ch_43" not in html
    assert (await program.get(PATH, params={"format": "pdf"})).status_code == 200


async def test_every_form_carries_the_digest_of_the_record(
    program: httpx.AsyncClient, browser: httpx.AsyncClient
) -> None:
    digest = (await program.get(PATH)).json()["digest"]
    assert digest in (await program.get(PATH, params={"format": "html"})).text
    assert digest in (await browser.get(f"/clients/{FIRST.id}/evidence/2026-11")).text
    pdf = (await program.get(PATH, params={"format": "pdf"})).content
    assert pdf.startswith(b"%PDF-")
    assert len(pdf) > 3000


async def test_what_was_changed_is_no_longer_whole(program: httpx.AsyncClient) -> None:
    made = (await program.get(PATH)).json()
    made["sums"]["promises_broken"] = 0
    assert not is_whole(made)
    assert not is_whole({})


async def test_the_page_can_be_printed_and_stands_alone_when_taken_away(
    program: httpx.AsyncClient, browser: httpx.AsyncClient
) -> None:
    page = (await browser.get(f"/clients/{FIRST.id}/evidence/2026-11")).text
    alone = (await program.get(PATH, params={"format": "html"})).text
    assert '<link rel="stylesheet" href="/static/evidence.css">' in page
    assert "@media print" in alone
    assert re.findall(r'(?:src|href)="', alone) == []
    text = re.sub(r"<[^>]+>", " ", page)
    assert "✕ broken" in text
    assert "repaired within 5 min" in text
    assert "20 min" in text
    index = (await browser.get(f"/clients/{FIRST.id}/evidence")).text
    assert f'href="{PATH}?format=pdf"' in index


async def test_nobody_of_ours_and_nobody_elses_stands_in_it(program: httpx.AsyncClient) -> None:
    whole = json.dumps((await program.get(PATH)).json())
    others = [one for one in town.clients().values() if one.id != FIRST.id]
    assert [word for one in others for word in (one.id, one.name) if word in whole] == []
    assert [word for word in ("madrid-1", "tokyo-1", "duty-manager", "env:", "billing", "erp") if word in whole] == []


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (PATH.replace("2026-11", "2026-13"), 422),
        (PATH.replace("2026-11", "0000-01"), 404),
        (PATH.replace("2026-11", "2099-01"), 404),
        ("/x/evidence/2026-11", 404),
    ],
)
async def test_a_month_that_is_none_is_refused(program: httpx.AsyncClient, path: str, status: int) -> None:
    assert (await program.get(path)).status_code == status


async def test_evidence_is_nobodys_to_read_without_a_key(stranger: httpx.AsyncClient, office: MemoryOffice) -> None:
    office.doors = replace(office.doors, external="https://watch.example.com")
    assert (await stranger.get(PATH)).status_code == 401


async def test_what_was_told_in_a_digest_was_told(
    program: httpx.AsyncClient, office: MemoryOffice, stranger: httpx.AsyncClient
) -> None:
    of_client = (n for n, row in enumerate(office.store.rows) if row.message.client == FIRST.id)
    place = next(n for n in of_client if office.store.rows[n].message.stage is Stage.INVESTIGATING)
    row = office.store.rows[place]
    part = Part(key=row.message.key, stage=row.message.stage, incident=row.message.incident)
    digest = replace(row.message, key="digest/1", incident=None, parts=(part,), body="What came up in the night.")
    own = [one for one in office.store.tries if one.key == row.message.key]
    office.store.tries += [replace(one, key=digest.key, attempt=one.attempt) for one in own]
    office.store.tries = [one for one in office.store.tries if one.key != row.message.key]
    office.store.rows[place] = replace(row, state=MessageState.SUPPRESSED)
    office.store.rows.append(replace(row, message=digest))
    (case,) = (await program.get(PATH)).json()["incidents"]
    assert [(one["stage"], one["attempts"]) for one in case["notices"]] == [("investigating", 2), ("resolved", 2)]
    assert all(one["accepted"] for one in case["notices"])
    page = await stranger.get(await issued(office))
    assert row.message.body.splitlines()[0] in html.unescape(page.text)
