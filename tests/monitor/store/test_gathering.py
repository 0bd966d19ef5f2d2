"""What is gathered waits in the store for its digest; what is withheld is on record, with its reason, and not sent."""

from dataclasses import replace

from alerts.message import DeliveryState, Lane, MessageState
from monitor.changes import Changes
from monitor.store import Store
from tests.monitor.store.cast import MINUTE, NOON, claimed_by, message, queued

WAITS = replace(message(), lane=Lane.BULK, gathered=NOON + MINUTE, held_until=NOON + 11 * MINUTE)


def test_a_message_that_is_gathered_waits_for_its_digest_and_goes_alone_where_none_comes(store: Store) -> None:
    store.commit(queued(WAITS))
    assert store.gathering() == (WAITS,)
    assert claimed_by(store, Lane.BULK, NOON + MINUTE) == ()
    assert [one.message for one in claimed_by(store, Lane.BULK, NOON + 11 * MINUTE)] == [WAITS]


def test_what_is_in_a_digest_is_not_gathered_again_and_not_sent(store: Store) -> None:
    digest = replace(WAITS, key="digest/1", gathered=None, held_until=None)
    store.commit(queued(WAITS))
    store.commit(Changes(messages=(digest,), folded={WAITS.key: digest.key}))
    assert store.gathering() == ()
    assert [one.message.key for one in claimed_by(store, Lane.BULK, NOON + 11 * MINUTE)] == ["digest/1"]


def test_what_is_withheld_is_on_record_with_its_reason(store: Store) -> None:
    withheld = replace(message(), withheld="its contact is sent other notices")
    store.commit(queued(withheld))
    (one,) = store.messages()
    (delivery,) = store.deliveries(withheld.key)
    assert one.state is MessageState.SUPPRESSED
    assert (delivery.state, delivery.reason) == (DeliveryState.SUPPRESSED, withheld.withheld)
    assert claimed_by(store, Lane.URGENT, NOON + MINUTE) == ()
