"""What a month has come to: breach minutes of a budget, availability, credits; and how long things took."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from alerts.alert import IncidentId
from alerts.briefing import briefing
from alerts.clocks import ClocksPaused, ClocksResumed, PauseCause, Promise, StartSet
from alerts.escalation import PageReason
from alerts.fold import advanced, folded
from alerts.impact import terms_of
from alerts.incident import Incident
from alerts.month import month_so_far, months_so_far, overdue, period_of, told
from alerts.report import Dimension, Phase, cases, report
from alerts.spent import MOST_OF_A_TIER, Spent
from alerts.timeline import (
    Acknowledged,
    ClientsHurt,
    ClientsRecovered,
    Event,
    Hurt,
    Opened,
    Paged,
    Recovery,
    Reopened,
    ReopenReason,
    Resolved,
    SeveritySet,
)
from probes.catalog import ClientId
from probes.conduct import Sla
from probes.credit import CreditStep
from tests.cast import (
    ACME,
    ALBA,
    BOREAL,
    CLIENTS,
    CONTEXT,
    FIRST_LINE,
    GOLD,
    HOUR,
    MINUTE,
    NOON,
    PLATINUM,
    after,
    catalog_of,
)

HOURLY = replace(
    PLATINUM,
    sla=Sla(repair=HOUR),
    breach_budget=HOUR,
    credits=(CreditStep(credit=0.1, breaches=1), CreditStep(credit=0.25, below=0.995)),
)
CATALOG = catalog_of({ACME: CLIENTS[ACME], BOREAL: CLIENTS[BOREAL]}, (HOURLY, GOLD))


def incident(
    number: int, begin: timedelta, length: timedelta, *more: Event, clients: Iterable[ClientId] = (ACME,)
) -> Incident:
    at, end = NOON + begin, NOON + begin + length
    hurt = tuple(Hurt(terms=terms_of(CLIENTS[one], HOURLY, at), onset=at) for one in clients)
    events: list[Event] = [
        Opened(at=at, onset=at, nodes=frozenset({"system:billing"}), blind=False),
        ClientsHurt(at=at, hurt=hurt),
        SeveritySet(at=at, tier=HOURLY.id, weight=100, policy=FIRST_LINE),
        Paged(at=at + MINUTE, step=0, people=(ALBA.id,), reason=PageReason.FIRST, next_due=None),
        Acknowledged(at=at + 3 * MINUTE, by=ALBA.id),
        *more,
        ClientsRecovered(at=end, recovered=tuple(Recovery(client=one, drained=end) for one in clients)),
        Resolved(at=end, why="drained"),
    ]
    return folded(IncidentId(f"INC-{number}"), events)


def test_breach_minutes_of_a_month_add_up_and_what_overlaps_counts_once() -> None:
    one, other = incident(1, timedelta(), 80 * MINUTE), incident(2, 70 * MINUTE, 81 * MINUTE)
    found = month_so_far(CLIENTS[ACME], CATALOG, (one, other), after(days=1))
    assert (found.breach_time, found.breaches, found.hurt) == (41 * MINUTE, 2, 151 * MINUTE)
    assert list(told([found])) == ["platinum: 41 of 60 breach minutes of March used (Acme Corp)"]
    assert found.used == pytest.approx(41 / 60)
    overlapping = incident(3, 5 * MINUTE, 80 * MINUTE)
    both = month_so_far(CLIENTS[ACME], CATALOG, (one, overlapping), after(days=1))
    assert (both.breach_time, both.breaches, both.hurt) == (25 * MINUTE, 2, 85 * MINUTE)


def test_a_page_says_what_is_used_of_the_breach_minutes_of_the_month() -> None:
    past, present = incident(1, timedelta(), 101 * MINUTE), incident(2, timedelta(days=1), MINUTE)
    spent = Spent(incidents={past.id: past}, catalog=CATALOG)
    context = replace(CONTEXT, spent=spent)
    text = briefing(present, ALBA, PageReason.FIRST, context, after(days=1))
    assert "platinum: 41 of 60 breach minutes of March used (Acme Corp)" in text.splitlines()
    assert spent.lines(incident(3, timedelta(), MINUTE, clients=(BOREAL,)), after(days=1)) == (
        "platinum: 0 of 60 breach minutes of March used (Boreal AS)",
    )


def test_of_thousands_of_clients_a_page_looks_at_those_that_were_hurt_for_longest() -> None:
    """Each month takes a millisecond, and the page of a storm waits for it."""
    many = {ClientId(f"c-{place}"): replace(CLIENTS[ACME], id=ClientId(f"c-{place}")) for place in range(200)}
    known = {one.id: replace(one, identifiers={}) for one in many.values()} | {BOREAL: CLIENTS[BOREAL]}
    catalog = catalog_of(known, (HOURLY, GOLD))
    past, storm = incident(1, timedelta(), 101 * MINUTE, clients=(BOREAL,)), incident(2, timedelta(days=1), MINUTE)
    impact = storm.impacts[ACME]
    hurt = {client: replace(impact, terms=replace(impact.terms, client=client)) for client in known}
    spent = Spent(incidents={past.id: past}, catalog=catalog)
    months = spent.months(replace(storm, impacts=hurt), after(days=1))
    assert (len(months), months[0].client) == (MOST_OF_A_TIER, BOREAL)
    assert list(told(months)) == ["platinum: 41 of 60 breach minutes of March used (Boreal AS)"]


def test_an_open_breach_counts_until_now_and_a_pause_does_not_count() -> None:
    at, work = after(minutes=70), PauseCause.MAINTENANCE
    pause = ClocksPaused(at=at, since=at, clients=(ACME,), cause=work, why="w")
    resume = ClocksResumed(at=after(minutes=90), until=after(minutes=90), clients=(ACME,), cause=pause.cause, why="w")
    over = incident(1, timedelta(), 2 * HOUR, pause, resume)
    found = month_so_far(CLIENTS[ACME], CATALOG, (over,), after(days=1))
    assert (found.breach_time, found.hurt) == (40 * MINUTE, 100 * MINUTE)
    (broken,) = overdue(over, over.impacts[ACME], after(days=1))
    assert (broken.promise, broken.since) == (Promise.REPAIR, after(hours=1))


def test_a_month_is_the_clients_own_and_what_was_before_it_does_not_count() -> None:
    client = replace(CLIENTS[ACME], timezone="Asia/Tokyo", month_begins=5)
    period = period_of(client, NOON)
    assert (period.start, period.end) == (datetime(2026, 2, 4, 15, tzinfo=UTC), datetime(2026, 3, 4, 15, tzinfo=UTC))
    across = incident(1, 2 * HOUR, 3 * HOUR)
    catalog = catalog_of({ACME: client}, (HOURLY, GOLD))
    assert month_so_far(client, catalog, (across,), NOON + 2 * HOUR).breach_time == timedelta()
    after_it = month_so_far(client, catalog, (across,), after(days=1))
    assert (after_it.breach_time, after_it.hurt) == (2 * HOUR, 2 * HOUR)


@pytest.mark.answers("healthchecks/healthchecks#874")
def test_a_bad_month_is_given_back_by_the_highest_step_that_it_reaches() -> None:
    little = month_so_far(CLIENTS[ACME], CATALOG, (incident(1, timedelta(), 30 * MINUTE),), after(days=1))
    assert (little.given, round(little.availability, 5)) == (None, round(1 - 0.5 / (31 * 24), 5))
    broken = month_so_far(CLIENTS[ACME], CATALOG, (incident(1, timedelta(), 61 * MINUTE),), after(days=1))
    assert broken.given == CreditStep(credit=0.1, breaches=1)
    bad = month_so_far(CLIENTS[ACME], CATALOG, (incident(1, timedelta(), 5 * HOUR),), after(days=1))
    assert bad.given == CreditStep(credit=0.25, below=0.995)


def test_months_are_told_of_clients_that_were_hurt() -> None:
    found = list(months_so_far(CATALOG, (incident(1, timedelta(), 70 * MINUTE),), after(days=1)))
    assert [one.client for one in found] == [ACME]


# How long things took.


@pytest.mark.answers("target/goalert#3759", "grafana/oncall#3756")
def test_times_to_detect_acknowledge_and_repair_are_reported_by_tier_and_by_month() -> None:
    past = (incident(1, timedelta(), 30 * MINUTE, clients=(ACME, BOREAL)), incident(2, timedelta(days=40), 90 * MINUTE))
    found = list(cases(past, lambda *_: 2 * MINUTE))
    (line,) = report(found, Dimension.TIER)
    assert (line.name, line.incidents, line.cases) == ("platinum", 2, 3)
    acknowledged, repaired = line.figures[Phase.ACKNOWLEDGE], line.figures[Phase.REPAIR]
    assert (acknowledged.least, acknowledged.most) == (2 * MINUTE, 2 * MINUTE)
    assert (repaired.least, repaired.most, repaired.longest) == (50 * MINUTE, 52 * MINUTE, 92 * MINUTE)
    assert line.kept[Promise.REPAIR] == (2, 3)
    assert [one.name for one in report(found, Dimension.MONTH)] == ["2026-03", "2026-04"]
    assert [one.name for one in report(found, Dimension.OWNER)] == [ALBA.id]
    assert [one.name for one in report(found, Dimension.SYSTEM)] == ["billing"]
    assert [one.cases for one in report(found, Dimension.CLIENT)] == [2, 1]


def test_an_onset_that_somebody_set_leaves_no_doubt() -> None:
    said = StartSet(at=after(minutes=5), start=after(minutes=-10), why="the vendor told us", by="alba")
    (case,) = cases((incident(1, timedelta(), 30 * MINUTE, said),), lambda *_: HOUR)
    assert case.phases[Phase.DETECT].least == case.phases[Phase.DETECT].most == 10 * MINUTE
    assert case.phases[Phase.REPAIR].most == 40 * MINUTE


def test_over_reopenings_only_the_time_in_which_a_client_was_hurt_adds_up() -> None:
    first = incident(1, timedelta(), 30 * MINUTE)
    again: tuple[Event, ...] = (
        Reopened(at=after(hours=2), reason=ReopenReason.RECURRED, why="it is back"),
        ClientsHurt(at=after(hours=2), hurt=(Hurt(terms=first.impacts[ACME].terms, onset=after(hours=2)),)),
        ClientsRecovered(at=after(hours=3), recovered=(Recovery(client=ACME, drained=after(hours=3)),)),
        Resolved(at=after(hours=3), why="drained"),
    )
    for event in again:
        first = advanced(first, event)
    (case,) = cases((first,), lambda *_: timedelta())
    assert case.phases[Phase.REPAIR].least == 90 * MINUTE
    assert case.kept[Promise.REPAIR] == (0, 1)
    found = month_so_far(CLIENTS[ACME], CATALOG, (first,), after(days=1))
    assert (found.hurt, found.breach_time) == (90 * MINUTE, 30 * MINUTE)
