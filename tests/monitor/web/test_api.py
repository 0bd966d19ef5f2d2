"""The REST API: what it answers is what is known, its description is exact, and its errors have one form."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import httpx
import pytest

from monitor.problem import Problem
from monitor.web.site import create
from tests.monitor.web import town
from tests.monitor.web.office import MemoryOffice

READS = ["incidents", "alerts", "clients", "systems", "flows", "oncall", "deliveries", "attempts"]
DETAILS = {
    "incidents/{incident}": "INC-7",
    "clients/{client}": "harbour-line",
    "systems/{system}": "erp",
    "flows/{flow}": "invoices",
}


async def items(visitor: httpx.AsyncClient, path: str) -> list[dict[str, Any]]:
    """Return what a listing holds."""
    answer = await visitor.get(f"/api/v1/{path}")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def test_an_incident_lists_its_impacts_worst_first_with_tier_and_timers(stranger: httpx.AsyncClient) -> None:
    incident = (await stranger.get("/api/v1/incidents/INC-7")).json()
    assert incident["headline"] == "Flow invoices is late: 24 clients hurt (4 platinum, 8 gold, 12 silver)"
    assert incident["state"] == "open"
    assert incident["runbook_url"] == "http://127.0.0.1:8080/runbooks/sync_latency"
    assert [one["tier"] for one in incident["impacts"]] == ["platinum"] * 4 + ["gold"] * 8 + ["silver"] * 12
    first = incident["impacts"][0]
    assert (first["client"], first["name"]) == ("harbour-line", "Harbour Line Shipping")
    timers = {timer["promise"]: timer for timer in first["timers"]}
    assert set(timers) == {"acknowledge", "first_notice", "next_update", "repair"}
    assert timers["repair"]["started_by"] == "incident opened"
    assert timers["repair"]["due"] == "2026-11-21T03:06:32Z"
    assert timers["repair"]["left_seconds"] == 253
    assert (timers["first_notice"]["state"], timers["first_notice"]["took_seconds"]) == ("met", 2)


async def test_the_timeline_is_told_in_sentences_oldest_first(stranger: httpx.AsyncClient) -> None:
    timeline = (await stranger.get("/api/v1/incidents/INC-7")).json()["timeline"]
    assert [one["sequence"] for one in timeline] == list(range(1, len(timeline) + 1))
    assert timeline[0]["text"] == "Incident opened"
    assert "madrid-1 paged (first on call)" in [one["text"] for one in timeline]


async def test_an_acknowledgement_is_recorded_with_who_said_it(
    office: MemoryOffice, program: httpx.AsyncClient
) -> None:
    answer = await program.post("/api/v1/incidents/INC-7/acknowledge", json={"by": "madrid-1"})
    assert (answer.status_code, answer.json()["state"]) == (200, "acknowledged")
    assert answer.json()["next_page"] is None
    assert office.situation.incidents[town.FIRST].acknowledged_by == "madrid-1"


async def test_an_incident_that_has_ended_cannot_be_acknowledged(program: httpx.AsyncClient) -> None:
    said = {"by": "madrid-1", "why": "the vendor closed the account"}
    ended = await program.post("/api/v1/incidents/INC-7/resolve", json=said)
    assert (ended.status_code, ended.json()["resolved_why"]) == (200, "the vendor closed the account")
    answer = await program.post("/api/v1/incidents/INC-7/acknowledge", json={"by": "madrid-1"})
    assert answer.status_code == 409
    assert answer.json() == {"error": {"message": "INC-7 is not open any more", "field": None}}


async def test_a_store_that_cannot_be_written_is_told_as_such(office: MemoryOffice, program: httpx.AsyncClient) -> None:
    office.full = True
    answer = await program.post("/api/v1/incidents/INC-7/acknowledge", json={"by": "madrid-1"})
    assert answer.status_code == 503
    assert "disk is full" in answer.json()["error"]["message"]


@pytest.mark.parametrize("path", ["incidents/INC-9", "clients/nobody", "systems/nothing", "flows/nothing", "nonsense"])
async def test_what_does_not_exist_is_said_in_one_form(stranger: httpx.AsyncClient, path: str) -> None:
    answer = await stranger.get(f"/api/v1/{path}")
    assert answer.status_code == 404
    assert set(answer.json()) == {"error"}
    assert set(answer.json()["error"]) == {"message", "field"}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "by"),
        ({"by": ""}, "by"),
        ({"by": " \t\n"}, "by"),
        ({"by": "x" * 101}, "by"),
        ({"by": "a", "shout": 1}, "shout"),
        ({"by": 3}, "by"),
    ],
)
async def test_a_request_that_is_not_as_described_names_the_field(
    program: httpx.AsyncClient, body: Mapping[str, object], field: str
) -> None:
    answer = await program.post("/api/v1/incidents/INC-7/acknowledge", json=body)
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, field)


async def test_incidents_are_found_by_state_and_paged_on(office: MemoryOffice, program: httpx.AsyncClient) -> None:
    assert [one["id"] for one in await items(program, "incidents?state=open")] == ["INC-7"]
    assert await items(program, "incidents?state=resolved") == []
    office.at += timedelta(minutes=4)
    office.take(town.cleared(office.situation, office.at))
    assert await items(program, "incidents?state=open") == []
    assert [one["state"] for one in await items(program, "incidents?state=resolved")] == ["resolved"]
    assert await items(program, "incidents?before=INC-7") == []


async def test_an_incident_that_memory_has_forgotten_is_read_from_the_store(
    office: MemoryOffice, stranger: httpx.AsyncClient
) -> None:
    del office.situation.incidents[town.FIRST]
    assert (await stranger.get("/api/v1/incidents/INC-7")).json()["clients_hurt"] == 24


async def test_a_system_tells_what_is_left_of_its_quota(stranger: httpx.AsyncClient) -> None:
    billing = (await stranger.get("/api/v1/systems/billing")).json()
    assert billing["quota"] == [{"limit": 25, "period_seconds": 1, "capacity": 25, "remaining": 11}]
    assert billing["credential"] == {"reference": "env:BILLING_TOKEN", "ends": None, "refused_for": {}}
    assert (billing["certificate"], billing["clock"], billing["webhooks"]) == (None, None, None)
    assert billing["looks"][0]["outcome"] == "good"


async def test_a_flow_tells_its_latency_and_what_is_on_its_way(stranger: httpx.AsyncClient) -> None:
    flow = (await stranger.get("/api/v1/flows/invoices")).json()
    assert (flow["unsynced"], flow["overdue"], flow["oldest_age_seconds"]) == (54, 54, 74)
    assert 3.3 < flow["latency_median_seconds"] < 3.4
    assert flow["latency_is_lower_bound"], "what is stuck counts with its age"
    assert sum(one["unsynced"] for one in flow["standings"]) == 54


async def test_who_is_on_call_and_who_follows(stranger: httpx.AsyncClient) -> None:
    (schedule,) = await items(stranger, "oncall")
    assert (schedule["people"], schedule["until"]) == (["madrid-1"], "2026-11-23T08:00:00Z")
    assert schedule["turns"][0] == {"start": "2026-11-23T08:00:00Z", "people": ["tokyo-1"]}


async def test_deliveries_are_found_by_client(stranger: httpx.AsyncClient) -> None:
    (row,) = await items(stranger, "deliveries?client=kitano-rail")
    assert (row["kind"], row["state"], row["channels"]) == ("notice", "accepted", ["env:KITANO_RAIL_DESK"])


async def test_a_client_shows_its_contract_beside_what_is_measured(stranger: httpx.AsyncClient) -> None:
    client = (await stranger.get("/api/v1/clients/harbour-line")).json()
    assert (client["state"], client["incident"]) == ("hurt", "INC-7")
    measures = {(one["kind"], one["subject"]): one for one in client["measures"]}
    latency = measures["sync_latency", "invoices"]
    assert (latency["bad"], latency["total"], latency["kept"]) == (3, 113, False)
    assert measures["failure_ratio", "gateway"]["value"] == 0.005
    assert measures["failure_ratio", "gateway"]["kept"] is True


async def test_a_refused_reload_tells_each_error_and_its_place(
    office: MemoryOffice, program: httpx.AsyncClient
) -> None:
    file = town.config().sources[0]
    office.reloads = [(Problem(file=file, line=12, path="clients[3].tier", message="there is no tier titanium"),)]
    answer = (await program.post("/-/reload")).json()
    assert answer["reloaded"] is False
    place = {"file": "demo.yaml", "line": 12, "path": "clients[3].tier", "message": "there is no tier titanium"}
    assert answer["errors"] == [place]
    assert (await program.post("/-/reload")).json() == {"reloaded": True, "errors": []}
    assert office.reloaded_by == ["the token", "the token"]


async def test_the_token_makes_a_sign_in_link(program: httpx.AsyncClient, stranger: httpx.AsyncClient) -> None:
    link = (await program.post("/api/v1/sign-in-links")).json()["url"]
    assert (await stranger.get(link)).status_code == 303


# --- what machines ask -----------------------------------------------------------------------------------------------


async def test_health_readiness_and_metrics(office: MemoryOffice, stranger: httpx.AsyncClient) -> None:
    assert (await stranger.get("/healthz")).text == "alive\n"
    assert (await stranger.get("/readyz")).status_code == 200
    office.trouble = "the delivery tick has not run for 40 s"
    sick = await stranger.get("/readyz")
    assert (sick.status_code, sick.text) == (503, "not ready: the delivery tick has not run for 40 s\n")
    assert (await stranger.get("/healthz")).status_code == 200
    metrics = await stranger.get("/metrics")
    assert metrics.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert b"tierwatch_up 1.0" in metrics.content


async def test_an_unexpected_failure_tells_nothing_and_keeps_the_headers(
    office: MemoryOffice, stranger: httpx.AsyncClient
) -> None:
    del office.situation.sights
    for path in ("/api/v1/systems", "/"):
        answer = await stranger.get(path)
        assert answer.status_code == 500
        assert "Traceback" not in answer.text
        assert "AttributeError" not in answer.text
        assert answer.headers["x-frame-options"] == "DENY"


# --- the description -------------------------------------------------------------------------------------------------


async def test_the_description_names_every_path_and_one_error_form(stranger: httpx.AsyncClient) -> None:
    description = (await stranger.get("/api/v1/openapi.json")).json()
    paths = {path for path in description["paths"] if path.startswith("/api/")}
    assert {f"/api/v1/{name}" for name in READS} <= paths
    assert {"/api/v1/incidents/{incident}/acknowledge", "/api/v1/incidents/{incident}/resolve"} <= paths
    assert "HTTPValidationError" not in description["components"]["schemas"]
    assert description["components"]["securitySchemes"] == {
        "HTTPBearer": {
            "type": "http",
            "scheme": "bearer",
            "description": "The token in the 0600 file beside the database.",
        }
    }
    for path in paths:
        for operation in description["paths"][path].values():
            for status, answer in operation["responses"].items():
                if int(status) >= 400:
                    schema = answer["content"]["application/json"]["schema"]
                    assert schema == {"$ref": "#/components/schemas/ErrorShape"}, (path, status)


async def test_answers_have_exactly_the_described_fields(office: MemoryOffice) -> None:
    app = create(office)
    description = app.openapi()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=office.doors.address) as visitor:
        for path, one in {**dict.fromkeys(READS, ""), **DETAILS}.items():
            answer = (await visitor.get(f"/api/v1/{path.format(**{path.partition('{')[2][:-1]: one})}")).json()
            described = description["paths"][f"/api/v1/{path}"]["get"]["responses"]["200"]
            schema = described["content"]["application/json"]["schema"]
            assert mismatches(answer, schema, description["components"]["schemas"]) == [], path


def mismatches(value: object, schema: Mapping[str, Any], schemas: Mapping[str, Any], place: str = "") -> list[str]:
    """Return where an object's fields are not those of its description."""
    if "$ref" in schema:
        return mismatches(value, schemas[schema["$ref"].rpartition("/")[2]], schemas, place)
    if schema.get("type") == "array" and isinstance(value, list):
        return [one for item in value for one in mismatches(item, schema["items"], schemas, f"{place}[]")]
    if isinstance(value, dict) and "properties" in schema:
        wrong = [f"{place}.{name}" for name in value.keys() ^ schema["properties"].keys()]
        deeper = (mismatches(value[name], schema["properties"][name], schemas, f"{place}.{name}") for name in value)
        return [*wrong, *(one for found in deeper for one in found)]
    return []
