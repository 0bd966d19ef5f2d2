"""Judges the runs of batch flows: records that were not there when a run was to be over, and runs that did not happen.

Every record of a run is owed, so there is no ratio to weigh: what has not arrived by the end, seen by a look after it,
is late. A run of which nothing arrived, or that had nothing where it always has something, did not happen at all.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from whenever import Instant

from alerts.alert import AlertKey, AlertKind, AlertState, Move
from alerts.correlate import flow_nodes
from alerts.evaluate import STAY, About, Verdict
from alerts.weigh import Assessment, limits
from probes.batch import Batch, Run, Windowed, next_run, run_of
from probes.catalog import Catalog, ClientId, Flow, FlowId
from probes.progress import REMEMBERED_RUNS, carried, closed, usual
from probes.sli import Indicator, IndicatorKind, counted
from probes.tracked import BookChange, Standing, Tracked
from probes.tracked import Verdict as Decided

NOTHING = Standing()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Watched:
    """A client on a batch flow, how it stands, and what a pass decided of its records and saw arrive.

    It is `troubled` while an alert of the flow hurts it.
    """

    flow: Flow
    client: ClientId
    limit: Windowed
    standing: Standing
    troubled: bool
    verdicts: tuple[Decided, ...]
    arrivals: tuple[Tracked, ...]

    @property
    def calm(self) -> bool:
        """Whether only the end of a run can say anything of it."""
        return not (self.troubled or self.arrivals or self.standing.overdue)


def judge_runs(assessment: Assessment, flow: Flow, change: BookChange, now: datetime) -> None:
    """Weigh what was decided of a batch flow's records, and judge each client's last run."""
    for one in _watched(assessment, flow, change):
        _weigh(assessment, one)
        _judge(assessment, one, now)


def _watched(assessment: Assessment, flow: Flow, change: BookChange) -> Iterator[_Watched]:
    verdicts: dict[ClientId, list[Decided]] = {}
    for verdict in change.verdicts:
        verdicts.setdefault(verdict.client, []).append(verdict)
    arrivals: dict[ClientId, list[Tracked]] = {}
    for one in assessment.books[flow.id].arrivals:
        if one.client is not None:
            arrivals.setdefault(one.client, []).append(one)
    standings = assessment.book(flow.id).standings()
    firing = (one for one in assessment.alerts.values() if one.flow == flow.id and one.state is AlertState.FIRING)
    troubled = {alert.key.client for alert in firing}
    for client, limit in limits(assessment.before.catalog, flow).items():
        if isinstance(limit, Windowed):
            yield _Watched(
                flow=flow,
                client=client,
                limit=limit,
                standing=standings.get(client, NOTHING),
                troubled=client in troubled,
                verdicts=tuple(verdicts.get(client, ())),
                arrivals=tuple(arrivals.get(client, ())),
            )


def _indicator(assessment: Assessment, one: _Watched) -> Indicator:
    return assessment.indicator(IndicatorKind.BATCH, one.flow.id, one.client, REMEMBERED_RUNS)


def _weigh(assessment: Assessment, one: _Watched) -> None:
    known = before = _indicator(assessment, one)
    for verdict in one.verdicts:
        tally = counted(known.tally, good=int(not verdict.late), bad=int(verdict.late), at=verdict.at)
        known = replace(known, tally=tally)
    for arrival in one.arrivals:
        if arrival.late and arrival.arrived is not None:
            known = replace(known, drained=max(arrival.arrived, known.drained or arrival.arrived))
    if known != before:
        assessment.put(known)


def _judge(assessment: Assessment, one: _Watched, now: datetime) -> None:
    known, run = _indicator(assessment, one), closed(assessment.book(one.flow.id), one.limit, now)
    ended = run is not None and known.seen is not None and run.due > known.seen
    if known.seen is None:
        # Of the first run that ends after the watch began, nobody saw all that it was to carry.
        assessment.put(replace(known, seen=next_run(one.limit, now).due))
    if one.calm and not ended:
        return
    missed = _about(one, AlertKind.BATCH_MISSED)
    arrived = [arrival.arrived for arrival in one.arrivals if arrival.arrived is not None]
    if arrived:
        assessment.move(missed, Verdict(move=Move.CLEAR, cleared=max(arrived)), now)
    if run is not None and ended:
        assessment.move(missed, judge_missed(known, one.flow, one.limit.batch, run), now)
        assessment.put(replace(known, tally=counted(known.tally, good=0, bad=0, at=run.due), seen=run.due))
    alert = assessment.alert(missed.key)
    if alert is None or alert.state is not AlertState.FIRING:
        late = judge_late(known, one.standing, one.flow, one.limit)
        assessment.move(_about(one, AlertKind.BATCH_LATE), late, now)


def _about(one: _Watched, kind: AlertKind) -> About:
    key = AlertKey(kind=kind, subject=one.flow.id, client=one.client)
    return About(key=key, nodes=flow_nodes(one.flow), flow=one.flow.id)


def still_carried(catalog: Catalog, key: AlertKey) -> bool:
    """Return whether runs of an alert's flow are still to carry its client's records."""
    flow = catalog.flows.get(FlowId(key.subject))
    client = catalog.clients.get(key.client) if key.client is not None else None
    if flow is None or flow.batch is None or client is None:
        return False
    return flow.enters in client.identifiers


def judge_missed(known: Indicator, flow: Flow, batch: Batch, run: Run) -> Verdict:
    """Return whether a run that has been seen to its end did not happen, or had next to nothing to carry."""
    in_time, late = carried(known.tally, run)
    client, between = known.key.client, f"between {_wall(run.begins, run)} and {_clock(run.due, run)}"
    if late and not in_time:
        text = f"no record of {flow.id} for {client} arrived {between}; {_records(late, 'was', 'were')} expected"
        return Verdict(move=Move.CONFIRM, explanation=text, onset=run.due)
    wanted = _wanted(known, batch, run)
    if wanted is None or in_time + late >= wanted[0]:
        return STAY
    there = _records(in_time + late, "was", "were") if in_time + late else "no record was"
    text = f"{there} there for the run of {flow.id} for {client} {between}; {wanted[1]}"
    return Verdict(move=Move.CONFIRM, explanation=text, onset=run.due)


def _wanted(known: Indicator, batch: Batch, run: Run) -> tuple[int, str] | None:
    """How many records must be there at least, and by what is known of that; None where nothing is."""
    if batch.at_least is not None:
        return batch.at_least, f"at least {batch.at_least:,} are expected"
    expected = usual(known.tally, run)
    return None if expected is None else (1, f"{expected:,} are usual")


def judge_late(known: Indicator, standing: Standing, flow: Flow, limit: Windowed) -> Verdict:
    """Return whether records have not arrived although their run was to be over; it ends when the last one has."""
    if standing.oldest_overdue is None:
        return Verdict(move=Move.CLEAR, cleared=known.drained)
    run = run_of(limit, standing.oldest_overdue)
    total = max(standing.overdue, sum(carried(known.tally, run)))
    text = (
        f"the run of {flow.id} for {known.key.client} was to be finished by {_clock(run.due, run)}; "
        f"{standing.overdue:,} of {_records(total, 'has', 'have', of=standing.overdue)} not arrived"
    )
    return Verdict(move=Move.CONFIRM, explanation=text, onset=run.due)


def _records(number: int, one: str, more: str, of: int | None = None) -> str:
    """A number of records with the verb; `of` is how many of them the verb is about."""
    verb = one if (number if of is None else of) == 1 else more
    return f"{number:,} {'record' if number == 1 else 'records'} {verb}"


def _wall(at: datetime, run: Run) -> str:
    return f"{Instant(at).to_tz(run.zone).to_stdlib():%H:%M}"


def _clock(at: datetime, run: Run) -> str:
    return f"{_wall(at, run)} {run.zone} ({at:%Y-%m-%d %H:%M} UTC)"
