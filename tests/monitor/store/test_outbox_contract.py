"""What the store promises of messages on either database: claimed once, settled by acceptance, never lost."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from alerts.delivery_order import Waiting
from alerts.message import DeliveryState, Lane, MessageKind, MessageState
from alerts.reason import ReasonClass
from monitor.changes import Changes
from monitor.store import Store
from monitor.store.ledger import Sought
from probes.catalog import ClientId, SecretRef
from tests.monitor.store.cast import (
    FIRST,
    MAIL,
    MINUTE,
    NOON,
    PAGER,
    RESOLVED,
    SECOND,
    STORY,
    claimed_by,
    ended,
    entries,
    message,
    next_due,
    queued,
)

URGENT = Lane.URGENT
PAGE = message()
ACCEPTED = (DeliveryState.ACCEPTED, MessageState.ACCEPTED)
FAILED = (DeliveryState.REJECTED, MessageState.FAILED)


def rejected(attempt: int, again: datetime) -> Changes:
    """Return the change after an attempt at the page that failed and is to be repeated."""
    return ended(PAGE.key, attempt, DeliveryState.REJECTED, MessageState.QUEUED, again)


def claimed(store: Store, now: datetime = NOON, limit: int = 9) -> list[str]:
    """Return the keys of what is claimed."""
    return [claim.message.key for claim in claimed_by(store, URGENT, now, limit)]


def standing(store: Store, key: str = PAGE.key) -> tuple[MessageState, int, datetime | None]:
    """Return where a message stands: its state, attempts and next instant."""
    (one,) = (one for one in store.messages() if one.message.key == key)
    return one.state, one.attempts, one.next_at


def test_a_message_is_claimed_once_and_its_attempt_is_on_record_before_it_is_sent(store: Store) -> None:
    store.commit(queued(PAGE))
    (claim,) = claimed_by(store, URGENT, NOON, 9)
    assert (claim.message, claim.attempt, claim.channel) == (PAGE, 1, PAGER)
    (delivery,) = store.deliveries(PAGE.key)
    assert (delivery.state, delivery.started, delivery.channel) == (DeliveryState.SENDING, NOON, PAGER)
    assert claimed_by(store, URGENT, NOON + MINUTE, 9) == ()


def test_a_message_of_a_known_key_is_left_as_it_is(store: Store) -> None:
    store.commit(queued(PAGE))
    claimed(store)
    store.commit(ended(PAGE.key, 1, *ACCEPTED))
    store.commit(queued(PAGE, message("another")))
    assert claimed(store) == ["another"]
    assert standing(store)[0] is MessageState.ACCEPTED


def test_the_heaviest_goes_first_then_the_oldest(store: Store) -> None:
    store.commit(
        queued(
            message("gold", weight=50, created=NOON - 2 * MINUTE),
            message("new platinum"),
            message("old platinum", created=NOON - MINUTE),
        )
    )
    assert claimed(store, limit=2) == ["old platinum", "new platinum"]
    assert claimed(store) == ["gold"]


def test_lanes_do_not_see_each_other(store: Store) -> None:
    store.commit(queued(PAGE))
    assert claimed_by(store, Lane.NORMAL, NOON, 9) == ()
    assert next_due(store, Lane.NORMAL) is None
    assert next_due(store, URGENT) == NOON


def test_a_message_is_not_claimed_before_it_is_due(store: Store) -> None:
    store.commit(queued(message(created=NOON + SECOND)))
    assert claimed(store, NOON) == []
    assert next_due(store, URGENT) == NOON + SECOND
    assert claimed(store, NOON + SECOND) == [PAGE.key]


def test_a_failed_attempt_is_repeated_on_the_next_channel_when_it_is_due(store: Store) -> None:
    store.commit(queued(PAGE))
    claimed(store)
    assert next_due(store, URGENT) is None
    store.commit(rejected(1, NOON + MINUTE))
    assert next_due(store, URGENT) == NOON + MINUTE
    assert claimed(store, NOON + MINUTE - SECOND) == []
    (claim,) = claimed_by(store, URGENT, NOON + MINUTE, 9)
    assert (claim.attempt, claim.channel) == (2, MAIL)
    assert [one.state for one in store.deliveries(PAGE.key)] == [DeliveryState.SENDING, DeliveryState.REJECTED]


def test_what_is_accepted_or_given_up_is_never_sent_again(store: Store) -> None:
    store.commit(queued(message("told"), message("hopeless")))
    claimed(store)
    store.commit(ended("told", 1, *ACCEPTED))
    store.commit(ended("hopeless", 1, *FAILED))
    assert claimed(store, NOON + MINUTE) == []
    assert standing(store, "told") == (MessageState.ACCEPTED, 1, None)
    assert standing(store, "hopeless") == (MessageState.FAILED, 1, None)


def test_a_settlement_and_the_timeline_are_one_transaction(store: Store) -> None:
    store.commit(Changes(entries=entries(*STORY), messages=(PAGE,)))
    claimed(store)
    both = Changes(entries=entries(RESOLVED, first=2), settlements=ended(PAGE.key, 1, *ACCEPTED).settlements)
    with pytest.raises(Exception, match="already written"):
        store.commit(both)
    assert standing(store)[0] is MessageState.QUEUED
    assert store.deliveries(PAGE.key)[0].state is DeliveryState.SENDING


def test_an_acceptance_that_comes_late_ends_the_message_whatever_happened_since(store: Store) -> None:
    store.commit(queued(PAGE))
    claimed(store)
    store.commit(ended(PAGE.key, 1, DeliveryState.UNKNOWN, MessageState.QUEUED, NOON))
    claimed(store)
    store.commit(ended(PAGE.key, 1, *ACCEPTED))
    assert standing(store) == (MessageState.ACCEPTED, 2, None)
    store.commit(rejected(2, NOON))
    assert standing(store) == (MessageState.ACCEPTED, 2, None)
    assert {one.attempt: one.state for one in store.deliveries(PAGE.key)} == {
        1: DeliveryState.ACCEPTED,
        2: DeliveryState.REJECTED,
    }


def test_the_failure_of_an_earlier_attempt_does_not_move_the_message(store: Store) -> None:
    store.commit(queued(PAGE))
    claimed(store)
    store.commit(rejected(1, NOON))
    claimed(store)
    store.commit(rejected(1, NOON + MINUTE))
    store.commit(rejected(2, NOON + 2 * MINUTE))
    assert standing(store) == (MessageState.QUEUED, 2, NOON + 2 * MINUTE)


def test_a_queued_message_that_is_suppressed_is_never_sent_and_says_so(store: Store) -> None:
    store.commit(Changes(entries=entries(*STORY), messages=(PAGE,)))
    store.commit(Changes(entries=entries(RESOLVED, first=5), suppressed=(PAGE.key, "no such key")))
    assert claimed(store, NOON + MINUTE) == []
    assert standing(store) == (MessageState.SUPPRESSED, 0, None)
    (delivery,) = store.deliveries(PAGE.key)
    assert (delivery.state, delivery.attempt) == (DeliveryState.SUPPRESSED, 1)
    assert delivery.started == delivery.ended == RESOLVED.at


def test_suppressing_twice_or_with_the_message_itself_is_one_suppression(store: Store) -> None:
    store.commit(Changes(messages=(PAGE,), suppressed=(PAGE.key,)))
    store.commit(Changes(suppressed=(PAGE.key,)))
    assert [one.started for one in store.deliveries()] == [PAGE.created]


def test_an_accepted_message_cannot_be_suppressed(store: Store) -> None:
    store.commit(queued(PAGE))
    claimed(store)
    store.commit(ended(PAGE.key, 1, *ACCEPTED))
    store.commit(Changes(suppressed=(PAGE.key,)))
    assert standing(store)[0] is MessageState.ACCEPTED


def test_a_message_under_way_that_is_suppressed_may_arrive_but_is_not_tried_again(store: Store) -> None:
    store.commit(queued(message("arrives"), message("fails")))
    claimed(store)
    store.commit(Changes(suppressed=("arrives", "fails")))
    assert standing(store, "arrives")[0] is MessageState.QUEUED
    store.commit(ended("arrives", 1, *ACCEPTED))
    store.commit(ended("fails", 1, DeliveryState.UNKNOWN, MessageState.QUEUED, NOON))
    assert standing(store, "arrives")[0] is MessageState.ACCEPTED
    assert standing(store, "fails") == (MessageState.SUPPRESSED, 1, None)


def test_after_a_crash_what_was_under_way_is_unknown_and_due_again_at_once(url: str) -> None:
    dead = Store(url)
    dead.commit(queued(PAGE, message("withdrawn"), message("told")))
    claimed(dead)
    dead.commit(ended("told", 1, *ACCEPTED))
    dead.commit(Changes(suppressed=("withdrawn",)))
    dead.close()
    store = Store(url)
    assert store.recover(NOON + MINUTE) == 2
    (delivery,) = store.deliveries(PAGE.key)
    assert (delivery.state, delivery.ended) == (DeliveryState.UNKNOWN, NOON + MINUTE)
    assert "stopped while it was sending" in delivery.reason
    assert standing(store, "withdrawn")[0] is MessageState.SUPPRESSED
    (claim,) = claimed_by(store, URGENT, NOON + MINUTE, 9)
    assert (claim.message, claim.attempt, claim.channel) == (PAGE, 2, MAIL)
    assert store.recover(NOON + 2 * MINUTE) == 1
    store.close()


def test_who_waits_is_told_with_what_the_order_depends_on_and_no_words(store: Store) -> None:
    store.commit(queued(PAGE))
    claimed(store)
    store.commit(rejected(1, NOON + MINUTE))
    (one,) = store.waiting(URGENT)
    expected = Waiting(
        key=PAGE.key,
        lane=URGENT,
        weight=100,
        created=NOON,
        due=NOON + MINUTE,
        attempts=1,
        channel=MAIL,
        recipient="madrid-1",
        client=ClientId("acme"),
    )
    assert one == expected


def test_an_attempt_after_one_whose_end_nobody_knows_says_that_it_may_be_a_repetition(store: Store) -> None:
    store.commit(queued(PAGE))
    (first,) = claimed_by(store, URGENT, NOON)
    store.commit(ended(PAGE.key, 1, DeliveryState.UNKNOWN, MessageState.QUEUED, NOON))
    (second,) = claimed_by(store, URGENT, NOON)
    store.commit(ended(PAGE.key, 2, DeliveryState.REJECTED, MessageState.QUEUED, NOON))
    (third,) = claimed_by(store, URGENT, NOON)
    assert [one.repeated for one in (first, second, third)] == [False, True, True]


def test_the_ledger_has_why_an_attempt_ended_so_and_where_it_went(store: Store) -> None:
    store.commit(queued(PAGE))
    claimed(store)
    (settled,) = rejected(1, NOON).settlements
    busy = replace(settled, delivery=replace(settled.delivery, why=ReasonClass.BUSY))
    store.commit(Changes(settlements=(busy,)))
    (found,) = store.deliveries(PAGE.key)
    assert (found.why, found.endpoint) == (ReasonClass.BUSY, "json")


def test_after_a_crash_a_notice_goes_again_only_where_a_repetition_is_recognised(url: str) -> None:
    dead = Store(url)
    notices = [replace(message(name), kind=MessageKind.NOTICE) for name in ("by chat", "by webhook")]
    dead.commit(queued(*notices))
    dead.claim({"by chat": "slack", "by webhook": "json"}, NOON)
    dead.close()
    store = Store(url)
    assert store.recover(NOON + MINUTE) == 2
    assert standing(store, "by chat") == (MessageState.UNKNOWN, 1, None)
    assert standing(store, "by webhook") == (MessageState.QUEUED, 1, NOON + MINUTE)
    store.close()


def test_a_message_without_a_channel_fails_and_is_seen(store: Store) -> None:
    store.commit(queued(message(channels=())))
    assert claimed(store) == []
    assert standing(store) == (MessageState.FAILED, 0, None)


def test_a_message_that_another_version_wrote_fails_and_holds_up_nobody(store: Store) -> None:
    store.commit(queued(message("strange", weight=999), PAGE))
    with store._engines.writer.begin() as connection:
        connection.exec_driver_sql("UPDATE messages SET value = '{}' WHERE key = 'strange'")
    assert claimed(store, limit=2) == [PAGE.key]
    assert store.counts()[URGENT, MessageState.FAILED] == 1


def test_messages_are_found_by_incident_and_by_client(store: Store) -> None:
    store.commit(queued(PAGE, message("later", created=NOON + SECOND)))
    assert [one.message.key for one in store.messages(incident=FIRST)] == ["later", PAGE.key]
    assert [one.message.key for one in store.messages(client=ClientId("acme"), limit=1)] == ["later"]
    assert store.messages(client=ClientId("globex")) == ()


def test_the_outbox_is_as_old_as_the_oldest_message_still_to_be_told(store: Store) -> None:
    assert store.outbox_age(NOON) == timedelta()
    store.commit(queued(PAGE, message("later", created=NOON + MINUTE)))
    assert store.outbox_age(NOON + 5 * MINUTE) == 5 * MINUTE
    claimed(store)
    assert store.outbox_age(NOON + 5 * MINUTE) == 5 * MINUTE
    store.commit(ended(PAGE.key, 1, *ACCEPTED))
    assert store.outbox_age(NOON + 5 * MINUTE) == 4 * MINUTE


def test_messages_are_counted_by_lane_and_state(store: Store) -> None:
    store.commit(queued(PAGE, message("other")))
    assert store.counts() == {(URGENT, MessageState.QUEUED): 2}


def test_only_references_to_channels_are_stored(store: Store) -> None:
    store.commit(queued(PAGE))
    claimed(store)
    (one,) = store.messages()
    assert all(SecretRef(ref).startswith(("env:", "file:")) for ref in one.message.channels)
    assert store.deliveries()[0].channel == PAGER


def test_the_ledger_is_asked_by_incident_client_contact_and_state_and_page_by_page(store: Store) -> None:
    many = [message(f"m{number}", created=NOON + number * SECOND) for number in range(5)]
    to_another = replace(message("other"), recipient="lena")
    store.commit(queued(*many, to_another, message("same instant")))
    store.commit(Changes(suppressed=("m3",)))

    def names(sought: Sought, limit: int = 9) -> list[str]:
        return [one.message.key for one in store.ledger(sought, limit)]

    assert names(Sought(recipient="lena")) == ["other"]
    assert names(Sought(state=MessageState.SUPPRESSED, incident=FIRST, client=ClientId("acme"))) == ["m3"]
    first = names(Sought(recipient="madrid-1"), 4)
    assert first == ["m4", "m3", "m2", "m1"]
    assert names(Sought(recipient="madrid-1", before="m1"), 4) == ["m0", "same instant"]
    assert names(Sought(recipient="madrid-1", before="m0"), 4) == ["same instant"]


def test_the_attempts_of_several_messages_are_read_at_once(store: Store) -> None:
    store.commit(queued(PAGE, message("other")))
    claimed(store)
    store.commit(rejected(1, NOON))
    claimed(store)
    found = store.attempts([PAGE.key, "other", "unknown"])
    assert {key: [one.attempt for one in attempts] for key, attempts in found.items()} == {
        PAGE.key: [1, 2],
        "other": [1],
    }


def test_a_note_about_a_client_is_no_notice_to_it(store: Store) -> None:
    odd = replace(PAGE, key="c", lane=Lane.BULK, kind=MessageKind.NOTE, body="\ud800")
    told = replace(PAGE, key="n", lane=Lane.NORMAL, kind=MessageKind.NOTICE, body='"kind":"note"')
    store.commit(queued(PAGE, told, replace(told, key="o", kind=MessageKind.NOTE), odd))
    kinds = {one.key: one.kind for one in store.untaken(NOON - MINUTE, NOON + MINUTE)}
    note, page = MessageKind.NOTE, MessageKind.PAGE
    assert kinds == {PAGE.key: page, "n": MessageKind.NOTICE, "o": note, "c": note}
