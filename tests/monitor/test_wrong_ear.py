"""No path leads from one client's data to another's message or page, whatever anything is called.

From the configuration to what goes over the wire and what is served: every client bears a mark, and in nothing that is
sent or served to one of them is the mark of another.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from alerts.alert import Alert, AlertKey, AlertKind, AlertState
from alerts.correlate import flow_nodes, system_nodes
from alerts.draft import Draft, Response
from alerts.dues import due
from alerts.message import Claim, Message, MessageKind, Stage
from alerts.respond import respond
from alerts.wording import Links
from monitor.deciding import context
from monitor.issuing import issue_page
from monitor.load import load
from monitor.situation import Situation
from probes.catalog import Catalog, ClientId, FlowId, SystemId
from tests.alerts.channels.receivers import HttpReceiver, http_receiver, mail_receiver
from tests.alerts.channels.ways import ways
from tests.hostile import Town, built
from tests.monitor.web import statuspage_shapes, town
from tests.monitor.web.conftest import visitor
from tests.monitor.web.office import MemoryOffice
from tests.trials import FULL

pytestmark = pytest.mark.trials

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
LINKS = Links(external="https://watch.example.com")
CLIENTS = 200
SEEDS = range(6) if FULL else range(1)
SENT = 250 if FULL else 50
SERVED = 50 if FULL else 12
SERVED_PATHS = (
    *("", "history.atom", "history.rss", "updates.atom", "updates.rss", "maintenance.ics"),
    *(f"api/v2/{name}.json" for name in statuspage_shapes.DOCUMENTS),
)


def after(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def alerts(catalog: Catalog) -> tuple[Alert, ...]:
    """Return an alert about a whole system, one for each client on the flow of all, and one on each flow of its own."""
    shared = catalog.flows[FlowId("sync")]
    found = [_alert(AlertKind.AVAILABILITY, "erp", None, system_nodes(SystemId("erp")))]
    for place, client in enumerate(catalog.clients.values()):
        kind = (AlertKind.SYNC_LATENCY, AlertKind.RECORDS_MISSING, AlertKind.STAGNATION)[place % 3]
        found.append(_alert(kind, "sync", client.id, flow_nodes(shared)))
        own = (flow for flow in catalog.flows.values() if flow.id != "sync" and flow.enters in client.identifiers)
        found += (_alert(AlertKind.SYNC_LATENCY, flow.id, client.id, flow_nodes(flow)) for flow in own)
    return tuple(found)


def _alert(kind: AlertKind, subject: str, client: ClientId | None, nodes: frozenset[str]) -> Alert:
    return Alert(
        key=AlertKey(kind=kind, subject=subject, client=client),
        state=AlertState.FIRING,
        onset=after(-1),
        since=NOON,
        explanation=f"{kind} of {subject} for {client}",
        nodes=nodes,
        flow=FlowId(subject) if client else None,
        system=None if client else SystemId(subject),
    )


def played(here: Town) -> tuple[MemoryOffice, list[Message]]:
    """Return an office in which everybody was hurt, told, told again and told the end, and all messages."""
    config = load(here.folder, now=NOON, secrets=False)
    assert config.config is not None, config.errors
    office = MemoryOffice(Situation(config=config.config, findings=(), started=after(-600), reloaded=after(-600)))
    moved = alerts(config.config.catalog)
    messages = [*_decided(office, moved, NOON), *_waited(office, after(40))]
    messages += _decided(office, _ended(office, moved, after(90)), after(90))
    return office, [message for message in messages if message.kind is MessageKind.NOTICE]


def _decided(office: MemoryOffice, moved: tuple[Alert, ...], at: datetime) -> Iterator[Message]:
    here, office.at = office.situation, at
    response = respond(town.evaluated(*moved), here.incidents, context(here, LINKS), here.next_number, at)
    office.take(response)
    return (message for draft in response.drafts for message in draft.messages)


def _waited(office: MemoryOffice, at: datetime) -> Iterator[Message]:
    """Let time alone make things due: what was refused goes out as the generic text, and updates are due."""
    here, office.at = office.situation, at
    drafts = tuple(due(Draft(incident=one), context(here, LINKS), at) for one in here.incidents.values())
    office.take(Response(drafts=tuple(draft for draft in drafts if draft.events), alerts=()))
    return (message for draft in drafts for message in draft.messages)


def _ended(office: MemoryOffice, moved: tuple[Alert, ...], at: datetime) -> tuple[Alert, ...]:
    known = office.situation.alerts
    return tuple(replace(known[str(one.key)], state=AlertState.RESOLVED, since=at, cleared=after(89)) for one in moved)


Scene = tuple[Town, MemoryOffice, list[Message]]


@pytest.fixture(scope="module", params=SEEDS)
def scene(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """Return hostile clients, what became of them, and every notice."""
    here = built(tmp_path_factory.mktemp("hostile"), CLIENTS, request.param)
    return (here, *played(here))


def leaks(here: Town, client: str | None, text: str) -> list[str]:
    """Return the marks of others that stand in a text, in any case."""
    assert client is not None
    folded = text.casefold()
    return [mark for mark in here.strangers(client) if mark in folded]


def test_no_notice_holds_a_mark_of_another_client(scene: Scene) -> None:
    here, _, notices = scene
    assert {one.client for one in notices} == set(here.marks)
    assert {Stage.INVESTIGATING, Stage.RESOLVED} <= {one.stage for one in notices}
    found = {one.key: leaks(here, one.client, repr(one)) for one in notices}
    assert {key: marks for key, marks in found.items() if marks} == {}


def test_the_test_sees_what_is_told_to_the_wrong_one(scene: Scene) -> None:
    here, _, (first, *_) = scene
    other = here.strangers(str(first.client))[7]
    assert leaks(here, first.client, f"{first.body} {other.upper()}") == [other]


def test_a_template_of_a_tier_that_names_one_of_its_clients_goes_to_nobody_else(scene: Scene) -> None:
    here, office, notices = scene
    (mistaken,) = {one for one in office.situation.config.words.templates.index.values() if one.name == "mistaken"}
    ended = [one for one in notices if one.stage is Stage.RESOLVED]
    told = {one.client for one in ended if "As we told" in one.body}
    assert len(told) <= 1, "its own client may read its own name"
    gold = [one for one in ended if office.situation.config.catalog.clients[ClientId(str(one.client))].tier == "gold"]
    assert len(gold) > len(here.marks) // 4
    assert mistaken.tiers == ("gold",)


def test_each_client_with_a_template_of_its_own_reads_that(scene: Scene) -> None:
    here, office, notices = scene
    own = {one.clients[0] for one in office.situation.config.words.templates.index.values() if one.clients}
    first = {one.client: one for one in reversed(notices) if one.stage is Stage.INVESTIGATING}
    assert own
    assert [client for client in own if f"Dear {here.marks[client]}" not in first[ClientId(client)].body] == []


def sample(notices: list[Message], most: int) -> Iterator[Message]:
    return iter(notices[:: max(1, len(notices) // most)])


async def test_nothing_on_the_wire_of_one_client_holds_a_mark_of_another(scene: Scene) -> None:
    here, _, notices = scene
    async with http_receiver() as posts, mail_receiver() as mails, ways() as out:
        for place, message in enumerate(sample(notices, SENT)):
            before = len(posts.requests), len(mails.mails)
            address = mails.address("reader@example.org") if place % 2 else posts.address("/ok")
            claim = Claim(message=message, attempt=1, channel=message.channels[0])
            delivery = await out.send(claim, address, NOON)
            assert delivery.state == "accepted", delivery
            wire = _wire(posts, before[0]) + "".join(_mail(mail) for _, mail in mails.mails[before[1] :])
            assert message.incident is not None
            assert message.incident in wire
            assert leaks(here, message.client, wire) == [], message.key
            assert leaks(here, message.client, repr(delivery)) == []


def _wire(posts: HttpReceiver, since: int) -> str:
    return "".join(f"{one.path}{dict(one.headers)}{json.loads(one.body)}{one.body!r}" for one in posts.requests[since:])


def _mail(mail: object) -> str:
    walk = getattr(mail, "walk", None)
    assert walk is not None
    parts = [part.get_content() for part in walk() if not part.is_multipart()]
    return f"{mail}{parts}"


async def test_nothing_that_is_served_to_one_client_holds_a_mark_of_another(scene: Scene) -> None:
    here, office, _ = scene
    chosen = [*here.marks][:: CLIENTS // SERVED]
    async with visitor(office) as reader:
        for client in chosen:
            key, _ = await office.decide(issue_page(client, "the service desk", "ana", office.at))
            for path in SERVED_PATHS:
                answer = await reader.get(f"/status/{key}/{path}")
                assert answer.status_code == 200, path
                served = f"{dict(answer.headers)}{answer.text}"
                assert leaks(here, client, served) == [], (client, path)


def test_what_is_checked_names_the_mistake_before_anybody_is_told(tmp_path: Path) -> None:
    here = built(tmp_path, 20, 1)
    found = [one for one in load(here.folder, now=NOON, secrets=False).findings if "mistaken" in one.path]
    assert ["other_client" in one.message for one in found] == [True]
