"""Silence and drops: judges what a client does not do, beside what it does in the same hour of other weeks.

A look that read a list whole is evidence of what did not come. How much is to be expected is `probes.rhythm`'s
arithmetic; here records are counted, hours that are over become part of the baseline, and verdicts are made.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from statistics import median

from alerts.alert import AlertKey, AlertKind, Move, Urgency
from alerts.correlate import system_nodes
from alerts.evaluate import STAY, About, Verdict, span
from alerts.weigh import Assessment, Before
from probes.catalog import Catalog, Client, ClientId, SystemId
from probes.objectives import Activity
from probes.observation import Observation, Record
from probes.rhythm import (
    Baseline,
    a_week,
    begin_of,
    final,
    hour_of,
    learned,
    missed,
    place_of,
    silence_limit,
    spread,
    too_low,
)
from probes.sli import Indicator, IndicatorKey, IndicatorKind, counted

HOURS_KEPT = timedelta(hours=60)
"""As many hours as a tally has cells: each cell is an hour that may still have to become part of the baseline."""

FALSE_A_WEEK = 1.0
"""How often a week chance alone may make one of all a system's clients seem silent."""

IN_A_ROW = 2
"""So many hours in a row must be too low."""

KINDS = frozenset({AlertKind.SILENCE, AlertKind.VOLUME_DROP})


def streams(catalog: Catalog, system: SystemId) -> frozenset[str]:
    """Return the lists of a system in which clients are expected to do something: where flows begin, or payments are.

    What only arrives somewhere shows the flow's rhythm, not the client's.
    """
    flows = tuple(catalog.flows_of(system))
    begin = {flow.source.resource for flow in flows if flow.source.system == system}
    arrive = {flow.destination.resource for flow in flows if flow.destination.system == system}
    resources = catalog.systems[system].connector.resources
    can_fail = {name for name, one in resources.items() if one.can_fail and one.client_paths}
    return frozenset(begin | (can_fail - arrive))


def weigh_activity(assessment: Assessment, observation: Observation, fresh: Iterable[Record], now: datetime) -> None:
    """Count the records of a look by client and hour; judge every client once a minute of what was read whole."""
    catalog, system = assessment.before.catalog, observation.system
    if not any(tier.objectives.activity for tier in catalog.tiers.values()):
        return
    if observation.resource not in streams(catalog, system):
        return
    stream = f"{system}.{observation.resource}"
    for client, instants in _by_client(catalog, system, fresh).items():
        assessment.put(_counted(_activity(assessment, stream, client), instants))
    covered = observation.covered
    if covered is not None and _is_due(assessment, stream, covered):
        troubled = _troubled(assessment, system)
        _walk(assessment, _Walk(system=system, stream=stream, covered=covered, troubled=troubled), now)


def still_expected(before: Before, key: AlertKey) -> bool:
    """Return whether the client of an alert is still expected to do something on its list."""
    system, _, resource = key.subject.partition(".")
    client = before.catalog.clients.get(key.client) if key.client is not None else None
    known = SystemId(system) in before.catalog.systems
    if client is None or not known or resource not in streams(before.catalog, SystemId(system)):
        return False
    return before.catalog.tier_of(client.id).objectives.activity is not None


def _by_client(catalog: Catalog, system: SystemId, fresh: Iterable[Record]) -> dict[ClientId, list[datetime]]:
    found: dict[ClientId, list[datetime]] = {}
    for record in fresh:
        client = catalog.client_in(system, record.client)
        if client is not None and catalog.tier_of(client).objectives.activity is not None:
            found.setdefault(client, []).append(record.listed)
    return found


def _activity(assessment: Assessment, stream: str, client: ClientId | None) -> Indicator:
    return assessment.indicator(IndicatorKind.ACTIVITY, stream, client, HOURS_KEPT)


def _counted(known: Indicator, instants: list[datetime]) -> Indicator:
    tally = known.tally
    for hour, number in sorted(Counter(map(hour_of, instants)).items()):
        tally = counted(tally, good=number, bad=0, at=begin_of(hour))
    return replace(known, tally=tally, seen=max([*instants, *([known.seen] if known.seen else [])]))


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def _is_due(assessment: Assessment, stream: str, covered: datetime) -> bool:
    """Whether a minute has begun in which nobody was judged yet; a list is often looked at every few seconds."""
    walked = _activity(assessment, stream, None)
    if walked.seen is not None and _minute(walked.seen) == _minute(covered):
        return False
    assessment.put(replace(walked, seen=covered))
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Walk:
    """One walk over all clients of a list, read whole up to `covered`.

    `troubled` are those for whom something else is known to be wrong (None: for everybody). Such an hour is no example
    of how busy a client is.
    """

    system: SystemId
    stream: str
    covered: datetime
    troubled: frozenset[ClientId | None]

    def is_troubled(self, client: ClientId) -> bool:
        """Whether this client's hour is no example."""
        return not self.troubled.isdisjoint((None, client))


def _troubled(assessment: Assessment, system: SystemId) -> frozenset[ClientId | None]:
    place = f"system:{system}"
    alerts = (alert for alert in assessment.alerts.values() if alert.active and alert.urgency is Urgency.PAGE)
    return frozenset(alert.key.client for alert in alerts if place in alert.nodes and alert.key.kind not in KINDS)


def _walk(assessment: Assessment, walk: _Walk, now: datetime) -> None:
    clients = list(_expected(assessment.before.catalog, walk.system))
    for client, _ in clients:
        _learn(assessment, walk, client, now)
    baselines = (assessment.baseline(_key(walk, client)) for client, _ in clients)
    limit = silence_limit(sum(one.a_week for one in baselines if one is not None), FALSE_A_WEEK)
    for client, objective in clients:
        _judge_silence(assessment, walk, client, _Limits(missed=limit, at_most=objective.silence_at_most), now)


def _expected(catalog: Catalog, system: SystemId) -> Iterator[tuple[Client, Activity]]:
    for client in catalog.clients.values():
        objective = catalog.tiers[client.tier].objectives.activity
        if objective is not None and system in client.identifiers:
            yield client, objective


def _key(walk: _Walk, client: Client) -> str:
    return str(IndicatorKey(kind=IndicatorKind.ACTIVITY, subject=walk.stream, client=client.id))


def _about(kind: AlertKind, walk: _Walk, client: Client) -> About:
    key = AlertKey(kind=kind, subject=walk.stream, client=client.id)
    return About(key=key, nodes=system_nodes(walk.system), system=walk.system)


def _learn(assessment: Assessment, walk: _Walk, client: Client, now: datetime) -> None:
    """Judge each hour that is over beside other weeks, and only then let it become part of them.

    Hours since the last record wait for the next one: silence must not teach what it is judged by.
    """
    key, known = _key(walk, client), _activity(assessment, walk.stream, client.id)
    baseline = before = assessment.baseline(key)
    if baseline is None:
        # The hour in which we began was not seen whole.
        assessment.baselines[key] = Baseline(until=hour_of(walk.covered) + 1)
        return
    counts = {cell: good for cell, (good, _) in known.tally.cells.items()}
    for hour, count in final(counts, baseline, _until(walk, known)):
        weeks = baseline.weeks(place_of(hour, client.timezone))
        troubled = walk.is_troubled(client.id)
        low = baseline.low + 1 if not troubled and too_low(count, weeks) else 0
        baseline = replace(learned(baseline, hour, client.timezone, None if troubled else count), low=low)
        baseline = _summed(baseline, key)
        about = _about(AlertKind.VOLUME_DROP, walk, client)
        assessment.move(about, _judged_hour(about, hour, count, weeks, low), now)
    if baseline is not before:
        assessment.baselines[key] = baseline


def _until(walk: _Walk, known: Indicator) -> datetime:
    heard = walk.covered if known.seen is None else begin_of(hour_of(known.seen) + 1)
    return min(walk.covered, heard)


def _summed(baseline: Baseline, key: str) -> Baseline:
    """Add a week up once a day, each client's at an hour of its own."""
    turn = hashlib.blake2b(key.encode(), digest_size=1).digest()[0] % 24
    if baseline.until % 24 != turn:
        return baseline
    return replace(baseline, a_week=a_week(baseline), spread=spread(baseline))


def _judged_hour(about: About, number: int, count: int, weeks: tuple[int, ...], low: int) -> Verdict:
    begin = begin_of(number)
    if not low:
        return Verdict(move=Move.CLEAR, cleared=begin)
    hour = f"from {begin:%H:%M} to {begin:%H}:59 UTC"
    usual = f"usually {median(weeks):g} (the median of {len(weeks)} weeks)"
    text = f"{count:,} records of {about.key.client} on {about.key.subject} {hour}, {usual}"
    onset = begin - (low - 1) * timedelta(hours=1)
    return Verdict(move=Move.CONFIRM if low >= IN_A_ROW else Move.SUSPECT, explanation=text, onset=onset)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Limits:
    """When silence is an alert: so many missed records, or so long whatever was to be expected."""

    missed: float
    at_most: timedelta | None


def _judge_silence(assessment: Assessment, walk: _Walk, client: Client, limits: _Limits, now: datetime) -> None:
    known, baseline = _activity(assessment, walk.stream, client.id), assessment.baseline(_key(walk, client))
    if known.seen is None or baseline is None:
        return
    lacking = missed(baseline, client.timezone, known.seen, walk.covered) / baseline.spread
    assessment.move(_about(AlertKind.SILENCE, walk, client), _judged_silence(walk, known.seen, lacking, limits), now)


def _judged_silence(walk: _Walk, last: datetime, lacking: float, limits: _Limits) -> Verdict:
    silent = walk.covered - last
    since = f"nothing new on {walk.stream} since {last:%H:%M:%S} UTC"
    if limits.at_most is not None and silent >= limits.at_most:
        text = f"{since}, {span(silent)} ago; {span(limits.at_most)} at most is agreed"
        return Verdict(move=Move.CONFIRM, explanation=text, onset=last)
    if lacking > limits.missed:
        text = f"{since}; by other weeks {lacking:.1f} should have come, and {limits.missed:.1f} are no accident"
        return Verdict(move=Move.CONFIRM, explanation=text, onset=last)
    return Verdict(move=Move.CLEAR, cleared=last) if lacking < limits.missed / 2 else STAY
