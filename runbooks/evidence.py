"""The evidence of one client's month: what happened to it, what it was told and when, which promises were kept.

It is made from what is on record and from nothing else: the same store gives the same pack. It holds instants, lengths
and fixed words; no text that somebody of ours wrote for ourselves, and nobody's name but the client's own contacts'.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from alerts.account import Account, Row, RowKind, accounts
from alerts.alert import IncidentId
from alerts.beheld import Known, Say, services_in, title_of
from alerts.calendar import Interval
from alerts.client_view import ServiceView
from alerts.clocks import PauseCause, Promise
from alerts.dunning import DunningHold
from alerts.dunning_calls import in_month
from alerts.impact import Impact
from alerts.incident import Incident
from alerts.message import Delivery, DeliveryState, Message, Stage
from alerts.month import MonthSoFar, month_so_far, period_of
from alerts.reckoning import pauses_of
from alerts.services import about
from alerts.sla import TimerState
from alerts.spans import mitigated_at
from alerts.uptime import METHOD, day_of, midnight
from probes.catalog import Catalog, Client
from probes.versions import as_of

INSTANT = timedelta(microseconds=1)


class Happened(StrEnum):
    """What a line of a timeline is about."""

    BEGAN = "began"
    NOTICED = "noticed"
    PAGED = "paged"
    ACKNOWLEDGED = "acknowledged"
    TOLD = "told"
    MITIGATED = "mitigated"
    RECOVERED = "recovered"
    HURT_AGAIN = "hurt_again"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One line of an incident's timeline; `stage` says of which notice it is."""

    at: datetime
    what: Happened
    stage: Stage | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A notice with how it was delivered: to whom, when it was written, and when it was first accepted."""

    recipient: str
    stage: Stage
    written: datetime
    accepted: datetime | None
    attempts: int
    failures: tuple[tuple[datetime, DeliveryState], ...]
    subject: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A time within a promise's that counted or did not; `causes` are why it stood still."""

    kind: RowKind
    start: datetime
    end: datetime
    causes: tuple[PauseCause, ...] = ()

    @property
    def lasted(self) -> timedelta:
        """How long it was."""
        return self.end - self.start


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """One promise and how it came to its figure: `took` is the sum of the parts that counted."""

    promise: Promise
    state: TimerState
    target: timedelta
    took: timedelta
    start: datetime
    due: datetime
    stopped: datetime | None
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One incident that hurt the client."""

    reference: str
    title: str
    began: datetime
    ended: datetime | None
    hurt: timedelta
    timeline: tuple[Moment, ...]
    promises: tuple[Proof, ...]
    notices: tuple[Sent, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A time for which the client's payment failures were held while incidents of ours touched its payments.

    `failed` counts the payments that failed in it; `payments` are the first thousand, each with when it failed.
    """

    since: datetime
    released: datetime | None
    incidents: tuple[str, ...]
    failed: int
    payments: tuple[tuple[datetime, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """Everything of a client's month. `until` is how far the record reaches, the month's end once that is on record."""

    client: str
    title: str
    timezone: str
    language: str
    month: str
    period: Interval
    until: datetime
    sums: MonthSoFar
    services: tuple[ServiceView, ...]
    cases: tuple[Case, ...]
    notices: tuple[Sent, ...]
    held: tuple[Held, ...] = ()
    method: tuple[str, ...] = METHOD


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What is on record of a client's month. `latest` is the last hour of which there are counts of anything."""

    known: Known
    incidents: Mapping[IncidentId, Incident]
    deliveries: Mapping[str, tuple[Delivery, ...]] = field(default_factory=dict)
    latest: datetime | None = None
    holds: tuple[DunningHold, ...] = ()


def month_of(client: Client, month: str) -> Interval:
    """Return the month of a client's contract that begins in a month written like 2026-11. Raises ValueError."""
    first = date.fromisoformat(f"{month}-{client.month_begins:02}")
    return period_of(client, midnight(first, client.timezone))


def pack(recorded: Recorded, catalog: Catalog, month: str, say: Say) -> Pack:
    """Return the evidence of a client's month."""
    known = recorded.known
    period = month_of(known.client, month)
    until = _until(recorded, period)
    at = max(period.start, min(until, period.end - INSTANT))
    dated = as_of(catalog, at)
    own = [one for one in recorded.incidents.values() if _within(one.impacts[known.client.id], one, period, until)]
    named = {notice.incident for notice in known.notices} & recorded.incidents.keys()
    return Pack(
        client=known.client.name,
        title=known.title,
        timezone=known.client.timezone,
        language=known.language,
        month=month,
        period=period,
        until=until,
        sums=month_so_far(dated.clients.get(known.client.id, known.client), dated, own, at),
        services=tuple(services_in(known, tuple(_days(period, known.client.timezone)), say, until)),
        cases=tuple(_case(recorded, one, until, say) for one in sorted(own, key=lambda one: (one.opened, one.id))),
        notices=tuple(_sent(recorded, (one for one in known.notices if one.incident not in named))),
        held=tuple(map(_held, in_month(recorded.holds, known.client.id, period.start, period.end))),
    )


def _held(one: DunningHold) -> Held:
    return Held(
        since=one.since,
        released=one.released,
        incidents=one.incidents,
        failed=one.failed,
        payments=tuple((payment.at, payment.id) for payment in one.payments),
    )


def _until(recorded: Recorded, period: Interval) -> datetime:
    """Return how far the record reaches into a month: its end once something later is on record."""
    client = recorded.known.client.id
    moments = [period.start, *(one.created for one in recorded.known.notices)]
    moments += [one.ended for each in recorded.deliveries.values() for one in each]
    for incident in recorded.incidents.values():
        impact = incident.impacts[client]
        moments += [at for at in (incident.opened, incident.resolved, impact.recovered) if at is not None]
    if recorded.latest is not None:
        moments.append(recorded.latest)
    return min(period.end, max(moments))


def _within(impact: Impact, incident: Incident, period: Interval, until: datetime) -> bool:
    return impact.onset < period.end and (impact.recovered or incident.resolved or until) >= period.start


def _days(period: Interval, zone: str) -> Iterator[date]:
    day = day_of(period.start, zone)
    while midnight(day, zone) < period.end:
        yield day
        day += timedelta(days=1)


def _case(recorded: Recorded, incident: Incident, until: datetime, say: Say) -> Case:
    known = recorded.known
    impact = incident.impacts[known.client.id]
    services = about(known.provided, incident, known.client.id)
    notices = (one for one in known.notices if one.incident == incident.id)
    return Case(
        reference=incident.id,
        title=title_of(services, say),
        began=impact.onset,
        ended=impact.recovered or incident.resolved,
        hurt=impact.hurt_for(incident.resolved or until),
        timeline=tuple(sorted(_moments(incident, impact), key=lambda one: (one.at, one.what))),
        promises=tuple(_proof(impact, one) for one in accounts(incident, impact, until)),
        notices=tuple(_sent(recorded, notices)),
    )


def _moments(incident: Incident, impact: Impact) -> Iterator[Moment]:
    yield Moment(at=impact.onset, what=Happened.BEGAN)
    yield Moment(at=max(incident.opened, impact.joined), what=Happened.NOTICED)
    for spell in incident.spells:
        for at, what in ((spell.paged, Happened.PAGED), (spell.acknowledged, Happened.ACKNOWLEDGED)):
            if at is not None:
                yield Moment(at=at, what=what)
    for stage, at in impact.told.items():
        yield Moment(at=at, what=Happened.TOLD, stage=stage)
    mitigated = mitigated_at(incident)
    if mitigated is not None:
        yield Moment(at=mitigated, what=Happened.MITIGATED)
    for turn, hurt in enumerate(impact.spells):
        if turn:
            yield Moment(at=hurt.start, what=Happened.HURT_AGAIN)
        if hurt.end is not None:
            yield Moment(at=hurt.end, what=Happened.RECOVERED)
    if incident.resolved is not None:
        yield Moment(at=incident.resolved, what=Happened.CLOSED)


def _proof(impact: Impact, account: Account) -> Proof:
    timer = account.timer
    return Proof(
        promise=timer.promise,
        state=timer.state,
        target=timer.target,
        took=timer.took,
        start=timer.start,
        due=timer.due,
        stopped=timer.stopped,
        parts=tuple(_parts(impact, timer.promise, account.rows)),
    )


def _parts(impact: Impact, promise: Promise, rows: Iterable[Row]) -> Iterator[Part]:
    """Yield the rows of an account without their words: those may be ours, the kinds of cause are everybody's."""
    pauses = pauses_of(impact, promise)
    for row in rows:
        live = [one for one in pauses if one.since <= row.start and (one.until is None or row.start < one.until)]
        causes = tuple(dict.fromkeys(one.cause for one in live)) if row.kind is RowKind.PAUSED else ()
        yield Part(kind=row.kind, start=row.start, end=row.end, causes=causes)


def _sent(recorded: Recorded, notices: Iterable[Message]) -> Iterator[Sent]:
    for notice in sorted(notices, key=lambda one: (one.created, one.key)):
        attempts = recorded.deliveries.get(notice.key, ())
        accepted = [one.ended for one in attempts if one.state is DeliveryState.ACCEPTED]
        failed = [(one.ended, one.state) for one in attempts if one.state is not DeliveryState.ACCEPTED]
        yield Sent(
            recipient=notice.recipient,
            stage=notice.stage,
            written=notice.created,
            accepted=min(accepted, default=None),
            attempts=len(attempts),
            failures=tuple(failed),
            subject=notice.subject,
            body=notice.body,
        )
