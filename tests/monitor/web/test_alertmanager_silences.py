"""Silences over Alertmanager's API: set, read, changed and ended, refused as Alertmanager refuses them."""

from typing import Any

import httpx
import pytest

from tests.cast import MINUTE
from tests.monitor.web.office import MemoryOffice
from tests.monitor.web.test_alertmanager import ALERTS, alert, theirs

SILENCES = "/api/v2/silences"
NOBODY = "11111111-1111-4111-8111-111111111111"


def silence(office: MemoryOffice, **said: object) -> dict[str, Any]:
    """Return a silence of acme for the next hour; what is said replaces, and None leaves out."""
    body = {
        "matchers": [{"name": "client", "value": "acme", "isRegex": False}],
        "startsAt": office.at.isoformat(),
        "endsAt": (office.at + 60 * MINUTE).isoformat(),
        "createdBy": "alba",
        "comment": "we know",
        **said,
    }
    return {name: value for name, value in body.items() if value is not None}


async def test_a_silence_is_set_read_changed_and_ended_as_with_alertmanager(
    program: httpx.AsyncClient, office: MemoryOffice
) -> None:
    await program.post(ALERTS, json=[alert(client="acme"), alert(client="boreal")])
    identity = (await program.post(SILENCES, json=silence(office))).json()["silenceID"]
    (found,) = await theirs(program, "?active=false")
    assert found["labels"]["client"] == "acme"
    assert found["status"] == {
        "inhibitedBy": [],
        "mutedBy": [],
        "silencedBy": [identity],
        "state": "suppressed",
    }
    assert [one["labels"]["client"] for one in await theirs(program, "?silenced=false")] == ["boreal"]
    one = (await program.get(f"/api/v2/silence/{identity}")).json()
    assert one["matchers"] == [{"isEqual": True, "isRegex": False, "name": "client", "value": "acme"}]
    assert (one["createdBy"], one["comment"], one["status"]) == ("alba", "we know", {"state": "active"})
    longer = silence(office, id=identity, endsAt=(office.at + 90 * MINUTE).isoformat())
    assert (await program.post(SILENCES, json=longer)).json() == {"silenceID": identity}
    for _ in range(2):
        ended = await program.delete(f"/api/v2/silence/{identity}")
        assert (ended.status_code, ended.content) == (200, b"")
    assert [one["status"]["state"] for one in (await program.get(SILENCES)).json()] == ["expired"]
    assert len(await theirs(program, "?silenced=false")) == 2


@pytest.mark.parametrize(
    ("said", "status", "body"),
    [
        ({"id": NOBODY}, 404, "silence not found"),
        ({"matchers": []}, 422, {"code": 612, "message": "matchers in body should have at least 1 items"}),
        ({"matchers": None}, 422, {"code": 602, "message": "matchers in body is required"}),
        ({"comment": None}, 422, {"code": 602, "message": "comment in body is required"}),
        ({"createdBy": None}, 422, {"code": 602, "message": "createdBy in body is required"}),
        ({"startsAt": None}, 422, {"code": 602, "message": "startsAt in body is required"}),
        (
            {"matchers": [{"name": "a", "value": "b"}]},
            422,
            {"code": 602, "message": "matchers.0.isRegex in body is required"},
        ),
        (
            {"matchers": [{"name": "a", "value": "", "isRegex": False}]},
            400,
            "silence invalid: at least one matcher must not match the empty string",
        ),
        (
            {"matchers": [{"name": "bad-n", "value": "b", "isRegex": False}]},
            400,
            'silence invalid: invalid label matcher 0: invalid label name "bad-n"',
        ),
        ({"endsAt": "2020-01-01T00:00:00Z"}, 400, "Failed to create silence: start time must be before end time"),
        (
            {"startsAt": "2019-01-01T00:00:00Z", "endsAt": "2020-01-01T00:00:00Z"},
            400,
            "Failed to create silence: end time can't be in the past",
        ),
    ],
)
async def test_a_silence_that_may_not_be_is_refused_as_alertmanager_does(
    program: httpx.AsyncClient, office: MemoryOffice, said: dict[str, Any], status: int, body: object
) -> None:
    answer = await program.post(SILENCES, json=silence(office, **said))
    assert (answer.status_code, answer.json()) == (status, body)


@pytest.mark.parametrize("content", [b"[]", b"x", b'{"comment": 1}', b'{"startsAt": "bad"}'])
async def test_what_is_no_silence_is_refused_with_a_code(program: httpx.AsyncClient, content: bytes) -> None:
    answer = await program.post(SILENCES, content=content, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (400, 400)


async def test_silences_that_nobody_has_are_not_found(program: httpx.AsyncClient) -> None:
    for method in ("GET", "DELETE"):
        answer = await program.request(method, f"/api/v2/silence/{NOBODY}")
        assert (answer.status_code, answer.content) == (404, b"")
        message = 'silenceID in path must be of type uuid: "nope"'
        answer = await program.request(method, "/api/v2/silence/nope")
        assert (answer.status_code, answer.json()) == (422, {"code": 601, "message": message})


async def test_silences_come_in_alertmanagers_order_and_by_their_own_matchers(
    program: httpx.AsyncClient, office: MemoryOffice
) -> None:
    def at(minutes: int) -> str:
        return (office.at + minutes * MINUTE).isoformat()

    spans = {"later": (0, 90), "sooner": (0, 30), "second": (20, 40), "first": (10, 50)}
    for name, (start, end) in spans.items():
        matcher = {"name": "client", "value": name, "isRegex": False}
        await program.post(SILENCES, json=silence(office, matchers=[matcher], startsAt=at(start), endsAt=at(end)))
    order = [one["matchers"][0]["value"] for one in (await program.get(SILENCES)).json()]
    assert order == ["sooner", "later", "first", "second"]
    found = (await program.get(f"{SILENCES}?filter=client=first")).json()
    assert [one["matchers"][0]["value"] for one in found] == ["first"]


async def test_a_silence_of_a_client_holds_for_what_our_systems_call_it(
    program: httpx.AsyncClient, office: MemoryOffice
) -> None:
    client = next(one for one in office.situation.config.catalog.clients.values() if one.identifiers)
    system, (name, *_) = next(iter(client.identifiers.items()))
    await program.post(ALERTS, json=[alert(client=name, system=system)])
    (found,) = await theirs(program, f"?filter=client={name}")
    assert found["status"]["state"] == "active"
    tier = {"name": "tier", "value": client.tier, "isRegex": False}
    await program.post(SILENCES, json=silence(office, matchers=[tier]))
    (found,) = await theirs(program, f"?filter=client={name}")
    assert found["status"]["state"] == "suppressed"


async def test_silences_need_the_token_although_alerts_do_not(
    stranger: httpx.AsyncClient, office: MemoryOffice
) -> None:
    assert (await stranger.post(SILENCES, json=silence(office))).status_code == 401
    assert (await stranger.delete(f"/api/v2/silence/{NOBODY}")).status_code == 401
    assert (await stranger.get(SILENCES)).status_code == 200
