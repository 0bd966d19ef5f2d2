"""What an attempt says of threads, contacts and channels is written with its end."""

from dataclasses import replace
from datetime import timedelta

from alerts.canary import Canary
from alerts.contact_mark import Fault
from alerts.escalate import acknowledged
from alerts.message import Delivery, DeliveryState, Handle, Lane, Message, MessageKind, Stage
from alerts.reason import ReasonClass
from monitor.aftermath import aftermaths
from monitor.changes import Changes
from monitor.record import delivered, drafted, taken_over, with_word_to_receivers
from probes.catalog import ClientId, SecretRef
from tests.monitor.web import town
from tests.monitor.web.office import with_incident

PAGER = SecretRef("env:PAGER")
PAGE = Message(
    key="INC-7/page/1/madrid-1",
    kind=MessageKind.PAGE,
    lane=Lane.URGENT,
    stage=Stage.INVESTIGATING,
    recipient="madrid-1",
    channels=(PAGER,),
    subject="It is down",
    body="Look",
    created=town.NOW,
    incident=town.FIRST,
)


def ended(message: Message, state: DeliveryState = DeliveryState.ACCEPTED, **more: object) -> tuple[Message, Delivery]:
    """Return an attempt at a message that has just ended."""
    delivery = Delivery(
        key=message.key,
        attempt=1,
        channel=message.channels[0],
        state=state,
        reason="accepted" if state is DeliveryState.ACCEPTED else "refused (550 5.1.1)",
        started=town.NOW,
        ended=town.NOW + timedelta(seconds=1),
        why=ReasonClass.ACCEPTED if state is DeliveryState.ACCEPTED else ReasonClass.REFUSED,
    )
    return message, replace(delivery, **more)  # type: ignore[arg-type]


def test_a_receiver_that_takes_a_page_late_hears_at_once_that_somebody_has_it() -> None:
    situation = with_incident().situation
    first = aftermaths(situation, [ended(PAGE, handle=Handle(name="k"))])
    assert (len(first.conversations), first.messages) == (1, ())
    draft = acknowledged(situation.incidents[town.FIRST], "madrid-2", town.NOW + timedelta(seconds=1))
    situation.incidents[town.FIRST] = draft.incident
    late = aftermaths(situation, [ended(PAGE, handle=Handle(name="k"))])
    assert [one.acknowledged_by for one in late.messages] == ["madrid-2"]


def test_who_keeps_a_thread_is_told_of_the_acknowledgement_in_the_same_transaction() -> None:
    situation = with_incident().situation
    taken_over(situation, aftermaths(situation, [ended(PAGE, handle=Handle(name="k"))]))
    draft = acknowledged(situation.incidents[town.FIRST], "madrid-2", town.NOW)
    changes = with_word_to_receivers(situation, drafted((draft,)))
    assert [(one.channels, one.acknowledged_by) for one in changes.messages] == [((PAGER,), "madrid-2")]
    taken = ended(changes.messages[0], handle=Handle(name="k"))
    written = delivered(situation, [taken])
    assert written.entries == ()
    assert [one.acknowledged for one in written.conversations.values() if one is not None] == [True]
    assert with_word_to_receivers(situation, Changes()).empty


def test_a_contact_whose_address_is_refused_for_good_is_marked_and_told_of_once() -> None:
    situation = with_incident().situation
    client = next(one for one in situation.config.catalog.clients.values() if one.contacts)
    contact = client.contacts[0]
    notice = replace(
        PAGE,
        key="n",
        kind=MessageKind.NOTICE,
        recipient=contact.name,
        channels=(contact.channel,),
        client=ClientId(client.id),
    )
    refused = ended(notice, DeliveryState.REJECTED, permanent=True)
    changes = aftermaths(situation, [refused, refused])
    (mark,) = changes.contact_marks.values()
    assert mark is not None
    assert (mark.fault, mark.reason, mark.failures) == (Fault.REJECTED, "refused (550 5.1.1)", 2)
    assert [one.recipient for one in changes.messages] == [situation.config.roster.catch_all.id]
    for harmless in (
        ended(notice, DeliveryState.REJECTED),
        ended(notice, DeliveryState.REJECTED, permanent=True, why=ReasonClass.MISCONFIGURED),
        ended(replace(notice, recipient="somebody else"), DeliveryState.REJECTED, permanent=True),
        ended(PAGE, DeliveryState.REJECTED, permanent=True),
    ):
        assert not aftermaths(situation, [harmless]).contact_marks


def test_a_channel_that_is_tried_out_is_known_by_every_attempt() -> None:
    situation = with_incident().situation
    assert aftermaths(situation, [ended(PAGE)]).empty
    situation.canaries[PAGER] = Canary(channel=PAGER)
    changes = aftermaths(situation, [ended(PAGE)])
    known = changes.canaries[PAGER]
    assert known is not None
    assert known.succeeded == town.NOW + timedelta(seconds=1)
    taken_over(situation, changes)
    assert aftermaths(situation, [ended(PAGE)]).empty
