"""An incident that cannot be decided: all others go on, and the catch-all is paged once, whatever is tried again."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import NoReturn

import pytest

from alerts.alert import IncidentId
from alerts.impact import Impact
from alerts.message import Message
from monitor.loops.promising import Promising
from probes.catalog import ClientId
from tests.cast import ACME, COBALT, CONTEXT, LINKS, NOON, after
from tests.monitor.test_intake import Life, life


class Spoilt(dict[ClientId, Impact]):
    """Clients of an incident that nobody can walk through."""

    def values(self) -> NoReturn:
        """Fail."""
        raise LookupError("a secret that no page may tell")


@pytest.fixture
def one(tmp_path: Path) -> Iterator[Life]:
    with life(tmp_path) as found:
        yield found


def paged(one: Life) -> list[Message]:
    """Return the pages about incidents that could not be decided."""
    return [sent.message for sent in one.store.messages() if sent.message.key.startswith("undecided/")]


async def reported(one: Life, name: str, client: ClientId, at: datetime) -> IncidentId:
    """Report an alert, have it judged, and return its incident."""
    said = [{"labels": {"alertname": name, "client": client}}]
    assert await one.intake.take(json.dumps(said).encode(), at) is None
    await one.intake.tick(at)
    return max(one.situation.incidents, key=lambda known: int(known.partition("-")[2]))


def spoil(one: Life, incident: IncidentId) -> None:
    known = one.situation.incidents[incident]
    one.situation.incidents[incident] = replace(known, impacts=Spoilt(known.impacts))


def undecided(one: Life) -> set[tuple[str, str]]:
    return {(kind, incident) for kind, _, incident in (key.partition("/") for key in one.situation.undecided)}


async def test_the_other_incidents_go_on_and_the_catch_all_is_paged_once(one: Life) -> None:
    spoilt = await reported(one, "SyncLag", ACME, NOON)
    spoil(one, spoilt)
    for minute in range(1, 4):
        await one.desk.escalate(after(minutes=minute))
        other = await reported(one, "Payments", COBALT, after(minutes=minute))
    assert other != spoilt
    assert one.situation.incidents[other].pages == 1, "the look that opened it was judged"
    assert undecided(one) == {("looks", spoilt), ("escalation", spoilt)}
    (page,) = paged(one)
    assert (page.recipient, page.incident) == (CONTEXT.roster.catch_all.id, spoilt)
    assert "secret" not in f"{page.subject}{page.body}"
    assert "LookupError" in page.body


async def test_steps_and_promises_of_the_others_are_kept(one: Life) -> None:
    spoilt, other = await reported(one, "SyncLag", ACME, NOON), await reported(one, "Payments", COBALT, NOON)
    spoil(one, spoilt)
    promising = Promising(one.desk, one.situation, LINKS)
    await promising.tick(NOON)
    due = one.situation.incidents[other].next_due
    assert due is not None
    assert await one.desk.escalate(NOON) == due
    await one.desk.escalate(due)
    assert one.situation.incidents[other].pages == 2
    assert undecided(one) == {("promises", spoilt), ("escalation", spoilt)}
    assert len(paged(one)) == 1


async def test_an_incident_that_can_be_decided_again_is_forgotten_as_undecided(one: Life) -> None:
    spoilt = await reported(one, "SyncLag", ACME, NOON)
    sound = one.situation.incidents[spoilt]
    spoil(one, spoilt)
    await one.desk.escalate(after(minutes=1))
    one.situation.incidents[spoilt] = sound
    await one.desk.escalate(after(minutes=2))
    assert undecided(one) == set()
