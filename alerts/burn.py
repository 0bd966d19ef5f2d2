"""Error budgets: looks kept for as long as a target's windows reach, and targets whose budget burns too fast.

Looks are counted by the minute with the availability of their system; here minutes that have ended are taken over into
longer tallies, once a minute and not once a look. The rules are `probes.burn`'s.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache

from alerts.alert import Alert, AlertKey, AlertKind, AlertState, Move
from alerts.correlate import system_nodes
from alerts.evaluate import STAY, About, Verdict
from alerts.weigh import LOOKS_OVER, Assessment, Before
from probes.burn import SLOW, URGENT, Count, Rule, Target, burns, left, speed
from probes.catalog import SystemId, TierId
from probes.detect import no_accident, over_with
from probes.failure import Outcome
from probes.observation import Observation
from probes.sli import EPOCH, Indicator, IndicatorKey, IndicatorKind, Tally, counted, ratio

SPANS = (timedelta(hours=6), timedelta(days=3))
PERIOD = timedelta(days=30)
"""For how long at least looks are counted; longer where a target's window is."""

RULES = {AlertKind.BURN_RATE: URGENT, AlertKind.SLOW_BURN: SLOW}
ENOUGH = 7
"""Good looks that show an end where no failure is left in the window."""

CALM = 0.5
"""At less than this part of the pace that alerts, a budget no longer burns too fast."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What is kept of the looks at a system: the last hour by the minute, and what was before by longer cells.

    `taken` is an instant in the last minute that was taken over into those, `fresh` are the looks after that minute.
    """

    hour: Tally
    budget: Indicator
    taken: datetime = field(init=False, repr=False)
    fresh: Count = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Add up what has not been taken over yet: every longer window needs it."""
        taken = (self.budget.seen or EPOCH) - self.hour.width
        object.__setattr__(self, "taken", taken)
        object.__setattr__(self, "fresh", self.hour.since(taken))

    def since(self, start: datetime, over: timedelta, now: datetime) -> Count:
        """Return (good, bad) of the last `over`, but not before `start`."""
        start = max(start, now - over)
        if over <= self.hour.over:
            return self.hour.since(start)
        before = self._tally(over).since(start)
        fresh = self.fresh if start <= self.taken else self.hour.since(start)
        return before[0] + fresh[0], before[1] + fresh[1]

    def first_bad(self, start: datetime, over: timedelta, now: datetime) -> datetime:
        """Return when the failures of a window began, to the cell, the minute in the last hour."""
        start = max(start, now - over)
        tallies = [self.hour] if over <= self.hour.over else [self._tally(over), self.hour]
        firsts = (_first_bad(tally, start) for tally in tallies)
        return max(start, next((first for first in firsts if first is not None), start))

    def _tally(self, over: timedelta) -> Tally:
        for span in self.budget.spans:
            if span.over >= over:
                return span
        return self.budget.tally


def _first_bad(tally: Tally, start: datetime) -> datetime | None:
    last = tally.cell(start)
    return next((EPOCH + cell * tally.width for cell, (_, bad) in tally.cells.items() if bad and cell > last), None)


def weigh_budget(assessment: Assessment, observation: Observation) -> None:
    """Take the minutes that have ended into the longer tallies, before a look is counted in its own."""
    targets = assessment.before.targets.get(observation.system, ())
    if not targets or observation.outcome not in (Outcome.GOOD, Outcome.BAD):
        return
    over = max(PERIOD, *(one.promise.window for one in targets))
    looks = assessment.indicator(IndicatorKind.AVAILABILITY, observation.system, None, LOOKS_OVER).tally
    known = assessment.indicator(IndicatorKind.BUDGET, observation.system, None, over)
    # A minute more is left open: looks under way beside this one may still end in it.
    ended = looks.cell(observation.answered) - 1
    taken = looks.cell(known.seen) if known.seen is not None else 0
    if known.seen is None or ended > taken:
        minutes = {cell: looks.cells[cell] for cell in looks.cells if taken <= cell < ended}
        spans = known.spans or tuple(Tally(over=one) for one in SPANS)
        kept = tuple(_with(one, minutes, looks.width) for one in (*spans, known.tally))
        assessment.put(replace(known, spans=kept[:-1], tally=kept[-1], seen=EPOCH + ended * looks.width))


def _with(tally: Tally, minutes: dict[int, Count], width: timedelta) -> Tally:
    for cell, (good, bad) in minutes.items():
        tally = counted(tally, good=good, bad=bad, at=EPOCH + cell * width)
    return tally


def judge_budgets(assessment: Assessment, system: SystemId, now: datetime) -> None:
    """Judge the targets of a system whose looks have just been counted.

    While all of it is down nothing is added: that has paged. Nor is a ticket opened for what pages already. What burns
    goes on, and ends on what is seen.
    """
    before = assessment.before
    targets = before.targets.get(system, ())
    if not targets:
        return
    over = max(PERIOD, *(one.promise.window for one in targets))
    looks = assessment.indicator(IndicatorKind.AVAILABILITY, system, None, LOOKS_OVER)
    outage = assessment.known(_outage(system))
    budget = _after_outage(assessment, assessment.indicator(IndicatorKind.BUDGET, system, None, over), outage)
    kept, down = Kept(hour=looks.tally, budget=budget), outage is not None and outage.active
    for target in targets:
        told = down
        for kind in RULES:
            about = _burning(kind, target.system, target.tier)
            _judge(assessment, about, Judgement(kept, looks, target, told=told), now)
            paged = assessment.known(about)
            told = told or (paged is not None and paged.active)


def _after_outage(assessment: Assessment, budget: Indicator, outage: Alert | None) -> Indicator:
    """An outage has been told: what burns after it is counted from its end."""
    ended = outage.since if outage is not None and outage.state is AlertState.RESOLVED else None
    if ended is None or (budget.anew is not None and budget.anew >= ended):
        return budget
    budget = replace(budget, anew=ended)
    assessment.put(budget)
    return budget


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a target is judged by; `told` where something worse has been said of it already."""

    kept: Kept
    looks: Indicator
    target: Target
    told: bool

    def verdict(self, kind: AlertKind, alert: Alert | None, now: datetime) -> Verdict:
        """Return whether the budget burns too fast by the rules of a kind, or no longer does."""
        start = max(self.kept.budget.anew or EPOCH, _ended(alert) or EPOCH)
        active = alert is not None and alert.active
        if active:
            return self._over(kind, start, now)
        # A look that failed is being confirmed: if all of it is down, that is what is to be told.
        if self.told or self.looks.cusum.row or not self.looks.tally.sums[1]:
            return STAY
        for rule in RULES[kind]:
            found = self._burning(rule, start, now)
            if found is not None:
                return found
        return STAY

    def _burning(self, rule: Rule, start: datetime, now: datetime) -> Verdict | None:
        long = self.kept.since(start, rule.long, now)
        if long[1] < no_accident(sum(long), 1 - self.target.promise.target):
            return None
        short = self.kept.since(start, rule.short, now)
        if not burns(rule, self.target.promise, long, short):
            return None
        onset = self.kept.first_bad(start, rule.long, now)
        return Verdict(move=Move.CONFIRM, explanation=_sentence(self.target, rule, long, short), onset=onset)

    def _over(self, kind: AlertKind, start: datetime, now: datetime) -> Verdict:
        promise, evidence = self.target.promise, self.looks.evidence
        rules = [rule for rule in RULES[kind] if rule.reachable(promise)]
        windows = [(rule, self.kept.since(start, rule.long, now)) for rule in rules]
        good, bad = windows[-1][1] if windows else (0, 0)
        ended = over_with(good, bad, evidence.successes) if bad else good >= ENOUGH
        slower = bad > 0 and all((ratio(*looks) or 0.0) < CALM * rule.allowed(promise) for rule, looks in windows)
        if not ended and not slower:
            return STAY
        return Verdict(move=Move.CLEAR, cleared=evidence.good_since or now)


def _ended(alert: Alert | None) -> datetime | None:
    return alert.since if alert is not None and alert.state is AlertState.RESOLVED else None


def _judge(assessment: Assessment, about: About, judgement: Judgement, now: datetime) -> None:
    verdict = judgement.verdict(about.key.kind, assessment.known(about), now)
    if verdict.move is Move.CONFIRM:
        catalog, target = assessment.before.catalog, judgement.target
        hurt = (one.id for one in catalog.clients_of(target.system) if one.tier == target.tier)
        about = replace(about, clients=frozenset(hurt))
    assessment.move(about, verdict, now)


@lru_cache(maxsize=4096)
def _outage(system: SystemId) -> About:
    key = AlertKey(kind=AlertKind.AVAILABILITY, subject=system)
    return About(key=key, nodes=system_nodes(system), system=system)


@lru_cache(maxsize=4096)
def _burning(kind: AlertKind, system: SystemId, tier: TierId) -> About:
    key = AlertKey(kind=kind, subject=f"{system}:{tier}")
    return About(key=key, nodes=system_nodes(system), system=system)


def still_aimed(before: Before, key: AlertKey) -> bool:
    """Return whether the target of an alert is still promised."""
    system, _, tier = key.subject.partition(":")
    return any(one.tier == TierId(tier) for one in before.targets.get(SystemId(system), ()))


def _sentence(target: Target, rule: Rule, long: Count, short: Count) -> str:
    now = f"{short[1]} of {sum(short)} in {_length(rule.short)}"
    failed = f"{long[1]} of {sum(long)} looks in {_length(rule.long)} and {now}"
    fast = speed(target.promise, long)
    times = f"{fast:.0f}" if fast >= 10 else f"{fast:.1f}"  # noqa: PLR2004 - from two digits on tenths say nothing
    return f"{target.system} failed {failed}: burns {target.tier}'s {_percent(target)} budget {times} times too fast"


def _percent(target: Target) -> str:
    return f"{target.promise.target * 100:.10g} %"


def _length(length: timedelta) -> str:
    for unit, name in ((timedelta(days=1), "d"), (timedelta(hours=1), "h"), (timedelta(minutes=1), "min")):
        if length >= unit:
            return f"{length / unit:g} {name}"
    return f"{length.total_seconds():g} s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What a target's period has used: looks counted, and what is left, None where none was counted."""

    target: Target
    looks: Count
    left: float | None


def budgets(targets: Iterable[Target], indicators: Mapping[str, Indicator], now: datetime) -> Iterator[Budget]:
    """Yield what is left of the error budget of each target."""
    for target in targets:
        key = IndicatorKey(kind=IndicatorKind.BUDGET, subject=target.system)
        budget = indicators.get(str(key)) or Indicator(key=key, tally=Tally(over=PERIOD))
        looks = indicators.get(str(IndicatorKey(kind=IndicatorKind.AVAILABILITY, subject=target.system)))
        seen: Count = (0, 0)
        if looks is not None:
            seen = Kept(hour=looks.tally, budget=budget).since(EPOCH, target.promise.window, now)
        yield Budget(target=target, looks=seen, left=left(target.promise, seen))
