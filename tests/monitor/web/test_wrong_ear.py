"""Nothing that is served to one client holds a mark of another: names, ids and identifiers as hostile as they come."""

from dataclasses import replace
from datetime import timedelta

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts.maintenance import Party, Scope, Window, WindowId
from alerts.services import PublicPage
from monitor.issuing import issue_page
from probes.catalog import Catalog, Client, ClientId, Contact, SecretRef, SystemId, TierId
from tests.monitor.web import town
from tests.monitor.web.conftest import visitor
from tests.monitor.web.office import TOKEN, MemoryOffice
from tests.monitor.web.shown import EVERYTHING, PAGES

HOSTILE = (
    "{mark}",
    "<script>{mark}</script>",
    "]]>{mark}<![CDATA[",
    "{{{{ {mark} }}}} {{services}} {{0}} %s",
    "{mark}\r\nX-Evil: 1\r\nATTENDEE:mailto:{mark}",
    "\"'><img src=x onerror={mark}>",
    "\u202e{mark}\u2066\x00\x0b\ufffe",
    "=HYPERLINK({mark})",
    "{mark} 御中 Ünïcode ✕",
)


def mark(number: int) -> str:
    return f"qzmark{number}zq"


def hostile(number: int, shape: str, tier: str) -> Client:
    text = shape.format(mark=mark(number))
    return Client(
        id=ClientId(f"client-{mark(number)}"),
        name=text,
        tier=TierId(tier),
        timezone=("Europe/Madrid", "Asia/Tokyo", "UTC")[number % 3],
        locale=("en", "de", "ja")[number % 3],
        identifiers={SystemId(system): (f"{system}-{text}",) for system in ("billing", "erp")},
        contacts=(Contact(name=text, channel=SecretRef(f"env:{mark(number).upper()}")),),
    )


def furnished(shapes: list[str], tiers: list[str]) -> MemoryOffice:
    """Return an office in which all of these clients were hurt and told, and maintenance is planned for each."""
    several = (hostile(number, *pair) for number, pair in enumerate(zip(shapes, tiers, strict=True)))
    clients = {one.id: one for one in several}
    watched = town.catalog()
    watched = Catalog(tiers=watched.tiers, clients=clients, systems=watched.systems, flows=watched.flows)
    office = MemoryOffice(town.situation(watched))
    public = PublicPage(name="Everybody", clients=2)
    office.situation.config = replace(office.situation.config, pages=replace(PAGES, public=public))
    for number, client in enumerate(clients):
        name = WindowId(f"w-{mark(number)}")
        office.situation.windows[name] = Window(
            id=name,
            title=mark(number),
            text=mark(number),
            party=Party.CLIENT,
            scope=Scope(systems=frozenset({SystemId("erp")}), clients=frozenset({client})),
            zone="UTC",
            starts=town.NOW + timedelta(hours=1),
            ends=town.NOW + timedelta(hours=2),
        )
    office.take(town.broken(office.situation))
    return office


async def served(office: MemoryOffice, client: ClientId) -> list[httpx.Response]:
    """Return everything that is served to one client, and its evidence."""
    key, _ = await office.decide(issue_page(client, "", "ana", town.NOW))
    async with visitor(office) as one:
        found = [await one.get(f"/status/{key}/{path}") for path in EVERYTHING]
        summary = found[EVERYTHING.index("api/v2/incidents.json")].json()
        found += [await one.get(incident["shortlink"]) for incident in summary["incidents"]]
        one.headers["Authorization"] = f"Bearer {TOKEN}"
        evidence = f"/api/v1/clients/{client}/evidence/2026-11"
        return [*found, *[await one.get(evidence, params={"format": how}) for how in ("json", "html")]]


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    shapes=st.lists(st.sampled_from(HOSTILE), min_size=3, max_size=4),
    tiers=st.lists(st.sampled_from(sorted(town.TIERS)), min_size=4, max_size=4),
    over=st.booleans(),
)
async def test_nothing_served_to_one_client_holds_a_mark_of_another(
    shapes: list[str], tiers: list[str], *, over: bool
) -> None:
    office = furnished(shapes, tiers[: len(shapes)])
    if over:
        office.at = town.NOW + timedelta(minutes=30)
        office.take(town.cleared(office.situation, office.at))
        assert office.situation.open_incidents == []
    for number, client in enumerate(office.situation.config.catalog.clients):
        answers = await served(office, client)
        assert {one.status_code for one in answers} == {200}
        others = [mark(other) for other in range(len(shapes)) if other != number]
        leaks = [(str(one.url), other) for one in answers for other in others if other in one.text]
        assert leaks == []
        assert any(mark(number) in one.text for one in answers)
        assert "<script>qz" not in answers[0].text
        assert all("x-evil" not in one.headers for one in answers)
    async with visitor(office) as anybody:
        public = [await anybody.get(f"/status/public/{path}") for path in EVERYTHING]
    assert [str(one.url) for one in public if "qzmark" in one.text] == []
