"""Each shipped connector over some minutes of looks: nothing is lost, and nothing is told twice."""

from datetime import timedelta

import pytest

from monitor.sandbox.dialects.dialect import Ill
from probes.cursor import Cursor, advanced, since
from probes.failure import Outcome
from tests.connectors.contract import Played, played
from tests.connectors.test_dialects import LISTS, TOLD, Booked, Sold
from tests.monitor.sandbox.settable import START

pytestmark = pytest.mark.story

EVERY = timedelta(seconds=70)
LOOKS = 5
FIRST = timedelta(minutes=2)


async def followed(one: Played, resource: str, *, ill_at: int | None = None) -> list[str]:
    """The ids of all records that were news to somebody who looks again and again."""
    known = one.system.connector.resources[resource]
    cursor, found = Cursor(probe=(await one.look(resource, START)).probe), list[str]()
    for number in range(LOOKS):
        if ill_at is not None:
            one.ill(Ill.DOWN, on=number == ill_at)
        observation = await one.look(resource, since(cursor, known, FIRST, one.clock.now()))
        cursor, fresh, late = advanced(cursor, known, observation)
        assert late == 0
        assert observation.outcome is (Outcome.BAD if number == ill_at else Outcome.GOOD), observation.reason
        found += [record.id for record in fresh]
        one.clock.advance(seconds=EVERY.total_seconds())
    return found


def expected(one: Played, resource: str) -> set[str]:
    """The ids of what there was from shortly after the first look's bound up to the last look."""
    told = TOLD[one.name][resource]
    first, last = START + timedelta(seconds=1), one.clock.now() - EVERY
    if isinstance(told, Sold):
        orders = one.world.orders(told.kind).since(first)
        return {f"{told.before}{order.id}{told.after}" for order in orders if order.created < last}
    entries = one.world.entries().since(first)
    return {f"{told.before}{entry.id}" for entry in entries if entry.created < last}


@pytest.mark.parametrize(("name", "resource"), LISTS)
async def test_looks_one_after_another_tell_everything_once(name: str, resource: str) -> None:
    async with played(name) as one:
        found = await followed(one, resource)
        assert len(found) == len(set(found))
        assert expected(one, resource) <= set(found)
        assert len(found) > 2500


@pytest.mark.parametrize(
    ("name", "resource"), [("recurly", "transactions"), ("xero", "invoices"), ("paypal", "events")]
)
async def test_a_look_that_fails_leaves_no_gap(name: str, resource: str) -> None:
    assert isinstance(TOLD[name][resource], Sold | Booked)
    async with played(name) as one:
        found = await followed(one, resource, ill_at=2)
        assert expected(one, resource) <= set(found)
        assert len(found) == len(set(found))
