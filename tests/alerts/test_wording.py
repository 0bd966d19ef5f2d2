"""What pages and notices say: enough at three in the morning, and nothing to a client that is not its own."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from alerts.alert import AlertKind, AlertState, IncidentId
from alerts.correlate import system_nodes
from alerts.escalation import PageReason
from alerts.fold import advanced
from alerts.impact import Impact, terms_of
from alerts.incident import Incident
from alerts.message import MessageKind, Stage
from alerts.timeline import AlertsJoined
from alerts.wording import (
    BLIND,
    HEADLINES,
    REASONS,
    closing_body,
    headline,
    kind_of,
    local,
    notice_body,
    notice_subject,
    symptoms,
)
from probes.catalog import (
    Catalog,
    Client,
    ClientId,
    Contact,
    End,
    Flow,
    FlowId,
    SecretRef,
    System,
    SystemId,
)
from probes.connector import Connector
from tests.alerts.shift import Shift
from tests.cast import (
    ACME,
    BOREAL,
    CATALOG,
    CLIENTS,
    COBALT,
    CONTEXT,
    ERP,
    GOLD,
    NOON,
    PLATINUM,
    SILVER,
    after,
    late,
    system_alert,
)
from tests.examples import examples


def impact(client: ClientId = ACME, recovered: datetime | None = None) -> Impact:
    terms = terms_of(CLIENTS[client], CATALOG.tier_of(client), NOON)
    return Impact(terms=terms, joined=NOON, onset=after(minutes=-1), recovered=recovered)


def incident(*keys: str, hurt: tuple[ClientId, ...] = (), blind: bool = False) -> Incident:
    begun = Incident(
        id=IncidentId("INC-7"),
        opened=NOON,
        onset=after(minutes=-1),
        nodes=system_nodes(ERP),
        blind=blind,
        impacts={client: impact(client) for client in hurt},
    )
    alerts = {key: f"evidence of {key}" for key in keys}
    return advanced(begun, AlertsJoined(at=NOON, alerts=alerts, nodes=begun.nodes))


# Pages.


@pytest.mark.parametrize(
    ("keys", "blind", "expected"),
    [
        (("availability/erp",), False, "System erp is down"),
        (("sync_latency/invoices/acme", "availability/erp"), False, "System erp is down"),
        (("sync_latency/invoices/acme",), False, "Flow invoices is late"),
        (("failure_ratio/gateway/acme",), False, "Records fail on system gateway"),
        (("credential/erp",), True, "System erp refuses our credential"),
        (("availability/erp",), True, "System erp cannot be seen"),
        (("availability/billing", "availability/erp"), True, "System billing, erp cannot be seen"),
    ],
)
def test_the_headline_says_what_explains_the_rest(keys: tuple[str, ...], expected: str, *, blind: bool) -> None:
    assert headline(incident(*keys, blind=blind)) == f"{expected}; no client is known to be hurt"


def test_the_headline_counts_the_hurt_clients_worst_tier_first() -> None:
    hurt = incident("availability/erp", hurt=(COBALT, BOREAL, ACME))
    assert headline(hurt) == "System erp is down: 3 clients hurt (2 platinum, 1 gold)"
    assert headline(incident("availability/erp", hurt=(ACME,))) == "System erp is down: 1 client hurt (1 platinum)"


def test_every_kind_of_alert_has_a_headline_and_every_reason_its_words() -> None:
    assert HEADLINES.keys() == {*AlertKind, BLIND}
    assert REASONS.keys() == set(PageReason)
    assert {kind_of(incident(f"{kind}/erp")) for kind in AlertKind} == set(AlertKind)


# Notices.


def body(stage: Stage, client: ClientId = ACME, *keys: str) -> str:
    known = symptoms(incident(*(keys or (f"sync_latency/invoices/{client}",))))
    return notice_body(known, impact(client, recovered=after(minutes=4)), stage, after(minutes=5))


def test_a_notice_names_the_readers_own_symptom_and_its_beginning_in_its_own_time() -> None:
    text = body(Stage.INVESTIGATING)
    assert "Your invoices are reaching their destination later than agreed." in text
    assert "It began at 2026-03-04 06:59 (America/New_York), 11:59 UTC." in text
    assert "It began at 2026-03-04 20:59 (Asia/Tokyo), 11:59 UTC." in body(Stage.INVESTIGATING, BOREAL)


def test_a_notice_promises_the_next_one_as_the_contract_does_and_no_repair_time() -> None:
    assert "We will write again by 2026-03-04 07:07 (America/New_York), 12:07 UTC." in body(Stage.UPDATE)
    assert "We will write again as soon as this has changed." in body(Stage.INVESTIGATING, COBALT)


def test_the_last_notice_says_since_when_it_is_over() -> None:
    assert "over since 2026-03-04 07:04 (America/New_York), 12:04 UTC" in body(Stage.RESOLVED)


def test_an_end_by_word_claims_nothing_that_the_data_did_not_show() -> None:
    shift = Shift()
    shift.sees(NOON, late(ACME))
    told = [one.body for one in shift.resolves(after(minutes=5)) if one.kind is MessageKind.NOTICE]
    assert told == [closing_body(shift.only.impacts[ACME], after(minutes=5))] * 2
    assert not any("has been processed" in text for text in told)
    assert "closed this disturbance at 2026-03-04 07:05 (America/New_York)" in told[0]


def test_a_symptom_of_another_client_is_not_told() -> None:
    text = body(Stage.INVESTIGATING, ACME, "sync_latency/invoices/acme", "failure_ratio/gateway/boreal")
    assert "invoices" in text
    assert "transactions" not in text


def test_what_hurts_everybody_on_a_system_is_told_without_its_name() -> None:
    text = body(Stage.INVESTIGATING, ACME, "availability/erp")
    assert "A service that your integration depends on is not answering as it should." in text
    assert "erp" not in text


def test_a_notice_never_says_outage_and_names_nobody_to_blame() -> None:
    for stage in Stage:
        for key in ("availability/erp", "credential/erp", "failure_ratio/erp/acme", "sync_latency/invoices/acme"):
            assert not re.search(r"outage|vendor|fault|credential|ETA", body(stage, ACME, key))


def test_subjects_carry_the_number_for_replies() -> None:
    subjects = [notice_subject(incident("availability/erp"), stage) for stage in Stage]
    assert all(subject.endswith("(INC-7)") for subject in subjects)
    assert len(set(subjects)) == len(subjects)


def test_a_local_time_over_midnight_shows_its_own_date() -> None:
    late_evening = datetime(2026, 3, 4, 22, 30, tzinfo=UTC)
    assert local(late_evening, "Asia/Tokyo") == "2026-03-05 07:30 (Asia/Tokyo), 22:30 UTC"


# No notice holds what is not its reader's, whatever things are called.

IDS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{3,20}", fullmatch=True)
NAMES = st.text(min_size=4, max_size=20).map(lambda text: f"<{text}>")


def _world(ids: list[str], names: list[str]) -> Catalog:
    """Make two clients on one flow between two systems, all called by the given ids and names."""
    one, other, source, destination, flow = ids
    systems = {SystemId(name) for name in (source, destination)}
    clients = {
        ClientId(identity): Client(
            id=ClientId(identity),
            name=name,
            tier=PLATINUM.id,
            identifiers={system: (f"{system}:{identity}",) for system in systems},
            contacts=(Contact(name="desk", channel=SecretRef("env:DESK")),),
        )
        for identity, name in zip((one, other), names, strict=True)
    }
    begin, end = (End(system=SystemId(name), resource="r", field="id") for name in (source, destination))
    return Catalog(
        tiers={tier.id: tier for tier in (PLATINUM, GOLD, SILVER)},
        clients=clients,
        systems={system: System(id=system, connector=Connector(name="v"), base_url="https://v") for system in systems},
        flows={FlowId(flow): Flow(id=FlowId(flow), source=begin, destination=end)},
    )


# Ids are marked, so that one is not found in the plain words of a text by chance.
@settings(max_examples=examples(40))
@given(st.lists(IDS, min_size=5, max_size=5, unique_by=str.lower), st.lists(NAMES, min_size=2, max_size=2, unique=True))
@example(["acme", "acme-corp", "erp", "erp-2", "erp-2-invoices"], ["Acme Corp", "{subject}"])
@example(["one1", "two2", "sys1", "sys2", "flow"], ["<%s>", "<{client}>"])
def test_no_notice_holds_another_client_or_a_system(ids: list[str], names: list[str]) -> None:
    marked = [f"{identity}Q{number}Z" for number, identity in enumerate(ids)]
    catalog = _world(marked, names)
    shift = Shift(replace(CONTEXT, catalog=catalog))
    flow = next(iter(catalog.flows.values()))
    clients = [ClientId(identity) for identity in marked[:2]]
    systems = [SystemId(identity) for identity in marked[2:4]]
    alerts = [late(client, flow=flow) for client in clients]
    alerts += [system_alert(system) for system in systems]
    alerts.append(system_alert(systems[0], kind=AlertKind.CREDENTIAL))
    shift.sees(NOON, *alerts)
    for minute in range(1, 6):
        shift.waits(after(minutes=minute))
    ended = (replace(one, state=AlertState.RESOLVED, cleared=after(minutes=8)) for one in alerts)
    shift.sees(after(minutes=9), *ended)
    notices = [message for message in shift.messages if message.kind is MessageKind.NOTICE]
    assert {message.stage for message in notices} == set(Stage)
    for notice in notices:
        text = f"{notice.subject}\n{notice.body}"
        strangers = [client for client in clients if client != notice.client]
        assert not any(name in text for name in (*strangers, *systems))
        assert not any(catalog.clients[client].name in text for client in strangers)
        assert "evidence" not in text.lower()
