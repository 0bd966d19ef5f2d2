"""Alertmanager's API as its clients see it: codes and bodies, filters, receivers, and which key each request needs."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import httpx
import pytest

from alerts.alert import Alert, AlertKey, AlertKind, AlertState
from alerts.correlate import flow_nodes
from alerts.intake import Intake
from monitor.web.access import Doors
from monitor.web.guard import CSRF_HEADER
from probes.catalog import SecretRef
from tests.cast import MINUTE, system_alert
from tests.monitor.web.conftest import form_token, visitor
from tests.monitor.web.office import TOKEN, MemoryOffice

ALERTS = "/api/v2/alerts"
GROUPS = f"{ALERTS}/groups"
AFAR = Doors(host="0.0.0.0", port=8080)  # noqa: S104 - what is tested is who may come in from there
INTAKE_TOKEN = "env:INTAKE_TOKEN"
MINE = {"Authorization": f"Bearer {TOKEN}"}
ITS = {"Authorization": f"Bearer {INTAKE_TOKEN}"}


def alert(**labels: str) -> Mapping[str, Any]:
    return {"labels": {"alertname": "SyncLag", **labels}}


async def theirs(program: httpx.AsyncClient, query: str = "") -> list[dict[str, Any]]:
    """Return the alerts that were posted, without those of our own."""
    found = (await program.get(f"{ALERTS}{query}")).json()
    return [one for one in found if one["labels"]["alertname"] == "SyncLag"]


def with_intake(office: MemoryOffice, intake: Intake) -> None:
    office.situation.config = replace(office.situation.config, intake=intake)


async def test_what_was_posted_is_there_for_a_get_right_after_it(program: httpx.AsyncClient) -> None:
    posted = {
        "labels": {"alertname": "SyncLag", "client": "acme", "integration": "stripe", "tier": "platinum", "none": ""},
        "annotations": {"summary": "late"},
        "startsAt": "2026-01-01T00:00:00.123456Z",
        "endsAt": "2099-01-01T00:00:00+01:00",
        "generatorURL": "http://prometheus.example.com/graph",
    }
    answer = await program.post(ALERTS, json=[posted])
    assert (answer.status_code, answer.content, answer.headers.get("content-type")) == (200, b"", None)
    (found,) = await theirs(program)
    assert found.pop("updatedAt").endswith("Z")
    assert found.pop("receivers")
    assert found == {
        "annotations": {"summary": "late"},
        "endsAt": "2098-12-31T23:00:00.000Z",
        "fingerprint": "22d42f0c06ce8f23",
        "startsAt": "2026-01-01T00:00:00.123Z",
        "status": {"inhibitedBy": [], "mutedBy": [], "silencedBy": [], "state": "active"},
        "generatorURL": "http://prometheus.example.com/graph",
        "labels": {"alertname": "SyncLag", "client": "acme", "integration": "stripe", "tier": "platinum"},
    }


async def test_alerts_come_by_their_fingerprints_and_those_that_are_over_not_at_all(
    program: httpx.AsyncClient, office: MemoryOffice
) -> None:
    await program.post(ALERTS, json=[alert(instance=str(number)) for number in range(9)])
    prints = [one["fingerprint"] for one in (await program.get(ALERTS)).json()]
    assert prints == sorted(prints)
    assert len(await theirs(program)) == 9
    office.at += 5 * MINUTE
    assert await theirs(program) == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ('?filter=client="acme"', ["acme"]),
        ("?filter=client%3D~a.*%7Cb.*", ["acme", "boreal"]),
        ("?filter=client%3D~cm", []),
        ("?filter=client!=acme", ["boreal", None]),
        ("?filter=client=", [None]),
        ("?filter=client!=", ["acme", "boreal"]),
        ("?filter=client=acme&filter=alertname=SyncLag", ["acme"]),
        ("?filter=client=acme&filter=alertname=other", []),
        ("?active=false", []),
        ("?active=maybe", []),
        ("?active=", ["acme", "boreal", None]),
        ("?silenced=false&inhibited=false&unprocessed=false", ["acme", "boreal", None]),
        ("?receiver=.*", ["acme", "boreal", None]),
        ("?receiver=nobod", []),
    ],
)
async def test_a_filter_is_read_as_alertmanager_reads_it(
    program: httpx.AsyncClient, query: str, found: list[str | None]
) -> None:
    await program.post(ALERTS, json=[alert(client="acme"), alert(client="boreal"), alert()])
    names = [one["labels"].get("client") for one in await theirs(program, query)]
    assert sorted(names, key=str) == sorted(found, key=str)


@pytest.mark.parametrize(
    ("method", "path", "status", "body"),
    [
        ("PUT", ALERTS, 405, {"code": 405, "message": "method PUT is not allowed, but [GET,POST] are"}),
        ("GET", "/api/v2/nope", 404, {"code": 404, "message": "path /api/v2/nope was not found"}),
        ("GET", "/api/v2/", 404, {"code": 404, "message": "path /api/v2/ was not found"}),
        ("POST", "/api/v2/status", 405, {"code": 405, "message": "method POST is not allowed, but [GET] are"}),
        ("GET", f"{ALERTS}?filter=bad", 400, "bad matcher format: bad"),
        ("GET", f"{ALERTS}?filter=", 400, "bad matcher format: "),
        ("GET", f'{ALERTS}?filter={{a="b"}}', 400, 'bad matcher format: {a="b"}'),
        ("GET", f'{GROUPS}?filter=a="b', 400, 'matcher value contains unescaped double quote: "b'),
        ("POST", "/api/v1/silences", 410, None),
        ("POST", "/api/v1/alerts", 410, None),
    ],
)
async def test_what_cannot_be_answered_is_refused_as_alertmanager_does(
    program: httpx.AsyncClient, method: str, path: str, status: int, body: object
) -> None:
    answer = await program.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/json"
    if body is not None:
        assert answer.json() == body


async def test_an_expression_that_is_none_is_refused(program: httpx.AsyncClient) -> None:
    for query in ("filter=a%3D~(", "receiver=("):
        answer = await program.get(f"{ALERTS}?{query}")
        assert answer.status_code == 400
        assert isinstance(answer.json(), str)


async def test_only_json_is_taken(program: httpx.AsyncClient) -> None:
    answer = await program.post(ALERTS, content=b"[]", headers={"Content-Type": "text/plain"})
    message = 'unsupported media type "text/plain", only [application/json] are allowed'
    assert (answer.status_code, answer.json()) == (415, {"code": 415, "message": message})
    assert (await program.post(ALERTS, content=b"[]")).status_code == 415


async def test_what_cannot_be_stored_is_not_answered_as_taken(program: httpx.AsyncClient, office: MemoryOffice) -> None:
    office.full = True
    assert (await program.post(ALERTS, json=[alert()])).status_code == 503
    office.full = False
    assert await theirs(program) == []


async def test_groups_are_by_rule_and_receiver(program: httpx.AsyncClient) -> None:
    await program.post(ALERTS, json=[alert(client="acme"), alert(client="boreal"), {"labels": {"a": "b"}}])
    groups = (await program.get(f"{GROUPS}?filter=client")).json()
    assert groups == "bad matcher format: client"
    groups = (await program.get(f"{GROUPS}?filter=kind=")).json()
    assert [one["labels"] for one in groups] == [{}, *[{"alertname": "SyncLag"}] * (len(groups) - 1)]
    for group in groups:
        assert {one["name"] for alert in group["alerts"] for one in alert["receivers"]} == {group["receiver"]["name"]}


async def test_alerts_of_our_own_are_among_them(program: httpx.AsyncClient) -> None:
    ours = [one for one in (await program.get(ALERTS)).json() if "kind" in one["labels"]]
    assert ours
    for one in ours:
        assert one["annotations"]["summary"]
        assert one["generatorURL"].startswith("http://127.0.0.1:8080")
    kind = ours[0]["labels"]["kind"]
    filtered = (await program.get(f"{ALERTS}?filter=kind={kind}")).json()
    assert {one["labels"]["kind"] for one in filtered} == {kind}


async def test_health_is_told_as_alertmanager_tells_it(stranger: httpx.AsyncClient, office: MemoryOffice) -> None:
    for path in ("/-/healthy", "/-/ready"):
        answer = await stranger.get(path)
        assert (answer.status_code, answer.text) == (200, "OK")
        assert (await stranger.head(path)).status_code == 200
        assert (await stranger.post(path)).status_code == 405
    office.trouble = "the tick is late"
    assert (await stranger.get("/-/ready")).status_code == 503
    assert (await stranger.get("/-/healthy")).status_code == 200


async def test_a_reload_of_a_bad_configuration_is_answered_500(
    program: httpx.AsyncClient, office: MemoryOffice
) -> None:
    assert (await program.post("/-/reload")).status_code == 200
    problem = office.situation.findings[0] if office.situation.findings else None
    if problem is not None:
        office.reloads.append((problem,))
        assert (await program.post("/-/reload")).status_code == 500


async def test_on_this_machine_alerts_are_taken_without_a_key_and_nothing_else_is(stranger: httpx.AsyncClient) -> None:
    assert (await stranger.post(ALERTS, json=[alert()])).status_code == 200
    assert (await stranger.get(ALERTS)).status_code == 200
    for path in ("/-/reload", "/api/v2/silences"):
        assert (await stranger.post(path, json={})).status_code in (401, 404)


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_a_page_of_somebody_else_posts_no_alerts(stranger: httpx.AsyncClient, site: str) -> None:
    answer = await stranger.post(ALERTS, json=[alert()], headers={"Sec-Fetch-Site": site})
    assert answer.status_code == 401


async def test_from_elsewhere_every_request_needs_a_key() -> None:
    office = MemoryOffice(doors=AFAR)
    with_intake(office, Intake(token=SecretRef(INTAKE_TOKEN)))
    host = {"Host": "127.0.0.1:8080"}
    async with visitor(office) as stranger:
        for headers, post, get in ((host, 401, 401), (host | MINE, 200, 200), (host | ITS, 200, 401)):
            assert (await stranger.post(ALERTS, json=[alert()], headers=headers)).status_code == post
            assert (await stranger.get(ALERTS, headers=headers)).status_code == get
        wrong = host | {"Authorization": "Bearer wrong"}
        answer = await stranger.post(ALERTS, json=[alert()], headers=wrong)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


@pytest.mark.parametrize(("said", "status"), [(True, 200), (False, 401), (None, 401)])
async def test_an_open_intake_elsewhere_is_somebodys_decision(said: bool | None, status: int) -> None:  # noqa: FBT001
    office = MemoryOffice(doors=AFAR)
    with_intake(office, Intake(open=said))
    async with visitor(office) as stranger:
        answer = await stranger.post(ALERTS, json=[alert()], headers={"Host": "127.0.0.1:8080"})
        assert answer.status_code == status


async def test_an_intake_may_be_closed_on_this_machine_too(stranger: httpx.AsyncClient, office: MemoryOffice) -> None:
    with_intake(office, Intake(open=False, token=SecretRef(INTAKE_TOKEN)))
    assert (await stranger.post(ALERTS, json=[alert()])).status_code == 401
    assert (await stranger.post(ALERTS, json=[alert()], headers=ITS)).status_code == 200


async def test_who_is_signed_in_sends_the_form_token(browser: httpx.AsyncClient, office: MemoryOffice) -> None:
    with_intake(office, Intake(open=False))
    assert (await browser.post(ALERTS, json=[alert()])).status_code == 401
    incident = next(iter(office.situation.incidents))
    page = (await browser.get(f"/incidents/{incident}")).text
    answer = await browser.post(ALERTS, json=[alert()], headers={CSRF_HEADER: form_token(page)})
    assert answer.status_code == 200


async def test_what_another_alert_explains_is_suppressed_by_it(
    program: httpx.AsyncClient, office: MemoryOffice
) -> None:
    situation = office.situation
    system = next(iter(situation.config.catalog.flows.values())).source.system
    down = replace(system_alert(system), key=AlertKey(kind=AlertKind.AVAILABILITY, subject=system))
    flow = next(one for one in situation.config.catalog.flows.values() if one.source.system == system)
    late = Alert(
        key=AlertKey(kind=AlertKind.STAGNATION, subject=flow.id),
        state=AlertState.FIRING,
        onset=office.at,
        since=office.at,
        explanation="nothing arrives",
        nodes=flow_nodes(flow),
        flow=flow.id,
    )
    situation.alerts |= {str(one.key): one for one in (down, late)}
    found = {one["labels"]["subject"]: one for one in (await program.get(ALERTS)).json() if "subject" in one["labels"]}
    assert found[system]["status"]["state"] == "active"
    assert found[flow.id]["status"]["inhibitedBy"] == [found[system]["fingerprint"]]
    assert found[flow.id]["status"]["state"] == "suppressed"
    shown = (await program.get(f"{ALERTS}?inhibited=false")).json()
    assert found[flow.id]["fingerprint"] not in {one["fingerprint"] for one in shown}


async def test_addresses_that_came_with_alerts_stand_on_the_incidents_page(
    browser: httpx.AsyncClient, office: MemoryOffice
) -> None:
    identity, incident = next(iter(office.situation.incidents.items()))
    address = "https://wiki.example.com/a?b=1&c=<2>"
    office.situation.incidents[identity] = replace(incident, references=(("dashboard_url", address),))
    page = (await browser.get(f"/incidents/{identity}")).text
    assert '<a href="https://wiki.example.com/a?b=1&amp;c=&lt;2&gt;" rel="noreferrer">Dashboard</a>' in page
