"""The pages with 3,000 clients on a flow that has stopped: they stay short, and cost little of one processor."""

from dataclasses import replace
from datetime import timedelta
from time import process_time

import pytest

from monitor.situation import Situation
from monitor.web.access import sign_in_link
from probes.book import Book
from probes.catalog import Catalog, ClientId, TierId
from probes.tracked import RecordState, Tracked
from tests.monitor.web import town
from tests.monitor.web.conftest import visitor
from tests.monitor.web.office import MemoryOffice

CLIENTS = 3_000
RECORDS = 10
LARGEST = 2_000_000
LONGEST = timedelta(seconds=1.5)
PAGES = [
    "/",
    "/incidents",
    "/incidents/INC-7",
    "/clients",
    "/clients/c7",
    "/systems",
    "/flows",
    "/flows/invoices",
    "/deliveries",
]


def crowd() -> Situation:
    """Return the town with 3,000 clients in three tiers, each with records stuck on their way."""
    watched, tiers = town.catalog(), (*("platinum",) * 2, *("gold",) * 8, *("silver",) * 20)
    pattern = watched.clients[ClientId("aurora-yoga")]
    many = {
        ClientId(f"c{n}"): replace(
            pattern, id=ClientId(f"c{n}"), name=f"Client number {n}", tier=TierId(tiers[n % len(tiers)])
        )
        for n in range(CLIENTS)
    }
    situation = town.situation(replace(watched, clients=many))
    situation.books[town.INVOICES] = stuck(situation.config.catalog)
    return situation


def stuck(catalog: Catalog) -> Book:
    """Return a book in which ten records of each client have been on their way since the onset."""
    return Book(
        town.INVOICES,
        [
            Tracked(
                key=f"in_{client}_{turn}",
                state=RecordState.OPEN,
                client=client,
                created=town.ONSET + timedelta(seconds=turn),
                late=turn < RECORDS // 2,
            )
            for client in catalog.clients
            for turn in range(RECORDS)
        ],
    )


@pytest.fixture(scope="module")
def calm() -> MemoryOffice:
    """Return an office with nothing open."""
    return MemoryOffice(crowd())


@pytest.fixture(scope="module")
def hurt() -> MemoryOffice:
    """Return an office with one incident that hurts everybody, and that everybody was told of."""
    office = MemoryOffice(crowd())
    office.take(town.broken(office.situation, CLIENTS))
    return office


async def cheaply(office: MemoryOffice, path: str) -> str:
    """Return a page as a signed-in reader gets it, having asserted that it is short and took little time to make."""
    async with visitor(office) as reader:
        await reader.get(sign_in_link(office.doors, office.keys))
        before = process_time()
        answer = await reader.get(path)
        spent = timedelta(seconds=process_time() - before)
    assert answer.status_code == 200
    assert len(answer.content) < LARGEST
    assert spent < LONGEST
    return answer.text


async def test_a_calm_first_page_is_short(calm: MemoryOffice) -> None:
    page = await cheaply(calm, "/")
    assert "none of 3,000 clients is hurt" in page
    assert page.count('href="/clients/c') == 0


@pytest.mark.parametrize("path", PAGES)
async def test_no_page_grows_with_the_number_of_hurt_clients(hurt: MemoryOffice, path: str) -> None:
    page = await cheaply(hurt, path)
    assert path != "/" or "3,000 of 3,000 clients hurt" in page
    assert page.count('href="/clients/c') < CLIENTS
