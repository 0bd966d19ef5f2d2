"""Records that fail, client by client and each way of failing by itself, against the limits of the client's tier.

The ratio of failed payments has an objective of its own; this file is for everything that a list tells to have failed:
a count that is too high is an alert however many records succeed beside it, a ratio only if it is no accident.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alerts.alert import AlertKey, AlertKind, AlertState, Move
from alerts.correlate import system_nodes
from alerts.evaluate import STAY, About, Verdict, length, percent
from alerts.weigh import Assessment, Before
from probes.catalog import Catalog, ClientId, SystemId
from probes.connector import FailureKind
from probes.detect import Evidence, no_accident
from probes.failing import LIMITED, TO_MEND, failed_by, most_frequent, tells_of, told
from probes.failure import Fault
from probes.limit import FailureLimit
from probes.observation import Observation, Record
from probes.sli import EPOCH, Indicator, IndicatorKey, IndicatorKind, counted, ratio


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way of failing: its alert, its indicator, and how one and several of them are called."""

    kind: FailureKind
    one: str
    several: str

    @property
    def alert(self) -> AlertKind:
        """The alert that too many of them raise."""
        return AlertKind(LIMITED[self.kind])

    @property
    def indicator(self) -> IndicatorKind:
        """The indicator that they are counted in."""
        return IndicatorKind(LIMITED[self.kind])


WAYS: Mapping[FailureKind, Way] = {
    kind: Way(kind=kind, one=one, several=several)
    for kind, one, several in (
        (FailureKind.PAYMENT_FAILED, "failed payment", "failed payments"),
        (FailureKind.HARD_DECLINED, "hard decline", "hard declines"),
        (FailureKind.RETRIES_EXHAUSTED, "payment without a retry left", "payments without a retry left"),
        (FailureKind.DUNNING_EXHAUSTED, "invoice dunned in vain", "invoices dunned in vain"),
        (FailureKind.WEBHOOK_FAILED, "webhook not taken", "webhooks not taken"),
        (FailureKind.REJECTED, "rejected record", "rejected records"),
        (FailureKind.MANDATE_FAILED, "mandate lost", "mandates lost"),
        (FailureKind.PAYOUT_FAILED, "failed payout", "failed payouts"),
        (FailureKind.DISPUTED, "disputed payment", "disputed payments"),
    )
}
BY_ALERT: Mapping[AlertKind, Way] = {way.alert: way for way in WAYS.values()}

SEVERAL = 2
"""As many other clients with the same trouble on the same system make it the vendor's."""

WHOSE: Mapping[Fault, str] = {
    Fault.PAYER: "the payers'",
    Fault.CLIENT: "the client's",
    Fault.VENDOR: "the vendor's",
    Fault.OURS: "ours",
}


def weigh_failures(assessment: Assessment, observation: Observation, fresh: Iterable[Record]) -> None:
    """Count what the records of a look tell to have failed, where their clients' tiers limit it."""
    catalog, ways = assessment.before.catalog, _told_by(assessment.before.catalog, observation)
    if not ways:
        return
    for record in sorted(fresh, key=lambda one: one.happened):
        client = catalog.client_in(observation.system, record.client)
        if client is None or not record.settled:
            continue
        assessment.failed += [(client, way.kind) for way in ways if failed_by(record, way.kind)]
        for way, limit in _limits(catalog, client, ways):
            # A count is kept of what fails alone: most clients never have one.
            if failed_by(record, way.kind) or limit.below is not None:
                known = assessment.indicator(way.indicator, observation.system, client, limit.over)
                assessment.put(_with(known, record, observation.resource, bad=failed_by(record, way.kind)))


def judge_failing(assessment: Assessment, observation: Observation, fresh: Iterable[Record], now: datetime) -> None:
    """Judge the clients whose records a look showed, and those of whom there is an alert that it could end."""
    catalog, ways = assessment.before.catalog, _told_by(assessment.before.catalog, observation)
    if not ways:
        return
    system = observation.system
    seen = {catalog.client_in(system, record.client) for record in fresh}
    clients = (seen | set(_suspected(assessment, system))) & catalog.clients.keys()
    judged = [
        (way, known, judge_way(way, known, limit, whole=_answers(observation, known), now=now))
        for client in clients
        if client is not None
        for way, limit in _limits(catalog, client, ways)
        for known in (assessment.indicator(way.indicator, system, client, limit.over),)
    ]
    hurt = Counter(way.kind for way, _, verdict in judged if verdict.move is Move.CONFIRM)
    for way, known, verdict in judged:
        told_whose = _with_whose(verdict, way, hurt[way.kind] - 1)
        assessment.judge(_about(way, system, known.key.client), told_whose, known, now)


def judge_way(way: Way, known: Indicator, limit: FailureLimit, *, whole: bool, now: datetime) -> Verdict:
    """Return whether too many of a client's records failed in one way.

    It is over once the window holds no more than is allowed, seen by a look that read the whole list.
    """
    good, bad = known.tally.totals(now)
    share = ratio(good, bad)
    many = limit.at_most is not None and bad > limit.at_most
    large = limit.below is not None and bad > 0 and share is not None and share >= limit.below
    if many or (large and limit.below is not None and bad >= no_accident(good + bad, limit.below)):
        sentence = _sentence(way, known, limit, (good, bad), now)
        return Verdict(move=Move.CONFIRM, explanation=sentence, onset=_onset(known, limit.over, now))
    if large:
        text = f"{_count(bad, way)} of {good + bad} records for {known.key.client}"
        return Verdict(move=Move.SUSPECT, explanation=text, onset=_onset(known, limit.over, now))
    # Where a reload has changed the window the count began anew, and says nothing of a failure that it does not hold.
    last = known.evidence.last_bad
    uncounted = not bad and last is not None and last > now - limit.over
    return Verdict(move=Move.CLEAR, cleared=last) if whole and not uncounted else STAY


def still_limited(before: Before, key: AlertKey) -> bool:
    """Return whether the limit that an alert is about is still promised, and its system still tells of it."""
    way, catalog = BY_ALERT[key.kind], before.catalog
    system = catalog.systems.get(SystemId(key.subject))
    if key.client not in catalog.clients or key.client is None or system is None:
        return False
    told_here = (way.kind in tells_of(resource) for resource in system.connector.resources.values())
    return way.kind in catalog.tier_of(key.client).objectives.failures and any(told_here)


def last_failure(key: AlertKey) -> IndicatorKey | None:
    """Return where the last failure of an alert's client stands, None for an alert that is no matter of a limit."""
    way = BY_ALERT.get(key.kind)
    return None if way is None else IndicatorKey(kind=way.indicator, subject=key.subject, client=key.client)


def _told_by(catalog: Catalog, observation: Observation) -> tuple[Way, ...]:
    resource = catalog.systems[observation.system].connector.resources.get(observation.resource)
    kinds = tells_of(resource) if resource is not None else frozenset[FailureKind]()
    return tuple(way for kind, way in WAYS.items() if kind in kinds)


def _limits(catalog: Catalog, client: ClientId, ways: Iterable[Way]) -> Iterator[tuple[Way, FailureLimit]]:
    limits = catalog.tier_of(client).objectives.failures
    return ((way, limits[way.kind]) for way in ways if way.kind in limits)


def _suspected(assessment: Assessment, system: SystemId) -> Iterator[ClientId]:
    states = (AlertState.PENDING, AlertState.FIRING)
    for alert in assessment.alerts.values():
        if alert.key.kind in BY_ALERT and alert.key.subject == system and alert.state in states and alert.key.client:
            yield alert.key.client


def _with_whose(verdict: Verdict, way: Way, others: int) -> Verdict:
    """The verdict with who has to mend it: what several clients have at once is more likely the vendor's."""
    if verdict.move is not Move.CONFIRM:
        return verdict
    whose = WHOSE[Fault.VENDOR if others >= SEVERAL else TO_MEND[way.kind]]
    also = f"; {others} other {'client has' if others == 1 else 'clients have'} it too" if others else ""
    return replace(verdict, explanation=f"{verdict.explanation}{also}; {whose} to mend")


def _about(way: Way, system: SystemId, client: ClientId | None) -> About:
    key = AlertKey(kind=way.alert, subject=system, client=client)
    return About(key=key, nodes=system_nodes(system), system=system)


def _answers(observation: Observation, known: Indicator) -> bool:
    """Whether a look can say that it is over: it read the whole list, and the one that told of the last failure."""
    return observation.whole and (known.mark is None or known.mark[1] == observation.resource)


def _with(known: Indicator, record: Record, resource: str, *, bad: bool) -> Indicator:
    """The indicator with one more record; its first failure is the first after a window without any."""
    at, evidence = record.happened, known.evidence
    tally = counted(known.tally, good=int(not bad), bad=int(bad), at=at)
    if not bad:
        return replace(known, tally=tally, seen=at)
    alone = evidence.last_bad is None or at - evidence.last_bad >= known.tally.over
    first = at if alone else evidence.first_bad
    evidence = Evidence(first_bad=first, last_bad=max(at, evidence.last_bad or at))
    codes = told(known.codes, record.code, at)
    return replace(known, tally=tally, evidence=evidence, seen=at, codes=codes, mark=(at, resource))


def _onset(known: Indicator, over: timedelta, now: datetime) -> datetime:
    """The first failure that is still in the window, to within a cell where there were failures before it."""
    first = known.tally.cell(now - over) + 1
    bad = min((cell for cell, (_, bad) in known.tally.cells.items() if bad and cell >= first), default=first)
    begins = EPOCH + bad * known.tally.width
    return max(begins, known.evidence.first_bad or begins)


def _sentence(way: Way, known: Indicator, limit: FailureLimit, totals: tuple[int, int], now: datetime) -> str:
    good, bad = totals
    over = length(limit.over)
    if limit.at_most is not None and bad > limit.at_most:
        told_in = f"{_count(bad, way)} in {over} for {known.key.client}, allowed {limit.at_most}"
    else:
        of_all = f"{percent(bad / (good + bad))}, allowed less than {percent(limit.below or 0.0)}"
        told_in = f"{_count(bad, way)} of {good + bad} records in {over} for {known.key.client} ({of_all})"
    # What was counted before the last alert ended is not counted any more.
    begun = (known.evidence.first_bad or now) - timedelta(microseconds=1)
    most = most_frequent(known.codes, max(begun, now - limit.over))
    return f"{told_in}{f'; most: {most[0]} ({most[1]})' if most else ''}"


def _count(number: int, way: Way) -> str:
    return f"{number} {way.one if number == 1 else way.several}"
