"""What notices say: first what it means for the reader, in their time, and nothing that is not their own."""

import re
from dataclasses import is_dataclass, replace
from datetime import datetime
from itertools import product
from typing import get_args, get_type_hints

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from alerts.alert import AlertKind, AlertState
from alerts.audience import Audience, Planned, Symptom, audience_of, maintenance_audience
from alerts.impact import Impact, Terms, terms_of
from alerts.incident import Incident
from alerts.letter import Letter, generic, render
from alerts.message import Message, MessageKind, Stage
from alerts.template import Template
from alerts.words import PLAIN, Words
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
from tests.alerts.test_wording import impact, incident
from tests.cast import (
    ACME,
    BOREAL,
    CATALOG,
    CLIENTS,
    COBALT,
    CONTEXT,
    GOLD,
    NOON,
    PLATINUM,
    SILVER,
    after,
    late,
    news,
    system_alert,
)
from tests.examples import examples

OF_INCIDENTS = (
    *(Stage.INVESTIGATING, Stage.IDENTIFIED, Stage.MONITORING, Stage.UPDATE),
    *(Stage.RESOLVED, Stage.RETRACTED),
)
OF_MAINTENANCE = tuple(stage for stage in Stage if stage not in OF_INCIDENTS)
PLANNED = Planned(
    number="MNT-3", start=after(hours=12), end=after(hours=14), former=(after(hours=36), after(hours=38)), work="A move"
)


def audience(stage: Stage, client: ClientId = ACME, *keys: str) -> Audience:
    hurt = incident(*(keys or (f"sync_latency/invoices/{client}",)))
    known = impact(client, recovered=after(minutes=4) if stage is Stage.RESOLVED else None)
    return audience_of(hurt, known, known.terms.contacts[0], stage, after(minutes=5))


def planned(stage: Stage, client: ClientId = ACME) -> Audience:
    terms = terms_of(CLIENTS[client], CATALOG.tier_of(client), NOON)
    return maintenance_audience(PLANNED, terms, terms.contacts[0], stage, NOON)


def letter(stage: Stage, client: ClientId = ACME, *keys: str) -> Letter:
    return render(audience(stage, client, *keys), PLAIN)


EVERY = (*(audience(stage) for stage in OF_INCIDENTS), *(planned(stage) for stage in OF_MAINTENANCE))


def test_a_notice_begins_with_the_readers_own_symptom_and_says_since_when_in_its_own_time() -> None:
    text = letter(Stage.INVESTIGATING).body
    assert text.startswith("Your invoices are reaching their destination later than agreed.")
    assert "It began on March 4, 2026, 6:59 AM Eastern Standard Time (11:59 UTC)." in text
    assert "March 4, 2026, 8:59 PM Japan Standard Time (11:59 UTC)" in letter(Stage.INVESTIGATING, BOREAL).body


def test_a_notice_promises_the_next_one_as_the_contract_does_and_no_repair_time() -> None:
    assert letter(Stage.UPDATE).body.endswith(
        "We will write again by March 4, 2026, 7:07 AM Eastern Standard Time (12:07 UTC)."
    )
    assert letter(Stage.INVESTIGATING, COBALT).body.endswith("We will write again as soon as this has changed.")


def test_the_last_notice_says_since_when_it_is_over_whether_anything_was_lost_and_is_sorry_once() -> None:
    text = letter(Stage.RESOLVED).body
    assert "over since March 4, 2026, 7:04 AM Eastern Standard Time (12:04 UTC)" in text
    assert "Everything that was held up has been processed, and none of it was lost." in text
    assert text.endswith("We are sorry for the trouble.")
    assert text.count("sorry") == 1
    failed = letter(Stage.RESOLVED, ACME, "payments_failed/gateway/acme").body
    assert "What failed during this time is not repeated by itself." in failed
    assert "processed" not in failed


def test_an_end_by_word_claims_nothing_that_the_data_did_not_show() -> None:
    shift = Shift()
    shift.sees(NOON, late(ACME))
    told = [one.body for one in shift.resolves(after(minutes=5)) if one.kind is MessageKind.NOTICE]
    assert len(told) == 2
    assert not any("has been processed" in text for text in told)
    assert all(text.startswith("We closed this disturbance on March 4, 2026, 7:05 AM") for text in told)


@pytest.mark.parametrize("stage", [stage for stage in OF_INCIDENTS if not stage.closes])
def test_only_an_end_is_sorry(stage: Stage) -> None:
    assert "sorry" not in letter(stage).body


def test_who_is_hurt_late_is_told_what_is_known() -> None:
    shift = Shift()
    shift.sees(NOON, late(ACME))
    shift.sees(after(minutes=3), late(BOREAL))
    shift.sees(after(minutes=30), late(COBALT, at=after(minutes=30)))
    summary = "It was known to us before it reached your service"
    first = {one.client: one.body for one in reversed(shift.messages) if one.kind is MessageKind.NOTICE}
    assert [summary in first[client] for client in (ACME, BOREAL, COBALT)] == [False, False, True]


def test_a_retraction_says_plainly_that_nothing_was_disturbed() -> None:
    text = letter(Stage.RETRACTED).body
    assert "It was a false alarm: your service was not disturbed." in text
    assert "There is nothing for you to do." in text


def test_a_symptom_of_another_client_is_not_told() -> None:
    text = letter(Stage.INVESTIGATING, ACME, "sync_latency/invoices/acme", "failure_ratio/gateway/boreal").body
    assert "invoices" in text
    assert "transactions" not in text


def test_what_does_not_arrive_at_all_is_not_told_to_be_late() -> None:
    text = letter(Stage.INVESTIGATING, ACME, "sync_latency/invoices/acme", "stagnation/invoices").body
    assert text.startswith("Your invoices are not reaching their destination at the moment.\n")
    assert "later than agreed" not in text


def test_what_hurts_everybody_on_a_system_is_told_without_its_name() -> None:
    text = letter(Stage.INVESTIGATING, ACME, "availability/erp").body
    assert "A service that your integration depends on is not answering as it should." in text
    assert "erp" not in text


def test_a_hop_of_a_longer_way_is_told_of_without_the_systems_that_it_is_called_after() -> None:
    text = letter(Stage.INVESTIGATING, ACME, "sync_latency/invoices.billing-erp/acme").body
    assert text.startswith("Your invoices are reaching")
    assert "erp" not in text


def test_records_with_a_name_of_their_own_are_called_by_it() -> None:
    text = letter(Stage.INVESTIGATING, ACME, "stagnation/eu-shipments/acme").body
    assert text.startswith("Your records (eu-shipments) are not reaching their destination at the moment.")


def test_a_notice_never_says_outage_and_names_nobody_to_blame() -> None:
    keys = ("availability/erp", "credential/erp", "failure_ratio/erp/acme", "sync_latency/invoices/acme")
    for stage, key in product(OF_INCIDENTS, keys):
        assert not re.search(r"outage|vendor|fault|credential|ETA", letter(stage, ACME, key).body)


def test_subjects_carry_the_number_for_replies() -> None:
    letters = [render(one, PLAIN) for one in EVERY]
    assert {one.number for one in EVERY} == {"INC-7", "MNT-3"}
    assert all(sent.subject.endswith(f" ({one.number})") for one, sent in zip(EVERY, letters, strict=True))
    assert len({sent.subject for sent in letters}) == len(Stage)


def test_maintenance_says_when_what_it_was_before_and_when_the_reader_hears_again() -> None:
    moved = render(planned(Stage.MOVED), PLAIN).body
    assert "now planned from March 4, 2026, 7:00 PM Eastern Standard Time (March 5, 2026, 00:00 UTC)" in moved
    assert "Before, it was planned from March 5, 2026, 7:00 PM Eastern Standard Time" in moved
    assert "What is done: A move" in moved
    assert moved.endswith("We will write again when it begins.")
    assert render(planned(Stage.CANCELLED), PLAIN).body.endswith("will not take place.")


def test_what_the_team_adds_stands_behind_the_impact_and_before_the_promise() -> None:
    added = replace(audience(Stage.UPDATE), note="We have more.", unaffected="payments.", workaround="Use the portal.")
    impact_text, words, *_, promise = render(added, PLAIN).body.split("\n\n")
    assert impact_text.startswith("Your invoices")
    assert words == "We have more. Not affected: payments. What you can do meanwhile: Use the portal."
    assert promise.startswith("We will write again by")


def test_the_generic_text_holds_nothing_that_anybody_named_or_wrote() -> None:
    for one in EVERY:
        written = replace(one, note="NOTE", unaffected="UNAFFECTED", workaround="WORKAROUND")
        sent = generic(written, PLAIN)
        assert not re.search("NOTE|UNAFFECTED|WORKAROUND|A move|invoices|Acme", sent.subject + sent.body + sent.html)
        assert sent.body


def test_what_somebody_wrote_is_no_markup_and_no_mark() -> None:
    hostile = replace(audience(Stage.UPDATE), note="<b>{client}</b> & {secret}")
    sent = render(hostile, PLAIN)
    assert "<b>{client}</b> & {secret}" in sent.body
    assert "&lt;b&gt;{client}&lt;/b&gt; &amp; {secret}" in sent.html


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
    more = [news(client, flow=flow) for client in clients]
    shift.sees(after(minutes=1), *more)
    alerts += more
    for minute in range(2, 6):
        shift.waits(after(minutes=minute))
    ended = (replace(one, state=AlertState.RESOLVED, cleared=after(minutes=8)) for one in alerts)
    shift.sees(after(minutes=9), *ended)
    notices = [message for message in shift.messages if message.kind is MessageKind.NOTICE]
    assert {message.stage for message in notices} == {Stage.INVESTIGATING, Stage.UPDATE, Stage.RESOLVED}
    for notice in notices:
        text = f"{notice.subject}\n{notice.body}"
        strangers = [client for client in clients if client != notice.client]
        assert not any(name in text for name in (*strangers, *systems))
        assert not any(catalog.clients[client].name in text for client in strangers)
        assert "evidence" not in text.lower()


def reachable(kind: object, found: set[object]) -> set[object]:
    """Return every type that a value of this type can lead to."""
    parts = kind if isinstance(kind, list) else get_args(kind)
    for inner in parts:
        reachable(inner, found)
    if isinstance(kind, type) and kind not in found:
        found.add(kind)
        for hint in get_type_hints(kind).values() if is_dataclass(kind) else ():
            reachable(hint, found)
    return found


def test_from_what_a_letter_is_made_of_no_other_client_can_be_reached_by_type() -> None:
    own = reachable(Audience, set())
    words = reachable(Words, set())
    assert {Audience, Symptom, Planned, Stage, datetime, str} <= own
    assert Template in words
    for known in (Incident, Impact, Terms, Catalog, Client, Contact, Message):
        assert known not in own
        assert known not in words
    assert get_type_hints(render) == {"audience": Audience, "words": Words, "return": Letter}
