"""What failed for a client, and what is asserted of a system's data, as their pages tell it."""

from dataclasses import replace
from datetime import timedelta

import httpx

from monitor.web.view.asserted import asserted
from monitor.web.view.failing import failing
from probes.assertion import Assertion, AssertionKind
from probes.catalog import Catalog, SystemId
from probes.connector import Connector, FailedWhen, FailureKind, Op, Predicate, Resource
from probes.failure import Fault
from probes.limit import FailureLimit
from probes.sli import Indicator, IndicatorKey, IndicatorKind, Tally, counted
from tests.monitor.web import town
from tests.monitor.web.office import MemoryOffice
from tests.monitor.web.test_pages import text_of

GATEWAY = SystemId("gateway")
HOUR = timedelta(hours=1)
ONE = next(iter(town.clients().values()))
HARD = FailedWhen(kind=FailureKind.HARD_DECLINED, when=(Predicate(path="status", op=Op.EQ, value="failed"),))
REQUIRED = Assertion(kind=AssertionKind.REQUIRED, field="payer.bank", at_most=0.01, over=HOUR)
PAYMENTS = Resource(name="payments", path="/", records_path="data", failures=(HARD,), assertions=(REQUIRED,))


def limited(office: MemoryOffice, *codes: str) -> None:
    """Limit hard declines to three in an hour, and let a client have had one with each of these codes just now."""
    known = office.situation.config.catalog
    connector = Connector(name="gateway", resources={"payments": PAYMENTS})
    limit = {FailureKind.HARD_DECLINED: FailureLimit(at_most=3, over=HOUR)}
    tiers = {
        name: replace(tier, objectives=replace(tier.objectives, failures=limit)) for name, tier in known.tiers.items()
    }
    systems = {**known.systems, GATEWAY: replace(known.systems[GATEWAY], connector=connector)}
    catalog = Catalog(tiers=tiers, clients=known.clients, systems=systems, flows=known.flows)
    office.situation.config = replace(office.situation.config, catalog=catalog)
    tally = counted(Tally(over=HOUR), good=0, bad=len(codes), at=town.NOW)
    key = IndicatorKey(kind=IndicatorKind.HARD_DECLINES, subject=GATEWAY, client=ONE.id)
    office.situation.indicators[str(key)] = Indicator(
        key=key, tally=tally, codes=tuple((town.NOW, code) for code in codes)
    )


def checked(office: MemoryOffice, good: int, bad: int) -> None:
    """Let the assertion have been kept and broken by so many records."""
    key = IndicatorKey(kind=IndicatorKind.DATA_QUALITY, subject="gateway.payments:required:payer.bank")
    tally = counted(Tally(over=HOUR), good=good, bad=bad, at=town.NOW)
    office.situation.indicators[str(key)] = Indicator(key=key, tally=tally)


async def test_a_clients_page_tells_what_failed_why_and_who_mends_it(
    office: MemoryOffice, browser: httpx.AsyncClient
) -> None:
    limited(office, "lost_card", *["stolen_card"] * 3)
    (view,) = failing(office.situation, ONE, town.NOW)
    assert (view.failed, view.kept, view.most, view.whose) == (4, False, ("stolen_card", 3), Fault.PAYER)
    said = await text_of(browser, f"/clients/{ONE.id}")
    assert "Hard declines gateway 4 3 at most over 1 h" in said
    assert "stolen_card 3 the payers ✕ broken" in said


async def test_a_client_without_failures_keeps_its_limits(office: MemoryOffice, browser: httpx.AsyncClient) -> None:
    limited(office)
    assert "none the payers ✓ kept" in await text_of(browser, f"/clients/{ONE.id}")


async def test_a_systems_page_tells_what_is_asserted_of_its_data(
    office: MemoryOffice, browser: httpx.AsyncClient
) -> None:
    limited(office)
    assert "Required payer.bank payments 0 of 0 1 % over 1 h nothing counted" in await text_of(
        browser, "/systems/gateway"
    )
    checked(office, good=80, bad=20)
    (view,) = asserted(office.situation, GATEWAY, town.NOW)
    assert (view.broken, view.counted, view.kept) == (20, 100, False)
    assert "20 of 100 1 % over 1 h ✕ broken" in await text_of(browser, "/systems/gateway")
