"""What a client was told of maintenance, and when its dunning was held, stands on its page and in the API."""

from datetime import timedelta

import httpx

from alerts.alert import IncidentId
from alerts.dunning import Call, DunningHold, FailedPayment, Release, Said, Target
from alerts.foretold import Foretold
from alerts.maintenance import WindowId
from alerts.message import Stage
from probes.catalog import ClientId, SecretRef, SystemId
from tests.monitor.web.office import MemoryOffice

HOUR = timedelta(hours=1)


def known(office: MemoryOffice) -> ClientId:
    """Put a maintenance and two holds of a client on record, and return the client."""
    now, client = office.now(), next(iter(office.situation.config.catalog.clients))
    target = Target(name="invoicing", url=SecretRef("env:DUNNING_URL"), secrets=(SecretRef("env:DUNNING_KEY"),))
    said = Said(target=target, call=Call.HOLD, sequence=1, at=now, accepted=now)
    hold = DunningHold(
        client=client,
        number=1,
        affected=now - HOUR,
        since=now - HOUR,
        expires=now + HOUR,
        incidents=(IncidentId("INC-7"),),
        released=now,
        why=Release.RECOVERED,
        payments=(FailedPayment(system=SystemId("billing"), id="ch_1", at=now - HOUR),),
        failed=1,
        said={"invoicing": said},
    )
    second = DunningHold(client=client, number=2, affected=now, since=now, expires=now + HOUR, incidents=())
    told = Foretold(
        window=WindowId("secret-window-name"),
        client=client,
        first=now + HOUR,
        begins=now + 2 * HOUR,
        ends=now + 3 * HOUR,
        work="We move the archive.",
        sequence=1,
        told=((Stage.SCHEDULED, now - HOUR), (Stage.MOVED, now)),
    )
    office.situation.dunning.update({one.key: one for one in (hold, second)})
    office.situation.foretold.update({told.key: told})
    return client


async def test_holds_are_listed_with_their_evidence_and_no_address(
    office: MemoryOffice, program: httpx.AsyncClient
) -> None:
    client = known(office)
    answer = await program.get(f"/api/v1/dunning?client={client}")
    second, first = answer.json()["items"]
    assert (first["why"], first["failed"], first["payments"][0]["id"]) == ("recovered", 1, "ch_1")
    assert first["told"][0]["target"] == "invoicing"
    assert second["released"] is None
    assert "DUNNING_URL" not in answer.text
    assert (await program.get("/api/v1/dunning?client=nobody")).json()["items"] == []
    assert [one["hold"] for one in (await program.get("/api/v1/dunning?incident=INC-7")).json()["items"]] == [
        first["hold"]
    ]


async def test_maintenance_is_listed_as_the_client_was_told_of_it(
    office: MemoryOffice, program: httpx.AsyncClient
) -> None:
    client = known(office)
    (one,) = (await program.get(f"/api/v1/clients/{client}/maintenance?state=planned")).json()["items"]
    assert (one["sequence"], [told["stage"] for told in one["told"]]) == (1, ["scheduled", "moved"])
    assert (await program.get(f"/api/v1/clients/{client}/maintenance?state=over")).json()["items"] == []
    assert (await program.get("/api/v1/clients/nobody/maintenance")).status_code == 404


async def test_both_stand_on_the_clients_page(office: MemoryOffice, program: httpx.AsyncClient) -> None:
    page = (await program.get(f"/clients/{known(office)}")).text
    assert "Dunning held" in page
    assert "We move the archive." in page
    assert "secret-window-name" not in page
