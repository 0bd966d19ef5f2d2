"""Judges what is wrong behind a good answer: empty lists, lists that stand still, another form, errors inside.

Each is an alert about a system; its sentence names the list. What is known of a list is `probes.feed`'s, of its form
`probes.fingerprint`'s.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from alerts.alert import AlertKey, AlertKind, Move
from alerts.correlate import system_nodes
from alerts.evaluate import LOOKS, STAY, About, Verdict, percent, span
from alerts.weigh import LOOKS_OVER, Assessment
from probes.catalog import ProbeId, SystemId
from probes.connector import Resource
from probes.detect import Evidence, no_accident, over_with, weighed
from probes.failure import FailureClass, Outcome
from probes.feed import CONTRADICTIONS, SILENT, Feed, Habit, fed, frozen_for, shown
from probes.fingerprint import MARK, Sample, drifts, folded, paths_read
from probes.observation import Observation, Record
from probes.sli import Indicator, IndicatorKind, counted

WEEK = timedelta(days=7)
CHANCE_SHARE = 0.01
"""Errors in this share of good answers are usual anywhere."""

MOST_SHARE = 0.5
APART = timedelta(minutes=5)
MARKS = 16
"""So many rows that could not be read are known again."""

DRIFTS_NAMED = 3


def judge_answers(assessment: Assessment, observation: Observation, fresh: Sequence[Record], now: datetime) -> None:
    """Judge what is wrong behind a look's good answers."""
    weigh_feed(assessment, observation, fresh)
    weigh_errors_inside(assessment, observation)
    judge_feeds(assessment, observation.system, observation.probe, now)
    judge_errors_inside(assessment, observation.system, now)


def weigh_feed(assessment: Assessment, observation: Observation, fresh: Iterable[Record]) -> None:
    """Add a look to what is known of its list. A part of a list, or one that failed, tells of its form alone."""
    system = assessment.before.catalog.systems[observation.system]
    resource = system.connector.resources.get(observation.resource)
    if resource is None:
        return
    probe, before = observation.probe, assessment.before
    feed = known = before.feeds.get(probe) or Feed(probe=probe)
    habit = usual = before.habits.get(probe) or Habit(probe=probe)
    if observation.whole and observation.began is None:
        at, since = observation.answered, observation.since
        look = shown(observation.records, since, _apart(resource), at, transient=resource.transient)
        feed, habit = fed(feed, habit, look)
    ids = {record.id for record in fresh}
    new = [one for one in observation.samples if _is_new(feed, one, ids)]
    if new:
        feed, habit = _formed(feed, habit, _read(assessment, observation, resource, new), new, observation.answered)
    if feed is not known:
        assessment.feeds[probe] = feed
    if habit is not usual:
        assessment.habits[probe] = habit


def _apart(resource: Resource) -> timedelta:
    return APART if resource.since is None else max(APART, resource.since.overlap + resource.since.lag)


def _is_new(feed: Feed, sample: Sample, fresh: set[str]) -> bool:
    """Whether it tells anything new: each record is counted once, and one that cannot be read is known by its mark."""
    return sample.envelope or sample.key in fresh or (sample.key.startswith(MARK) and sample.key not in feed.marks)


def _read(
    assessment: Assessment, observation: Observation, resource: Resource, new: Sequence[Sample]
) -> tuple[str, ...]:
    """What is read in a row, where there is one."""
    if all(one.envelope for one in new):
        return ()
    wants = assessment.before.wants.get(observation.system, ())
    return paths_read(resource, next((want.probe.fields for want in wants if want.probe.id == observation.probe), ()))


def _formed(feed: Feed, habit: Habit, read: Sequence[str], new: Sequence[Sample], at: datetime) -> tuple[Feed, Habit]:
    marks = tuple(one.key for one in new if one.key.startswith(MARK))
    form = folded(habit.fingerprint, read, new, at)
    feed = replace(feed, marks=(*feed.marks, *marks)[-MARKS:]) if marks else feed
    return feed, (habit if form is habit.fingerprint else replace(habit, fingerprint=form))


def judge_feeds(assessment: Assessment, system: SystemId, probe: ProbeId, now: datetime) -> None:
    """Judge the lists of a system, of which `probe` was looked at just now."""
    wanted = (want.probe.id for want in assessment.before.wants.get(system, ()))
    known = (probe, *(one for one in wanted if one != probe))
    feeds = [feed for one in known if (feed := assessment.feeds.get(one) or assessment.before.feeds.get(one))]
    habits = [habit for one in known if (habit := assessment.habits.get(one) or assessment.before.habits.get(one))]
    if feeds:
        _settle(assessment, AlertKind.EMPTY_LIST, system, judge_empty(feeds, now), now)
        _settle(assessment, AlertKind.FROZEN_FEED, system, judge_frozen(feeds, habits, now), now)
    if habits:
        _settle(assessment, AlertKind.SCHEMA_DRIFT, system, judge_form(habits, now), now)


def _settle(assessment: Assessment, kind: AlertKind, system: SystemId, verdict: Verdict, now: datetime) -> None:
    """Move an alert; that nothing is wrong is told to one that is there only, for most looks find nothing."""
    if verdict.move is Move.CONFIRM or f"{kind.value}/{system}" in assessment.before.alerts:
        assessment.move(_about(kind, system), verdict, now)


@lru_cache(maxsize=4096)
def _about(kind: AlertKind, system: SystemId) -> About:
    return About(key=AlertKey(kind=kind, subject=system), nodes=system_nodes(system), system=system)


def judge_empty(feeds: Sequence[Feed], now: datetime) -> Verdict:
    """Return whether a list is empty that should not be. Over where each shows records again."""
    empty = min((one for one in feeds if one.emptied and one.empty_against_all), key=_since, default=None)
    if empty is None:
        return (
            STAY
            if any(one.lacking or one.surprise >= SILENT for one in feeds)
            else Verdict(move=Move.CLEAR, cleared=now)
        )
    why = "by its own history that is less likely than one in a million"
    if empty.lacking >= CONTRADICTIONS:
        why = f"{CONTRADICTIONS} or more records should be in it that it showed before"
    text = f"{empty.probe} answers without an error and is empty since {_clock(_since(empty))}: {why}"
    return Verdict(move=Move.CONFIRM, explanation=text, onset=_since(empty))


def _since(feed: Feed) -> datetime:
    return feed.emptied or datetime.max.replace(tzinfo=UTC)


def judge_frozen(feeds: Sequence[Feed], habits: Sequence[Habit], now: datetime) -> Verdict:
    """Return whether a list answers and no longer changes. Over with the first newer record."""
    for feed in (one for one in feeds if one.expected >= SILENT):
        habit = next((one for one in habits if one.probe == feed.probe), Habit(probe=feed.probe))
        lasted = frozen_for(feed, habit)
        if lasted is not None and feed.moved is not None:
            text = (
                f"{feed.probe} shows nothing newer since {_clock(feed.moved)} ({span(lasted)}) and answers as "
                f"always: by its own history {feed.expected:.0f} newer records were to be expected"
            )
            return Verdict(move=Move.CONFIRM, explanation=text, onset=feed.moved)
    return Verdict(move=Move.CLEAR, cleared=now) if all(one.expected < SILENT for one in feeds) else STAY


def judge_form(habits: Sequence[Habit], now: datetime) -> Verdict:
    """Return whether what we read in records has vanished or changed its type."""
    for habit in (one for one in habits if one.fingerprint.differs):
        found = drifts(habit.fingerprint)
        if found:
            since, rows = min(one.since for one in found), max(one.rows for one in found)
            told = "; ".join(map(str, found[:DRIFTS_NAMED]))
            more = f"; and {len(found) - DRIFTS_NAMED} more" if len(found) > DRIFTS_NAMED else ""
            text = f"{habit.probe} has another form since {_clock(since)}, in {rows} records in a row: {told}{more}"
            return Verdict(move=Move.CONFIRM, explanation=text, onset=since)
    waiting = any(habit.fingerprint.differs for habit in habits)
    return STAY if waiting else Verdict(move=Move.CLEAR, cleared=now)


def weigh_errors_inside(assessment: Assessment, observation: Observation) -> None:
    """Count an answer that was good by its status and held an error; good ones count while some are remembered."""
    inside = observation.failure is FailureClass.BUSINESS
    if observation.system in assessment.before.catalog.evidence or not (
        inside or _remembered(assessment, observation.system)
    ):
        return
    system, at = observation.system, observation.answered
    known = assessment.indicator(IndicatorKind.ERRORS_INSIDE, system, None, LOOKS_OVER)
    if not inside and (observation.outcome is not Outcome.GOOD or known.evidence.last_bad is None):
        return
    forgotten = not inside and not known.tally.totals(at)[1]
    evidence = Evidence() if forgotten else weighed(known.evidence, LOOKS, bad=inside, at=at)
    tally = counted(known.tally, good=0, bad=int(inside), at=at)
    assessment.put(replace(known, tally=tally, evidence=evidence, seen=at))
    if inside:
        usual = assessment.indicator(IndicatorKind.ERRORS_INSIDE_BASE, system, None, WEEK)
        assessment.put(replace(usual, tally=counted(usual.tally, good=0, bad=1, at=at), seen=at))


def _remembered(assessment: Assessment, system: SystemId) -> bool:
    """Whether an error in a good answer was ever seen: where none was, there is nothing to judge."""
    name = f"{IndicatorKind.ERRORS_INSIDE.value}/{system}"
    return name in assessment.indicators or name in assessment.before.indicators


def judge_errors_inside(assessment: Assessment, system: SystemId, now: datetime) -> None:
    """Judge the share of errors in good answers of the last hour by what the week before had, at the pace of now."""
    if not _remembered(assessment, system):
        return
    known = assessment.indicator(IndicatorKind.ERRORS_INSIDE, system, None, LOOKS_OVER)
    looks = assessment.indicator(IndicatorKind.AVAILABILITY, system, None, LOOKS_OVER)
    week = assessment.indicator(IndicatorKind.ERRORS_INSIDE_BASE, system, None, WEEK)
    bad, total = known.tally.totals(now)[1], sum(looks.tally.totals(now))
    before = max(0, week.tally.totals(now)[1] - bad) / max(1, total * (WEEK / LOOKS_OVER - 1))
    usual = min(MOST_SHARE, max(CHANCE_SHARE, before))
    verdict = judge_inside(known, max(total, bad), usual, now)
    if verdict.explanation:
        verdict = replace(verdict, explanation=f"{system} {verdict.explanation}")
    assessment.judge(_about(AlertKind.ERRORS_INSIDE, system), verdict, known, now)


def judge_inside(known: Indicator, total: int, usual: float, now: datetime) -> Verdict:
    """Return whether more of `total` answers held an error than is `usual` (0 to 1) and than chance explains."""
    bad, evidence = known.tally.totals(now)[1], known.evidence
    if not bad or over_with(total - bad, bad, evidence.successes):
        return Verdict(move=Move.CLEAR, cleared=evidence.good_since)
    onset = evidence.first_bad or evidence.last_bad or now
    text = (
        f"answers without an error and with one inside since {_clock(onset)}: {bad} of {total} looks in an hour "
        f"({percent(bad / total)}, usual is {percent(usual)})"
    )
    move = Move.CONFIRM if bad / total > usual and bad >= no_accident(total, usual) else Move.SUSPECT
    return Verdict(move=move, explanation=text, onset=onset)


def _clock(at: datetime) -> str:
    return f"{at:%H:%M:%S} UTC"
