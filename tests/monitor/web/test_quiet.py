"""Silences and maintenance over the API: previewed, made, refused where they hide too much, ended, on record."""

import httpx
import pytest

from tests.monitor.web.conftest import form_token
from tests.monitor.web.office import MemoryOffice

LATE = "kind=sync_latency,flow=invoices"


def silence(matchers: str = LATE, **more: object) -> dict[str, object]:
    """Return what is sent to make a silence."""
    return {"matchers": matchers, "by": "madrid-1", "comment": "they know", "lasts": "2h", **more}


@pytest.mark.answers("prometheus/alertmanager#730", "prometheus/alertmanager#2690")
async def test_a_silence_is_previewed_made_listed_and_ended(office: MemoryOffice, program: httpx.AsyncClient) -> None:
    preview = (await program.post("/api/v1/quiet/silences/preview", json={"matchers": LATE})).json()
    assert (len(preview["alerts"]), preview["incidents"], preview["whole_tiers"]) == (24, ["INC-7"], [])
    made = await program.post("/api/v1/quiet/silences", json=silence())
    assert made.status_code == 201, made.text
    one = made.json()
    assert (one["state"], one["matchers"]) == ("active", ['kind="sync_latency"', 'flow="invoices"'])
    listed = (await program.get("/api/v1/quiet/silences?state=active")).json()["items"]
    assert [item["id"] for item in listed] == [one["id"]]
    assert office.situation.silenced.matching({"kind": "sync_latency", "flow": "invoices"}) == (one["id"],)
    ended = (await program.post(f"/api/v1/quiet/silences/{one['id']}/expire", json={"by": "madrid-2"})).json()
    assert ended["state"] == "expired"
    assert [(act.actor, act.action) for act in office.store.done] == [
        ("madrid-1", "silence"),
        ("madrid-2", "expire silence"),
    ]


async def test_a_silence_that_hides_a_whole_tier_is_made_on_a_second_word_alone(program: httpx.AsyncClient) -> None:
    refused = await program.post("/api/v1/quiet/silences", json=silence("tier=platinum"))
    assert refused.status_code == 409
    assert "hides everything that could happen to any client of platinum" in refused.text
    assert (await program.post("/api/v1/quiet/silences", json=silence("tier=platinum", yes=True))).status_code == 201


@pytest.mark.parametrize(
    ("sent", "status", "told"),
    [
        (silence("bad"), 409, "bad matcher format: bad"),
        (silence('a=""'), 409, "at least one matcher must not match the empty string"),
        (silence("a=~(?=x)"), 409, "invalid regular expression"),
        (silence(lasts=None), 409, "a silence ends"),
        (silence(id="nothing"), 404, "silence not found"),
        (silence(lasts="soon"), 422, "lasts"),
        (silence(every={"from": "02:00", "until": "04:00", "days": [31], "months": [2]}), 422, "never comes"),
    ],
)
async def test_a_silence_that_may_not_be_is_refused_in_words(
    program: httpx.AsyncClient, sent: dict[str, object], status: int, told: str
) -> None:
    answer = await program.post("/api/v1/quiet/silences", json=sent)
    assert answer.status_code == status, answer.text
    assert told in answer.text


async def test_a_window_is_set_listed_and_cancelled(office: MemoryOffice, program: httpx.AsyncClient) -> None:
    sent = {
        "title": "The ERP is upgraded",
        "who": "madrid-1",
        "by": "vendor",
        "timezone": "Europe/Berlin",
        "systems": ["erp"],
        "every": {"from": "02:00", "until": "04:00", "weekdays": ["sun"]},
    }
    made = await program.post("/api/v1/quiet/maintenance", json=sent)
    assert made.status_code == 201, made.text
    # The town's Saturday is 2026-11-21; the Sunday after it begins at 02:00 in Berlin.
    assert made.json()["next"] == {"begins": "2026-11-22T01:00:00Z", "ends": "2026-11-22T03:00:00Z"}
    identity = made.json()["id"]
    assert [one["id"] for one in (await program.get("/api/v1/quiet/maintenance")).json()["items"]] == [identity]
    ended = (await program.post(f"/api/v1/quiet/maintenance/{identity}/cancel", json={"by": "madrid-1"})).json()
    assert (ended["next"], ended["cancelled"] is not None) == (None, True)
    assert office.store.done[-1].action == "cancel maintenance"
    assert (await program.post("/api/v1/quiet/maintenance/nothing/cancel", json={"by": "x"})).status_code == 404


async def test_a_window_of_what_is_not_watched_is_refused(program: httpx.AsyncClient) -> None:
    sent = {"title": "x", "who": "m", "systems": ["crm"], "from": "2026-12-01 04:00", "until": "2026-12-01 05:00"}
    answer = await program.post("/api/v1/quiet/maintenance", json=sent)
    assert (answer.status_code, answer.json()["error"]["message"]) == (409, "there is no system crm")


async def test_nobody_without_a_key_silences_anything(stranger: httpx.AsyncClient) -> None:
    assert (await stranger.post("/api/v1/quiet/silences", json=silence())).status_code == 401


async def test_the_page_shows_what_a_silence_hides_before_it_is_made(
    office: MemoryOffice, browser: httpx.AsyncClient
) -> None:
    page = (await browser.get("/silences")).text
    assert "everybody is told of everything" in page
    sent = {"csrf": form_token(page), "by": "madrid-1", "comment": "they know", "lasts": "1h", "yes": ""}
    preview = (await browser.post("/silences", data={**sent, "matchers": "tier=platinum"})).text
    assert "hides everything that could happen to any client of platinum" in preview
    assert not office.situation.silences
    made = await browser.post("/silences", data={**sent, "matchers": "tier=platinum", "yes": "yes"})
    assert made.status_code == 303
    (one,) = office.situation.silences.values()
    shown = (await browser.get("/silences")).text
    assert f"silence-{one.id}" in shown
    assert "ends soon" in shown
    assert "1 silence in force" in (await browser.get("/")).text
    assert (await browser.post(f"/silences/{one.id}/expire", data=sent)).status_code == 303
    assert "everybody is told of everything" in (await browser.get("/silences")).text


@pytest.mark.parametrize(
    ("matchers", "comment", "told"),
    [("bad", "why", "bad matcher format: bad"), ("a=~x|", "why", "at least one matcher"), ("a=b", "", "say why")],
)
async def test_the_page_says_what_is_wrong_with_a_silence(
    browser: httpx.AsyncClient, matchers: str, comment: str, told: str
) -> None:
    token = form_token((await browser.get("/silences")).text)
    form = {"csrf": token, "by": "madrid-1", "comment": comment, "lasts": "1h", "yes": "yes", "matchers": matchers}
    answer = await browser.post("/silences", data=form)
    assert answer.status_code == 409
    assert told in answer.text


async def test_the_page_sets_and_cancels_a_window_and_lists_what_is_kept_out(
    office: MemoryOffice, browser: httpx.AsyncClient
) -> None:
    page = (await browser.get("/maintenance")).text
    form = {
        "csrf": form_token(page),
        "by": "madrid-1",
        "title": "The ERP is upgraded",
        "about": "erp",
        "begins": "2026-11-21T03:00",
        "ends": "2026-11-21T05:00",
        "zone": "UTC",
        "excluded": "yes",
    }
    assert (await browser.post("/maintenance", data=form)).status_code == 303
    (one,) = office.situation.windows.values()
    assert (one.scope.systems, one.excluded, one.by) == (frozenset({"erp"}), True, "madrid-1")
    assert "The ERP is upgraded" in (await browser.get("/maintenance")).text
    assert "The ERP is upgraded" in (await browser.get("/")).text
    wrong = await browser.post("/maintenance", data={**form, "about": "nonsense"})
    assert (wrong.status_code, "there is no system nonsense" in wrong.text) == (409, True)
    assert (await browser.post(f"/maintenance/{one.id}/cancel", data=form)).status_code == 303
    assert "None is on, and none is to come" in (await browser.get("/maintenance")).text
