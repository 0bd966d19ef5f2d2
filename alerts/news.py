"""Which notice a client is due, and why: how far its incident has come, whether there is news, what was promised.

A stage is told once; one that is overtaken before it could be told is not told at all. An update is due at the
contract's cadence, and is news only where what the client may know has changed. Nothing is written here.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import blake2s

from alerts.audience import Facts, Symptom, facts_of
from alerts.course import RANKS
from alerts.impact import Impact
from alerts.incident import Incident
from alerts.message import Stage
from alerts.reckoning import update_due
from alerts.sentences import SYMPTOMS
from probes.catalog import ClientId, NoticePolicy

SETTLED = timedelta(minutes=1)
"""For how long what the data show must have been so before a further notice says it: it may be overtaken."""

LONGEST_LEAD = timedelta(minutes=15)
LEAD = 0.25
"""Which part of the cadence, and how long at most, somebody has for an update that does not go out by itself."""


class Why(StrEnum):
    """Why a notice is due."""

    FIRST = "first"
    JOINED_LATE = "joined late"
    STAGE = "stage changed"
    NEWS = "news"
    NO_NEWS = "no news"
    OVER = "over"
    FALSE_ALARM = "false alarm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """How far an incident has come, and since when; somebody `said` so, or the data show it."""

    stage: Stage
    since: datetime
    said: bool = False

    @property
    def tellable(self) -> datetime:
        """When those who were told of another stage may be told of this one."""
        return self.since if self.said else self.since + SETTLED


def present(incident: Incident) -> Present:
    """Return the stage of an incident that goes on."""
    course = incident.course
    if course.monitoring is not None:
        return Present(stage=Stage.MONITORING, since=course.monitoring, said=True)
    if incident.mitigated is not None and (course.relapsed is None or course.relapsed < incident.mitigated):
        return Present(stage=Stage.MONITORING, since=incident.mitigated, said=True)
    if incident.answered is not None:
        return Present(stage=Stage.MONITORING, since=incident.answered)
    before = course.relapsed or incident.opened
    if course.identified is not None:
        by_word = course.identified_by is not None
        return Present(stage=Stage.IDENTIFIED, since=max(before, course.identified), said=by_word)
    return Present(stage=Stage.INVESTIGATING, since=before)


def stage_told(impact: Impact) -> tuple[Stage, datetime] | None:
    """Return the stage that a client was last written to of, and when; None before the first notice."""
    return next((one for one in reversed(impact.queued) if one[0] is not Stage.UPDATE), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A notice that is due to a client. `by` is when a promise breaks unless it is told, None where none does.

    `facts` is the fingerprint of what it is written from.
    """

    stage: Stage
    why: Why
    facts: str
    by: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What is to be told of one incident: asked of each of its clients, worked out once for those who are alike."""

    incident: Incident
    now: datetime
    present: Present
    _known: list[Facts] = field(default_factory=list, init=False, repr=False, compare=False)
    _facts: dict[tuple[Symptom, ...], str] = field(default_factory=dict, init=False, repr=False, compare=False)
    _updates: dict[tuple[int, datetime], datetime | None] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def facts(self, client: ClientId) -> str:
        """Return the fingerprint of what a client may know of what is wrong."""
        if not self._known:
            # Nearly always nobody is due anything, and then nobody asks.
            self._known.append(facts_of(self.incident))
        symptoms = self._known[0].symptoms
        hits = (*symptoms.get(None, ()), *symptoms.get(client, ()))
        if hits not in self._facts:
            told = {f"{one.kind} {one.flow}" for one in hits if one.kind in SYMPTOMS}
            self._facts[hits] = blake2s("\n".join(sorted(told)).encode(), digest_size=6).hexdigest()
        return self._facts[hits]

    def due(self, impact: Impact) -> Due | None:
        """Return the notice that is due to a client by now, or would be if somebody consents; None where none is."""
        if not impact.terms.notices.tells or not impact.terms.contacts:
            return None
        if impact.recovered is not None:
            return self._end(impact) if impact.owed else None
        if not impact.owed:
            return self._first(impact)
        return self._stage(impact) or self._update(impact)

    def _end(self, impact: Impact) -> Due:
        false = self.incident.course.false_alarm
        stage, why = (Stage.RETRACTED, Why.FALSE_ALARM) if false else (Stage.RESOLVED, Why.OVER)
        return Due(stage=stage, why=why, facts=self.facts(impact.terms.client))

    def _first(self, impact: Impact) -> Due:
        late = self.present.stage is not Stage.INVESTIGATING
        return Due(
            stage=self.present.stage,
            why=Why.JOINED_LATE if late else Why.FIRST,
            facts=self.facts(impact.terms.client),
            by=first_due(impact),
        )

    def _stage(self, impact: Impact) -> Due | None:
        at = stage_due_at(self.incident, self.present, impact)
        if at is None or at > self.now:
            return None
        facts = self.facts(impact.terms.client)
        return Due(stage=self.present.stage, why=Why.STAGE, facts=facts, by=self._next_update(impact))

    def _next_update(self, impact: Impact) -> datetime | None:
        # Most of those who have one contract were written to at one instant.
        alike = id(impact.terms.sla), impact.queued[-1][1]
        if alike not in self._updates:
            self._updates[alike] = next_update(impact)
        return self._updates[alike]

    def _update(self, impact: Impact) -> Due | None:
        due = self._next_update(impact)
        if due is None or self.now < due - lead(impact):
            return None
        facts = self.facts(impact.terms.client)
        if facts == impact.facts:
            return Due(stage=Stage.UPDATE, why=Why.NO_NEWS, facts=facts, by=due)
        # What goes out by itself goes at its time; for consent somebody needs time.
        wanted = due if impact.terms.notices is NoticePolicy.AUTOMATIC else due - lead(impact)
        return Due(stage=Stage.UPDATE, why=Why.NEWS, facts=facts, by=due) if self.now >= wanted else None


def outlook(incident: Incident, now: datetime) -> Outlook:
    """Return what is to be told of an incident at an instant."""
    return Outlook(incident=incident, now=now, present=present(incident))


def stage_due_at(incident: Incident, standing: Present, impact: Impact) -> datetime | None:
    """Return when a client who was told of another stage is to be told of the present one, None where it was."""
    told, at = stage_told(impact) or (Stage.INVESTIGATING, impact.joined)
    rank = RANKS.get(told, 0)
    if RANKS[standing.stage] > rank:
        return standing.tellable
    relapsed = incident.course.relapsed
    # An update between the relapse and word of it does not say that it is back.
    back = RANKS[standing.stage] < rank and relapsed is not None and relapsed >= at
    return standing.tellable if back else None


def next_update(impact: Impact) -> datetime | None:
    """Return when the next update to a client is due, None where none is."""
    if not impact.owed or impact.recovered is not None:
        return None
    return update_due(impact.terms, impact.queued[-1][1])


def lead(impact: Impact) -> timedelta:
    """Return how long before an update is due a draft of it is to lie before somebody."""
    every = impact.terms.sla.update_every
    return timedelta() if every is None else min(LONGEST_LEAD, every * LEAD)


def first_due(impact: Impact) -> datetime | None:
    """Return by when a client's first notice was promised, by the plain clock; None where it was not."""
    promised = impact.terms.sla.first_notice
    return None if promised is None or impact.queued else impact.joined + promised


def changes(incident: Incident) -> Iterator[datetime]:
    """Yield the instants at which time alone may make a notice of an incident due, past ones among them."""
    standing, known = present(incident), set[tuple[int, tuple[tuple[Stage, datetime], ...]]]()
    for impact in incident.impacts.values():
        if impact.owed and impact.recovered is None and impact.terms.notices.tells:
            # Thousands have one contract and were written to together.
            alike = id(impact.terms.sla), impact.queued
            if alike not in known:
                known.add(alike)
                yield from _changes(incident, standing, impact)


def _changes(incident: Incident, standing: Present, impact: Impact) -> Iterator[datetime]:
    at, update = stage_due_at(incident, standing, impact), next_update(impact)
    yield from (one for one in (at, update) if one is not None)
    if update is not None:
        yield update - lead(impact)


def lull_until(incident: Incident, now: datetime) -> datetime | None:
    """Return until when nobody is due anything by time alone, None where time alone changes nothing."""
    return min((at for at in changes(incident) if at > now), default=None)
