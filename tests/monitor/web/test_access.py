"""Who may come in: hosts, the one-time link, sessions, form tokens and the bearer token."""

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from fastapi.routing import APIRoute
from hypothesis import given
from hypothesis import strategies as st

from monitor.web.access import Doors, Keys, sign_in_link
from monitor.web.guard import ANSWER, STATUS, SUBSCRIPTION
from monitor.web.site import ROUTERS
from tests.monitor.web import town
from tests.monitor.web.conftest import form_token, visitor
from tests.monitor.web.office import TOKEN, MemoryOffice, with_incident

OUTSIDE = Doors(host="0.0.0.0", port=8080, external="https://watch.example.com")  # noqa: S104 - an example
LOCAL = Doors(host="127.0.0.1", port=8080)
PROXIED = Doors(host="127.0.0.1", port=8080, external="https://watch.example.com")


# --- hosts -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost:8080", "LOCALHOST:8080", "[::1]:8080"])
async def test_our_own_host_names_are_answered(stranger: httpx.AsyncClient, host: str) -> None:
    assert (await stranger.get("/healthz", headers={"Host": host})).status_code == 200


@pytest.mark.parametrize("host", ["evil.example.com", "127.0.0.1", "127.0.0.1:9090", "localhost.evil.com:8080", ""])
async def test_an_unknown_host_is_refused_everywhere(stranger: httpx.AsyncClient, host: str) -> None:
    for path in ("/", "/healthz", "/metrics", "/api/v1/incidents", "/static/style.css", "/nothing"):
        answer = await stranger.get(path, headers={"Host": host})
        assert answer.status_code == 421
        assert "INC-7" not in answer.text


async def test_a_request_that_names_two_hosts_is_refused(stranger: httpx.AsyncClient) -> None:
    both = httpx.Headers([("Host", "127.0.0.1:8080"), ("Host", "evil.example.com")])
    assert (await stranger.get("/", headers=both)).status_code == 400


@pytest.mark.parametrize(
    ("doors", "hosts"),
    [
        (LOCAL, {"127.0.0.1:8080", "localhost:8080", "[::1]:8080"}),
        (Doors(host="::1", port=80), {"[::1]:80", "localhost:80", "127.0.0.1:80", "[::1]", "localhost", "127.0.0.1"}),
        (PROXIED, LOCAL.hosts | {"watch.example.com", "watch.example.com:443"}),
        (
            Doors(host="127.0.0.1", port=8080, external="http://Watch.example.com:81"),
            LOCAL.hosts | {"watch.example.com:81"},
        ),
    ],
)
def test_the_hosts_that_are_ours(doors: Doors, hosts: set[str]) -> None:
    assert doors.hosts == hosts


# --- reading ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("doors", "guarded"),
    [
        (LOCAL, False),
        (Doors(host="::1", port=1), False),
        (Doors(host="localhost", port=1, external="http://localhost:1"), False),
        (Doors(host="127.0.0.9", port=1), False),
        (OUTSIDE, True),
        (Doors(host="10.0.0.5", port=1), True),
        (PROXIED, True),
    ],
)
def test_reading_needs_a_key_as_soon_as_others_can_reach_us(doors: Doors, guarded: bool) -> None:  # noqa: FBT001
    assert doors.guarded is guarded


OPEN = {"/healthz": 200, "/readyz": 200, "/-/healthy": 200, "/-/ready": 200, "/calendar/{name}": 404}
"""What anybody may ask; a calendar's address is a secret itself, and one that is none is not found."""


KEYED = (STATUS, ANSWER, SUBSCRIPTION)
"""Below these an address is a key itself, and one that opens nothing is not found."""


@pytest.mark.parametrize("doors", [OUTSIDE, PROXIED])
async def test_off_loopback_only_health_and_readiness_are_open(doors: Doors) -> None:
    async with visitor(with_incident(doors)) as stranger:
        paths = {path for method, path in _routes() if method == "GET"}
        assert len(paths) > 30
        for path in sorted(paths - {"/sign-in"}):
            answer = await stranger.get(path.replace("{incident}", "INC-7"))
            keyed = 404 if path.startswith(KEYED) else 401
            assert answer.status_code == OPEN.get(path, keyed), path
            assert "Harbour" not in answer.text


async def test_off_loopback_the_token_or_a_session_reads() -> None:
    office = with_incident(OUTSIDE)
    async with visitor(office) as one:
        key = {"Authorization": f"Bearer {TOKEN}"}
        assert (await one.get("/api/v1/incidents", headers=key)).status_code == 200
        await one.get(sign_in_link(office.doors, office.keys))
        assert (await one.get("/incidents/INC-7")).status_code == 200


async def test_a_wrong_token_is_refused_even_where_reading_is_open(stranger: httpx.AsyncClient) -> None:
    answer = await stranger.get("/api/v1/incidents", headers={"Authorization": "Bearer wrong"})
    assert answer.status_code == 401
    assert answer.json() == {"error": {"message": "this token is not ours", "field": None}}


async def test_a_link_from_another_site_leads_on_without_losing_the_session(browser: httpx.AsyncClient) -> None:
    led = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "document", "Sec-Fetch-Mode": "navigate"}
    bare = httpx.AsyncClient(transport=browser._transport, base_url=browser.base_url)
    answer = await bare.get("/incidents/INC-7", headers=led)
    assert 'content="0;url=/incidents/INC-7?arrived=1"' in answer.text
    again = await bare.get("/incidents/INC-7?arrived=1", headers=led)
    assert "Harbour Line" in again.text


# --- the sign-in link ------------------------------------------------------------------------------------------------


async def test_the_sign_in_link_works_once(office: MemoryOffice, stranger: httpx.AsyncClient) -> None:
    link = sign_in_link(office.doors, office.keys)
    first = await stranger.get(link)
    assert (first.status_code, first.headers["location"]) == (303, "/")
    stranger.cookies.clear()
    second = await stranger.get(link)
    assert second.status_code == 403
    assert "This sign-in link has been used" in second.text
    assert "set-cookie" not in second.headers


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(
    office: MemoryOffice, stranger: httpx.AsyncClient
) -> None:
    cookie = (await stranger.get(sign_in_link(office.doors, office.keys))).headers["set-cookie"]
    assert cookie.startswith("tierwatch_8080=")
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(cookie.split("; "))
    assert "Secure" not in cookie


async def test_over_tls_the_cookie_never_travels_without_it() -> None:
    office = with_incident(OUTSIDE)
    async with visitor(office) as one:
        answer = await one.get(sign_in_link(office.doors, office.keys))
    assert "Secure" in answer.headers["set-cookie"].split("; ")
    assert answer.headers["strict-transport-security"]


async def test_a_session_ends_after_a_month(office: MemoryOffice, browser: httpx.AsyncClient) -> None:
    assert "Signed in" in (await browser.get("/")).text
    office.at += timedelta(days=31)
    assert "Reading only" in (await browser.get("/")).text


async def test_signing_out_forgets_the_session(browser: httpx.AsyncClient) -> None:
    token = form_token((await browser.get("/")).text)
    await browser.post("/sign-out", data={"csrf": token})
    assert "Reading only" in (await browser.get("/")).text


def test_a_session_outlives_a_restart_but_not_another_token() -> None:
    session = Keys(TOKEN).redeem("", town.NOW)
    assert session is None
    keys = Keys(TOKEN)
    session = keys.redeem(keys.new_code(), town.NOW)
    assert session is not None
    cookie = keys.sealed(session)
    found = Keys(TOKEN).opened(cookie, town.NOW)
    assert found is not None
    assert found.id == session.id
    assert Keys(TOKEN[::-1]).opened(cookie, town.NOW) is None


def test_a_short_token_is_refused_and_none_is_shown() -> None:
    with pytest.raises(ValueError, match="fewer than 32 characters"):
        Keys("hunter2")
    assert TOKEN not in repr(Keys(TOKEN))


@given(st.text())
def test_no_made_up_key_opens_anything(offered: str) -> None:
    keys = Keys(TOKEN)
    keys.new_code()
    assert keys.redeem(offered, town.NOW) is None
    assert keys.opened(offered, town.NOW) is None
    assert keys.is_token(offered) is (offered == TOKEN)


# --- writing ---------------------------------------------------------------------------------------------------------


async def test_no_route_that_writes_lets_a_stranger_through(office: MemoryOffice, stranger: httpx.AsyncClient) -> None:
    before = office.store.timelines[town.FIRST][:]
    for method, path in _writing():
        answer = await stranger.request(method, path, json={"by": "madrid-1", "why": "because"})
        refused = {404} if path.startswith(KEYED) else {401, 422}
        assert answer.status_code in refused, path
        form = await stranger.request(method, path, data={"by": "madrid-1", "why": "because", "csrf": "0" * 64})
        assert form.status_code in refused, path
    assert office.store.timelines[town.FIRST] == before


async def test_no_form_is_taken_without_its_own_sessions_token(
    office: MemoryOffice, browser: httpx.AsyncClient
) -> None:
    other = office.keys.redeem(office.keys.new_code(), town.NOW)
    assert other is not None
    for token in ("", "0" * 64, "é", office.keys.csrf(other)):
        form = {"by": "madrid-1", "csrf": token}
        answer = await browser.post("/incidents/INC-7/acknowledge", data=form)
        assert answer.status_code == 403, token
    assert office.situation.incidents[town.FIRST].acknowledged is None


async def test_a_program_with_a_session_writes_with_the_form_token_in_a_header(
    office: MemoryOffice, browser: httpx.AsyncClient
) -> None:
    token = form_token((await browser.get("/incidents/INC-7")).text)
    said, path = {"by": "madrid-1"}, "/api/v1/incidents/INC-7/acknowledge"
    assert (await browser.post(path, json=said)).status_code == 403
    assert (await browser.post(path, json=said, headers={"X-CSRF-Token": token})).status_code == 200
    assert office.situation.incidents[town.FIRST].acknowledged_by == "madrid-1"


async def test_a_body_that_is_too_large_or_has_no_length_is_never_read(program: httpx.AsyncClient) -> None:
    async def endless() -> AsyncIterator[bytes]:
        yield b"by=madrid-1"
        raise AssertionError("the body was read")

    path = "/api/v1/incidents/INC-7/acknowledge"
    assert (await program.post(path, content=b" " * 65_537)).status_code == 413
    assert (await program.post(path, headers={"Content-Length": "9" * 5000}, content=b"")).status_code == 413
    assert (await program.post(path, content=endless())).status_code == 411


def _routes() -> list[tuple[str, str]]:
    routes = (route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute))
    return [(method, route.path) for route in routes for method in route.methods or ()]


def _writing() -> list[tuple[str, str]]:
    found = [(method, path) for method, path in _routes() if method not in {"GET", "HEAD"}]
    assert len(found) >= 8
    return [(method, path.replace("{incident}", "INC-7").replace("{fault}", "erp_stopped")) for method, path in found]


# --- headers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/nothing", "/api/v1/incidents", "/metrics", "/static/live.js"])
async def test_every_answer_carries_the_strict_headers(stranger: httpx.AsyncClient, path: str) -> None:
    headers = (await stranger.get(path)).headers
    assert headers["content-security-policy"].startswith("default-src 'self'; base-uri 'none'")
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"
