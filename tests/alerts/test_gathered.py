"""What was gathered for a reader is told as one message with counts and parts: never two clients or readers in one."""

from dataclasses import replace
from datetime import timedelta

from alerts.alert import IncidentId
from alerts.gathered import digests, folded, next_digest, overtaken
from alerts.impact import Impact, terms_of
from alerts.incident import Incident
from alerts.languages import shipped
from alerts.message import Lane, Message, MessageKind, Part, Stage
from probes.catalog import Catalog, ClientId
from tests.cast import ACME, CATALOG, CLIENTS, COBALT, HOUR, MINUTE, NOON, catalog_of


def part(number: int, client: ClientId = ACME, recipient: str = "Service desk") -> Message:
    contact = next(one for one in CLIENTS[client].contacts if one.name == recipient)
    return Message(
        key=f"INC-{number}/notice/{client}/1/1",
        kind=MessageKind.NOTICE,
        lane=Lane.BULK,
        stage=Stage.INVESTIGATING,
        recipient=recipient,
        channels=(contact.channel,),
        subject=f"subject {number} of {client}",
        body=f"body {number} of {client}",
        created=NOON + number * MINUTE,
        client=client,
        incident=IncidentId(f"INC-{number}"),
        gathered=NOON + HOUR,
        held_until=NOON + HOUR + timedelta(minutes=10),
    )


def told(*parts: Message, catalog: Catalog = CATALOG) -> list[Message]:
    return list(digests(parts, catalog, shipped(), NOON + HOUR))


def test_several_are_one_message_with_their_number_and_each_in_full_in_their_order() -> None:
    (one,) = told(part(2), part(1))
    assert one.subject == "Summary: 2 messages"
    assert one.body.index("body 1 of acme") < one.body.index("body 2 of acme")
    assert "subject 1 of acme · " in one.body
    assert one.parts == tuple(
        Part(key=f"INC-{number}/notice/acme/1/1", stage=Stage.INVESTIGATING, incident=IncidentId(f"INC-{number}"))
        for number in (1, 2)
    )
    assert (one.incident, one.gathered, one.held_until, one.created) == (None, None, None, NOON + HOUR)
    assert folded((one,)) == dict.fromkeys(("INC-1/notice/acme/1/1", "INC-2/notice/acme/1/1"), one.key)


def test_one_alone_is_told_as_it_is() -> None:
    (one,) = told(part(1))
    assert (one.subject, one.body) == ("subject 1 of acme", "body 1 of acme")
    assert len(one.parts) == 1


def test_readers_and_clients_are_told_each_for_themselves() -> None:
    found = told(part(1), part(2, recipient="Operations"), part(3, COBALT, "Cobalt support"), part(4))
    assert {(one.client, one.recipient): len(one.parts) for one in found} == {
        (ACME, "Service desk"): 2,
        (ACME, "Operations"): 1,
        (COBALT, "Cobalt support"): 1,
    }
    assert not [one for one in found if one.client == COBALT and "acme" in one.body + one.subject]
    assert not [one for one in found if one.client == ACME and "cobalt" in one.body + one.subject]


def test_what_is_not_due_yet_waits_and_its_time_is_known() -> None:
    later = replace(part(1), gathered=NOON + 2 * HOUR)
    assert told(later) == []
    assert next_digest((part(2), later)) == NOON + HOUR
    assert next_digest(()) is None


def test_a_digest_is_in_the_language_of_its_reader() -> None:
    desk = replace(CLIENTS[ACME].contacts[0], language="es")
    acme = replace(CLIENTS[ACME], contacts=(desk,))
    (one,) = told(part(1), part(2), catalog=catalog_of({ACME: acme}))
    assert one.subject == "Resumen: 2 mensajes"


def test_what_was_gathered_is_not_told_behind_an_end_that_did_not_wait() -> None:
    terms = terms_of(CLIENTS[ACME], CATALOG.tier_of(ACME), NOON)
    queued = ((Stage.INVESTIGATING, NOON + MINUTE), (Stage.RESOLVED, NOON + 5 * MINUTE))
    impact = Impact(terms=terms, joined=NOON, onset=NOON, queued=queued)
    begun = Incident(id=IncidentId("INC-1"), opened=NOON, onset=NOON, nodes=frozenset(), blind=False)
    over = {begun.id: replace(begun, impacts={ACME: impact})}
    first, end = part(1), replace(part(1), key="end", stage=Stage.RESOLVED, created=NOON + 5 * MINUTE)
    again = replace(part(1), key="again", created=NOON + 6 * MINUTE)
    assert overtaken((first, part(2), again), over) == {first.key}
    assert overtaken((first, end), over) == frozenset(), "they are told together, in their order"
    assert overtaken((first,), {begun.id: begun}) == frozenset()
