"""Between decisions and the store: decisions as changes to be written, and written changes taken over into memory.

No decision is made here and nothing is written; `desk` does the one, the store the other.
"""

from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from alerts.alert import AlertState, IncidentId
from alerts.draft import Draft
from alerts.dunning import failed_payments
from alerts.dunning_calls import calls_settled
from alerts.fold import advanced_by, opened
from alerts.incident import Incident
from alerts.message import Delivery, DeliveryState, Message, MessageKind
from alerts.open_threads import told
from alerts.settlement import settlement
from alerts.timeline import Event, Opened, Told
from alerts.unreached import unreached
from alerts.uptime import HourCount
from monitor.aftermath import aftermaths
from monitor.changes import Changes, Entry
from monitor.situation import Situation
from monitor.store.kept import KINDS
from probes.book import Book
from probes.catalog import ClientId, SystemId
from probes.failure import Outcome
from probes.observation import Observation
from probes.status import Said


def _entries(draft: Draft) -> Iterable[Entry]:
    for sequence, event in enumerate(draft.events, start=draft.first_sequence):
        yield Entry(incident=draft.incident.id, sequence=sequence, event=event)


def drafted(drafts: Iterable[Draft]) -> Changes:
    """Return what decisions about incidents write: their timelines, and the messages that they cause."""
    drafts = tuple(drafts)
    return Changes(
        entries=tuple(entry for draft in drafts for entry in _entries(draft)),
        messages=tuple(message for draft in drafts for message in draft.messages),
        suppressed=tuple(key for draft in drafts for key in draft.suppressed),
        notice_drafts={key: one for draft in drafts for key, one in draft.notices.items()},
    )


def delivered(situation: Situation, ended: Sequence[tuple[Message, Delivery]]) -> Changes:
    """Return what attempts write: their ends, the messages' states and what the timelines have to say of them.

    What they say of receivers' threads, of contacts and of channels is written with it.
    """
    news: dict[IncidentId, list[Event]] = {}
    for message, delivery in ended:
        for one in (message, *_parts(message)):
            incident = _goes_on(situation, one)
            if incident is not None and not one.acknowledged_by:
                events = news.setdefault(incident.id, [])
                events += _word_of(incident, events, one, delivery)
    entries = (
        Entry(incident=incident, sequence=sequence, event=event)
        for incident, events in news.items()
        for sequence, event in enumerate(events, start=situation.incidents[incident].version + 1)
    )
    settlements = tuple(settlement(message, delivery) for message, delivery in ended)
    dunning = calls_settled(situation.dunning, settlements)
    return replace(aftermaths(situation, ended), settlements=settlements, entries=tuple(entries), dunning=dunning)


def with_word_to_receivers(situation: Situation, changes: Changes) -> Changes:
    """Return changes with what they have to be told of that keep a thread of an incident: who has it, and its end."""
    if not changes.entries or not situation.conversations:
        return changes
    said = ((entry.incident, entry.event) for entry in changes.entries)
    words = told(said, situation.conversations, changes.messages)
    return replace(changes, messages=(*changes.messages, *words)) if words else changes


def _parts(message: Message) -> Iterable[Message]:
    """The messages that a digest stands for: who takes it has been told each of them."""
    for part in message.parts:
        yield replace(message, key=part.key, stage=part.stage, incident=part.incident, parts=())


def _word_of(incident: Incident, before: Sequence[Event], message: Message, delivery: Delivery) -> Iterable[Event]:
    """What an incident's timeline has to say of an attempt, after what it has to say of those before."""
    if delivery.state is DeliveryState.ACCEPTED:
        word = Told(
            at=delivery.ended, key=message.key, recipient=message.recipient, stage=message.stage, client=message.client
        )
        return (word,)
    if message.kind is not MessageKind.PAGE:
        return ()
    moved = unreached(advanced_by(incident, before), message, delivery)
    return () if moved is None else (moved,)


def _goes_on(situation: Situation, message: Message) -> Incident | None:
    """Return the incident that has the client of a message now: it may have been merged or split meanwhile."""
    incident = situation.incidents.get(message.incident) if message.incident else None
    heir = incident.heir(message.client) if incident is not None else None
    seen = set[IncidentId]()
    while heir is not None and heir in situation.incidents and heir not in seen:
        seen.add(heir)
        incident = situation.incidents[heir]
        heir = incident.heir(message.client)
    return incident


def looks_of(observation: Observation, *, excluded: bool) -> HourCount:
    """Return how a look counts in its hour; one that is kept out of the promises is counted apart."""
    good, bad = observation.outcome is Outcome.GOOD, observation.outcome is Outcome.BAD
    hour = observation.answered.replace(minute=0, second=0, microsecond=0)
    if excluded:
        return HourCount(system=observation.system, hour=hour, excluded_good=int(good), excluded_bad=int(bad))
    unknown = not (good or bad)
    return HourCount(system=observation.system, hour=hour, good=int(good), bad=int(bad), unknown=int(unknown))


def _fold(incidents: dict[IncidentId, Incident], entries: Iterable[Entry]) -> None:
    news: dict[IncidentId, list[Event]] = {}
    for entry in entries:
        news.setdefault(entry.incident, []).append(entry.event)
    for identity, events in news.items():
        first = events[0]
        if isinstance(first, Opened):
            incidents[identity] = advanced_by(opened(identity, first), events[1:])
        else:
            incidents[identity] = advanced_by(incidents[identity], events)


def taken_over(situation: Situation, changes: Changes) -> None:
    """Make the situation equal to what the store now holds."""
    _fold(situation.incidents, changes.entries)
    situation.next_number += sum(isinstance(entry.event, Opened) for entry in changes.entries)
    for alert in changes.alerts:
        if alert.state is AlertState.INACTIVE:
            situation.alerts.pop(str(alert.key), None)
        else:
            situation.alerts[str(alert.key)] = alert
    situation.indicators.update({str(indicator.key): indicator for indicator in changes.indicators})
    situation.cursors.update({cursor.probe: cursor for cursor in changes.cursors})
    situation.baselines.update(changes.baselines)
    for kind in KINDS:
        _take_over(getattr(situation, kind.name), getattr(changes, kind.name))
    _take_over(situation.undecided, changes.undecided)
    for identity, silence in changes.silences.items():
        situation.silenced.take(identity, silence)
    for change in changes.books:
        situation.books.setdefault(change.flow, Book(change.flow)).apply(change)


def _take_over(known: MutableMapping[Any, Any], changed: Mapping[Any, Any]) -> None:
    for key, one in changed.items():
        if one is None:
            known.pop(key, None)
        else:
            known[key] = one


def said_of_clients(situation: Situation, system: SystemId, statuses: Mapping[ClientId, Said]) -> None:
    """Take over what a system says of clients; what it said of others stands."""
    for client, said in statuses.items():
        situation.statuses[client] = {**situation.statuses.get(client, {}), system: said}


def failed_of_clients(situation: Situation, observation: Observation) -> None:
    """Remember for a while which payments a look showed to have failed: a hold of dunning may reach back to them."""
    config = situation.config
    if config.dunning.targets and observation.records:
        for client, payment in failed_payments(observation, config.dunning, config.catalog):
            situation.failed_payments.setdefault(client, {})[f"{payment.system}/{payment.id}"] = payment


def forget_before(situation: Situation, instant: datetime) -> None:
    """Drop incidents that were resolved before an instant from memory; the store keeps them."""
    old = [one.id for one in situation.incidents.values() if one.resolved is not None and one.resolved < instant]
    for incident in old:
        del situation.incidents[incident]
