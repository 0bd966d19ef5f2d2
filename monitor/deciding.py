"""What one pass decides: looks judged in turn, each on top of those before it, as changes that are still to be stored.

Nothing is written here, and nothing that others read is changed: looks that share a pass are judged on a draft of the
situation, so that they come to the same as in passes of their own.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from alerts.assess import assess_look, blind_after
from alerts.draft import Context, Evaluated
from alerts.evaluate import Blindness
from alerts.respond import respond
from alerts.spent import Spent
from alerts.weigh import Assessment, Before
from alerts.wording import Links
from monitor.changes import Changes
from monitor.layer import Layer
from monitor.record import drafted, looks_of, said_of_clients, taken_over
from monitor.situation import Situation
from monitor.store.kept import KINDS
from monitor.undecided import LOOKS, besides, undecided
from probes.catalog import SystemId
from probes.cursor import Cursor, advanced
from probes.failure import Outcome
from probes.heartbeat import Absence
from probes.observation import Observation, Record
from probes.sli import IndicatorKey, IndicatorKind

NOTICED = timedelta(seconds=15)
"""Passes come more often than this. If none came for longer, we did not run, or could record nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A look with what it changes; `late` of its records a naive cursor would have lost."""

    observation: Observation
    assessment: Assessment
    changes: Changes
    late: int


def draft_of(situation: Situation) -> Situation:
    """Return a situation that takes over what is decided, and leaves the one that it began as alone."""
    kept: dict[str, Any] = {kind.name: Layer(getattr(situation, kind.name)) for kind in KINDS}
    return replace(
        situation,
        incidents=dict(situation.incidents),
        alerts=dict(situation.alerts),
        baselines=Layer(situation.baselines),
        indicators=Layer(situation.indicators),
        cursors=Layer(situation.cursors),
        books=Layer(situation.books),
        statuses=Layer(situation.statuses),
        undecided=dict(situation.undecided),
        **kept,
    )


def add(draft: Situation, one: Judged) -> None:
    """Let what a look changes be known to those that are judged after it."""
    # The assessment has its own copy of each book that it changed, with the changes made.
    draft.books.update({change.flow: one.assessment.book(change.flow) for change in one.changes.books})
    taken_over(draft, replace(one.changes, books=()))
    said_of_clients(draft, one.observation.system, one.assessment.statuses)


def judged(situation: Situation, observation: Observation, links: Links, now: datetime) -> Judged:
    """Return what one look changes."""
    cursor, fresh, late = _read(situation, observation)
    blindness = blindness_of(situation, observation.system, observation, now)
    assessment = assess_look(before(situation), observation, fresh, blindness, now)
    balances, system = situation.balances, observation.system
    changes = replace(
        decided(situation, assessment, links, now),
        cursors=(cursor,) if cursor else (),
        looks=() if observation.confirming else (looks_of(observation, excluded=assessment.excluded is not None),),
        balances={system: balances[system]} if system in balances else {},
    )
    return Judged(observation=observation, assessment=assessment, changes=changes, late=late)


def before(situation: Situation) -> Before:
    """Return what is known before a pass."""
    return Before(
        catalog=situation.config.catalog,
        indicators=situation.indicators,
        alerts=situation.alerts,
        since=situation.started,
        books=situation.books,
        heartbeats=situation.config.heartbeats,
        runs=situation.runs,
        baselines=situation.baselines,
        upkeep=situation.upkeep,
        feeds=situation.feeds,
        habits=situation.habits,
        wants=situation.wants,
        statuses=situation.statuses,
        limits=situation.limits,
        targets=situation.targets,
        announcements=situation.announcements,
        receptions=situation.receptions,
        refused=situation.refused,
        windows=situation.maintenance,
        exclusions=situation.exclusions,
        schedules=situation.config.roster.schedules,
        rotas=situation.rotas,
    )


def absence(awake: datetime | None, noticed: timedelta, now: datetime) -> Absence | None:
    """Return from when to when nobody could be heard, if this is the first pass for as long as is `noticed`."""
    if awake is None or now - awake < noticed:
        return None
    return Absence(start=awake, end=now)


def context(situation: Situation, links: Links) -> Context:
    """Return what decisions about incidents read."""
    config = situation.config
    return Context(
        catalog=config.catalog,
        roster=config.roster,
        links=links,
        board=situation.board,
        quiet=situation.quiet,
        notice_drafts=situation.notice_drafts,
        spent=Spent(incidents=situation.incidents, catalog=config.catalog),
        recurrence=config.recurrence,
        started=situation.started,
        words=config.words,
        preferences=situation.preferences,
        forbidden=config.forbidden,
    )


def blindness_of(situation: Situation, system: SystemId, observation: Observation | None, now: datetime) -> Blindness:
    """Since when a system has given nothing usable. Time in which we did not run ourselves does not count."""
    probes = (want.probe.id for want in situation.wants.get(system, ()))
    sights = [situation.sights[probe] for probe in probes if probe in situation.sights]
    interval = min((sight.interval for sight in sights), default=now - now)
    key = str(IndicatorKey(kind=IndicatorKind.AVAILABILITY, subject=system))
    indicator = situation.indicators.get(key)
    since = max(situation.started, (indicator.seen if indicator else None) or situation.started)
    if observation is not None and observation.outcome in (Outcome.GOOD, Outcome.BAD):
        since = now
    last = observation or next((sight.last for sight in sights if sight.last is not None), None)
    reason = f"{last.outcome}: {last.reason}" if last else "no look has come back"
    limit = blind_after(situation.config.catalog, system, interval)
    return Blindness(since=since, limit=limit, reason=reason)


def decided(situation: Situation, assessment: Assessment, links: Links, now: datetime) -> Changes:
    """Return what an assessment changes, and what follows from it for incidents and for who is told."""
    evaluated = Evaluated(
        moved=tuple(assessment.moved.values()),
        alerts=assessment.alerts,
        backlog=assessment.backlog(now) if _anything(situation, assessment) else frozenset(),
        indicators=(assessment.indicators, situation.indicators),
    )
    known = context(situation, links)
    response = respond(evaluated, situation.incidents, known, situation.next_number, now)
    attached = {str(alert.key): alert for alert in response.alerts}
    return replace(
        besides(drafted(response.drafts), undecided(situation, known, LOOKS, response.failed, now)),
        alerts=tuple({**assessment.moved, **attached}.values()),
        indicators=tuple(assessment.indicators.values()),
        books=tuple(change for change in assessment.books.values() if not change.empty),
        runs=assessment.runs,
        baselines=assessment.baselines,
        upkeep=assessment.upkeep,
        feeds=assessment.feeds,
        habits=assessment.habits,
        announcements=assessment.announcements,
        receptions=assessment.receptions,
        exclusions=assessment.exclusions,
        fates=tuple(assessment.fates),
    )


def _anything(situation: Situation, assessment: Assessment) -> bool:
    """Whether there is an incident that somebody may recover from: who is behind takes a walk over all flows."""
    return bool(assessment.moved) or any(incident.open for incident in situation.incidents.values())


def _read(situation: Situation, observation: Observation) -> tuple[Cursor | None, tuple[Record, ...], int]:
    system = situation.config.catalog.systems[observation.system]
    resource = system.connector.resources.get(observation.resource)
    if resource is None:
        return None, (), 0
    known = situation.cursors.get(observation.probe) or Cursor(probe=observation.probe)
    return advanced(known, resource, observation)
