"""Contract tests: one record is asked for by the value that both ends share, and found or not, as each vendor says."""

import pytest

from monitor.sandbox.dialects.dialect import Ill
from monitor.sandbox.dialects.plays import PLAYS
from probes.adapters.lookup import LookedUp, look_up
from probes.failure import FailureClass
from tests.connectors.contract import SHIPPED, Played, played, written
from tests.monitor.sandbox.settable import START

PAIRS = [
    (name, resource.name, lookup.by)
    for name in SHIPPED
    for resource in written(name).connector.resources.values()
    for lookup in resource.lookups
]


async def sought(one: Played, resource: str, by: str, key: str) -> LookedUp:
    play = PLAYS[one.name]
    request = one.request(resource, None, (by,), play.secret, play.secrets)
    known = one.system.connector.resources[resource]
    lookup = next(way for way in known.lookups if way.by == by)
    return await look_up(request, lookup, key, one.instruments)


def test_the_first_vendors_can_all_be_asked_for_one_record() -> None:
    assert {name for name, _, _ in PAIRS} >= {
        "stripe", "chargebee", "recurly", "gocardless", "xero", "hubspot", "salesforce"
    }  # fmt: skip


@pytest.mark.parametrize(("name", "resource", "by"), PAIRS)
async def test_a_record_of_the_list_is_found_by_its_value_and_one_that_never_was_is_not(
    name: str, resource: str, by: str
) -> None:
    async with played(name) as one:
        listed = await one.look(resource, START, by)
        key = listed.records[len(listed.records) // 2].fields[by]
        found = await sought(one, resource, by, key)
        assert (found.found, found.reason) == (True, "")
        assert [record.fields[by] for record in found.records] == [key]
        absent = await sought(one, resource, by, f"{key}x")
        assert (absent.found, absent.reason) == (False, "")


@pytest.mark.parametrize(("name", "resource", "by"), [pair for pair in PAIRS if pair[0] != "stripe"])
@pytest.mark.parametrize("ill", [Ill.THROTTLED, Ill.REVOKED, Ill.DOWN])
async def test_a_vendor_that_is_ill_leaves_it_open_whether_a_record_is_there(
    name: str, resource: str, by: str, ill: Ill
) -> None:
    async with played(name) as one:
        one.ill(ill)
        looked = await sought(one, resource, by, "in_1")
        assert looked.found is None
        assert looked.failure in (FailureClass.THROTTLED, FailureClass.AUTH, FailureClass.SERVER)


async def test_a_value_that_could_be_more_than_a_value_is_not_asked_for() -> None:
    async with played("salesforce") as one:
        await one.look()
        for key in ("x' OR Name != '", 'a"b', "a\\b", "(1)", "", "..", "x\n", "a" * 201):
            looked = await sought(one, "orders", "OrderReferenceNumber", key)
            assert (looked.found, looked.failure) == (None, FailureClass.OWN)
