"""Totals that must reconcile: the number of records and their sum in each currency, at both ends of a flow.

A record is added up at either end by one instant, its creation at the end that showed it first, so that what is on its
way is left out of both sums alike. Which single record is lost or changed is `sync`'s to say; this is a second opinion
that depends on no comparison of fields.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from alerts.alert import AlertKey, AlertKind, Move
from alerts.correlate import flow_nodes
from alerts.evaluate import STAY, About, Verdict, length, percent
from alerts.weigh import Assessment, Before
from probes.assertion import Totals
from probes.book import Book
from probes.catalog import Catalog, End, Flow, FlowId
from probes.observation import Observation, Record
from probes.sli import CELLS, EPOCH, Indicator, IndicatorKind, counted
from probes.tracked import RecordState

MOST_CURRENCIES = 40
"""What comes after so many currencies is counted, and not added up."""

SCALE = Decimal(10_000)
"""Sums are kept in ten-thousandths: no currency has smaller coins."""

NONE = ""
SUFFIX = ":totals"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """What one end holds against the other in the window; `began` is where they first differ."""

    what: str
    source: int
    destination: int
    began: datetime | None = None

    @property
    def apart(self) -> float:
        """By how much they differ, as a share of the larger one."""
        larger = max(abs(self.source), abs(self.destination))
        return abs(self.source - self.destination) / larger if larger else 0.0


def weigh_totals(assessment: Assessment, observation: Observation, fresh: Iterable[Record]) -> None:
    """Add up the records that an end of a flow shows for the first time; to be called before they are matched."""
    catalog, here = assessment.before.catalog, (observation.system, observation.resource)
    for flow in catalog.flows_of(observation.system):
        for end in flow.ends:
            if flow.totals is not None and (end.system, end.resource) == here:
                book = assessment.book(flow.id)
                for record in {one.fields[end.field]: one for one in fresh if one.fields.get(end.field)}.values():
                    at = _counted_at(book, end, flow, record)
                    if at is not None:
                        _add(assessment, flow, flow.totals, record, at, source=end == flow.source)


def judge_totals(assessment: Assessment, observation: Observation, now: datetime) -> None:
    """Judge the flows that a look's list is an end of, as far as both ends have been read."""
    for flow in assessment.before.catalog.flows_of(observation.system):
        here = {(end.system, end.resource) for end in flow.ends}
        if flow.totals is not None and (observation.system, observation.resource) in here:
            key = AlertKey(kind=AlertKind.DATA_QUALITY, subject=f"{flow.id}{SUFFIX}")
            about = About(key=key, nodes=flow_nodes(flow), flow=flow.id, urgent=flow.totals.page)
            assessment.move(about, _judged(assessment, flow, flow.totals), now)


def still_added_up(before: Before, key: AlertKey) -> bool:
    """Return whether the totals of an alert's flow are still asserted."""
    flow = before.catalog.flows.get(FlowId(key.subject.removesuffix(SUFFIX)))
    return key.subject.endswith(SUFFIX) and flow is not None and flow.totals is not None


def sums(flow: Flow, totals: Totals, known: Iterable[Indicator], book: Book) -> Iterator[Sums]:
    """Yield what both ends hold in the window that both were read through, each indicator by itself."""
    covered = [at for at in (book.source_covered, book.destination_covered) if at is not None]
    began = [at for at in (book.source.began, book.destination.began) if at is not None]
    if len(covered) < len(flow.ends) or len(began) < len(flow.ends):
        return
    until = min(covered) - totals.settling
    for one in known:
        kept = max(one.tally.cells, default=0) - CELLS
        first, last = max(kept, one.tally.cell(max(until - totals.over, *began)) + 1), one.tally.cell(until)
        cells = {cell: counts for cell, counts in sorted(one.tally.cells.items()) if first <= cell < last}
        apart = next((cell for cell, (source, destination) in cells.items() if source != destination), None)
        yield Sums(
            what=one.key.subject.removeprefix(f"{flow.id}:"),
            source=sum(source for source, _ in cells.values()),
            destination=sum(destination for _, destination in cells.values()),
            began=None if apart is None else EPOCH + apart * one.tally.width,
        )


def _judged(assessment: Assessment, flow: Flow, totals: Totals) -> Verdict:
    found = list(sums(flow, totals, _indicators(assessment, flow, totals), assessment.book(flow.id)))
    if not found:
        return STAY
    worst = max(found, key=lambda one: one.apart)
    if worst.apart <= totals.at_most:
        return Verdict(move=Move.CLEAR)
    allowed = f"allowed {percent(totals.at_most)}" if totals.at_most else "allowed nothing"
    ends = " and ".join(f"{end.system}.{end.resource}" for end in flow.ends)
    text = f"{ends} differ by {percent(worst.apart)} in {length(totals.over)}: {_told(worst)}; {allowed}"
    return Verdict(move=Move.CONFIRM, explanation=text, onset=worst.began)


def _told(worst: Sums) -> str:
    measure, _, currency = worst.what.partition(":")
    of = f" in {currency}" if currency else ""
    if measure == "count":
        return f"{worst.source} against {worst.destination} records{of}"
    return f"the sum{of} is off by {abs(worst.source - worst.destination) / SCALE:,.2f}"


def _counted_at(book: Book, end: End, flow: Flow, record: Record) -> datetime | None:
    """By which instant a record is added up, None where this end has shown it before."""
    key = record.fields[end.field]
    known = book.get(key)
    if known is None:
        return None if book.remembers(key) else record.created
    awaited = RecordState.EARLY if end == flow.source else RecordState.OPEN
    return known.created if known.state is awaited else None


def _add(  # noqa: PLR0913 - what is added up, and where
    assessment: Assessment, flow: Flow, totals: Totals, record: Record, at: datetime, *, source: bool
) -> None:
    money = record.money if _tells_money(assessment.before.catalog, flow) else None
    currency = _currency(assessment, flow, totals, money.currency if money is not None else NONE, at)
    amounts = {"count": 1}
    if money is not None and currency:
        amounts["sum"] = int(money.amount * SCALE)
    for measure, amount in amounts.items():
        known = _indicator(assessment, flow, totals, measure, currency)
        tally = counted(known.tally, good=amount if source else 0, bad=0 if source else amount, at=at)
        assessment.put(replace(known, tally=tally, seen=at))


def _tells_money(catalog: Catalog, flow: Flow) -> bool:
    ends = (catalog.systems[end.system].connector.resources[end.resource] for end in flow.ends)
    return all(resource.amount is not None for resource in ends)


def _currency(assessment: Assessment, flow: Flow, totals: Totals, currency: str, at: datetime) -> str:
    """The currency under which a record is added up, remembered with the flow; none where there are too many."""
    known = assessment.indicator(IndicatorKind.TOTALS, flow.id, None, totals.over)
    if currency in {one for _, one in known.codes}:
        return currency
    if len(known.codes) >= MOST_CURRENCIES:
        return NONE
    assessment.put(replace(known, codes=(*known.codes, (at, currency))))
    return currency


def _indicators(assessment: Assessment, flow: Flow, totals: Totals) -> Iterator[Indicator]:
    for _, currency in assessment.indicator(IndicatorKind.TOTALS, flow.id, None, totals.over).codes:
        for measure in ("count", "sum") if currency else ("count",):
            yield _indicator(assessment, flow, totals, measure, currency)


def _indicator(assessment: Assessment, flow: Flow, totals: Totals, measure: str, currency: str) -> Indicator:
    subject = f"{flow.id}:{measure}:{currency}" if currency else f"{flow.id}:{measure}"
    return assessment.indicator(IndicatorKind.TOTALS, subject, None, totals.over + totals.settling)
