"""What webhooks tell, beside what looks show: records told of, and records that no webhook told of in time.

A webhook says nothing of the availability of a system, and its silence nothing of a record. What is lost hurts nobody
yet, for the looks have found it: it is a ticket, with one alert for a system and numbers for each client.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alerts.alert import AlertKey, AlertKind, AlertState, Move
from alerts.correlate import system_nodes
from alerts.evaluate import STAY, About, Verdict, percent, span
from alerts.weigh import Assessment, Before
from probes.announced import (
    Announcement,
    Fate,
    Reception,
    awaited,
    due,
    forgotten,
    news_to,
    overdue,
    remembered_for,
    seen,
    told,
)
from probes.catalog import Catalog, ClientId, SystemId, Webhooks
from probes.cursor import version
from probes.detect import Evidence, no_accident, over_with, suspect_for, weighed
from probes.objectives import FailureRatio
from probes.observation import Observation, Record
from probes.sli import Indicator, IndicatorKind, Tally, counted, ratio


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a webhook tells of one resource: records as a look would show them, and ids of those that it only names.

    `fresh` are those of its records that no look has shown in the state that they are in.
    """

    observation: Observation
    fresh: tuple[Record, ...] = ()
    names: tuple[str, ...] = ()


def news(assessment: Assessment, observation: Observation, fresh: Iterable[Record]) -> tuple[Record, ...]:
    """Return those records that no webhook has told of in the state that they are in: the others were folded then."""
    known, system = assessment.before.announcements, observation.system
    return tuple(record for record in fresh if news_to(known, system, observation.resource, record))


def weigh_told(assessment: Assessment, one: Told, now: datetime) -> None:
    """Remember what a webhook told of: the records in it, and the ids of those that it only names."""
    observation = one.observation
    system, records = observation.system, {record.id: record for record in observation.records}
    for name in dict.fromkeys((*one.names, *records)):
        record = records.get(name)
        fresh = Announcement(
            system=system,
            resource=observation.resource,
            record=name,
            created=record.created if record is not None else now,
            client=assessment.before.catalog.client_in(system, record.client) if record is not None else None,
            told=now,
            version=version(record) if record is not None else "",
        )
        before = _known(assessment, fresh.key)
        assessment.announcements[fresh.key] = told(before, fresh)
        if before is not None and before.awaited:
            _count(assessment, Fate(system=system, client=before.client, at=before.created, lost=False))


def weigh_shown(assessment: Assessment, observation: Observation) -> None:
    """Remember what a look shows and a webhook should have told of, or should soon."""
    system = assessment.before.catalog.systems[observation.system]
    reception = assessment.before.receptions.get(system.id)
    webhook, webhooks = system.connector.webhook, system.webhooks
    if webhook is None or webhooks is None or reception is None:
        return
    if observation.resource not in {one.resource for one in webhook.announces}:
        return
    for record in observation.records:
        if record.created > reception.since and observation.answered - record.created < remembered_for(webhooks.grace):
            _shown(assessment, observation, record)


def _shown(assessment: Assessment, observation: Observation, record: Record) -> None:
    news = Announcement(
        system=observation.system,
        resource=observation.resource,
        record=record.id,
        created=record.created,
        client=assessment.before.catalog.client_in(observation.system, record.client),
        seen=observation.answered,
    )
    after = seen(_known(assessment, news.key), news)
    if after is not None:
        assessment.announcements[news.key] = after
        if after.told is not None:
            _count(assessment, Fate(system=after.system, client=after.client, at=after.created, lost=False))


def judge_lost(assessment: Assessment, now: datetime) -> None:
    """Give up what was not told of in time, forget what is old, and judge how much of each system's was lost."""
    before, graces = assessment.before, _graces(assessment.before.catalog)
    if before.absence is not None:
        _excuse(assessment, before.absence.end)
    else:
        for one in overdue(before.announcements, graces, now):
            assessment.announcements[one.key] = one
            _count(assessment, Fate(system=one.system, client=one.client, at=one.created, lost=True))
    assessment.announcements |= dict.fromkeys(forgotten(before.announcements, graces, now))
    for system in graces:
        judge_system_lost(assessment, system, now)


def _excuse(assessment: Assessment, until: datetime) -> None:
    """Expect nothing of what was made while nobody could hear: we turned those webhooks away ourselves."""
    before = assessment.before
    assessment.receptions = {key: replace(one, since=until) for key, one in before.receptions.items()}
    assessment.announcements |= {key: None for key, one in before.announcements.items() if one.awaited}


def judge_system_lost(assessment: Assessment, system: SystemId, now: datetime) -> None:
    """Judge how many of a system's webhooks were lost."""
    webhooks, reception = assessment.before.catalog.systems[system].webhooks, assessment.before.receptions.get(system)
    if webhooks is None or reception is None:
        return
    known = assessment.indicator(IndicatorKind.WEBHOOKS_LOST, system, None, webhooks.lost.over)
    key = AlertKey(kind=AlertKind.WEBHOOKS_LOST, subject=system)
    alert, verdict = assessment.alert(key), verdict_on(known, webhooks.lost, now)
    if verdict.move is Move.CONFIRM and (alert is None or not alert.active):
        clients = _lost_by_client(assessment, system, webhooks, now)
        verdict = replace(
            verdict,
            explanation=verdict.explanation + _more(reception, clients, assessment.before.refused.get(system, 0)),
        )
    about = About(key=key, nodes=system_nodes(system), system=system)
    assessment.judge(about, verdict, known, now)
    moved = assessment.moved.get(about.name)
    if moved is not None and moved.state is AlertState.RESOLVED:
        _count_anew(assessment, system, webhooks)


def _count_anew(assessment: Assessment, system: SystemId, webhooks: Webhooks) -> None:
    """Begin each client's count where the system's begins: no later alert tells of what this one told."""
    for client in assessment.before.catalog.clients:
        known = assessment.indicator(IndicatorKind.WEBHOOKS_LOST, system, client, webhooks.lost.over)
        if known.seen is not None:
            assessment.put(replace(known, tally=Tally(over=known.tally.over), evidence=Evidence()))


def verdict_on(known: Indicator, allowed: FailureRatio, now: datetime) -> Verdict:
    """Return whether too many webhooks are lost: more than are allowed, and too many to be chance."""
    good, bad = known.tally.totals(now)
    share, evidence = ratio(good, bad), known.evidence
    if over_with(good, bad, evidence.successes) or (bad and share is not None and share < allowed.below):
        return Verdict(move=Move.CLEAR, cleared=evidence.good_since)
    if not bad or share is None:
        return STAY
    onset = evidence.first_bad or evidence.last_bad or now
    text = f"{bad:,} of {good + bad:,} records that looks at {known.key.subject} showed in {span(allowed.over)} "
    text += f"came without a webhook ({percent(share)}, allowed {percent(allowed.below)})"
    move = Move.SUSPECT if bad < no_accident(good + bad, allowed.below) else Move.CONFIRM
    return Verdict(move=move, explanation=text, onset=onset)


def _more(reception: Reception, clients: Mapping[ClientId, int], refused: int) -> str:
    worst = max(clients, key=lambda one: (clients[one], one), default=None)
    several = f", {len(clients)} clients, most of {worst} ({clients[worst]:,})" if worst is not None else ""
    whose = several if len(clients) != 1 else f", all of {worst}"
    turned_away = f"; {refused:,} {'was' if refused == 1 else 'were'} refused since the start" if refused else ""
    return f"{whose}; the last webhook came at {reception.last:%Y-%m-%d %H:%M:%S} UTC{turned_away}"


def still_posted(before: Before, key: AlertKey) -> bool:
    """Return whether webhooks of the system of an alert are still configured."""
    system = before.catalog.systems.get(SystemId(key.subject))
    return system is not None and system.webhooks is not None


def next_loss(before: Before, now: datetime) -> datetime | None:
    """Return the next instant at which a record's webhook is given up."""
    graces = _graces(before.catalog)
    still = awaited(before.announcements, graces, now)
    return min((at for one in still if (at := due(one, graces)) > now), default=None)


def _graces(catalog: Catalog) -> Mapping[SystemId, timedelta]:
    return {one.id: one.webhooks.grace for one in catalog.systems.values() if one.webhooks is not None}


def _known(assessment: Assessment, key: str) -> Announcement | None:
    return assessment.announcements.get(key) or assessment.before.announcements.get(key)


def _count(assessment: Assessment, fate: Fate) -> None:
    """Add a record to what was lost and what was not, of its system and of its client."""
    webhooks = assessment.before.catalog.systems[fate.system].webhooks
    if webhooks is None:
        return
    assessment.fates.append(fate)
    for client in dict.fromkeys((None, fate.client)):
        known = assessment.indicator(IndicatorKind.WEBHOOKS_LOST, fate.system, client, webhooks.lost.over)
        tally = counted(known.tally, good=int(not fate.lost), bad=int(fate.lost), at=fate.at)
        evidence = weighed(known.evidence, suspect_for(webhooks.lost.below), bad=fate.lost, at=fate.at)
        assessment.put(replace(known, tally=tally, evidence=evidence, seen=fate.at))


def _lost_by_client(
    assessment: Assessment, system: SystemId, webhooks: Webhooks, now: datetime
) -> Mapping[ClientId, int]:
    found = ((client, _lost(assessment, system, client, webhooks, now)) for client in assessment.before.catalog.clients)
    return Counter({client: lost for client, lost in found if lost})


def _lost(assessment: Assessment, system: SystemId, client: ClientId, webhooks: Webhooks, now: datetime) -> int:
    known = assessment.indicator(IndicatorKind.WEBHOOKS_LOST, system, client, webhooks.lost.over)
    return known.tally.totals(now)[1]
