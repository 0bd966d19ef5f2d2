"""What counts of a promise's time: any calendar, any pauses, any revision, against a count of each minute."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.account import RowKind, accounts, length, told
from alerts.alert import IncidentId
from alerts.clocks import ClocksPaused, ClocksResumed, PauseCause, Promise
from alerts.fold import advanced, folded
from alerts.impact import terms_of
from alerts.incident import Incident
from alerts.revision import ContractRevised, Revision, RevisionCause
from alerts.sla import TimerState, timer_of
from alerts.timeline import ClientsHurt, ClientsRecovered, Hurt, Opened, Recovery
from probes.conduct import Sla
from probes.hours import BUILT_IN, Calendar, at_home
from tests.alerts.minutes import open_minutes
from tests.alerts.test_calendar import CALENDARS, STARTS
from tests.cast import ACME, CATALOG, CLIENTS, HOUR, MINUTE, NOON, after
from tests.trials import examples

DAY_LONG = 24 * 60
OFFICE = "business (Europe/Madrid)"
THEIR_TURN = "it is the client's turn: they look for the file, said by alba; over: they sent it"


def hurting(calendar: Calendar, start: datetime, target: timedelta) -> Incident:
    terms = replace(terms_of(CLIENTS[ACME], CATALOG.tier_of(ACME), NOON), sla=Sla(repair=target, hours=calendar))
    opened = Opened(at=start, onset=start, nodes=frozenset(), blind=False)
    hurt = ClientsHurt(at=start, hurt=(Hurt(terms=terms, onset=start),))
    return folded(IncidentId("INC-1"), (opened, hurt))


PAUSES = st.lists(
    st.tuples(st.integers(0, 2 * DAY_LONG), st.integers(0, DAY_LONG), st.sampled_from(("a", "b"))), max_size=4
)


@pytest.mark.trials
@examples(20, 2000)
@given(CALENDARS, CALENDARS, STARTS, PAUSES, st.tuples(st.integers(1, DAY_LONG), st.integers(0, 3 * DAY_LONG)))
def test_a_timer_counts_the_minutes_that_a_walk_through_all_of_them_counts(
    before: Calendar, after_it: Calendar, start: datetime, pauses: list[tuple[int, int, str]], ends: tuple[int, int]
) -> None:
    begin, (change, stop) = start, ends
    incident = hurting(before, begin, HOUR)
    for since, lasted, key in pauses:
        at = begin + since * MINUTE
        until = at + lasted * MINUTE
        pause = ClocksPaused(at=at, since=at, clients=(ACME,), cause=PauseCause.CLIENTS_TURN, why="logs", key=key)
        resume = ClocksResumed(at=until, until=until, clients=(ACME,), cause=pause.cause, why="came", key=key)
        incident = advanced(advanced(incident, pause), resume)
    terms = incident.impacts[ACME].terms
    revised = replace(terms, sla=replace(terms.sla, hours=after_it))
    at, end = begin + change * MINUTE, begin + stop * MINUTE
    revision = ContractRevised(at=at, revisions=(Revision(before=terms, after=revised),), cause=RevisionCause.DATE)
    incident = advanced(incident, revision)
    held = {begin + (since + n) * MINUTE for since, lasted, _ in pauses for n in range(lasted)}
    opened = open_minutes(before, begin, min(at, end)) | open_minutes(after_it, at, end)
    timer = timer_of(incident, incident.impacts[ACME], Promise.REPAIR, end)
    assert timer is not None
    assert timer.took == len(opened - held) * MINUTE
    (account,) = accounts(incident, incident.impacts[ACME], end)
    counted = sum((row.lasted for row in account.rows if row.kind is RowKind.COUNTED), timedelta())
    assert counted == timer.took
    assert sum((row.lasted for row in account.rows), timedelta()) == end - begin
    assert all(row.lasted > timedelta() for row in account.rows)


def test_an_account_tells_each_start_pause_and_stop_with_its_cause_to_the_minute() -> None:
    office = at_home(BUILT_IN["business"], "Europe/Madrid")
    incident = hurting(office, NOON, 4 * HOUR)
    for event in (
        ClocksPaused(
            at=after(minutes=30),
            since=after(minutes=30),
            clients=(ACME,),
            cause=PauseCause.CLIENTS_TURN,
            why="they look for the file",
            by="alba",
        ),
        ClocksResumed(
            at=after(hours=2),
            until=after(hours=2),
            clients=(ACME,),
            cause=PauseCause.CLIENTS_TURN,
            why="they sent it",
            by="bruno",
        ),
        ClientsRecovered(at=after(hours=21), recovered=(Recovery(client=ACME, drained=after(hours=21)),)),
    ):
        incident = advanced(incident, event)
    (account,) = accounts(incident, incident.impacts[ACME], after(hours=30))
    assert account.timer.state is TimerState.MET
    assert list(told(account)) == [
        "Repair: kept, with 30 min to spare",
        "  2026-03-04 12:00:00Z  started: incident opened",
        "  2026-03-04 12:00:00Z  contract platinum: 4 h 0 min in calendar business (Europe/Madrid)",
        "  2026-03-04 12:00:00Z  counted 30 min until 2026-03-04 12:30:00Z (calendar business (Europe/Madrid))",
        f"  2026-03-04 12:30:00Z  paused 1 h 30 min until 2026-03-04 14:00:00Z ({THEIR_TURN})",
        "  2026-03-04 14:00:00Z  counted 2 h 0 min until 2026-03-04 16:00:00Z (calendar business (Europe/Madrid))",
        f"  2026-03-04 16:00:00Z  closed 16 h 0 min until 2026-03-05 08:00:00Z (calendar {OFFICE} is closed)",
        "  2026-03-05 08:00:00Z  counted 1 h 0 min until 2026-03-05 09:00:00Z (calendar business (Europe/Madrid))",
        "  2026-03-05 09:00:00Z  stopped",
        "  counted 30 min + 2 h 0 min + 1 h 0 min = 3 h 30 min of 4 h 0 min",
    ]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (59.6, "1 min"), (60, "1 min"), (197, "3 min 17 s"), (3600, "1 h 0 min"), (3605, "1 h 0 min 5 s")],
)
def test_the_lengths_of_an_account_keep_their_seconds_so_that_they_add_up(seconds: float, words: str) -> None:
    assert length(timedelta(seconds=seconds)) == words
