"""The pages without script: they say in words what is, let people act by plain forms, and escape whatever they show."""

import re
from dataclasses import replace
from datetime import timedelta

import httpx

from alerts.alert import AlertKind, AlertState
from alerts.message import MessageState
from monitor.problem import Grade, Problem
from monitor.web.access import sign_in_link
from probes.catalog import Catalog, Client, ClientId, Contact, SecretRef, SystemId
from probes.failure import Outcome
from tests.monitor.web import town
from tests.monitor.web.conftest import form_token, visitor
from tests.monitor.web.office import MemoryOffice, rough
from tests.monitor.web.outline import Outline, whole

PATHS = [
    "/",
    "/incidents",
    "/incidents/INC-7",
    "/clients",
    "/clients/harbour-line",
    "/systems",
    "/systems/billing",
    "/flows",
    "/flows/invoices",
    "/oncall",
    "/deliveries",
    "/runbooks",
    "/runbooks/sync_latency",
    "/configuration",
]
HOSTILE = "<script>alert(1)</script>\"'&{{ 7*7 }}<img src=x onerror=alert(2)>"


async def text_of(browser: httpx.AsyncClient, path: str) -> str:
    """Return the words of a page."""
    answer = await browser.get(path)
    assert answer.status_code == 200, answer.text
    return Outline(answer.text).text


async def test_every_page_is_whole_and_loads_nothing_from_outside(browser: httpx.AsyncClient) -> None:
    for path in PATHS:
        whole((await browser.get(path)).text)


async def test_every_state_is_a_sign_and_a_word_beside_its_colour(browser: httpx.AsyncClient) -> None:
    pages = [(await browser.get(path)).text for path in PATHS]
    found = [re.findall(r'<span class="state (\w+)">(.*?)</span>(.*?)</span>', page, re.DOTALL) for page in pages]
    assert all(found)
    for tone, sign, word in (state for states in found for state in states):
        assert tone in {"good", "bad", "warn", "blind", "calm"}
        assert re.search(r'aria-hidden="true">\s*\S', sign), (tone, sign)
        assert re.search(r"\w", word), (tone, sign, word)


async def test_the_first_page_answers_the_five_questions(browser: httpx.AsyncClient) -> None:
    text = await text_of(browser, "/")
    assert "1 open incident: 24 of 24 clients hurt" in text
    assert "Flow invoices is late: 24 clients hurt (4 platinum, 8 gold, 12 silver)" in text
    assert re.search(r"Breaks first ! +13 s left +acknowledge for Harbour Line Shipping", text)
    assert "nobody yet; paged: madrid-1" in text
    assert "On call now madrid-1 Sat 04:02 CET (Europe/Madrid)" in text
    assert "all 3 looks see clearly" in text
    assert "3.4 s median, 95 % within ≥ 1 min 16 s" in text
    assert "24 of 4,800 records" in text
    assert "2.4 % of 12.5 requests/s" in text


async def test_a_calm_day_says_so_in_words() -> None:
    async with visitor(MemoryOffice()) as browser:
        text = await text_of(browser, "/")
    assert "All well: none of 24 clients is hurt" in text
    assert "no open incident" in text


async def test_what_cannot_be_seen_is_never_called_well() -> None:
    office = MemoryOffice()
    throttled = town.sight("billing", "invoices", Outcome.THROTTLED, "asked to wait 30 s")
    stale = town.sight("erp", "invoices")
    stale.next_due = town.NOW - timedelta(minutes=1)
    office.situation.sights |= {throttled.probe.id: throttled, stale.probe.id: stale}
    async with visitor(office) as browser:
        text = await text_of(browser, "/")
    assert re.search(r"! throttled billing.invoices .*asked to wait 30 s", text)
    assert re.search(r"\? stale erp.invoices", text)
    assert "see clearly" not in text


async def test_a_blind_system_is_named_first_of_all() -> None:
    office = MemoryOffice()
    alert = town.late_alerts(office.situation.config.catalog)[0]
    key = replace(alert.key, kind=AlertKind.AVAILABILITY, subject="erp", client=None)
    blind = replace(alert, key=key, state=AlertState.BLIND, system=SystemId("erp"), flow=None)
    office.situation.alerts[str(key)] = blind
    async with visitor(office) as browser:
        text = await text_of(browser, "/")
    assert "Nothing is known to be broken, but not everything can be seen" in text
    assert "24 blind" not in text
    assert "? 4 blind" in text


async def test_the_page_of_an_incident_leads_with_its_sentence_and_the_button(browser: httpx.AsyncClient) -> None:
    page = (await browser.get("/incidents/INC-7")).text
    text = Outline(page).text
    order = [
        "Flow invoices is late",
        "Acknowledge",
        "Breaks first",
        "Nobody yet.",
        "Promises to 24 hurt clients",
        "Timeline newest first",
    ]
    places = [text.index(words) for words in order]
    assert places == sorted(places)
    assert '<button class="huge">Acknowledge</button>' in page
    assert '<option value="madrid-1" selected>' in page
    assert "Both systems may look perfectly healthy" in text


async def test_acknowledging_takes_one_plain_form(office: MemoryOffice, browser: httpx.AsyncClient) -> None:
    token = form_token((await browser.get("/incidents/INC-7")).text)
    form = {"by": "tokyo-1", "csrf": token}
    answer = await browser.post("/incidents/INC-7/acknowledge", data=form, follow_redirects=True)
    assert str(answer.url).endswith("/incidents/INC-7")
    text = Outline(answer.text).text
    assert "tokyo-1 since 03:02:19 UTC" in text
    assert "Acknowledged by tokyo-1: nobody else is paged" in text
    assert "huge" not in answer.text
    assert office.situation.incidents[town.FIRST].acknowledged_by == "tokyo-1"


async def test_who_acknowledged_once_is_offered_first_the_next_time(
    office: MemoryOffice, browser: httpx.AsyncClient
) -> None:
    token = form_token((await browser.get("/incidents/INC-7")).text)
    await browser.post("/incidents/INC-7/acknowledge", data={"by": "tokyo-1", "csrf": token})
    assert '<option value="tokyo-1" selected>' in (await browser.get("/incidents/INC-7")).text
    del office


async def test_a_stranger_reads_but_is_offered_no_button(stranger: httpx.AsyncClient) -> None:
    for path in PATHS:
        page = (await stranger.get(path)).text
        assert 'method="post"' not in page, path
    assert "tierwatch ack INC-7" in (await stranger.get("/incidents/INC-7")).text


async def test_without_script_a_page_loads_its_whole_address_again(browser: httpx.AsyncClient) -> None:
    page = (await browser.get("/clients?q=a%20%22b&shown=5")).text
    assert '<noscript><meta http-equiv="refresh" content="20; url=/clients?q=a%20%22b&amp;shown=5"></noscript>' in page


async def test_resolving_by_hand_needs_a_reason(browser: httpx.AsyncClient) -> None:
    token = form_token((await browser.get("/incidents/INC-7")).text)
    form = {"by": "madrid-1", "csrf": token}
    assert (await browser.post("/incidents/INC-7/resolve", data=form)).status_code == 422
    answer = await browser.post(
        "/incidents/INC-7/resolve", data={**form, "why": "the ERP is gone for good"}, follow_redirects=True
    )
    assert "Resolved by madrid-1: the ERP is gone for good" in Outline(answer.text).text


async def test_after_the_end_each_clients_times_stand_against_its_contract(
    office: MemoryOffice, browser: httpx.AsyncClient
) -> None:
    await office.acknowledge(town.FIRST, "madrid-1")
    office.at += timedelta(minutes=3)
    office.take(town.cleared(office.situation, office.at))
    office.at += timedelta(hours=1)
    text = await text_of(browser, "/incidents/INC-7")
    assert "✕ 4 promises broken." in text, "nobody wrote an update to platinum in those three minutes"
    assert "Resolved 03:05:19 UTC : the data caught up" in text
    times = ("27 s", "47 s ✓ ?kept of 1 min", "2 s ✓ ?kept of 1 min", "3 min 43 s ✓ ?kept of 5 min")
    assert re.search("Harbour Line Shipping platinum " + " ".join(times), text)


async def test_a_delivery_that_goes_badly_shows_each_attempt(office: MemoryOffice, browser: httpx.AsyncClient) -> None:
    rough(office)
    text = await text_of(browser, "/incidents/INC-7")
    assert re.search(r"madrid-1 .* ! trying again +1. env:MADRID_1_PAGER: +✕ rejected the channel answered 503", text)
    assert "24 notices at the first attempt" in text


async def test_a_message_nobody_took_is_called_failed(office: MemoryOffice, browser: httpx.AsyncClient) -> None:
    office.store.rows[0] = replace(office.store.rows[0], state=MessageState.FAILED, attempts=40, next_at=None)
    text = await text_of(browser, "/deliveries")
    assert re.search(r"✕ failed +40 attempts", text)


async def test_no_address_and_no_secret_is_shown(browser: httpx.AsyncClient) -> None:
    for path in PATHS:
        page = (await browser.get(path)).text
        assert "/etc/tierwatch" not in page
        assert "a-made-up-token" not in page
        assert not re.search(r"(?:mailto|json|slack)s?://", page)


# --- hostile text ----------------------------------------------------------------------------------------------------


def hostile() -> MemoryOffice:
    """Return an office where everything that others may name is named to hurt."""
    watched = town.catalog()
    victim = watched.clients[ClientId("harbour-line")]
    contact = Contact(name=HOSTILE, channel=SecretRef("env:DESK"))
    named = replace(
        victim, name=HOSTILE, contacts=(contact,), identifiers={**victim.identifiers, SystemId("erp"): (HOSTILE,)}
    )
    clients: dict[ClientId, Client] = {**watched.clients, victim.id: named}
    watched = Catalog(tiers=watched.tiers, clients=clients, systems=watched.systems, flows=watched.flows)
    office = MemoryOffice(town.situation(watched))
    office.take(town.broken(office.situation))
    bad = town.sight("billing", "invoices", Outcome.BAD, HOSTILE)
    problem = Problem(file=town.config().sources[0], line=1, path=HOSTILE, message=HOSTILE, grade=Grade.SEVERE)
    office.situation.sights[bad.probe.id] = bad
    office.situation.findings = office.situation.reload_errors = (problem,)
    return office


async def test_hostile_names_are_shown_and_never_run() -> None:
    office = hostile()
    async with visitor(office) as browser:
        await browser.get(sign_in_link(office.doors, office.keys))
        await office.acknowledge(town.FIRST, HOSTILE)
        for path in (*PATHS, "/incidents/INC-7?impacts=24", "/clients?q=%3Cscript%3E"):
            page = Outline((await browser.get(path)).text)
            assert (page.broken, page.open) == ([], []), path
            assert [tag for tag, _ in page.tags].count("script") == 1
            assert "img" not in {tag for tag, _ in page.tags}
            assert "'&49<img" not in page.text


async def test_hostile_addresses_are_not_found_and_not_echoed_as_tags(browser: httpx.AsyncClient) -> None:
    for path in (
        "/clients/%3Cscript%3Ealert(1)%3C%2Fscript%3E",
        "/incidents/%22%3E%3Cimg%20src=x%3E",
        "/runbooks/%3Cb%3E",
    ):
        answer = await browser.get(path)
        assert answer.status_code == 404
        assert {tag for tag, _ in Outline(answer.text).tags} <= {
            *("html", "head", "meta", "title", "link", "body", "main", "p", "h1", "a", "code")
        }


# --- the sandbox -----------------------------------------------------------------------------------------------------


async def test_a_fault_is_switched_on_and_off_by_its_button(office: MemoryOffice, browser: httpx.AsyncClient) -> None:
    token = form_token((await browser.get("/")).text)
    form = {"csrf": token}
    pressed = await browser.post("/sandbox/faults/erp_stopped", data=form, follow_redirects=True)
    assert re.search(r"takes no invoices; its API still answers +✕ on for 0 s", Outline(pressed.text).text)
    again = await browser.post("/sandbox/faults/erp_stopped", data=form, follow_redirects=True)
    assert re.search(r"takes no invoices; its API still answers +\u2013 off", Outline(again.text).text)
    assert (await browser.post("/sandbox/faults/meteor", data=form)).status_code == 404
    del office


async def test_the_inbox_shows_what_arrived_and_how(browser: httpx.AsyncClient) -> None:
    text = await text_of(browser, "/")
    places = [text.index(words) for words in ("kitano-rail HTTP", "norte-energia SMTP", "madrid-1 HTTP")]
    assert places == sorted(places)


async def test_a_sandbox_that_does_not_answer_takes_nothing_else_away(office: MemoryOffice) -> None:
    assert office.sandbox is not None
    office.sandbox.away = True
    async with visitor(office) as browser:
        text = await text_of(browser, "/")
    assert "the sandbox does not answer" in text
    assert "24 of 24 clients hurt" in text


async def test_without_a_sandbox_there_are_no_such_buttons(office: MemoryOffice, browser: httpx.AsyncClient) -> None:
    office.sandbox = None
    page = (await browser.get("/")).text
    assert "Sandbox" not in page
    assert (await browser.post("/sandbox/faults/erp_stopped", data={"csrf": form_token(page)})).status_code == 404


# --- many clients ----------------------------------------------------------------------------------------------------


async def test_three_thousand_clients_leave_the_first_page_short() -> None:
    watched = town.catalog()
    pattern = watched.clients[ClientId("aurora-yoga")]
    many = {ClientId(f"c{n}"): replace(pattern, id=ClientId(f"c{n}"), name=f"Client {n}") for n in range(3000)}
    office = MemoryOffice(
        town.situation(Catalog(tiers=watched.tiers, clients=many, systems=watched.systems, flows=watched.flows))
    )
    async with visitor(office) as browser:
        calm = (await browser.get("/")).text
        office.take(town.broken(office.situation, 300))
        first, one = (await browser.get("/")).text, (await browser.get("/incidents/INC-7")).text
        found = Outline((await browser.get("/clients?q=client+2999")).text).text
    assert "none of 3,000 clients is hurt" in calm
    assert "and 3,000 more" in calm
    assert "and 2,976 more" in first
    assert max(len(calm), len(first)) < 40_000
    assert "Show all 300 clients" in one
    assert "Client 2999" in found
    assert "Client 299 " not in found


async def test_what_people_order_is_done_by_plain_forms_and_stands_on_the_timeline(
    office: MemoryOffice, browser: httpx.AsyncClient
) -> None:
    page = (await browser.get("/incidents/INC-7")).text
    form = {"by": "madrid-1", "why": "the CEO called", "csrf": form_token(page)}
    assert 'action="/incidents/INC-7/severity"' in page
    assert 'action="/incidents/INC-7/reassign"' in page
    assert (await browser.post("/incidents/INC-7/reassign", data={**form, "to": "nobody"})).status_code == 409
    given = await browser.post("/incidents/INC-7/reassign", data={**form, "to": "madrid-1"}, follow_redirects=True)
    assert "Given to madrid-1 by madrid-1: the CEO called" in Outline(given.text).text
    assert office.store.done[-1].action == "reassign"
    assert office.store.done[-1].detail == "the CEO called"


async def test_an_incident_that_is_over_can_be_reopened_from_its_page(
    office: MemoryOffice, browser: httpx.AsyncClient
) -> None:
    token = form_token((await browser.get("/incidents/INC-7")).text)
    form = {"by": "madrid-1", "why": "it is not", "csrf": token}
    await browser.post("/incidents/INC-7/resolve", data=form)
    again = await browser.post("/incidents/INC-7/reopen", data=form, follow_redirects=True)
    assert "Reopened by madrid-1: it is not" in Outline(again.text).text
