"""What an attempt at a message says beside its own end: of the receiver's thread, the contact, and the channel.

Returned as changes, to be written in the transaction that settles the attempt.
"""

from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from dataclasses import replace
from typing import Any

from alerts.canary import heard, is_news
from alerts.contact_alarm import contact_alarm
from alerts.contact_mark import ContactMark, Fault, failed, mark_key, mark_of
from alerts.conversation import conversation_key, thread_of, went_on
from alerts.message import Delivery, DeliveryState, Message, MessageKind
from alerts.open_threads import caught_up
from alerts.reason import ReasonClass
from monitor.changes import Changes, together
from monitor.layer import Layer
from monitor.situation import Situation
from probes.catalog import Contact

NOTHING = Changes()


def aftermaths(situation: Situation, ended: Sequence[tuple[Message, Delivery]]) -> Changes:
    """Return what attempts change beside their messages and incidents, each on top of those before it."""
    draft = replace(
        situation,
        conversations=Layer(situation.conversations),
        contact_marks=Layer(situation.contact_marks),
        canaries=Layer(situation.canaries),
    )
    found = [one for message, delivery in ended for one in _aftermath(draft, message, delivery)]
    return together(found) if found else NOTHING


def _aftermath(draft: Situation, message: Message, delivery: Delivery) -> Iterator[Changes]:
    """Yield what one attempt changes, and let those after it know of it."""
    for one in (_thread(draft, message, delivery), _contact(draft, message, delivery), _channel(draft, delivery)):
        if one is not NOTHING:
            _known(draft.conversations, one.conversations)
            _known(draft.contact_marks, one.contact_marks)
            _known(draft.canaries, one.canaries)
            yield one


def _known(values: MutableMapping[Any, Any], changed: Mapping[Any, Any]) -> None:
    for key, one in changed.items():
        if one is None:
            values.pop(key, None)
        else:
            values[key] = one


def _thread(situation: Situation, message: Message, delivery: Delivery) -> Changes:
    """The thread that the receiver keeps goes on, or ends."""
    if delivery.state is not DeliveryState.ACCEPTED or delivery.handle is None:
        return NOTHING
    key = conversation_key(delivery.channel, thread_of(message))
    known = situation.conversations.get(key)
    goes_on = went_on(known, message, delivery.channel, delivery.handle, delivery.ended)
    incident = situation.incidents.get(message.incident) if message.incident else None
    late = () if goes_on is None or incident is None else caught_up(goes_on, incident, message, delivery.ended)
    return Changes(conversations={key: goes_on}, messages=late)


def _contact(situation: Situation, message: Message, delivery: Delivery) -> Changes:
    """A contact whose address is refused for good is marked, and the owner of the client's account is told once."""
    refused = delivery.state is DeliveryState.REJECTED and delivery.permanent and delivery.why is ReasonClass.REFUSED
    contact = _of(situation, message, delivery) if refused and message.kind is MessageKind.NOTICE else None
    if contact is None or message.client is None:
        return NOTHING
    known = mark_of(situation.contact_marks.get(mark_key(message.client, contact.name)), message.client, contact)
    return marked(situation, known, failed(known, Fault.REJECTED, delivery.reason, delivery.ended))


def _of(situation: Situation, message: Message, delivery: Delivery) -> Contact | None:
    client = situation.config.catalog.clients.get(message.client) if message.client is not None else None
    contacts = client.contacts if client is not None else ()
    return next((one for one in contacts if one.name == message.recipient and one.channel == delivery.channel), None)


def marked(situation: Situation, before: ContactMark, after: ContactMark) -> Changes:
    """Return the changes of a contact that has failed; word goes out where it had not before."""
    change = Changes(contact_marks={after.key: after})
    if before.fault is not None or after.failed is None:
        return change
    owner = situation.config.roster.owner_of(after.client)
    return replace(change, messages=(contact_alarm(after, owner, after.failed),))


def _channel(situation: Situation, delivery: Delivery) -> Changes:
    """A channel that is tried out is known by every attempt over it."""
    known = situation.canaries.get(delivery.channel)
    accepted = delivery.state is DeliveryState.ACCEPTED
    if known is None or not is_news(known, accepted=accepted, now=delivery.ended):
        return NOTHING
    told = heard(known, accepted=accepted, reason=delivery.reason, now=delivery.ended)
    return Changes(canaries={delivery.channel: told})
