"""What judging costs: 100,000 indicators of all kinds, each with an hour of counts, by the functions that judge looks.

In real life a look judges the indicators that it touches. Here all are judged at once, as if every client of a large
fleet had been looked at in one second. Counts are shared by indicators that are alike, so that they fit into memory.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from random import Random
from time import process_time

from alerts.alert import AlertKey, AlertKind, Move
from alerts.burn import PERIOD, RULES, SPANS, Judgement, Kept
from alerts.evaluate import About, Blindness, Verdict, evaluated, judge_failures, judge_looks, judge_sync
from probes.burn import Target
from probes.catalog import ClientId, SystemId, TierId
from probes.cusum import Thresholds, looked
from probes.detect import suspect_for, weighed
from probes.objectives import Availability, FailureRatio, SyncLatency
from probes.sli import EPOCH, Indicator, IndicatorKey, IndicatorKind, Tally, counted
from probes.tracked import Standing
from tests.bench.elsewhere import Elsewhere
from tests.bench.result import Result

INDICATORS = 100_000
ALIKE = 400
ROUNDS = 7
LOOKS = 360
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
FAILING = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.001, 0.003, 0.01, 0.1)
"""What share of an indicator's looks fails: one in ten is in trouble, three more have had a failure or some."""

HOUR = timedelta(hours=1)
RATIO = FailureRatio(below=0.02, over=HOUR)
LATENCY = SyncLatency(within=timedelta(minutes=1), target=0.99, over=HOUR)
TARGET = Target(
    system=SystemId("s"), tier=TierId("gold"), promise=Availability(target=0.999, window=timedelta(days=30))
)
SEEN = Blindness(since=None, limit=HOUR, reason="")

Judge = Callable[[Indicator], Verdict]


def _counted(kind: IndicatorKind, number: int) -> Indicator:
    """An hour of looks, the last of them up to five minutes ago."""
    chance = Random(number)
    failing, last = chance.choice(FAILING), NOW - timedelta(minutes=chance.random() * 5)
    made = Indicator(key=IndicatorKey(kind=kind, subject="s"), tally=Tally(over=HOUR))
    for look in range(LOOKS):
        bad, at = chance.random() < failing, last - (LOOKS - look) * HOUR / LOOKS
        made = replace(
            made,
            tally=counted(made.tally, good=int(not bad), bad=int(bad), at=at),
            evidence=weighed(made.evidence, suspect_for(RATIO.below), bad=bad, at=at),
            cusum=looked(made.cusum, bad=bad, confirming=False, at=at),
        )
    return made


def _kept(looks: Indicator) -> Kept:
    """The same looks, as they are kept for days."""
    spans = []
    for over in (*SPANS, PERIOD):
        span = Tally(over=over)
        for cell, (good, bad) in looks.tally.cells.items():
            span = counted(span, good=good, bad=bad, at=EPOCH + cell * looks.tally.width)
        spans.append(span)
    taken = NOW - timedelta(minutes=2)
    return Kept(hour=looks.tally, budget=replace(looks, spans=tuple(spans[:-1]), tally=spans[-1], seen=taken))


JUDGES: dict[IndicatorKind, Judge] = {
    IndicatorKind.AVAILABILITY: lambda one: judge_looks(one, SystemId("s"), SEEN, Thresholds(), NOW),
    IndicatorKind.FAILURE_RATIO: lambda one: judge_failures(one, RATIO, NOW),
    IndicatorKind.SYNC_LATENCY: lambda one: judge_sync(one, Standing(), LATENCY, NOW, NOW),
}


def _burning(looks: Indicator) -> Judge:
    """The judge of a target: what is kept of a system's looks is made by the pass once for all of its targets."""
    kept = _kept(looks)
    judged = Judgement(kept, looks, TARGET, told=False)
    return lambda _: max((judged.verdict(kind, None, NOW) for kind in RULES), key=lambda one: one.move is Move.CONFIRM)


def _fleet() -> Iterator[tuple[About, Indicator, Judge]]:
    made = [(_counted(kind, number), judge) for number in range(ALIKE) for kind, judge in JUDGES.items()]
    made += [(one, _burning(one)) for one, _ in made if one.key.kind is IndicatorKind.AVAILABILITY]
    for number, (one, judge) in enumerate(islice(cycle(made), INDICATORS)):
        client = ClientId(f"c-{number}")
        key = AlertKey(kind=AlertKind.FAILURE_RATIO, subject="s", client=client)
        about = About(key=key, nodes=frozenset({"system:s"}))
        yield about, replace(one, key=replace(one.key, client=client)), judge


def _judged(fleet: list[tuple[About, Indicator, Judge]]) -> tuple[float, int]:
    """Return the seconds of CPU that it took to judge all, and how many alerts moved."""
    begun, moved = process_time(), 0
    for about, indicator, judge in fleet:
        moved += evaluated(None, about, judge(indicator), NOW) is not None
    return process_time() - begun, moved


def bench(world: Elsewhere) -> tuple[Result, ...]:
    """Return what judging all of them takes; the world outside is not asked."""
    del world
    fleet = list(_fleet())
    runs = [_judged(fleet) for _ in range(ROUNDS + 1)][1:]
    seconds, moved = zip(*runs, strict=True)
    assert 0 < moved[0] < INDICATORS
    return (
        Result(name=f"CPU to judge {INDICATORS:,} indicators", unit="s", values=seconds, goal=1.0),
        Result(
            name="  of it, one indicator", unit="us", values=tuple(one * 1e6 / INDICATORS for one in seconds), digits=1
        ),
    )
