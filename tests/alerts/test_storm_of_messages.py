"""A storm of messages to one reader becomes a digest: nothing is dropped, nothing that matters is held back."""

from dataclasses import replace
from datetime import timedelta

from alerts.alert import IncidentId
from alerts.delivery_order import Waiting
from alerts.message import Lane, Message, MessageKind, Stage
from alerts.storm import MOST, NAMED, digest, foldable, past_the_first, reader_of
from probes.catalog import ClientId, SecretRef
from tests.cast import NOON

PAGER = SecretRef("env:PAGER")


def page(number: int, weight: int = 100, stage: Stage = Stage.INVESTIGATING) -> Message:
    """Return a page about an incident of its own."""
    return Message(
        key=f"INC-{number}/page/1/alba",
        kind=MessageKind.PAGE,
        lane=Lane.URGENT,
        stage=stage,
        recipient="alba",
        channels=(PAGER,),
        subject=f"[INC-{number}] down",
        body=f"What is known of {number}.",
        created=NOON + timedelta(seconds=number),
        weight=weight,
        incident=IncidentId(f"INC-{number}"),
    )


def waiting(one: Message, attempts: int = 0) -> Waiting:
    """Return a message as it waits."""
    return Waiting(
        key=one.key,
        lane=one.lane,
        weight=one.weight,
        created=one.created,
        due=one.created,
        attempts=attempts,
        channel=one.channels[0],
        recipient=one.recipient,
        client=one.client,
    )


def test_ten_in_ten_minutes_go_one_by_one_and_what_comes_on_top_is_too_much() -> None:
    rows = [waiting(page(number)) for number in range(15)]
    assert [one.key for one in past_the_first(rows, 0)] == [f"INC-{number}/page/1/alba" for number in range(MOST, 15)]
    assert len(past_the_first(rows, MOST)) == 15
    assert past_the_first(rows[:3], MOST - 3) == []
    assert past_the_first([waiting(page(1), attempts=1), replace(rows[2], key="digest/abc")], MOST) == []


def test_word_of_an_end_and_what_weighs_more_than_all_before_go_by_themselves() -> None:
    usual, heavy, end = page(1), page(2, weight=10_000), page(3, stage=Stage.RESOLVED)
    assert foldable([usual, heavy, end], 100) == [usual]
    assert foldable([heavy], 10_000) == [heavy]


def test_a_digest_has_counts_the_heaviest_in_full_and_every_message_as_its_part() -> None:
    those = [page(number, weight=number) for number in range(1, 31)]
    one = digest(those, NOON)
    assert one.subject == "[INC-30] down (+29)"
    assert one.body.startswith("30 pages about 30 incidents in one")
    assert "What is known of 30." in one.body
    assert f"(+{30 - NAMED})" in one.body
    assert {part.key for part in one.parts} == {each.key for each in those}
    assert {part.incident for part in one.parts} == {each.incident for each in those}
    assert (one.weight, one.lane, one.channels) == (30, Lane.URGENT, (PAGER,))


def test_the_same_messages_make_the_same_digest() -> None:
    those = [page(number) for number in range(5)]
    assert digest(those, NOON).key == digest(those[::-1], NOON).key != digest(those[1:], NOON).key


def test_messages_to_different_clients_never_come_together() -> None:
    one = replace(page(1), client=ClientId("acme"))
    other = replace(one, client=ClientId("globex"))
    assert reader_of(waiting(one)) != reader_of(waiting(other))


def test_word_that_somebody_has_an_incident_is_part_of_no_digest() -> None:
    taken = replace(page(1), kind=MessageKind.NOTE, acknowledged_by="alba")
    assert foldable([taken, page(2)], 100) == [page(2)]
